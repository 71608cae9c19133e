import LabKit
import Linux
import LabMount

Processes.exit(LabCommand.main(LabMount.lab, Array(CommandLine.arguments.dropFirst())))
