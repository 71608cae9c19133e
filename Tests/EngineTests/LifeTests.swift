import Linux
import Testing

@testable import Engine

/// What becomes of containers whose commands end, fail or are killed.
///
/// The runtime is a script, so
/// that this needs neither root nor namespaces.
@Suite("Containers' lives", .serialized)
struct LifeTests {
  private let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private func options(name: String? = nil, remove: Bool = false) -> RunOptions {
    var options = RunOptions(image: "busybox")
    options.name = name
    options.removeOnExit = remove
    return options
  }

  /// The directories a container leaves in all of the engine's places.
  private func leftovers() throws -> [String] {
    var left = [String]()
    for place in ["root/containers", "run/containers", "run/runtime"] {
      let path = "\(scratch.path)/\(place)"
      if File.exists(path) { left += try File.list(path) }
    }
    return left
  }

  @Test("The exit code is the program's; the container stays until it is removed")
  func exited() throws {
    let engine = try scratch.engine("exit 7")
    #expect(try engine.run(options(name: "seven")) == 7)
    #expect(try engine.containers().isEmpty)
    let container = try #require(try engine.containers(all: true).first)
    #expect(container.status == .exited(code: 7))
    #expect(container.name == "seven" && container.image == "busybox")
    #expect(container.command == ["sh"])
    #expect(
      container.statusText(nowNs: (container.finishedNs ?? 0) + 5_000_000_000)
        == "Exited (7) 5 seconds ago")
    try engine.remove("seven")
    #expect(try leftovers() == [])
  }

  @Test("A signal's death is 128 and its number")
  func signalled() throws {
    #expect(try scratch.engine("kill -9 $$").run(options(remove: true)) == 137)
  }

  @Test("--rm leaves nothing")
  func removed() throws {
    #expect(try scratch.engine("true").run(options(remove: true)) == 0)
    #expect(try leftovers() == [])
  }

  @Test("A runtime that cannot be started leaves nothing")
  func noRuntime() throws {
    let engine = try Engine(
      root: scratch.path + "/root", runRoot: scratch.path + "/run",
      runtime: scratch.path + "/missing", busybox: try scratch.program("busybox"))
    let error = refusal { _ = try engine.run(options()) }
    #expect(error.message.contains("execve(2) \(scratch.path)/missing: no such file"))
    #expect(error.exitCode == 125)
    #expect(try leftovers() == [])
  }

  @Test("A name is given once")
  func nameTaken() throws {
    let engine = try scratch.engine()
    _ = try engine.run(options(name: "web"))
    let error = refusal { _ = try engine.run(options(name: "web")) }
    #expect(error.message.hasPrefix("Conflict. The container name \"/web\" is already in use"))
    #expect(try engine.containers(all: true).count == 1)
  }

  @Test("Found by name, id and beginning of an id; never by a path")
  func found() throws {
    let engine = try scratch.engine()
    _ = try engine.run(options(name: "web"))
    let id = try #require(try engine.containers(all: true).first).id
    for reference in ["web", id, String(id.prefix(12)), String(id.prefix(1))] {
      #expect(try engine.store.find(reference).id == id)
    }
    for reference in ["../containers/\(id)", "\(id)/", "..", ".", "", "zz", "\(id)0"] {
      #expect(refusal { try engine.remove(reference) }.message == "No such container: \(reference)")
    }
    // Names win over beginnings of ids; what fits two is refused.
    for _ in 0..<40 { _ = try engine.run(options()) }
    let ids = try engine.containers(all: true).map { $0.id }
    let twice = try #require(
      "0123456789abcdef".first { digit in ids.filter { $0.hasPrefix("\(digit)") }.count > 1 })
    #expect(
      refusal { try engine.remove("\(twice)") }.message
        == "Multiple IDs found with provided prefix: \(twice)")
  }

  @Test("Stopping asks first and kills what does not listen; what has ended is fine")
  func stopped() throws {
    for (body, code) in [("exec sleep 60", 143), ("trap '' TERM; sleep 2 & wait; wait", 137)] {
      let engine = try scratch.engine(body)
      let container = try background(engine)
      // The trap may not be set yet.
      Clock.sleep(200_000_000)
      let start = Clock.now
      try container.stop(grace: 0.5)
      let seconds = Double(Clock.now - start) / 1e9
      #expect(code == 143 || seconds >= 0.5)
      #expect(try container.wait() == code)
    }
    let engine = try scratch.engine()
    _ = try engine.run(options(name: "over"))
    try engine.stop("over")
    #expect(refusal { try engine.stop("nobody") }.message == "No such container: nobody")
  }

  @Test("A running container is listed, killed and removed by force only")
  func running() throws {
    let engine = try scratch.engine("exec sleep 60")
    let container = try background(engine)
    #expect(try engine.containers().first?.status == .running(pid: container.pid))
    let refused = refusal { try engine.remove(container.name) }
    #expect(refused.message == "You cannot remove a running container \(container.id).")
    #expect(
      refusal { try engine.kill(container.name, signal: "FOO") }.message == "Invalid signal: FOO")
    try engine.kill(container.name, signal: "sigterm")
    #expect(try container.wait() == 143)
    #expect(try leftovers() == [])
    #expect(refusal { try engine.kill(container.id) }.message.hasPrefix("No such container"))
  }

  @Test("rm -f of a running container ends it")
  func force() throws {
    let engine = try scratch.engine("exec sleep 60")
    let container = try background(engine)
    try engine.remove(container.id, force: true)
    #expect(try container.wait() == 137)
    #expect(try leftovers() == [])
  }

  private func background(_ engine: Engine) throws -> RunningContainer {
    try engine.start(options())
  }
}
