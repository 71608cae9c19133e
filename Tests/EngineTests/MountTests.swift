import Linux
import OCI
import State
import Testing

@testable import Engine

@Suite("From -v, --mount, --tmpfs and --volumes-from to mounts")
struct MountTests {
  /// The plan of options, in a world with the volume `old` and the container `web`.
  private func plan(
    image: [String] = [], _ change: (inout RunOptions) -> Void
  ) throws -> MountPlan {
    var options = RunOptions(image: "busybox")
    change(&options)
    return try MountPlan(
      options, imageVolumes: image,
      others: { (name) throws(EngineError) in
        guard name == "web" else { throw EngineError("No such container: \(name)") }
        return [
          MountRecord(
            kind: "volume", volume: "site", source: "/v/site/_data", target: "/site",
            options: ["rbind", "rw", "rprivate"]),
          MountRecord(
            kind: "bind", source: "/srv", target: "/srv", options: ["rbind", "ro", "rslave"]),
        ]
      },
      volume: { (name) throws(EngineError) in
        guard name == "old" else { return nil }
        var record = VolumeRecord(name: name)
        record.createdNs = 1
        return record
      },
      data: { "/v/\($0)/_data" })
  }

  private func config(_ plan: MountPlan) throws -> Config {
    try ContainerConfig(
      options: RunOptions(image: "busybox"), id: String(repeating: "ab", count: 32),
      image: ImageRecipe.settings("busybox"), lower: "/lower", layer: "/layer",
      user: ContainerUser(home: "/root"), bounding: [], seccomp: nil, mounts: plan.mounts
    ).config()
  }

  @Test("A directory of the host is private unless it is told otherwise, and may be read-only")
  func bind() throws {
    let mounts = try plan { $0.volumes = ["/srv/data/:/data:ro", "/a:/b:rslave"] }.mounts
    #expect(mounts[0].source == "/srv/data" && mounts[0].target == "/data")
    #expect(mounts[0].kind == "bind" && mounts[0].options == ["rbind", "ro", "rprivate"])
    #expect(mounts[1].options == ["rbind", "rw", "rslave"])
  }

  @Test("A name makes a volume, or takes the one that is there; without one it gets its own")
  func volumes() throws {
    let plan = try plan { $0.volumes = ["new:/new:nocopy", "old:/old:ro", "/own"] }
    #expect(plan.mounts.map(\.target) == ["/new", "/old", "/own"])
    #expect(plan.mounts[1].source == "/v/old/_data" && plan.mounts[1].options.contains("ro"))
    #expect(plan.volumes.count == 2 && plan.volumes[0].name == "new")
    #expect(plan.volumes[1].isAnonymous && plan.volumes[1].name.utf8.count == 64)
    #expect(plan.filled.map(\.target) == ["/old", "/own"])
  }

  @Test("An image's VOLUME gives way to whoever is asked for at its place")
  func imageVolumes() throws {
    let plan = try plan(image: ["/data", "/log", "/site"]) {
      $0.volumes = ["old:/data"]
      $0.volumesFrom = ["web"]
    }
    #expect(plan.mounts.filter { $0.target == "/data" }.map(\.volume) == ["old"])
    #expect(plan.mounts.filter { $0.target == "/site" }.map(\.volume) == ["site"])
    #expect(plan.volumes.map(\.isAnonymous) == [true])
  }

