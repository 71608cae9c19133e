import LabKit
import Linux
import LabCpuset

Processes.exit(LabCommand.main(LabCpuset.lab, Array(CommandLine.arguments.dropFirst())))
