import LabKit
import LabLayers
import Linux

Processes.exit(LabCommand.main(LabLayers.lab, Array(CommandLine.arguments.dropFirst())))
