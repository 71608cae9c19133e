// The part of each period that tasks of SCHED_FIFO and SCHED_RR may use in a v1 cgroup: cpu.rt_runtime_us
// of cpu.rt_period_us (kernel Documentation/scheduler/sched-rt-group.rst). Kernels without
// CONFIG_RT_GROUP_SCHED have neither file, and no such limit.
//
// A new cgroup has nothing, and whoever stands in it gets no such policy (EPERM). What the cgroups
// inside one have together may not be more than it has itself.

internal import Linux
internal import OCI
internal import Steps

/// What one cgroup has.
struct RealtimeBudget {
  /// Microseconds; -1 is no limit.
  let runtime: Int64
  /// Microseconds.
  let period: Int64

  /// Nil where the kernel keeps none.
  init?(of directory: String) {
    func number(_ file: String) -> Int64? {
      (try? File.text(directory + "/" + file)).flatMap { Int64($0.trimmedLine) }
    }
    guard let runtime = number("cpu.rt_runtime_us"), let period = number("cpu.rt_period_us"),
      period > 0
    else { return nil }
    self.init(runtime, of: period)
  }

  /// Nil unless a configuration asks for one that is a part.
  init?(_ cpu: CPULimits) {
    guard let runtime = cpu.realtimeRuntime, runtime > 0 else { return nil }
    // What a new cgroup's period is.
    self.init(runtime, of: cpu.realtimePeriod.flatMap { Int64(exactly: $0) } ?? 1_000_000)
  }

  private init(_ runtime: Int64, of period: Int64) {
    self.runtime = runtime
    self.period = period
  }

  /// Of one CPU's time.
  var share: Double { runtime < 0 ? 1 : Double(runtime) / Double(period) }

  /// Whether a policy is one that needs a budget.
  static func isNeeded(by process: Process?) -> Bool {
    guard let policy = process?.scheduler?.policy else { return false }
    return policy == "SCHED_FIFO" || policy == "SCHED_RR"
  }

  /// Refuses the policy of a process in a cgroup that has none.
  static func check(_ process: Process, in cgroups: [State.Cgroup]) throws(RuntimeError) {
    guard isNeeded(by: process),
      let cgroup = cgroups.first(where: { $0.controllers.parts(",").contains("cpu") }),
      let budget = RealtimeBudget(of: cgroup.path), budget.runtime == 0
    else { return }
    throw missing(process, "\(cgroup.path) has")
  }

  static func missing(_ process: Process?, _ what: String) -> RuntimeError {
    RuntimeError(
      "process.scheduler: \(process?.scheduler?.policy ?? "") needs a realtime budget, and \(what)"
        + " none: operation not permitted (EPERM)",
      hint:
        "linux.resources.cpu.realtimeRuntime, or update --cpu-rt-runtime, gives one: microseconds"
        + " of each second")
  }
}

extension Cgroups {
  /// Refuses a policy without a budget, and a budget that a cgroup above could not give.
  ///
  /// - Throws: `RuntimeError` naming the field or the cgroup.
  func checkRealtime(_ process: Process?, _ cpu: CPULimits) throws(RuntimeError) {
    let isNeeded = RealtimeBudget.isNeeded(by: process)
    guard isNeeded || cpu.realtimeRuntime != nil, let tree = layout.tree("cpu"), !tree.isUnified,
      RealtimeBudget(of: tree.mountPoint) != nil
    else { return }
    guard let wanted = RealtimeBudget(cpu) else {
      guard isNeeded, cpu.realtimeRuntime == nil else { return }
      throw RealtimeBudget.missing(process, "a new cgroup has")
    }
    for directory in parents(in: tree, withRoot: true) {
      guard let has = RealtimeBudget(of: directory), has.share < wanted.share,
        !isOwnParent(directory, tree)
      else { continue }
      throw RuntimeError(
        "linux.resources.cpu.realtimeRuntime \(wanted.runtime) is more than the cgroup above has:"
          + " \(directory)/cpu.rt_runtime_us is \(has.runtime)",
        hint: "give it as much first, and those above it before; or choose a linux.cgroupsPath"
          + " below /drydock")
    }
  }

  /// Gives the cgroups above the container's what all inside them have together, and the container's
  /// that is to come.
  func handDownRealtime(_ cpu: CPULimits, _ glass: Glass) throws(StepFailure) {
    guard let wanted = RealtimeBudget(cpu), let tree = layout.tree("cpu"), !tree.isUnified else {
      return
    }
    for directory in parents(in: tree, withRoot: false) {
      guard let has = RealtimeBudget(of: directory), has.runtime >= 0,
        has.runtime == 0 || isOwnParent(directory, tree)
      else { continue }
      var share = wanted.share
      for name in (try? File.list(directory)) ?? [] {
        share += RealtimeBudget(of: directory + "/" + name)?.share ?? 0
      }
      let needed = Int64((share * Double(has.period)).rounded(.up))
      guard needed > has.runtime else { continue }
      try glass.perform(
        .cgroupLimit, .write(directory + "/cpu.rt_runtime_us", String(needed)))
    }
  }

  /// The directories above the container's, the highest first.
  private func parents(in tree: CgroupTree, withRoot: Bool) -> [String] {
    var directory = tree.mountPoint
    var result = withRoot ? [directory] : []
    for part in String(path.dropFirst()).parts("/").dropLast() {
      directory += "/" + part
      result.append(directory)
    }
    return result
  }

  /// Whether this runtime makes it, and removes it with the last container inside.
  private func isOwnParent(_ directory: String, _ tree: CgroupTree) -> Bool {
    directory.hasPrefix(tree.mountPoint + "/drydock")
  }
}
