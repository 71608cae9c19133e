import LabCapabilities
import LabKit
import Linux

Processes.exit(LabCommand.main(LabCapabilities.lab, Array(CommandLine.arguments.dropFirst())))
