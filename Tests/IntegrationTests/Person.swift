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

  /// Gives the terminal another size until the text was seen, ten seconds long.
  ///
  /// A client may not listen for SIGWINCH yet when it shows what the program says.
  mutating func resizes(rows: UInt16, columns: UInt16, seeing text: String) throws -> Bool {
    try Terminal.resize(master.raw, TerminalSize(rows: rows, columns: columns))
    for _ in 0..<20 {
      try child.signal(Signal.windowChanged)
      if try sees(text, within: 500) { return true }
    }
    return false
  }

  /// Reads until the text was seen; false after that many milliseconds.
  mutating func sees(_ text: String, within milliseconds: UInt64 = 10_000) throws -> Bool {
    let deadline = Clock.now + milliseconds * 1_000_000
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
