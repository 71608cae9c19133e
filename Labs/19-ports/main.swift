import LabKit
import LabPorts
import Linux

Processes.exit(LabCommand.main(LabPorts.lab, Array(CommandLine.arguments.dropFirst())))
