import Linux
import Testing

/// Files, and above all: which paths may lead where.
@Suite struct FileTests {
  let scratch: TemporaryDirectory

  init() throws { scratch = try TemporaryDirectory() }

  @Test func replaceIsWhole() throws {
    let path = scratch.path + "/a"
    try File.replace(path, with: "one".utf8)
    try File.replace(path, with: "two".utf8, mode: 0o600)
    #expect(try File.text(path) == "two")
    #expect(try File.list(scratch.path) == ["a"], "no temporary file stays")
  }

  @Test func aFileOverTheLimitIsRefused() throws {
    try scratch.make("big", String(repeating: "x", count: 5000))
    #expect(throws: SystemError("read(2)", Errno(27), scratch.path + "/big")) {
      _ = try File.read(scratch.path + "/big", limit: 4999)
    }
    #expect(try File.read(scratch.path + "/big", limit: 5000).count == 5000)
  }

  @Test(arguments: [0, 1, 8191, 8192, 8193, 24_576, 24_577, 100_000])
  func aFileIsReadWholeWhateverItsSize(size: Int) throws {
    let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
    try File.replace(scratch.path + "/file", with: bytes)
    #expect(try File.read(scratch.path + "/file") == bytes)
  }

  @Test func aTextAndItsBytesHaveTheSameParts() {
    for text in ["", "a", ":", "a:b", "a::b:", "ä:ö"] {
      for limit in [1, 2, .max] {
        #expect(Array(text.utf8).parts(":", limit: limit) == text.parts(":", limit: limit))
      }
    }
    #expect("a::b".parts(":") == ["a", "", "b"])
    #expect("a:b:c".parts(":", limit: 2) == ["a", "b:c"])
  }

  @Test func severalValuesGoThroughOneOpenFile() throws {
    try scratch.make("values")
    try File.set(scratch.path + "/values", each: ["c 1:3 rwm", "c 1:5 rwm"])
    // Nothing is put between them, and the file is not begun anew.
    #expect(try File.text(scratch.path + "/values") == "c 1:3 rwmc 1:5 rwm")
    // A write of no kind of number into a control file is refused, and the error says which.
    #expect(
      throws: SystemError("write(2)", .invalid, "/proc/self/oom_score_adj ← nonsense")
    ) { try File.set("/proc/self/oom_score_adj", each: ["nonsense"]) }
  }

  @Test func makeDirectoriesMakesParentsAndToleratesThem() throws {
    let path = scratch.path + "/a/b/c"
    try File.makeDirectories(path)
    try File.makeDirectories(path)
    #expect(try File.status(path).isDirectory)
    try scratch.make("file")
    #expect(throws: SystemError.self) { try File.makeDirectories(scratch.path + "/file/x") }
  }

  @Test func removeTreeDoesNotFollowLinks() throws {
    let other = try TemporaryDirectory()
    try other.make("kept", "1")
    try File.makeDirectories(scratch.path + "/tree/deep")
    try scratch.make("tree/deep/file")
    let root = try File.open(scratch.path + "/tree", [.path, .directory])
    try Nodes.link("/link", beneath: root.raw, to: other.path)
    try File.removeTree(scratch.path + "/tree")
    #expect(!File.exists(scratch.path + "/tree"))
    #expect(try File.list(other.path) == ["kept"])
    try File.removeTree(scratch.path + "/tree")
  }

  @Test func existsCountsDanglingLinks() throws {
    let root = try File.open(scratch.path, [.path, .directory])
    try Nodes.link("/dangling", beneath: root.raw, to: "/nowhere/at/all")
    #expect(File.exists(scratch.path + "/dangling"))
    #expect(try File.link(scratch.path + "/dangling") == "/nowhere/at/all")
    #expect(throws: SystemError.self) { _ = try File.status(scratch.path + "/dangling") }
  }

  /// A hostile image: links and `..` that lead out of the root must end inside it.
  @Test(arguments: ["/out/etc", "/up/etc", "/../../etc", "/loop-in/etc"])
  func placesStayBeneathTheRoot(path: String) throws {
    try File.makeDirectories(scratch.path + "/root/etc")
    try scratch.make("root/etc/inside", "1")
    let root = try File.open(scratch.path + "/root", [.path, .directory])
    try Nodes.link("/out", beneath: root.raw, to: "/")
    try Nodes.link("/up", beneath: root.raw, to: "../../../../../..")
    try Nodes.link("/loop-in", beneath: root.raw, to: "/out")
    let place = try Mounts.place(path, beneath: root.raw, directory: true)
    #expect(try File.list(place.procPath) == ["inside"])
    let file = try Mounts.place(path + "/new", beneath: root.raw, directory: false)
    #expect(try File.status(file.procPath).isRegular)
    #expect(try File.list(scratch.path + "/root/etc") == ["inside", "new"])
    #expect(!File.exists("/etc/new"))
  }

  @Test func parentsOfAClosedDirectoryCanBePassed() throws {
    try File.makeDirectories(scratch.path + "/open/closed", mode: 0o700)
    #expect(try File.status(scratch.path + "/open").mode & 0o777 == 0o711)
    #expect(try File.status(scratch.path + "/open/closed").mode & 0o777 == 0o700)
  }

  @Test func missingPlacesAreMade() throws {
    let root = try File.open(scratch.path, [.path, .directory])
    _ = try Mounts.place("/a/b/c", beneath: root.raw, directory: true)
    _ = try Mounts.place("/x/y", beneath: root.raw, directory: false)
    #expect(try File.status(scratch.path + "/a/b/c").isDirectory)
    #expect(try File.status(scratch.path + "/x/y").isRegular)
  }

  @Test func aPlaceBehindADanglingLinkIsMadeInsideNeverOutside() throws {
    let target = scratch.path + "-outside"
    try File.makeDirectories(scratch.path + "/root")
    let root = try File.open(scratch.path + "/root", [.path, .directory])
    try Nodes.link("/trap", beneath: root.raw, to: target)
    _ = try Mounts.place("/trap/x", beneath: root.raw, directory: true)
    #expect(!File.exists(target))
    #expect(try File.status(scratch.path + "/root" + target + "/x").isDirectory)
  }

  @Test func aMagicLinkIsNoWayOut() throws {
    let root = try File.open("/proc/self", [.path, .directory])
    #expect(throws: SystemError("openat2(2)", .loop, "cwd/etc")) {
      _ = try File.open("cwd/etc", inRoot: root.raw, .path)
    }
  }

  @Test func beneathRefusesToLeave() throws {
    try File.makeDirectories(scratch.path + "/root")
    let root = try File.open(scratch.path + "/root", [.path, .directory])
    #expect(throws: SystemError("openat2(2)", .crossDevice, "../x")) {
      _ = try File.open("../x", beneath: root.raw, .path)
    }
  }

  @Test func setWritesOneValueAndNamesIt() throws {
    try scratch.make("limit", "0")
    try File.set(scratch.path + "/limit", "7")
    #expect(try File.text(scratch.path + "/limit") == "7")
    let missing = scratch.path + "/missing"
    #expect(throws: SystemError("open(2)", .noEntry, missing)) { try File.set(missing, "7") }
  }

  @Test func linksAndNodesNeedAName() throws {
    let root = try File.open(scratch.path, [.path, .directory])
    for path in ["/", "", "/a/..", "/."] {
      #expect(throws: SystemError("openat2(2)", .invalid, path)) {
        try Nodes.link(path, beneath: root.raw, to: "x")
      }
    }
  }

  /// A container can make any name but `/` and NUL, and what it made must go with it.
  @Test func aTreeWithNamesThatAreNoTextIsRemoved() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path + "/tree"
    let made = try Child.run(
      "/bin/sh",
      ["sh", "-c", #"mkdir -p "$1/$(printf 'a\351')"; : >"$1/$(printf 'a\351/\377')""#, "sh", path])
    try #require(made.status.code == 0)
    try File.removeTree(path)
    #expect(!File.exists(path))
  }
}
