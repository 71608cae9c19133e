import Linux
import OCI
import Testing

/// Every step of what acts on a container that is there fails once, and once the process dies there.
@Suite(.enabled(if: Machine.isReady, Machine.reason))
struct FaultsLaterTests {
  // MARK: exec

  /// Ways into a container.
  enum Entry: String, CaseIterable, Sendable {
    case plain, users, terminal, agent

    var shape: FaultShape {
      switch self {
      case .plain, .terminal: .plain
      case .users: .users
      case .agent: .agent
      }
    }
    /// The words before what is executed; `TRACE` stands for the flag.
    var words: [String] {
      ["exec"] + (self == .terminal ? ["--tty"] : []) + ["TRACE", "c", "true"]
    }
    /// The steps that the others do not have; nil is all.
    var own: Set<String>? {
      switch self {
      case .plain: nil
      case .users: ["process.gid", "process.uid"]
      case .terminal: ["tty.open", "tty.control"]
      case .agent: ["seccomp.notify"]
      }
    }

    /// Its steps, from a traced call.
    func steps(_ stage: FaultStage) throws -> [String] {
      try stage.steps(of: words).filter {
        own?.contains(String($0.split(separator: "#")[0])) ?? true
      }
    }
  }

  @Test(arguments: ["EIO", "kill"], Entry.allCases)
  func faultsOfExecLeaveTheContainerAlone(fault: String, entry: Entry) throws {
    let stage = try FaultStage(entry.shape)
    let bundle = stage.bundle
    try #require(try stage.run().code == 0)
    let steps = try entry.steps(stage)
    #expect(!steps.isEmpty)
    for step in steps {
      let outcome = try run(
        bundle.words(entry.words.map { $0 == "TRACE" ? "--fault=\(step):\(fault)" : $0 }))
      #expect(outcome.code != 0, "\(step)")
      #expect(try bundle.status() == "running", "\(step)")
      #expect(
        try eventually { try HostState(of: bundle).processes.count == 1 },
        "\(step)")
    }
    #expect(try bundle.runtime("exec", "c", "true").code == 0)
    try bundle.runtime("delete", "--force", "c")
    try bundle.expectNothingLeft()
  }

  // MARK: on a living container

  /// What it lives through.
  enum Change: String, CaseIterable, Sendable {
    case pause, resume, update, kill, killAll

    var words: [String] {
      switch self {
      case .update:
        [
          "update", "TRACE", "--memory", "32m", "--memory-swap", "32m", "--cpu-shares", "256", "c",
        ]
      case .kill: ["kill", "TRACE", "c", "WINCH"]
      case .killAll: ["kill", "--all", "TRACE", "c", "WINCH"]
      case .pause, .resume: [rawValue, "TRACE", "c"]
      }
    }

    /// What brings back what there was; it may have nothing to do.
    var before: [String] {
      switch self {
      case .update:
        ["update", "--memory", "64m", "--memory-swap", "64m", "--cpu-shares", "512", "c"]
      case .resume: ["pause", "c"]
      default: ["resume", "c"]
      }
    }
  }

  /// It lives on, and the same command works afterwards.
  @Test(arguments: ["EIO", "kill"], Change.allCases)
  func faultsOfWhatActsOnALivingContainer(fault: String, change: Change) throws {
    let stage = try FaultStage(.plain)
    let bundle = stage.bundle
    try #require(try stage.run().code == 0)
    func call(_ flag: [String]) throws -> Outcome {
      try run(bundle.words(change.words.flatMap { $0 == "TRACE" ? flag : [$0] }))
    }
    _ = try run(bundle.words(change.before))
    let limits = try limits(of: bundle)
    let steps = try stage.steps(of: change.words)
    #expect(!steps.isEmpty)
    for step in steps {
      _ = try run(bundle.words(change.before))
      try #require(try self.limits(of: bundle) == limits)
      let failed = try call(["--fault", "\(step):\(fault)"])
      #expect(failed.code != 0, "\(step):\(fault)")
      if fault == "EIO" {
        #expect(failed.error.contains("EIO"), "\(step): \(failed.error)")
        #expect(try self.limits(of: bundle) == limits, "\(step): what was refused was put back")
      }
      #expect(["running", "paused"].contains(try bundle.status()), "\(step)")
      #expect(try bundle.doctor().output == "Nothing was left behind.\n", "\(step)")
      let again = try call([])
      // A resume that died behind its last write has resumed.
      let isDone = again.error.contains("not paused") || again.error.contains("paused already")
      #expect(again.code == 0 || isDone, "\(step):\(fault), repeated: \(again.error)")
    }
    _ = try bundle.runtime("resume", "c")
    #expect(try bundle.runtime("exec", "c", "true").code == 0)
    try bundle.runtime("delete", "--force", "c")
    try bundle.expectNothingLeft()
  }

  /// What `update` changes, as the kernel has it.
  private func limits(of bundle: Bundle) throws -> [String] {
    var limits = [String]()
    for (controller, file) in [
      ("memory", "memory.limit_in_bytes"), ("memory", "memory.memsw.limit_in_bytes"),
      ("cpu", "cpu.shares"), ("memory", "memory.max"), ("cpu", "cpu.weight"),
    ] {
      let path = try bundle.directory(controller) + "/" + file
      if File.exists(path) { limits.append(try File.text(path)) }
    }
    return limits
  }

  // MARK: the end

  /// What ends it.
  enum Ending: String, CaseIterable, Sendable {
    case delete, killAll

    var words: [String] {
      switch self {
      case .delete: ["delete", "--force", "TRACE", "c"]
      case .killAll: ["kill", "--all", "TRACE", "c", "KILL"]
      }
    }
  }

  @Test(arguments: ["EIO", "kill"], Ending.allCases)
  func anEndThatFailedCanBeRepeated(fault: String, ending: Ending) async throws {
    let stage = try FaultStage(.plain)
    try #require(try stage.run().code == 0)
    let steps = try stage.steps(of: ending.words)
    #expect(!steps.isEmpty)
    try stage.bundle.runtime("delete", "--force", "c")
    try await FaultStage.spread(steps) { stage, step in
      let bundle = stage.bundle
      try #require(try stage.run().code == 0)
      let failed = try run(
        bundle.words(ending.words.map { $0 == "TRACE" ? "--fault=\(step):\(fault)" : $0 }))
      #expect(failed.code != 0, "\(step):\(fault)")
      if fault == "kill" {
        try FaultTests.expectTheDoctorHelps(bundle, "\(ending), \(step):kill")
        return
      }
      let again = try bundle.runtime("delete", "--force", "c")
      #expect(again.code == 0, "\(step): \(again.error)")
      try bundle.expectNothingLeft("\(ending), \(step):\(fault), then delete --force")
    }
  }
}
