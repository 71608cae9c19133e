import BenchmarkKit
import Linux
import Measure

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
    let flags = [
      "--bridge=none", "--iptables=false", "--ip-forward=false", "--ip-masq=false",
      "--userland-proxy=false",
    ]
    if let complaint = try Daemon.start(docker, place, flags) { return absent.append(complaint) }
    try must(docker("load", "-q", "-i", archive))
    engines.append(docker)
  }

  /// Runs a command that must succeed, outside of any number.
  @discardableResult
  func must(_ command: [String]) throws(ExperimentError) -> String { try Command.must(command) }

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