  @Test("--volumes-from takes over what is mounted, read-only on request; -v goes before it")
  func volumesFrom() throws {
    let mounts = try plan { $0.volumesFrom = ["web:ro"] }.mounts
    #expect(mounts.map(\.target) == ["/site", "/srv"])
    #expect(mounts[0].options == ["rbind", "ro", "rprivate"] && mounts[0].volume == "site")
    #expect(mounts[1].options == ["rbind", "ro", "rslave"])
    let replaced = try plan {
      $0.volumesFrom = ["web"]
      $0.tmpfs = ["/srv:size=1m"]
    }.mounts
    #expect(replaced.map(\.kind) == ["volume", "tmpfs"])
    #expect(refusal { _ = try plan { $0.volumesFrom = ["db"] } }.message.contains("db"))
    #expect(
      refusal { _ = try plan { $0.volumesFrom = ["web:wide"] } }.message
        == "invalid mode for volumes-from: wide")
  }

  @Test("A place comes before what lies below it, whatever the order of the words")
  func order() throws {
    let plan = try plan {
      $0.volumes = ["/a:/x/y/z", "/b:/x"]
      $0.mounts = ["type=tmpfs,target=/x/y"]
    }
    #expect(plan.mounts.map(\.target) == ["/x", "/x/y", "/x/y/z"])
  }

  @Test("A mount takes the place of a default one; only a shared one asks for a shared root")
  func places() throws {
    let config = try config(plan { $0.volumes = ["/proc:/proc", "/srv:/srv"] })
    #expect(config.mounts.filter { $0.destination == "/proc" }.map(\.source) == ["/proc"])
    #expect(config.mounts.last?.destination == "/srv")
    #expect(config.mounts.first?.destination == "/")
    #expect(config.linux.rootfsPropagation == nil)
    let shared = try self.config(plan { $0.volumes = ["/srv:/srv:shared"] })
    #expect(shared.linux.rootfsPropagation == "shared")
  }

  @Test("--mount in words")
  func words() throws {
    let bind = try MountRequest(mount: "type=bind,\"source=/a,b\",dst=/c,readonly")
    #expect(bind.kind == .bind && bind.source == "/a,b" && bind.isReadOnly && !bind.makesSource)
    let volume = try MountRequest(
      mount: "src=data,target=/d,ro=false,volume-nocopy,volume-label=a=b")
    #expect(volume.kind == .volume && !volume.isReadOnly && !volume.isFilled)
    #expect(volume.settings.labels == ["a": "b"])
    let tmpfs = try plan { $0.mounts = ["type=tmpfs,dst=/t,tmpfs-size=64k,tmpfs-mode=1770"] }
    #expect(
      tmpfs.mounts[0].options == ["noexec", "nosuid", "nodev", "size=65536", "mode=1770"])
    #expect(
      try plan { $0.mounts = ["type=bind,src=/a,dst=/b,bind-nonrecursive"] }.mounts[0].options
        == ["bind", "rw", "rprivate"])
  }

  @Test(
    "--mount that cannot be meant",
    arguments: [
      ("type=bind,dst=/b", "field Source must not be empty"), ("type=volume", "target is required"),
      ("type=nfs,dst=/b", "mount type unknown: \"nfs\""), ("dst", "must be a key=value pair"),
      ("dst=/b,colour=red", "unexpected key 'colour' in 'colour=red'"),
      ("type=bind,src=/a,dst=/b,volume-nocopy", "cannot mix 'volume-*' options"),
      ("type=tmpfs,src=/a,dst=/b", "field Source must not be specified"),
      ("dst=/b,readonly=maybe", "invalid value for readonly: maybe"),
      ("type=bind,src=a,dst=/b", "mount path must be absolute"),
      ("dst=/b,volume-driver=nfs", "plugin \"nfs\" not found"), ("\"dst=/b", "bare \""),
      ("type=tmpfs,dst=/b,tmpfs-mode=9", "invalid value for tmpfs-mode"),
      ("type=bind,src=/a,dst=/b,bind-propagation=wide", "invalid propagation mode: wide"),
    ])
  func refusedWords(_ text: String, _ message: String) {
    #expect(refusal { _ = try MountRequest(mount: text) }.message.contains(message))
  }

  @Test(
    "-v that cannot be meant",
    arguments: [
      ("", "invalid volume specification"), ("/a:/b:ro:x", "invalid volume specification"),
      ("a b:/b", "includes invalid characters for a local volume name"),
      ("../x:/b", "includes invalid characters"), ("x:/b", "volume name is too short"),
      ("/a:b", "mount path must be absolute"), ("/a:/", "destination can't be '/'"),
      ("/a:/b/../c", "must not contain '..'"), ("/a:/b:wide", "invalid mode: wide"),
      ("/a:/b:ro,rw", "invalid mode: ro,rw"), ("name:/b:rslave", "invalid mode: rslave"),
      ("/a:/b:nocopy", "invalid mode: nocopy"), ("data", "mount path must be absolute"),
    ])
  func refused(_ text: String, _ message: String) {
    #expect(refusal { _ = try MountRequest(volume: text) }.message.contains(message))
  }

  @Test("One place, one mount")
  func twice() {
    let refused = refusal {
      _ = try plan {
        $0.volumes = ["/a:/x/"]
        $0.tmpfs = ["/x"]
      }
    }
    #expect(refused.message == "Duplicate mount point: /x")
    #expect(
      refusal { _ = try MountRequest(tmpfs: "/t:colour=red") }.message
        == "invalid tmpfs option \"colour=red\"")
  }

  @Test("The source must be there for --mount, and shared for a shared mount")
  func sources() throws {
    let missing = refusal { try MountRequest(mount: "type=bind,src=/no/such,dst=/b").checkHost() }
    #expect(missing.message.contains("bind source path does not exist: /no/such"))
    try MountRequest(volume: "/no/such:/b").checkHost()
    // proc is mounted by itself, and nobody makes it shared but for a shared root.
    let line = try #require(try MountInfo.holding("/proc/self"))
    #expect(line.target == "/proc" && line.type == "proc")
    if !line.propagation.contains("shared:") {
      let refused = refusal { try MountRequest(volume: "/proc:/b:rshared").checkHost() }
      #expect(refused.message == "path /proc is mounted on /proc but it is not a shared mount")
    }
  }

  @Test("Another filesystem under a volume's name")
  func driverOptions() throws {
    var record = VolumeRecord(name: "logs")
    record.options = ["type": "none", "o": "bind", "device": "/var/log"]
    let bind = VolumeStore.mount(record, at: "/l", "ro", "/v/logs/_data")
    #expect(bind.source == "/var/log" && bind.type == "bind")
    #expect(bind.options == ["bind", "ro", "rprivate"])
    for (options, message) in [
      (["colour": "red"], "invalid option: \"colour\""), (["type": "ext4"], "missing device"),
      (["device": "/dev/sda1"], "missing type"),
    ] {
      #expect(
        refusal { try VolumeSettings(options: options).check() }.message.hasPrefix(message))
    }
  }
}
