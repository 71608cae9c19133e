import LabKit
import Linux
import LabInit

Processes.exit(LabCommand.main(LabInit.lab, Array(CommandLine.arguments.dropFirst())))
