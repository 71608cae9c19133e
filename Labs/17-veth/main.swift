import LabVeth
import LabKit
import Linux

Processes.exit(LabCommand.main(LabVeth.lab, Array(CommandLine.arguments.dropFirst())))
