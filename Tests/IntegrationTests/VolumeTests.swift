import Linux
import Testing

/// Volumes on the real kernel: what is mounted, what stays, what goes.
@Suite(
  "drydock volume", .serialized, .enabled(if: Drydock.isReady, "needs root and the executables"))
struct VolumeTests {
  private let drydock: Drydock

  init() throws { drydock = try Drydock() }

  /// Runs a command that must succeed; its output without the line break at its end.
  @discardableResult private func ok(_ words: String...) throws -> String {
    let result = try drydock.run(words)
    #expect(result.code == 0, "\(words): \(result.error)")
    return result.output.trimmed
  }
  private func volumes() throws -> [String] { try ok("volume", "ls", "-q").lines }

  @Test("A volume outlives its containers, and is shared by several")
  func outlives() throws {
    #expect(try ok("volume", "create", "data") == "data")
    try ok("run", "--rm", "-v", "data:/d", "busybox", "sh", "-c", "echo one > /d/x")
    try ok("run", "-d", "--name", "reader", "-v", "data:/d:ro", "busybox", "sleep", "100")
    try ok("run", "--rm", "-v", "data:/e", "busybox", "sh", "-c", "echo two >> /e/x")
    #expect(try ok("exec", "reader", "cat", "/d/x") == "one\ntwo")
    let refused = try drydock.run(["exec", "reader", "touch", "/d/y"])
    #expect(refused.code == 1 && refused.error.contains("Read-only file system"))
    let inUse = try drydock.run(["volume", "rm", "data"])
    #expect(inUse.code == 1 && inUse.error.contains("remove data: volume is in use - ["))
    try ok("rm", "-f", "-v", "reader")
    #expect(try volumes() == ["data"])
    try ok("volume", "rm", "data")
    #expect(try volumes() == [])
    #expect(try drydock.run(["volume", "rm", "data"]).error.contains("no such volume"))
    #expect(try drydock.run(["volume", "rm", "-f", "data"]).code == 0)
  }

  @Test("Without a name it goes with --rm and rm -v, and stays with rm")
  func anonymous() throws {
    try ok("run", "--rm", "-v", "/d", "busybox", "touch", "/d/x")
    #expect(try volumes() == [])
    try ok("run", "--name", "c1", "-v", "/d", "busybox", "touch", "/d/x")
    #expect(try volumes().count == 1)
    try ok("rm", "-v", "c1")
    #expect(try volumes() == [])
    try ok("run", "--name", "c2", "-v", "/d", "-v", "named:/n", "busybox", "touch", "/d/x")
    try ok("rm", "c2")
    #expect(try volumes().count == 2)
    #expect(try ok("volume", "ls", "-qf", "dangling=true").lines.count == 2)
    let pruned = try ok("volume", "prune", "-f")
    #expect(pruned.contains("Deleted Volumes:") && pruned.contains("Total reclaimed space: 0B"))
    #expect(try volumes() == ["named"])
    try ok("volume", "prune", "-a", "-f")
    #expect(try volumes() == [])
    // Detached: whoever removes the container takes its volumes along.
    try ok("run", "-d", "--rm", "-v", "/d", "busybox", "true")
    try drydock.until("the volume is gone") { try volumes() == [] }
    try drydock.until("nothing is left") { try drydock.leftovers() == [] }
  }

