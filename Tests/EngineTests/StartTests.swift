import Foundation
import Linux
import Testing

@testable import Engine

/// The built runtime, beside the tests or where `DRYDOCK_BIN_DIR` says.
enum RealRuntime {
  static let path: String? = {
    let places = Places(environment: Processes.environment)
    let directories = [places.value("DRYDOCK_BIN_DIR") ?? ".build/release", ".build/debug"]
    return directories.map { $0 + "/drydock-runtime" }.first { File.exists($0) }
  }()

  static var isReady: Bool {
    do {
      return try path != nil && File.text("/proc/self/status").contains("\nUid:\t0\t")
    } catch { return false }
  }
}

/// Background containers on the real runtime, as the labs use them.
@Suite("start", .serialized, .enabled(if: RealRuntime.isReady, "needs root and drydock-runtime"))
struct StartTests {
  private let scratch: Scratch
  private let engine: Engine

  init() throws {
    scratch = try Scratch()
    engine = try Engine(
      root: scratch.path + "/root", runRoot: scratch.path + "/run", runtime: RealRuntime.path,
      busybox: "/bin/busybox", stress: "/bin/busybox")
  }

  private func shell(_ script: String) -> RunOptions {
    var options = RunOptions(image: "busybox")
    options.command = ["sh", "-c", script]
    return options
  }

  @Test("It runs when start returns; limits, signals, output and steps can be looked at")
  func life() throws {
    var options = shell("echo out; echo err >&2; exec sleep 1000")
    options.memory = 64 << 20
    let container = try engine.start(options)
    #expect(try engine.containers().map { $0.status } == [.running(pid: container.pid)])
    #expect(
      try File.text("/proc/\(container.pid)/status").contains("NSpid:\t\(container.pid)\t1\n"))
    let memory = try #require(container.cgroup("memory"))
    let file = container.cgroupMode == .v2 ? "memory.max" : "memory.limit_in_bytes"
    #expect(try File.text("\(memory)/\(file)") == "67108864\n")
    #expect(container.cgroup("no-such-controller") == nil || container.cgroupMode == .v2)
    let steps = try container.trace().steps
    #expect(steps.contains { $0.id == "process.exec" && $0.side == "init" && $0.errno == nil })
    #expect(!steps.contains { $0.phase == "teardown" })
    try container.kill(15)  // ignored: sleep is pid 1 and has no handler (pid_namespaces(7))
    #expect(try engine.containers().count == 1)
    try container.kill(9)
    #expect(try container.wait() == 137)
    #expect(try container.wait() == 137)
    #expect(try container.output() == "out\nerr\n")
    #expect(try container.trace().steps.contains { $0.phase == "teardown" })
    #expect(!File.exists(memory))
    #expect(try engine.containers(all: true).isEmpty)
  }

  @Test("A quick program has ended when start returns, and is still told about")
  func quick() throws {
    let container = try engine.start(shell("echo x; exit 3"))
    #expect(try container.wait() == 3)
    #expect(try container.output() == "x\n")
    #expect(throws: EngineError.self) { try container.kill(15) }
  }

  @Test("What cannot be executed is an error with the runtime's words")
  func missing() throws {
    var options = RunOptions(image: "busybox")
    options.command = ["no-such-program"]
    let error = refusal { _ = try engine.start(options) }
    #expect(error.exitCode == 127)
    #expect(error.message.contains("executable file not found in $PATH"))
    #expect(try engine.containers(all: true).isEmpty)
  }

  @Test("A container that is dropped ends and leaves nothing")
  func dropped() throws {
    var container: RunningContainer? = try engine.start(shell("exec sleep 1000"))
    let pid = try #require(container).pid
    container = nil
    #expect(Processes.startTime(pid) == nil)
    #expect(try engine.containers(all: true).isEmpty)
  }

  @Test("The container's life ends with the thread that started it")
  func thread() throws {
    let engine = self.engine
    let options = shell("exec sleep 1000")
    // Kept alive beyond the thread, so that only the kernel can end the container.
    nonisolated(unsafe) var kept: RunningContainer?
    let done = DispatchSemaphore(value: 0)
    let thread = Thread {
      do { unsafe kept = try engine.start(options) } catch { Issue.record("\(error)") }
      done.signal()
    }
    thread.start()
    done.wait()
    let container = try #require(unsafe kept)
    var tries = 0
    while Processes.startTime(container.pid) != nil && tries < 500 {
      Clock.sleep(10_000_000)
      tries += 1
    }
    #expect(Processes.startTime(container.pid) == nil)
    #expect(try container.wait() == 137)
    #expect(Processes.startTime(container.pid) == nil)
    #expect(try engine.containers(all: true).isEmpty)
  }
}
