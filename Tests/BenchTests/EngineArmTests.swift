import Linux
import Measure
import Testing

@testable import BenchmarkExperiments
@testable import BenchmarkKit

/// Engines that do nothing, and daemons that do not answer: no number may come of them.
@Suite(.enabled(if: BenchBinaries.areThere, BenchBinaries.reason), .serialized)
struct EngineArmTests {
  /// A ground whose drydock is a script, in a place of its own.
  private func onGround(
    drydock: String, _ body: (Ground) throws -> Void
  ) throws {
    let place = try Place.make("engines")
    defer {
      do { try File.removeTree(place.path) } catch { Issue.record("\(error)") }
    }
    let binaries = place.path + "/binaries"
    try File.makeDirectory(binaries, mode: 0o755)
    for name in ["benchmark-true", "benchmark-inside", "stress"] {
      try File.replace(
        "\(binaries)/\(name)", with: try File.read("\(BenchBinaries.path)/\(name)"), mode: 0o755)
    }
    let runtime = binaries + "/runtime"
    try File.replace(binaries + "/drydock", with: drydock.utf8, mode: 0o755)
    try File.replace(runtime, with: "#!/bin/sh\necho '{\"pid\": 1}'\n".utf8, mode: 0o755)
    try File.makeDirectory(place.path + "/root", mode: 0o755)
    try File.replace(place.path + "/root/file", with: "x".utf8)
    let layer = place.path + "/layer.tar"
    try Command.must(["/bin/tar", "-cf", layer, "-C", place.path + "/root", "."])
    try body(
      try Ground(
        place: place, binaries: binaries, runtime: Runtime(runtime, in: place, isPeer: false),
        peers: [], hasPeers: false, layer: layer, profile: .full))
  }

  @Test func whoDoesNothingHasVoidNumbers() throws {
    try onGround(drydock: "#!/bin/sh\n") { ground in
      for declaration in Suite.engine {
        let arms = try declaration.arms(ground)
        let names = arms.map(\.label.name)
        #expect(Set(names).count == names.count, "\(names)")
        let controls = arms.compactMap(\.label.control) + [declaration.floor].compactMap { $0 }
        #expect(!controls.isEmpty && Set(controls).isSubset(of: names), "\(declaration.id)")
        for arm in arms {
          let measurement = try arm.measure()
          #expect(
            Set(measurement.facets.keys) == Set(declaration.facets.map(\.name)),
            "\(declaration.id) \(arm.label.name)")
          // tar(1) is what it says it is.
          #expect(
            (arm.assertion() == nil) == (arm.label.name == "tar"),
            "\(declaration.id) \(arm.label.name)")
        }
        #expect(ground.end().isEmpty, "\(declaration.id)")
      }
    }
  }

  @Test func anEngineThatFailsEndsItsExperiment() throws {
    try onGround(drydock: "#!/bin/sh\nmkdir -p \"$2\"\nexit 3\n") { ground in
      for declaration in Suite.engine {
        #expect(throws: ExperimentError.self, "\(declaration.id)") {
          _ = try declaration.arms(ground)
        }
        // Even its `ps` fails: that is told, and its store is gone all the same.
        #expect(!ground.end().isEmpty, "\(declaration.id)")
        #expect(!File.exists(ground.place.path + "/drydock"))
      }
    }
  }

  @Test func theHostIsNoContainer() {
    let host = ["pid", "net"].map { name in
      (Kernel.read("/proc/self/ns/\(name)") ?? "").filter { $0.isNumber }
    }
    #expect(Engines.complaint(host.joined(separator: "\n")) != nil)
    #expect(Engines.complaint("1\n\(host[1])\n") != nil, "on the host's network")
    #expect(Engines.complaint("1\n\(host[1])\n", network: false) == nil)
    #expect(Engines.complaint("1\n2\n") == nil)
    #expect(Engines.complaint("1\n2\n", network: false) != nil)
    #expect(Engines.complaint("") != nil)
  }

  @Test(
    "A daemon that does not answer is named, and gone",
    arguments: [
      ("exec sleep 1000", "no socket within 1 s"),
      ("echo no such flag >&2; exit 1", "no such flag"),
      ("touch \"${2#--host=unix://}\"; exec sleep 1000", "exit code 1"),
    ])
  func silentDaemon(script: String, reason: String) throws {
    try onGround(drydock: "") { ground in
      let engine = Engine(
        name: "docker", words: ["/bin/false"], flags: [], keepers: [], isPeer: true)
      let daemon = try Daemon(engine, try program(script, ground), ground.place, [])
      #expect(try ground.serve(engine, by: daemon, seconds: 1) == false)
      #expect(!Processes.isAlive(daemon.pid))
      #expect(ground.missing.map(\.name) == ["docker"])
      #expect(ground.missing[0].reason.en.contains(reason), "\(ground.missing[0].reason.en)")
      #expect(ground.end().isEmpty)
      // It is not asked again.
      #expect(try ground.docker("docker", []) == nil)
    }
  }

  @Test func aDaemonEndsWithItsExperiment() throws {
    try onGround(drydock: "") { ground in
      let engine = Engine(
        name: "docker", words: ["/bin/true"], flags: [], keepers: [], isPeer: true)
      let script = "touch \"${2#--host=unix://}\"; exec sleep 1000"
      let daemon = try Daemon(engine, try program(script, ground), ground.place, [])
      #expect(try ground.serve(engine, by: daemon, seconds: 10))
      #expect(Processes.isAlive(daemon.pid))
      #expect(ground.end().isEmpty)
      #expect(!Processes.isAlive(daemon.pid))
      #expect(!File.exists(ground.place.path + "/docker.sock"))
    }
  }

  private func program(_ script: String, _ ground: Ground) throws -> String {
    let path = ground.place.path + "/daemon"
    try File.replace(path, with: "#!/bin/sh\n\(script)\n".utf8, mode: 0o755)
    return path
  }
}
