import LabUser
import LabKit
import Linux

Processes.exit(LabCommand.main(LabUser.lab, Array(CommandLine.arguments.dropFirst())))
