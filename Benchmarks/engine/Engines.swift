import BenchmarkKit
import Linux
import Measure

/// An engine as people call it.
struct Engine {
  let name: String
  /// The program and what stands before every command.
  let words: [String]
  /// What busybox is called there.
  var image = "localhost/busybox:1"
  /// What goes with every new container.
  var flags: [String]
  /// What else ends a container at once.
  var atOnce: [String] = []
  /// The programs of which a container that runs has one, by their names in /proc/PID/comm.
  let keepers: [String]
  /// The programs that serve all containers.
  var daemons: [String] = []

  func callAsFunction(_ more: String...) -> [String] { words + more }

  /// `run` or `create` of a command in busybox.
  func run(
    _ verb: String, _ more: [String] = [], network: String = "none", _ command: [String]
  ) -> [String] {
    words + [verb] + more + ["--network", network] + flags + [image] + command
  }

  func remove(_ containers: [String]) -> [String] { words + ["rm", "-f"] + atOnce + containers }
}

/// The engines that are here, with busybox in each of them.
struct Bench {
  let request: Request
  let place: Place
  private(set) var engines: [Engine] = []
  /// Why an engine is not among them.
  private(set) var absent: [String] = []

  init(_ request: Request, _ place: Place) throws(ExperimentError) {
    self.request = request
    self.place = place
    let drydock = Engine(
      name: "drydock",
      words: [
        request.binaries + "/drydock", "--root", place.path + "/drydock", "--run-root",
        place.path + "/drydock-run",
      ], image: "busybox", flags: ["--cgroup-parent", "/" + place.name],
      keepers: ["drydock-monitor"])
    engines.append(drydock)
    // The same image for all.
    let archive = place.path + "/busybox.tar"
    try must(drydock("tag", "busybox", "localhost/busybox:1"))
    try must(drydock("save", "-o", archive, "localhost/busybox:1"))
    if File.exists("/usr/bin/podman") {
      let podman = Engine(
        name: "podman", words: ["/usr/bin/podman"],
        flags: ["--cgroup-parent", "/" + place.name], atOnce: ["-t", "0"], keepers: ["conmon"])
      try must(podman("load", "-q", "-i", archive))
      engines.append(podman)
    } else {
      absent.append("podman is not installed: apt-get install podman")
    }
    try addDocker(archive)
    for text in absent { File.report("    without \(text)\n") }
  }

  /// dockerd without what would change the host: no bridge, no rules.
  private mutating func addDocker(_ archive: String) throws(ExperimentError) {
    let places = ["/usr/bin/docker", "/usr/local/bin/docker"]
    guard let client = places.first(where: { File.exists($0) }), File.exists("/usr/sbin/dockerd")
    else { return absent.append("docker is not installed: apt-get install docker.io") }
    let docker = Engine(
      name: "docker", words: [client], flags: ["--cgroup-parent", "/" + place.name],
      keepers: ["containerd-shim"], daemons: ["dockerd", "containerd"])
    let path = place.path
    try Place.told { () throws(SystemError) in
      try File.replace(path + "/daemon.json", with: "{}".utf8)
      let log = try File.open(path + "/dockerd.log", [.writeOnly, .create])
      let null = try File.open("/dev/null", .readWrite)
      let words = [
        "/usr/sbin/dockerd", "--config-file=\(path)/daemon.json",
        "--host=unix://\(path)/docker.sock", "--data-root=\(path)/docker",
        "--exec-root=\(path)/exec", "--pidfile=\(path)/dockerd.pid", "--bridge=none",
        "--iptables=false", "--ip-forward=false", "--ip-masq=false", "--userland-proxy=false",
        "--log-level=error",
      ]
      let child = try Child(
        words[0], words, input: null.raw, output: log.raw, error: log.raw)
      child.letGo()
    }
    let deadline = Clock.now + 60_000_000_000
    while Clock.now < deadline {
      if File.exists(path + "/docker.sock"), try output(docker("version")).complaint == nil {
        try must(docker("load", "-q", "-i", archive))
        return engines.append(docker)
      }
      Clock.sleep(200_000_000)
    }
    let log = try Place.told { () throws(SystemError) in try File.text(path + "/dockerd.log") }
    absent.append("docker, whose daemon does not answer: \(log.suffix(300))")
  }

  // MARK: Commands outside of any number

  /// Runs a command that must succeed.
  @discardableResult
  func must(_ command: [String]) throws(ExperimentError) -> String {
    let (text, complaint) = try output(command)
    if let complaint { throw ExperimentError(complaint) }
    return text
  }

  /// Runs a command; what it printed, and what was wrong.
  func output(
    _ command: [String]
  ) throws(ExperimentError) -> (text: String, complaint: String?) {
    var cost = Cost()
    let memory = try Place.told { () throws(SystemError) in try File.memory("output") }
    try cost.add(command, output: memory.raw)
    let text = try Place.told { () throws(SystemError) in try File.text(memory.procPath) }
    return (text, cost.complaint)
  }

  // MARK: Parts

  /// Experiments that are made together.
  struct Part {
    let name: String
    let run: () throws(ExperimentError) -> [ExperimentResult]
  }

  /// All that were asked for, in order.
  func parts() throws(ExperimentError) -> [Part] {
    let most = min(request.rounds, 11)  // of what is long, and steadier
    let all: [Part] = [
      one("run", request.rounds, runExperiment(network: "none")),
      one("run-host", request.rounds, runExperiment(network: "host")),
      Part(name: "exec") { () throws(ExperimentError) in try execResults() },
      one("detached", request.rounds, detachedExperiment()),
      Part(name: "load") { () throws(ExperimentError) in try loadResults(rounds: most) },
      Part(name: "memory") { () throws(ExperimentError) in
        try manyResults("memory", count: 20, rounds: most)
      },
      Part(name: "many") { () throws(ExperimentError) in
        try manyResults("many", count: request.numbers["--many"] ?? 1000, rounds: 1)
      },
      Part(name: "ps") { () throws(ExperimentError) in try listResults() },
    ]
    guard let only = request.texts["--only"]?.split(separator: ",") else { return all }
    for name in only where !all.contains(where: { $0.name == name }) {
      throw ExperimentError(
        "--only \(name): there are \(all.map { $0.name }.joined(separator: ", "))")
    }
    return all.filter { part in only.contains { $0 == part.name } }
  }

  private func one(_ name: String, _ rounds: Int, _ experiment: Experiment) -> Part {
    Part(name: name) { () throws(ExperimentError) in [try result(experiment, rounds)] }
  }

  func result(
    _ experiment: Experiment, _ rounds: Int
  ) throws(ExperimentError) -> ExperimentResult {
    var experiment = experiment
    experiment.rounds = rounds
    return try experiment.run(seed: request.seed)
  }

  /// An arm that is one command, whose output nobody reads.
  func arm(
    _ name: String, _ commands: @escaping () -> [[String]],
    after: @escaping () throws(ExperimentError) -> Void = {}
  ) -> Arm {
    let watched = Watched()
    return Arm(name) {
      watched.complaint
    } measure: { () throws(ExperimentError) in
      var cost = Cost()
      let null = try Place.told { () throws(SystemError) in
        try File.open("/dev/null", .readWrite)
      }
      for command in commands() { try cost.add(command, output: null.raw) }
      watched.complaint = cost.complaint
      try after()
      return cost.measurement
    }
  }
}
