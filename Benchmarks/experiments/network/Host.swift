import BenchmarkKit
import Linux
import Measure

/// An engine on a host of its own, so that nobody's packets pass another's rules, with a neighbour.
///
///     outside ── eth0 ═══ eth0 ── host ── bridge ═╦═ eth0 one   -p 8080:80
///     10.200.201.2     10.200.201.1                ╚═ eth0 two
///
/// All of it is gone when the experiment ends: containers first, then daemons, then namespaces.
struct Host {
  let engine: Engine
  let space: Space
  let outside: Space
  let ground: Ground

  /// Makes the host, and then the engine inside; nil where there is no such engine.
  init?(
    _ name: String, _ ground: Ground, _ make: () throws(ExperimentError) -> Engine?
  ) throws(ExperimentError) {
    if Interrupt.isPending { throw ExperimentError("interrupted") }
    self.ground = ground
    space = try Space(name, ground)
    outside = try Space(name + "'s neighbour", ground)
    try space.join(outside, link: "eth0", net: 201)
    try outside.ip("route add default via 10.200.201.1")
    try space.set("ipv4/ip_forward", "1")
    guard let engine = try space.inside(make) else { return nil }
    self.engine = engine
    let host = self
    ground.atEnd { () throws(ExperimentError) in
      let left = try host.must(engine("ps", "-a", "-q")).split(separator: " ").map { String($0) }
      if !left.isEmpty { try host.must(engine.remove(left)) }
      // It would end by itself, within five seconds of its last container.
      guard let names = try host.process("drydock-dns") else { return }
      try Place.told { () throws(SystemError) in try Processes.kill(names, Signal.term) }
    }
  }

  /// This project's, with a part of the engine's store: several hosts have a part each.
  static func drydock(
    _ ground: Ground, _ engine: Engine, part: String = "host"
  ) throws(ExperimentError) -> Host {
    var engine = engine
    let root = "\(ground.place.path)/drydock/\(part)"
    engine.words = [
      engine.words[0], "--root", root, "--run-root", "\(ground.place.path)/drydock-run/\(part)",
    ]
    try Place.told { () throws(SystemError) in
      try File.makeDirectories(root, mode: 0o755)
      try File.replace(root + "/daemon.json", with: #"{"bip":"10.200.0.1/21"}"#.utf8)
    }
    guard let host = try Host("drydock", ground, { engine }) else {
      throw ExperimentError("no host for \(part)")  // it is given, so there is one
    }
    return host
  }

  /// podman's and Docker's, where they are installed and can be set up; `proxied` is Docker with its
  /// docker-proxy.
  static func peers(
    _ ground: Ground, archive: String, proxied: Bool
  ) throws(ExperimentError) -> [Host] {
    var hosts: [Host] = []
    func add(
      _ name: String, _ make: () throws(ExperimentError) -> Engine?
    ) throws(ExperimentError) {
      do throws(ExperimentError) {
        guard let host = try Host(name, ground, make) else { return }
        try host.must(host.engine("load", "-q", "-i", archive))
        hosts.append(host)
      } catch {
        if Interrupt.isPending { throw error }
        ground.absent(name, Bilingual(error.text))
      }
    }
    guard ground.hasPeers else { return [] }
    try add("podman") { ground.podman() }
    let flags = ["--bip=10.200.0.1/24", "--userland-proxy=false"]
    try add("docker") { () throws(ExperimentError) in try ground.docker("docker", flags) }
    if proxied {
      try add("docker-proxy") { () throws(ExperimentError) in
        try ground.docker("docker-proxy", [flags[0]])
      }
    }
    return hosts
  }

  /// Runs a command on the host that must succeed; what it printed, in one line.
  @discardableResult
  func must(_ command: [String]) throws(ExperimentError) -> String {
    try space.inside { () throws(ExperimentError) in try Command.must(command) }
      .split(separator: "\n").joined(separator: " ")
  }

  /// `run -d` of a container that sleeps.
  func life(_ name: String, _ flags: [String] = [], network: String = "bridge") -> [String] {
    engine.run("run", ["-d", "--name", name] + flags, network: network, ["sleep", "1000000"])
  }

  /// A container that sleeps: its namespace, and its first address.
  func container(
    _ name: String, _ flags: [String] = [], network: String = "bridge"
  ) throws(ExperimentError) -> (space: Space, address: String) {
    try must(life(name, flags, network: network))
    let format = "{{.State.Pid}} {{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}"
    let told = try must(engine("inspect", "-f", format, name)).split(separator: " ")
    guard told.count > 1, let pid = Int32(told[0]) else {
      throw ExperimentError("inspect of \(name) says \(told)")
    }
    return (try Space("\(engine.name)'s \(name)", of: pid, ground), String(told[1]))
  }

  /// The process of a name in the host's namespace whose command line has a word; nil when there is
  /// none.
  func process(_ name: String, _ word: String = "") throws(ExperimentError) -> Int32? {
    try space.inside { () throws(ExperimentError) in
      try Place.told { () throws(SystemError) in
        let own = try File.link("/proc/thread-self/ns/net")
        return try File.list("/proc").compactMap { Int32($0) }.first { pid in
          // What ends meanwhile is not it.
          (try? File.text("/proc/\(pid)/comm"))?.trimmedLine == name
            && (try? File.link("/proc/\(pid)/ns/net")) == own
            && (word.isEmpty || (try? File.text("/proc/\(pid)/cmdline"))?.contains(word) == true)
        }
      }
    }
  }

  /// Commands on the host as one arm, from spawning the first to the last one's end.
  func arm(
    _ name: String, at: Double? = nil, series: Bilingual? = nil, control: String? = nil,
    before: [String] = [], _ command: [String]
  ) -> Arm {
    var arm = Arm.checked(name, at: at, series: series, control: control) {
      () throws(ExperimentError) in
      try space.inside { () throws(ExperimentError) in
        let null = try Place.told { () throws(SystemError) in
          try File.open("/dev/null", .readWrite)
        }
        if !before.isEmpty { try Command.must(before) }
        var cost = Cost()
        try cost.add(command, output: null.raw)
        return (cost.measurement, cost.complaint)
      }
    }
    arm.mayFail = engine.isPeer
    return arm
  }
}
