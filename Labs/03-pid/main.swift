import LabKit
import Linux
import LabPid

Processes.exit(LabCommand.main(LabPid.lab, Array(CommandLine.arguments.dropFirst())))
