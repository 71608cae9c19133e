// `pause` and `resume`: the freezer.
//
//   v1   FROZEN or THAWED into freezer.state; it reads FREEZING until every task stands still
//   v2   1 or 0 into cgroup.freeze; cgroup.events says `frozen 1` once every task stands still
//
// kernel Documentation/admin-guide/cgroup-v1/freezer-subsystem.rst and cgroup-v2.rst. A frozen
// process takes signals when it is thawed; on v2 SIGKILL ends it all the same.

internal import Linux
internal import OCI
internal import Steps

/// The freezer of one container.
struct Freezer {
  private let directory: String
  private let isUnified: Bool

  /// Nil where no cgroup of these has a freezer.
  init?(_ cgroups: [State.Cgroup]) {
    for cgroup in cgroups where cgroup.controllers.parts(",").contains("freezer") {
      (directory, isUnified) = (cgroup.path, false)
      return
    }
    guard let cgroup = cgroups.first(where: { $0.controllers.isEmpty }) else { return nil }
    (directory, isUnified) = (cgroup.path, true)
  }

  /// Whether signals reach a frozen process only after it was thawed.
  var holdsKills: Bool { !isUnified }

  /// Whether the container stands still or is about to, by its own freezer or one above it.
  var isFrozen: Bool {
    do {
      if isUnified {
        return try File.text(directory + "/cgroup.events").parts("\n").contains("frozen 1")
      }
      return try File.text(directory + "/freezer.state").trimmedLine != "THAWED"
    } catch {
      // The cgroup is gone, or has no freezer (the root of a v2 tree): nothing is frozen.
      return false
    }
  }

  /// Stops every task, and waits until none runs.
  ///
  /// - Throws: `RuntimeError` when one does not stop; then all run again.
  func freeze(_ glass: Glass) throws(RuntimeError) {
    let seconds: UInt64 = 10
    guard !(try stop(glass, patience: seconds * 1_000_000_000)) else { return }
    try thaw(glass)
    throw RuntimeError(
      "the container did not stand still within \(seconds) s and runs again",
      hint: "a process in it is in a system call that cannot be interrupted (state D)")
  }

  /// Stops every task that can be stopped within a time, and tells whether that is all of them.
  @discardableResult
  func stop(_ glass: Glass, patience: UInt64 = 100_000_000) throws(RuntimeError) -> Bool {
    try write(glass, .cgroupFreeze)
    let end = Clock.now + patience
    var pause: UInt64 = 50_000
    while !(try isStill()) {
      guard Clock.now < end else { return false }
      Clock.sleep(pause)
      pause = min(pause * 2, 10_000_000)
      // v1 may stay at FREEZING when a task forked meanwhile; writing again looks at it anew.
      if !isUnified { try write(glass, .cgroupFreeze) }
    }
    return true
  }

  /// Lets every task run again.
  func thaw(_ glass: Glass) throws(RuntimeError) { try write(glass, .cgroupThaw) }

  private func isStill() throws(RuntimeError) -> Bool {
    if isUnified { return isFrozen }
    return try lookingUp { () throws(SystemError) in
      try File.text(directory + "/freezer.state").trimmedLine == "FROZEN"
    }
  }

  private func write(_ glass: Glass, _ step: StepID) throws(RuntimeError) {
    let freezes = step == .cgroupFreeze
    try stepping { () throws(StepFailure) in
      try glass.perform(
        step,
        isUnified
          ? .write(directory + "/cgroup.freeze", freezes ? "1" : "0")
          : .write(directory + "/freezer.state", freezes ? "FROZEN" : "THAWED"))
    }
  }
}

extension Container {
  /// Stops every process of the container where it is.
  func pause(_ glass: Glass) throws(RuntimeError) {
    guard state.status == .running || state.status == .created else {
      throw RuntimeError(
        "cannot pause container \(id): it is \(state.status.rawValue), not running or created",
        exitCode: 1)
    }
    try theFreezer().freeze(glass)
  }

  /// Lets a paused container go on.
  func resume(_ glass: Glass) throws(RuntimeError) {
    guard state.status == .paused else {
      throw RuntimeError(
        "cannot resume container \(id): container not paused, it is \(state.status.rawValue)",
        exitCode: 1)
    }
    let freezer = try theFreezer()
    try freezer.thaw(glass)
    guard !freezer.isFrozen else {
      throw RuntimeError(
        "container \(id) is still frozen",
        hint: "a cgroup above its own is frozen too: look for FROZEN in freezer.state, or 1 in"
          + " cgroup.freeze, of the directories above")
    }
  }

  private func theFreezer() throws(RuntimeError) -> Freezer {
    guard let freezer = Freezer(state.cgroups) else {
      throw RuntimeError(
        "container \(id) cannot be paused or resumed: no freezer is mounted",
        hint: "/proc/cgroups lists the controllers of this kernel")
    }
    return freezer
  }
}

extension Command {
  func pause() throws(RuntimeError) -> Int32 {
    try watched(try options.id(name)) { container, glass, _ throws(RuntimeError) in
      try container.pause(glass)
    }
  }

  func resume() throws(RuntimeError) -> Int32 {
    try watched(try options.id(name)) { container, glass, _ throws(RuntimeError) in
      try container.resume(glass)
    }
  }
}
