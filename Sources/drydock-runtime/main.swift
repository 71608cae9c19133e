internal import Linux
internal import Runtime

Processes.exit(CommandLineTool.run(Array(Processes.arguments.dropFirst())))
