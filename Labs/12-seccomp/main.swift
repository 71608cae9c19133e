import LabSeccomp
import LabKit
import Linux

Processes.exit(LabCommand.main(LabSeccomp.lab, Array(CommandLine.arguments.dropFirst())))
