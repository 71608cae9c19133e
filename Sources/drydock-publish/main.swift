internal import Linux
internal import Publish

Processes.exit(Publisher.run(Array(Processes.arguments.dropFirst())))
