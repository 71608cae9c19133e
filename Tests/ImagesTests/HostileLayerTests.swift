import Linux
import Testing

@testable import Images

/// Layers that were made to do harm: refused with the entry named, and nothing is left of them.
@Suite("Hostile layers", .enabled(if: Identity.effectiveUser == 0))
struct HostileLayerTests {
  struct Attack: CustomTestStringConvertible, Sendable {
    let name: String
    /// The entry that must be named.
    let entry: String
    let make: @Sendable () throws -> [UInt8]
    var testDescription: String { name }
  }

  static let attacks: [Attack] = [
    Attack(name: "absolute path", entry: "/etc/passwd") { try tar([.file("/etc/passwd", "x")]) },
    Attack(name: "parent directory", entry: "../escaped") { try tar([.file("../escaped", "x")]) },
    Attack(name: "parent directory in the middle", entry: "a/../../escaped") {
      try tar([.directory("a"), .file("a/../../escaped", "x")])
    },
    Attack(name: "directory that leaves", entry: "../outside/") {
      try tar([.directory("../outside")])
    },
    Attack(name: "link, then a file through it", entry: "door/file") {
      try tar([.link("door", to: "/tmp"), .file("door/file", "x")])
    },
    Attack(name: "relative link, then a file through it", entry: "a/door/file") {
      try tar([.directory("a"), .link("a/door", to: "../../.."), .file("a/door/file", "x")])
    },
    Attack(name: "link, then a directory below it", entry: "door/deep/") {
      try tar([.link("door", to: "/tmp"), .directory("door/deep")])
    },
    Attack(name: "link, then a hard link through it", entry: "stolen") {
      try tar([.link("door", to: "/etc"), .hardLink("stolen", to: "door/passwd")])
    },
    Attack(name: "hard link to an absolute path", entry: "stolen") {
      try tar([.hardLink("stolen", to: "/etc/passwd")])
    },
    Attack(name: "hard link that leaves", entry: "stolen") {
      try tar([.hardLink("stolen", to: "../../../../etc/passwd")])
    },
    Attack(name: "hard link to what is not there", entry: "stolen") {
      try tar([.hardLink("stolen", to: "etc/passwd")])
    },
    Attack(name: "hard link to a directory", entry: "twice") {
      try tar([.directory("once"), .hardLink("twice", to: "once")])
    },
    Attack(name: "file below a file", entry: "a/b") {
      try tar([.file("a", "x"), .file("a/b", "x")])
    },
    Attack(name: "whiteout that leaves", entry: ".wh...") { try tar([.file(".wh...")]) },
    Attack(name: "whiteout of nothing", entry: ".wh.") { try tar([.file(".wh.")]) },
    Attack(name: "the device that overlays delete by", entry: "gone") {
      try tar([Entry("gone", .character)])
    },
    Attack(name: "a note of overlayfs", entry: "dir/") {
      var entry = Entry.directory("dir")
      entry.header.attributes = [("trusted.overlay.redirect", Array("/etc".utf8))]
      return try tar([entry])
    },
    Attack(name: "a note of overlayfs in a user namespace", entry: "file") {
      var entry = Entry.file("file", "x")
      entry.header.attributes = [("user.overlay.metacopy", [0])]
      return try tar([entry])
    },
    Attack(name: "no id", entry: "file") {
      var entry = Entry.file("file", "x")
      entry.header.uid = .max
      return try tar([entry])
    },
    Attack(name: "nesting", entry: "d/d/d") {
      try tar([.directory([String](repeating: "d", count: 300).joined(separator: "/"))])
    },
    Attack(name: "the root as a file", entry: ".") { try tar([.file(".", "x")]) },
  ]

