import LabKit
import Linux
import LabCpuShares

Processes.exit(LabCommand.main(LabCpuShares.lab, Array(CommandLine.arguments.dropFirst())))
