import LabKit
import Linux
import LabCpuQuota

Processes.exit(LabCommand.main(LabCpuQuota.lab, Array(CommandLine.arguments.dropFirst())))
