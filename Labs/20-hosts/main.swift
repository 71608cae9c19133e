import LabKit
import LabHosts
import Linux

Processes.exit(LabCommand.main(LabHosts.lab, Array(CommandLine.arguments.dropFirst())))
