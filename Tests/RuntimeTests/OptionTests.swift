import Linux
import OCI
import Testing

@testable import Runtime

/// Command line flags.
@Suite struct OptionTests {
  private static let flags: [Flag] = [
    Flag("bundle", short: "b", .value, "x"), Flag("env", short: "e", .repeated, "x"),
    Flag("detach", short: "d", .switched, "x"),
  ]

  private func read(_ words: [String], stopAfter: Int = .max) throws(RuntimeError) -> Options {
    try Options(words[...], OptionTests.flags, command: "test", stopAfter: stopAfter)
  }

  @Test(arguments: [
    ["--bundle", "B", "id"], ["--bundle=B", "id"], ["id", "--bundle=B"], ["-b", "B", "id"],
    ["-b=B", "id"], ["-bundle", "B", "id"], ["--bundle", "A", "--bundle", "B", "id"],
  ])
  func valuesInEveryForm(words: [String]) throws {
    let options = try read(words)
    #expect(options["bundle"] == "B" && options.arguments == ["id"])
    #expect(try options.id("test") == "id")
  }

  @Test func switchesAndRepeatedFlags() throws {
    let options = try read(["-d", "--env=A=1", "-e", "B= 2", "id"])
    #expect(options.has("detach") && options.all("env") == ["A=1", "B= 2"])
    #expect(try !read(["--detach=false", "id"]).has("detach"))
    #expect(try read(["--detach=true", "id"]).has("detach"))
    #expect(try read(["--bundle=", "id"])["bundle"] == "")
  }

  @Test func whatComesAfterIsTheProgramsOwn() throws {
    let options = try read(["-d", "id", "ls", "--env", "-d"], stopAfter: 1)
    #expect(options.arguments == ["id", "ls", "--env", "-d"])
    #expect(try read(["--", "-d", "--", "x"]).arguments == ["-d", "--", "x"])
    #expect(try read(["-", "x"]).arguments == ["-", "x"])
  }

  @Test(arguments: [
    (["--nope"], "--nope"), (["-x"], "-x"), (["--bundle"], "--bundle"),
    (["--detach=maybe"], "maybe"), (["--bundlex=1"], "--bundlex"),
  ])
  func refused(words: [String], word: String) {
    let error = #expect(throws: RuntimeError.self) { try read(words) }
    #expect(error?.message.contains(word) == true)
  }

  @Test(arguments: [[], ["a", "b"]])
  func exactlyOneID(words: [String]) throws {
    let options = try read(words)
    #expect(throws: RuntimeError.self) { try options.id("test") }
  }

  @Test(arguments: ["a", "A-1_b+c.d", "0", String(repeating: "x", count: 255)])
  func ids(id: String) throws { try Store.check(id: id) }

  @Test(arguments: [
    "", ".", "..", ".x", "a/b", "/", "a b", "a\n", "ä", "a\u{0}", "a;b", "a*",
    String(repeating: "x", count: 256),
  ])
  func noIDs(id: String) {
    #expect(throws: RuntimeError.self) { try Store.check(id: id) }
  }

  @Test func errorsTravelFromInit() {
    let error = RuntimeError("mount: no", hint: "try: yes", exitCode: 126)
    #expect(RuntimeError(payload: error.payload) == error)
    let plain = RuntimeError("x")
    #expect(RuntimeError(payload: plain.payload) == plain)
    for length in 0..<error.payload.count {
      _ = RuntimeError(payload: Array(error.payload.prefix(length)))
    }
    let long = RuntimeError(String(repeating: "x", count: 1_000_000), hint: "h")
    #expect(long.payload.count < Channel.limit)
    #expect(RuntimeError(payload: long.payload).hint == "h")
  }
}

/// Options of mounts.
@Suite struct MountOptionTests {
  private func options(_ type: String, _ words: String...) throws(RuntimeError) -> MountOptions {
    try MountOptions(Mount(destination: "/x", type: type, source: "s", options: words))
  }

