import Linux
import OCI
import Testing

@testable import Engine

@Suite("User namespaces: the maps")
struct IDMapTests {
  private func maps(_ users: [String], _ groups: [String] = []) throws -> IDMaps? {
    var options = RunOptions(image: "busybox")
    options.uidMap = users
    options.gidMap = groups
    return try IDMaps(options)
  }

  @Test("One kind given stands for both; none means no namespace")
  func kinds() throws {
    #expect(try maps([]) == nil)
    let both = try #require(try maps(["0:100000:65536"]))
    #expect(both.uids == [IDMapping(containerID: 0, hostID: 100_000, size: 65536)])
    #expect(both.gids == both.uids)
    let two = try #require(try maps(["0:1000"], ["0:2000:10"]))
    #expect(two.uids == [IDMapping(containerID: 0, hostID: 1000, size: 1)])
    #expect(two.host(gid: 9) == 2009)
    #expect(try maps([], ["0:7:2"])?.host(uid: 1) == 8)
  }

  @Test("Ids at the edges of ranges")
  func edges() throws {
    let maps = try #require(try maps(["0:100000:1000", "1000:300000:10", "4294967294:5"]))
    #expect(maps.host(uid: 0) == 100_000 && maps.host(uid: 999) == 100_999)
    #expect(maps.host(uid: 1000) == 300_000 && maps.host(uid: 1009) == 300_009)
    #expect(maps.host(uid: 1010) == nil)
    #expect(maps.host(uid: 4_294_967_294) == 5)
    #expect(maps.host(uid: 4_294_967_295) == nil)
  }

  @Test(
    "What is no map",
    arguments: [
      "", "0", "0:1:0", "0:1:2:3", "a:1:2", "0:-1:2", "0: 1:2", "0:1:4294967295", "+0:1:2",
      "4294967295:0:1", "0:1:99999999999",
    ])
  func noMap(text: String) {
    #expect(refusal { _ = try maps([text]) }.message == "invalid --uidmap: \"\(text)\"")
  }

  @Test("What contradicts itself, and what could not be set up")
  func refused() {
    #expect(refusal { _ = try maps(["0:5:10", "9:100:1"]) }.message.contains("overlaps"))
    #expect(refusal { _ = try maps(["0:5:10", "20:14:1"]) }.message.contains("overlaps"))
    #expect(refusal { _ = try maps(["1:5:10"]) }.message == "--uidmap: 0 is not mapped")
    #expect(
      refusal {
        var options = RunOptions(image: "busybox")
        options.uidMap = ["0:100000:65536"]
        options.network = "host"
        try OptionRules.check(options, on: testMachine)
      }.message
        == "cannot share the host's network namespace when user namespaces are enabled")
    #expect(
      refusal {
        var user = User()
        user.uid = 1000
        try maps(["0:5:10"])?.check(user: user, roots: [])
      }.message == "--user: the uid 1000 is not mapped")
  }

  @Test("config.json has the namespace, its maps, and an overlay that may be mounted in it")
  func config() throws {
    func made(_ users: [String]) throws -> Config {
      var options = RunOptions(image: "busybox")
      options.uidMap = users
      var user = ContainerUser(home: "/root")
      user.user.additionalGids = [10]
      return try ContainerConfig(
        options: options, id: String(repeating: "ab", count: 32),
        image: ImageRecipe.settings("busybox"), lower: "/l", layer: "/c", user: user,
        bounding: testMachine.capabilities, maps: try IDMaps(options)
      ).config()
    }
    let plain = try made([])
    #expect(!plain.linux.namespaces.contains { $0.kind == .user })
    #expect(plain.linux.uidMappings.isEmpty && !plain.mounts[0].options.contains("userxattr"))

    let mapped = try made(["0:100000:65536"])
    #expect(mapped.linux.namespaces.contains { $0.kind == .user })
    #expect(mapped.linux.uidMappings == mapped.linux.gidMappings)
    #expect(mapped.linux.uidMappings.map(\.hostID) == [100_000])
    #expect(mapped.mounts[0].options.last == "userxattr")
    #expect(mapped.process?.user.additionalGids == [10])
    #expect(try Config.parse(mapped.encode()) == mapped)

    // Neither the group 5 of terminals nor root's group 10 is there.
    let small = try made(["0:100000:5"])
    #expect(!small.mounts.flatMap(\.options).contains("gid=5"))
    #expect(small.process?.user.additionalGids == [])
  }
}

