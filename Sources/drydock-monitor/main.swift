internal import Linux
internal import Monitor

Processes.exit(Monitor.run(Array(Processes.arguments.dropFirst())))
