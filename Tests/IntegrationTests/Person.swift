import Linux
import Testing

/// A person at a terminal: the runtime has the slave as its three descriptors.
struct Person: ~Copyable {
  let master: Descriptor
  let slave: Descriptor
  let child: Child
  var seen = ""

  init(_ words: [String], rows: UInt16 = 24, columns: UInt16 = 80) throws {
    let pair = try Terminal.open("/dev/ptmx")
    let master = Descriptor(owning: pair.master)
    let slave = Descriptor(owning: pair.slave)
    try Terminal.resize(pair.master, TerminalSize(rows: rows, columns: columns))
    let child = try Child(
      words[0], words, input: pair.slave, output: pair.slave, error: pair.slave)
    self.master = master
    self.slave = slave
    self.child = child
  }

  func type(_ text: String) throws { try File.write(master.raw, text.utf8, name: "terminal") }

  /// Reads until the text was seen; false after ten seconds.
  mutating func sees(_ text: String) throws -> Bool {
    let deadline = Clock.now + 10_000_000_000
    while !seen.contains(text) {
      guard Clock.now < deadline else { return false }
      if try Events.wait([master.raw], milliseconds: 100) == 0 { continue }
      seen += String(decoding: try File.readSome(master.raw, 4096), as: UTF8.self)
    }
    return true
  }

  consuming func leave() throws -> Int32 {
    if try !child.ended(within: 10_000) {
      Issue.record("still running; it showed \(seen)")
      try child.signal(Signal.kill)
    }
    return try child.wait().code
  }
}