  @Test(
    "A new volume gets what the image has there; one with files of its own, nocopy and a directory of the host do not"
  )
  func filled() throws {
    #expect(try ok("run", "--rm", "-v", "etc:/etc", "busybox", "cat", "/etc/shells") == "/bin/sh")
    #expect(
      try ok("run", "--rm", "-v", "etc:/mnt", "busybox", "stat", "-c", "%a %u", "/mnt/passwd")
        == "644 0")
    try ok("run", "--rm", "-v", "own:/own", "busybox", "touch", "/own/mine")
    #expect(try ok("run", "--rm", "-v", "own:/etc", "busybox", "ls", "/etc") == "mine")
    #expect(try ok("run", "--rm", "-v", "bare:/etc:nocopy", "busybox", "ls", "/etc") == "")
    #expect(
      try ok("run", "--rm", "-v", "\(drydock.scratch)/host:/etc", "busybox", "ls", "/etc") == "")
    // A user namespace: the files belong to its own root, seen from inside.
    #expect(
      try ok(
        "run", "--rm", "--uidmap", "0:100000:65536", "-v", "mapped:/etc", "busybox", "sh", "-c",
        "stat -c %u /etc/passwd; touch /etc/new && echo written") == "0\nwritten")
    #expect(try File.status(drydock.scratch + "/root/volumes/mapped/_data/passwd").uid == 100_000)
  }

  @Test("--volumes-from: chained, from one that has ended, read-only, with its options")
  func volumesFrom() throws {
    try ok("run", "--name", "store", "-v", "/data", "busybox", "sh", "-c", "echo a > /data/x")
    try ok("create", "--name", "link", "--volumes-from", "store", "busybox", "true")
    try ok("rm", "store")
    #expect(try ok("run", "--rm", "--volumes-from", "link", "busybox", "cat", "/data/x") == "a")
    let refused = try drydock.run(
      ["run", "--rm", "--volumes-from", "link:ro", "busybox", "touch", "/data/y"])
    #expect(refused.error.contains("Read-only file system"))
    #expect(try drydock.run(["run", "--volumes-from", "store", "busybox"]).error.contains("store"))
    // Still in use by `link`, so a --rm container leaves it.
    #expect(try volumes().count == 1)
    try ok("rm", "-v", "link")
    #expect(try volumes() == [])
  }

  @Test("A directory and a file of the host; a missing one is made for -v, and refused for --mount")
  func bind() throws {
    let host = drydock.scratch + "/made/by/itself"
    try ok("run", "--rm", "-v", "\(host):/d", "busybox", "touch", "/d/x")
    #expect(File.exists(host + "/x"))
    try File.replace(drydock.scratch + "/one", with: "file\n".utf8)
    #expect(
      try ok("run", "--rm", "-v", "\(drydock.scratch)/one:/f:ro", "busybox", "cat", "/f")
        == "file")
    let refused = try drydock.run(
      ["run", "--mount", "type=bind,src=\(drydock.scratch)/no,dst=/d", "busybox"])
    #expect(refused.code == 125 && refused.error.contains("bind source path does not exist"))
    #expect(!File.exists(drydock.scratch + "/no"))
    // What lies below a place, and in which order, is the kernel's answer.
    let mounts = try ok(
      "run", "--rm", "-v", "\(host):/a/b", "--tmpfs", "/a:size=64k,mode=700", "--mount",
      "type=volume,src=vol,dst=/a/b/c,readonly", "busybox", "cat", "/proc/self/mountinfo"
    ).split(separator: "\n").map { $0.split(separator: " ") }.filter { $0[4].hasPrefix("/a") }
    try #require(mounts.map { $0[4] } == ["/a", "/a/b", "/a/b/c"])
    #expect(mounts[2][5].hasPrefix("ro,") && mounts[0][5].hasPrefix("rw,nosuid,nodev,noexec"))
  }

  @Test("A link of the image at the target leads inside only")
  func link() throws {
    let host = drydock.scratch + "/host"
    try ok("run", "--name", "c1", "busybox", "ln", "-s", "../../../../../\(host)/out", "/way")
    try ok("commit", "c1", "linked")
    try ok("run", "--rm", "-v", "v1:/way/in", "linked", "touch", "/way/in/x")
    #expect(!File.exists(host + "/out"))
    try ok("rm", "c1")
  }

  @Test("VOLUME of an image: filled, dropped with --rm, overruled by -v")
  func imageVolume() throws {
    try ok("run", "--name", "c1", "busybox", "sh", "-c", "mkdir /data; echo a > /data/x")
    try ok("commit", "-c", "VOLUME /data", "c1", "kept")
    try ok("rm", "c1")
    #expect(try ok("run", "--rm", "kept", "cat", "/data/x") == "a")
    #expect(try volumes() == [])
    try ok("run", "--name", "c2", "kept", "sh", "-c", "echo b > /data/x")
    #expect(try volumes().count == 1)
    #expect(try ok("run", "--rm", "-v", "mine:/data", "kept", "cat", "/data/x") == "a")
    #expect(try volumes().contains("mine"))
    try ok("rm", "-v", "c2")
    #expect(try volumes() == ["mine"])
  }

  @Test("What inspect, ls and their formats show")
  func shown() throws {
    try ok("volume", "create", "-d", "local", "--label", "a=b", "--label", "c", "one")
    let path = drydock.scratch + "/root/volumes/one/_data"
    #expect(try ok("volume", "inspect", "--format", "{{.Mountpoint}}", "one") == path)
    let text = try ok("volume", "inspect", "one")
    for part in ["\"Name\": \"one\"", "\"Driver\": \"local\"", "\"a\": \"b\"", "\"c\": \"\""] {
      #expect(text.contains(part))
    }
    #expect(try ok("volume", "ls").lines == ["DRIVER   VOLUME NAME", "local    one"])
    #expect(try ok("volume", "ls", "--format", "{{.Name}}: {{.Driver}}") == "one: local")
    #expect(try ok("volume", "ls", "-q", "--filter", "label=a=b") == "one")
    #expect(try ok("volume", "ls", "-q", "--filter", "label=a=x") == "")
    #expect(try ok("volume", "create").utf8.count == 64)
    let missing = try drydock.run(["volume", "inspect", "none"])
    #expect(missing.code == 1 && missing.error.contains("no such volume"))
  }

  @Test(
    "Refused in Docker's words, and nothing is made",
    arguments: [
      (["volume", "create", "../x"], "includes invalid characters for a local volume name"),
      (["volume", "create", "a"], "volume name is too short"),
      (["volume", "create", "-d", "nfs", "data"], "plugin \"nfs\" not found"),
      (["volume", "create", "-o", "type=ext4", "data"], "missing device in volume options"),
      (
        ["volume", "create", "-o", "type=tmpfs", "-o", "device=tmpfs", "data"],
        "a volume cannot be a tmpfs"
      ),
      (["volume", "ls", "-f", "colour=red"], "invalid filter 'colour'"),
      (["run", "-v", "da/ta:/d", "busybox"], "includes invalid characters"),
      (["run", "-v", "data:/", "busybox"], "destination can't be '/'"),
      (["run", "-v", "one:/d", "-v", "two:/d", "busybox"], "Duplicate mount point: /d"),
      (["run", "--mount", "type=nfs,dst=/d", "busybox"], "mount type unknown: \"nfs\""),
    ])
  func refused(words: [String], message: String) throws {
    let result = try drydock.run(words)
    #expect(result.code == (words[0] == "run" ? 125 : 1))
    #expect(result.error.contains(message), "\(result.error)")
    #expect(try volumes() == [])
    #expect(try drydock.leftovers() == [])
  }

  @Test("Of two that remove one volume at once, one does it")
  func race() throws {
    for _ in 0..<5 {
      try ok("volume", "create", "data")
      let both = try (0..<2).map { _ in try drydock.start(["volume", "rm", "data"]).hold() }
      let codes = try both.map { try $0.end() }
      #expect(codes.sorted() == [0, 1])
      #expect(try volumes() == [])
    }
    #expect(try File.list(drydock.scratch + "/root/volumes") == [])
  }

  @Test("Two that fill one new volume at once, and both see all of it")
  func fillTogether() throws {
    let whole = try ok("run", "--rm", "busybox", "ls", "/bin").lines.count
    for round in 0..<3 {
      let both = try (0..<3).map { _ in
        try drydock.start(
          [
            "run", "--rm", "-v", "v\(round):/bin", "busybox", "sh", "-c",
            "[ $(ls /bin | wc -l) = \(whole) ]",
          ]
        ).hold()
      }
      #expect(try both.map { try $0.end() } == [0, 0, 0])
    }
  }

  @Test("Killed at any moment while a volume is filled: empty or whole, and the next one is whole")
  func killed() throws {
    let whole = try ok("run", "--rm", "busybox", "ls", "/bin").lines.count
    var partly = 0
    for round in 0..<16 {
      let name = "v\(round)"
      let home = drydock.scratch + "/root/volumes/\(name)"
      let child = try drydock.start(
        ["run", "--name", "c\(round)x", "-v", "\(name):/bin", "busybox", "true"])
      // Into the middle of it, or wherever it is after a while.
      let deadline = Clock.now + UInt64(round % 4 == 0 ? 30_000_000 * (round + 1) : 5_000_000_000)
      while !File.exists(home + "/filling"), Clock.now < deadline { Clock.sleep(100_000) }
      Clock.sleep(UInt64(round) * 100_000)
      try? child.signal(Signal.kill)
      _ = try child.wait()
      if File.exists(home + "/filling") || File.exists(home + "/filled") { partly += 1 }
      #expect(
        try ok("run", "--rm", "-v", "\(name):/bin", "busybox", "sh", "-c", "ls /bin | wc -l")
          == "\(whole)")
      #expect(try File.list(home) == ["_data"])
    }
    #expect(partly > 0, "none was killed in the middle")
    #expect(try drydock.run(["doctor"]).code == 0)
  }
}

/// A child that is kept in an array, where `~Copyable` values cannot be.
private final class Held {
  private var child: Child?
  init(_ child: consuming Child) { self.child = consume child }
  func end() throws -> Int32 {
    guard let child = child.take() else { return -1 }
    return try child.wait().code
  }
}

extension Child {
  fileprivate consuming func hold() -> Held { Held(self) }
}
