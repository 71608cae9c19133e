import LabKit
import Linux
import LabUts

Processes.exit(LabCommand.main(LabUts.lab, Array(CommandLine.arguments.dropFirst())))
