import LabBridge
import LabKit
import Linux

Processes.exit(LabCommand.main(LabBridge.lab, Array(CommandLine.arguments.dropFirst())))
