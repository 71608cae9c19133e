internal import Linux
internal import Names

Processes.exit(NameServer.run(Array(Processes.arguments.dropFirst())))
