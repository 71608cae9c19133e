import LabKit
import LabOverlay
import Linux

Processes.exit(LabCommand.main(LabOverlay.lab, Array(CommandLine.arguments.dropFirst())))
