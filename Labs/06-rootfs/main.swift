import LabKit
import Linux
import LabRootfs

Processes.exit(LabCommand.main(LabRootfs.lab, Array(CommandLine.arguments.dropFirst())))
