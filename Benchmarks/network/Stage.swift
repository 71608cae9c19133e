import BenchmarkKit
import Linux
import Measure

/// The hosts: one a engine, so that nobody's packets pass another's rules, each with a neighbour.
///
///     outside ── eth0 ═══ eth0 ── host ── bridge ═╦═ eth0 one   -p 8080:80
///     10.200.201.2     10.200.201.1                ╚═ eth0 two
final class Stage {
  /// An engine on its host.
  struct Host {
    let engine: Engine
    let space: Space
    let outside: Space
  }

  let request: Request
  let place: Place
  let traffic: Traffic
  private(set) var hosts: [Host] = []
  /// Namespaces without a process live as long as somebody has them.
  var kept: [Space] = []

  init(_ request: Request, _ place: Place) throws(ExperimentError) {
    self.request = request
    self.place = place
    traffic = try Traffic(program: request.binaries + "/benchmark-traffic")
    let cgroup = ["--cgroup-parent", "/" + place.name]
    let drydock = Engine(
      name: "drydock",
      words: [
        request.binaries + "/drydock", "--root", place.path + "/drydock", "--run-root",
        place.path + "/drydock-run",
      ], image: "busybox", flags: cgroup, keepers: ["drydock-monitor"])
    try Place.told { () throws(SystemError) in
      try File.makeDirectories(place.path + "/drydock", mode: 0o755)
      try File.replace(
        place.path + "/drydock/daemon.json", with: #"{"bip":"10.200.0.1/21"}"#.utf8)
    }
    let archive = place.path + "/busybox.tar"
    try add(drydock)
    try must(0, drydock("tag", "busybox", "localhost/busybox:1"))
    try must(0, drydock("save", "-o", archive, "localhost/busybox:1"))
    if File.exists("/usr/bin/podman") {
      try add(
        Engine(
          name: "podman", words: ["/usr/bin/podman"], flags: cgroup, atOnce: ["-t", "0"],
          keepers: ["conmon"]), archive)
    } else {
      File.report("    without podman, which is not installed: apt-get install podman\n")
    }
    try addDocker("docker", ["--userland-proxy=false"], archive)
    try addDocker("docker-proxy", [], archive)
  }

  private func add(_ engine: Engine, _ archive: String? = nil) throws(ExperimentError) {
    let space = try Space(engine.name)
    let outside = try Space(engine.name + "'s neighbour")
    try space.join(outside, link: "eth0", net: 201)
    try outside.ip("route add default via 10.200.201.1")
    try space.set("ipv4/ip_forward", "1")
    hosts.append(Host(engine: engine, space: space, outside: outside))
    if let archive { try must(hosts.count - 1, engine("load", "-q", "-i", archive)) }
  }

  /// dockerd with its bridge and its rules, on a host of its own.
  private func addDocker(
    _ name: String, _ flags: [String], _ archive: String
  ) throws(ExperimentError) {
    let places = ["/usr/bin/docker", "/usr/local/bin/docker"]
    guard let client = places.first(where: { File.exists($0) }), File.exists("/usr/sbin/dockerd")
    else {
      return File.report("    without docker, which is not installed: apt-get install docker.io\n")
    }
    let engine = Engine(
      name: name, words: [client, "--host", "unix://\(place.path)/\(name).sock"],
      flags: ["--cgroup-parent", "/" + place.name], keepers: ["containerd-shim"],
      daemons: ["dockerd", "containerd"])
    try add(engine)
    let complaint = try hosts[hosts.count - 1].space.inside { () throws(ExperimentError) in
      try Daemon.start(engine, place, ["--bip=10.200.0.1/24"] + flags)
    }
    if let complaint {
      hosts.removeLast()
      return File.report("    without \(complaint)\n")
    }
    try must(hosts.count - 1, engine("load", "-q", "-i", archive))
  }

  var drydock: Host { hosts[0] }

  func host(_ name: String) -> Host? { hosts.first { $0.engine.name == name } }

  @discardableResult
  private func must(_ host: Int, _ command: [String]) throws(ExperimentError) -> String {
    try hosts[host].must(command)
  }
}

extension Stage.Host {
  /// Runs a command on the host that must succeed; what it printed, in one line.
  @discardableResult
  func must(_ command: [String]) throws(ExperimentError) -> String {
    try space.inside { () throws(ExperimentError) in try Command.must(command) }
      .split(separator: "\n").joined(separator: " ")
  }

  /// A container that sleeps: its namespace, and its first address.
  func container(
    _ name: String, _ flags: [String] = [], network: String = "bridge"
  ) throws(ExperimentError) -> (space: Space, address: String) {
    try must(
      engine.run("run", ["-d", "--name", name] + flags, network: network, ["sleep", "1000000"]))
    let format = "{{.State.Pid}} {{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}"
    let told = try must(engine("inspect", "-f", format, name)).split(separator: " ")
    guard told.count > 1, let pid = Int32(told[0]) else {
      throw ExperimentError("inspect of \(name) says \(told)")
    }
    return (try Space("\(engine.name)'s \(name)", of: pid), String(told[1]))
  }

  /// The process of a name in the host's namespace whose command line has a word; nil when there is
  /// none.
  func process(_ name: String, _ word: String = "") throws(ExperimentError) -> Int32? {
    try space.inside { () throws(ExperimentError) in
      try Place.told { () throws(SystemError) in
        let own = try File.link("/proc/self/ns/net")
        return try File.list("/proc").compactMap { Int32($0) }.first { pid in
          // What ends meanwhile is not it.
          (try? File.text("/proc/\(pid)/comm"))?.trimmedLine == name
            && (try? File.link("/proc/\(pid)/ns/net")) == own
            && (word.isEmpty || (try? File.text("/proc/\(pid)/cmdline"))?.contains(word) == true)
        }
      }
    }
  }
}