  @Test func flagsAndDataAreSorted() throws {
    let options = try options("tmpfs", "nosuid", "size=1m", "ro", "mode=755", "strictatime")
    #expect(options.flags == [.noSUID, .readOnly, .strictATime])
    #expect(options.joined == "size=1m,mode=755")
    #expect(options.propagation.isEmpty && !options.isBind)
  }

  @Test func laterOptionsWin() throws {
    #expect(try options("tmpfs", "ro", "rw", "nosuid", "suid").flags.isEmpty)
    #expect(try options("tmpfs", "rw", "ro").flags == .readOnly)
    #expect(try options("tmpfs", "defaults").flags.isEmpty)
  }

  @Test func binds() throws {
    #expect(try options("bind").isBind)
    #expect(try options("", "rbind").flags == [.bind, .recursive])
    #expect(
      try options("none", "bind", "ro", "nodev").changes == [MountChange(set: [.readOnly, .noDev])])
    #expect(try options("none", "rbind").changes.isEmpty)
    #expect(try options("tmpfs", "ro", "nodev").changes.isEmpty, "mount(2) takes them")
    #expect(try options("none", "bind", "remount", "ro").isRemount)
  }

  @Test func undoingByNameReachesTheSourcesRestrictions() throws {
    #expect(
      try options("bind", "nosuid", "suid", "ro", "dev").changes
        == [MountChange(set: .readOnly, clear: [.noSUID, .noDev])])
    #expect(try options("bind", "rw").changes == [MountChange(clear: .readOnly)])
    #expect(
      try options("bind", "noatime", "strictatime").changes == [MountChange(set: .strictATime)])
    #expect(try options("bind", "strictatime", "noatime").changes == [MountChange(set: .noATime)])
  }

  @Test func wholeTrees() throws {
    #expect(
      try options("bind", "rbind", "ro", "rnosuid", "rsuid", "rnodev", "rprivate", "slave").changes
        == [
          MountChange(set: .readOnly),
          MountChange(
            set: .noDev, clear: .noSUID, propagation: .private, recursive: true),
          MountChange(propagation: .slave),
        ])
    #expect(
      try options("tmpfs", "rro").changes == [MountChange(set: .readOnly, recursive: true)])
    #expect(try options("bind", "ridmap").idMap == .tree)
  }

  @Test func everyOptionOfTheSpecificationIsKnown() throws {
    // config.md 1.2, "Linux mount options", but for mand.
    let names = """
      async atime bind defaults dev diratime dirsync exec idmap iversion lazytime loud noatime \
      nodev nodiratime noexec noiversion nolazytime nomand norelatime nostrictatime nosuid \
      nosymfollow private ratime rbind rdev rdiratime relatime remount rexec ridmap rnoatime \
      rnodev rnodiratime rnoexec rnorelatime rnostrictatime rnosuid rnosymfollow ro rprivate \
      rrelatime rro rrw rshared rslave rstrictatime rsuid rsymfollow runbindable rw shared silent \
      slave strictatime suid symfollow sync tmpcopyup unbindable
      """.split(separator: " ").map { String($0) }
    let missing = names.filter { !MountOptions.names.contains($0) }
    #expect(missing.isEmpty)
    #expect(try options("tmpfs", "tmpcopyup").copiesUp)
  }

  @Test func propagationIsApart() throws {
    let options = try options("bind", "rslave", "private")
    #expect(options.propagation == [[.slave, .recursive], .private])
    #expect(MountOptions.propagation(named: "rshared") == [.shared, .recursive])
    #expect(MountOptions.propagation(named: "x") == nil)
  }

  @Test(arguments: [
    ("bind", "size=1m"), ("bind", "tmpcopyup"), ("tmpfs", "idmap"), ("tmpfs", "mand"),
    ("bind", "lazytime"), ("bind", "sync"),
  ])
  func refused(type: String, option: String) {
    let error = #expect(throws: RuntimeError.self) { try options(type, option) }
    let word = option == "idmap" ? "id maps" : option
    #expect(error?.message.contains(word) == true && error?.message.contains("/x") == true)
  }

  @Test func tooLong() {
    #expect(throws: RuntimeError.self) {
      try options("overlay", "lowerdir=" + String(repeating: "/l", count: 3000))
    }
  }
}