  @Test("Refused, and nothing is left", arguments: attacks)
  func refused(_ attack: Attack) throws {
    let scratch = try Scratch()
    let canary = scratch.path + "/canary"
    try File.replace(canary, with: "untouched".utf8)
    let before = try File.list("/tmp").filter { $0 == "file" || $0 == "deep" || $0 == "escaped" }
    let error = refusal { try scratch.unpack(try attack.make()) }
    #expect(error.message.contains("'\(attack.entry)"), "\(error.message)")
    #expect(try scratch.layers() == [])
    #expect(
      try File.list("/tmp").filter { $0 == "file" || $0 == "deep" || $0 == "escaped" } == before)
    #expect(!File.exists(scratch.path + "/escaped") && !File.exists(scratch.path + "/outside"))
    #expect(try File.text(canary) == "untouched")
  }

  @Test("More entries than allowed")
  func entries() throws {
    let scratch = try Scratch()
    var limits = LayerLimits()
    limits.entries = 10
    let many = try tar((0..<11).map { .file("\($0)") })
    #expect(refusal { try scratch.unpack(many, limits: limits) }.message.contains("10 entries"))
    #expect(try scratch.layers() == [])
    limits.entries = 11
    try scratch.unpack(many, limits: limits)
  }

  @Test("More bytes than allowed, in one file or in all of them, holes included")
  func bytes() throws {
    let scratch = try Scratch()
    var limits = LayerLimits()
    limits.bytes = 4096
    let two = try tar([
      .file("a", String(repeating: "x", count: 3000)),
      .file("b", String(repeating: "x", count: 3000)),
    ])
    _ = refusal { try scratch.unpack(two, limits: limits) }
    // A hole of a terabyte costs 512 bytes of tar.
    try run([
      "/bin/sh", "-c",
      "cd \(scratch.path) && truncate -s 1T hole && tar --sparse -cf hole.tar hole && rm hole",
    ])
    let hole = try File.read(scratch.path + "/hole.tar")
    let error = refusal { try scratch.unpack(hole) }
    #expect(error.message.contains("'hole'"), "\(error.message)")
    #expect(try scratch.layers() == [])
  }

  @Test("A gzip bomb stops at its ratio, and what is compressed twice is not opened")
  func bomb() throws {
    let scratch = try Scratch()
    try run([
      "/bin/sh", "-c",
      "cd \(scratch.path) && truncate -s 64M zeros && tar -cf - zeros | gzip > bomb.gz "
        + "&& tar -cf - zeros | sha256sum | cut -c1-64 > sum && gzip < bomb.gz > twice.gz",
    ])
    var limits = LayerLimits()
    limits.freely = 1 << 20
    let sum = try #require(Digest(hex: try File.text(scratch.path + "/sum").trimmedLine))
    let bomb = try File.read(scratch.path + "/bomb.gz")
    let error = refusal { try scratch.unpack(bomb, limits: limits, diffID: sum) }
    #expect(error.message.contains("250 times"), "\(error.message)")
    #expect(try scratch.layers() == [])
    let twice = try File.read(scratch.path + "/twice.gz")
    #expect(refusal { try scratch.unpack(twice) }.message.contains("more than once"))
    // With the usual allowance it is a layer like others.
    try scratch.unpack(bomb, diffID: sum)
  }

  @Test("Cut off, damaged, of another digest, no tar")
  func damaged() throws {
    let scratch = try Scratch()
    let whole = try tar([.file("a", String(repeating: "x", count: 100_000))])
    for cut in [100, 512, 700, 50_000] {
      let error = refusal {
        try scratch.unpack(Array(whole.prefix(cut)), diffID: Digest(of: whole))
      }
      #expect(!error.message.isEmpty, "\(cut)")
    }
    var changed = whole
    changed[5000] ^= 1
    #expect(
      refusal { try scratch.unpack(changed, diffID: Digest(of: whole)) }.message
        .contains("other bytes"))
    _ = refusal { try scratch.unpack(Array("this is no tar at all".utf8)) }
    #expect(
      refusal { try scratch.unpack([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]) }.message.contains("xz"))
    #expect(try scratch.layers() == [])
  }
}
