import LabKit
import Linux
import LabMemory

Processes.exit(LabCommand.main(LabMemory.lab, Array(CommandLine.arguments.dropFirst())))
