import Linux
import OCI
import Testing

/// Every step of making a container fails once, and once the process dies there: nothing may stay.
///
/// Which containers: FaultShape. What acts on containers that are there: FaultsLaterTests.
@Suite(.enabled(if: Machine.isReady, Machine.reason))
struct FaultTests {
  /// Does something with each step of `run` in a container of a shape.
  private func forEachStep(
    of shape: FaultShape, _ body: @escaping @Sendable (FaultStage, String) throws -> Void
  ) async throws {
    let keeper = try FaultKeeper(shape)
    defer { keeper.end() }
    let steps = try FaultStage(shape, joining: keeper.pid).stepsOfRun()
    #expect(!steps.isEmpty)
    try await FaultStage.spread(steps, shape, joining: keeper.pid, body)
  }

  @Test(arguments: FaultShape.allCases)
  func everyStepOfRunFailing(shape: FaultShape) async throws {
    try await forEachStep(of: shape) { stage, step in
      let bundle = stage.bundle
      let outcome = try stage.run("--fault", step + ":EIO")
      let id = step.split(separator: "#")[0]
      #expect(outcome.code != 0, "\(step)")
      // Of execve(2) people are told in the words of a shell.
      let words = id == "process.exec" ? "exec: \"" : String(id)
      #expect(outcome.error.contains(words), "\(step): \(outcome.error)")
      #expect(outcome.error.contains("EIO"), "\(step): \(outcome.error)")
      #expect(stage.hasLink, "\(step): the link is not back")
      try bundle.expectNothingLeft("\(step):EIO")
      try bundle.runtime("delete", "--force", "c")
    }
  }

  @Test(arguments: FaultShape.allCases)
  func dyingAtEveryStepOfRun(shape: FaultShape) async throws {
    try await forEachStep(of: shape) { stage, step in
      let bundle = stage.bundle
      let outcome = try stage.run("--fault", step + ":kill")
      // Once the filter may be in force, a death is the program's own.
      let last = step.hasPrefix("seccomp.load") || step.hasPrefix("process.exec")
      #expect(outcome.code != 0 || last, "\(step)")
      try FaultTests.expectTheDoctorHelps(bundle, "\(step):kill")
      let next = try stage.run()
      #expect(next.code == 0, "run after \(step):kill: \(next.error)")
      try bundle.runtime("delete", "--force", "c")
      try bundle.expectNothingLeft("\(step):kill, doctor, run, delete --force")
    }
  }

  /// Steps that only undo: no traced run has them.
  static let undoing = ["net.device.return", "net.veth.delete", "cgroup.remove", "state.remove"]

  /// What cannot be undone is told, and goes with `delete --force`.
  @Test(arguments: undoing, ["EIO", "kill"])
  func failingToUndo(step: String, fault: String) throws {
    let (shape, cause) =
      step == "net.veth.delete" ? (FaultShape.network, "net.route.add") : (.link, "net.device.up")
    let stage = try FaultStage(shape)
    let outcome = try stage.run("--fault", "\(cause):EPERM", "--fault", "\(step):\(fault)")
    #expect(outcome.code != 0)
    if fault == "EIO" {
      #expect(outcome.error.contains("\(cause): (planted fault)"), "\(outcome.error)")
      #expect(outcome.error.contains("\(step): (planted fault)"), "\(outcome.error)")
    }
    _ = try eventually { try !FileLock.isHeld(stage.bundle.root + "/c") }
    try stage.bundle.runtime("delete", "--force", "c")
    try stage.bundle.expectNothingLeftSoon("\(step):\(fault), then delete --force")
    #expect(try stage.run().code == 0)
  }

  /// Of a container that does not live nothing is left after `drydock doctor`; one that lives is
  /// left alone by it.
  static func expectTheDoctorHelps(_ bundle: Bundle, _ fault: String) throws {
    // Init sees that the runtime is gone, and ends: then it lets go of its lock. One that waits for
    // `start` has let go of it before, and waits.
    _ = try eventually {
      if ["running", "created", "paused"].contains(try bundle.status()) { return true }
      guard try !FileLock.isHeld(bundle.root + "/c") else { return false }
      return try File.exists(bundle.root + "/c/start") || HostState(of: bundle).processes.isEmpty
    }
    let before = try HostState(of: bundle)
    let status = try bundle.status()
    let doctor = try bundle.doctor()
    #expect(doctor.code == 0, "\(fault): \(doctor.error)")
    guard ["running", "created", "paused"].contains(status) else {
      try bundle.expectNothingLeft("\(fault), then doctor")
      return
    }
    #expect(try HostState(of: bundle) == before, "\(fault): the doctor touched what lives")
    try bundle.runtime("delete", "--force", "c")
    try bundle.expectNothingLeftSoon("\(fault), then delete --force")
  }

  @Test(arguments: ["EIO", "kill"])
  func faultsBetweenCreateAndStart(fault: String) async throws {
    let stage = try FaultStage(.plain)
    let bundle = stage.bundle
    _ = try stage.steps(of: ["create", "--bundle", bundle.path, "TRACE", "c"])
    let steps = try stage.steps(of: ["start", "TRACE", "c"])
    try bundle.runtime("delete", "--force", "c")
    #expect(steps.count > 10, "\(steps)")
    // Of steps that create has too, the later ones are meant: their numbers go on. And init may
    // wait for `start` already when what makes it a created container is not written.
    let names = Set(steps.map { $0.prefix { $0 != "#" } } + ["state.save"])
    let cases = try stage.stepsOfRun().filter { step in names.contains(step.prefix { $0 != "#" }) }
    try await FaultStage.spread(cases) { stage, step in
      let bundle = stage.bundle
      let flag = "\(step):\(fault)"
      let created = try bundle.runtime("create", "--bundle", bundle.path, "--fault", flag, "c")
      if created.code == 0 {
        let started = try bundle.runtime("start", "--fault", flag, "c")
        // hook.run#1 was createRuntime's, or is poststart's: then the program runs already.
        let last = step.hasPrefix("seccomp.load") || step.hasPrefix("process.exec")
        #expect(
          started.code != 0 || step.hasPrefix("hook.run") || last && fault == "kill", "\(flag)")
        #expect(try bundle.status() != "creating", "\(flag)")
      }
      try FaultTests.expectTheDoctorHelps(bundle, "create and start, \(flag)")
    }
  }
}
