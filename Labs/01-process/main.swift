import LabKit
import Linux
import LabProcess

Processes.exit(LabCommand.main(LabProcess.lab, Array(CommandLine.arguments.dropFirst())))
