internal import Linux

let words = Processes.arguments
if words.first?.split(separator: "/").last == "probe" { Processes.exit(Probe.run(words)) }
Processes.exit(Tool.run(Array(words.dropFirst())))