/// Containers with a user namespace on the real runtime.
@Suite(
  "User namespaces", .serialized,
  .enabled(if: RealRuntime.isReady, "needs root and drydock-runtime"))
struct UserNamespaceStartTests {
  private let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private func engine(_ run: String = "run") throws -> Engine {
    try Engine(
      root: scratch.path + "/root", runRoot: "\(scratch.path)/\(run)", runtime: RealRuntime.path,
      busybox: "/bin/busybox", stress: "/bin/busybox")
  }

  private func options(_ script: String, _ map: String = "0:100000:65536") -> RunOptions {
    var options = RunOptions(image: "busybox")
    options.command = ["sh", "-c", script]
    options.uidMap = [map]
    return options
  }

  @Test("Files belong to the mapped id, the image's too; those of the host's root to nobody")
  func owners() throws {
    let container = try engine().start(
      options(
        """
        touch /tmp/mine; chown 33:34 /tmp/mine; echo x >> /etc/passwd; rm -r /home; mkdir /home/a -p
        stat -c %u:%g /bin/busybox /tmp/mine /proc/meminfo; exec sleep 1000
        """))
    while try container.output().split(separator: "\n").count < 3 { Clock.sleep(10_000_000) }
    #expect(try container.output() == "0:0\n33:34\n65534:65534\n")
    let root = "/proc/\(container.pid)/root"
    for (path, uid, gid) in [
      ("bin/busybox", 100_000, 100_000), ("tmp/mine", 100_033, 100_034),
      ("etc/passwd", 100_000, 100_000), ("home/a", 100_000, 100_000),
    ] as [(String, UInt32, UInt32)] {
      let status = try File.status("\(root)/\(path)")
      #expect(status.uid == uid && status.gid == gid, "\(path)")
    }
    #expect(try File.status(root + "/tmp").mode & 0o7777 == 0o1777)
    #expect(
      try File.text("/proc/\(container.pid)/status").contains("\nUid:\t100000\t100000\t100000"))
    try container.kill(9)
    _ = try container.wait()
    #expect(try File.list(scratch.path + "/root/containers").isEmpty)
  }

  @Test("The image itself stays root's, and serves containers without a map")
  func image() throws {
    let mapped = try engine().start(options("exit 0"))
    #expect(try mapped.wait() == 0)
    var plain = options("stat -c %u /bin/busybox")
    plain.uidMap = []
    let other = try engine().start(plain)
    #expect(try other.wait() == 0)
    #expect(try other.output() == "0\n")
  }

  @Test("A map of a single id will do")
  func single() throws {
    let container = try engine().start(options("id -u; id -G; cat /proc/self/uid_map", "0:100000"))
    #expect(try container.wait() == 0)
    let words = try container.output().split(whereSeparator: \.isWhitespace).map(String.init)
    #expect(words == ["0", "0", "0", "100000", "1"])
  }

  @Test("A directory that nobody may pass is named, and nothing is made")
  func closed() throws {
    try File.makeDirectory(scratch.path + "/closed", mode: 0o700)
    let engine = try engine("closed/run")
    let error = refusal { _ = try engine.start(options("true")) }
    #expect(
      error.message.hasPrefix("\(scratch.path)/closed lets nobody else pass"), "\(error.message)")
    #expect(try engine.containers(all: true).isEmpty)
    // The engine's own directory is made passable.
    try File.makeDirectory(scratch.path + "/own", mode: 0o700)
    let container = try self.engine("own").start(options("true"))
    #expect(try container.wait() == 0)
  }
}
