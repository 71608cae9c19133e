import Linux
import OCI

/// Limits: from options to config.json, and what Docker refuses, in its words.
enum ResourceOptions {
  /// Docker 20.10's smallest memory limit, in bytes.
  static let leastMemory: Int64 = 6 << 20

  /// `linux.resources` but for the devices.
  static func resources(_ options: RunOptions) throws(EngineError) -> Resources {
    var resources = Resources()
    if let memory = options.memory, memory > 0 {
      resources.memory.limit = memory
      // Docker would allow as much swap again. Here a limit closes swap unless asked otherwise,
      // so that 64 MiB means 64 MiB wherever the lab runs.
      let swap = options.memorySwap ?? 0
      resources.memory.swap = swap == 0 ? memory : swap
    }
    if let value = options.memoryReservation, value > 0 { resources.memory.reservation = value }
    if let value = options.memorySwappiness, value >= 0 {
      resources.memory.swappiness = UInt64(value)
    }
    if options.disablesOOMKiller { resources.memory.disableOOMKiller = true }
    if let shares = options.cpuShares, shares > 0 { resources.cpu.shares = shares }
    if let cpus = options.cpus, cpus > 0 {
      resources.cpu.period = 100_000
      resources.cpu.quota = Int64((cpus * 100_000).rounded())
    }
    if let period = options.cpuPeriod, period > 0 { resources.cpu.period = UInt64(period) }
    if let quota = options.cpuQuota, quota != 0 { resources.cpu.quota = quota }
    if let value = options.cpuRealtimePeriod, value > 0 {
      resources.cpu.realtimePeriod = UInt64(value)
    }
    if let value = options.cpuRealtimeRuntime, value > 0 { resources.cpu.realtimeRuntime = value }
    if let list = options.cpusetCpus, !list.isEmpty { resources.cpu.cpus = list }
    if let list = options.cpusetMems, !list.isEmpty { resources.cpu.mems = list }
    if let limit = options.pidsLimit, limit > 0 { resources.pids = limit }
    resources.blockIO = try DiskOptions.limits(options)
    return resources
  }

  /// Checks the options against each other and against this machine.
  ///
  /// What the kernel was built without, or this version of cgroups does not have, the runtime
  /// refuses.
  static func check(_ options: RunOptions, _ machine: Machine) throws(EngineError) {
    try checkMemory(options)
    try checkCPU(options, machine)
    try checkRealtime(options)
    try checkSets(options, machine)
    if let score = options.oomScore, !(-1000...1000).contains(score) {
      throw EngineError("Invalid value \(score), range for oom score adj is [-1000, 1000]")
    }
    for text in options.ulimits { try Ulimit(text).check(machine) }
    if let option = options.storageOptions.first {
      throw EngineError(
        "--storage-opt \(option) is not supported: a container's layer is a directory",
        hint: "A limit of its size needs a filesystem with project quotas; none is set up.")
    }
    if let parent = options.cgroupParent {
      guard !parent.isEmpty, !parent.split(separator: "/").contains("..") else {
        throw EngineError("invalid cgroup parent: \"\(parent)\"", hint: "A path such as /lab.")
      }
    }
  }

  private static func checkMemory(_ options: RunOptions) throws(EngineError) {
    let memory = options.memory ?? 0
    guard memory == 0 || memory >= leastMemory else {
      throw EngineError("Minimum memory limit allowed is 6MB")
    }
    let swap = options.memorySwap ?? 0
    guard swap >= -1 else {
      throw EngineError(
        "invalid memory-swap \(swap)",
        hint: "Bytes of memory and swap together, or -1 for no limit.")
    }
    if swap > 0 {
      guard memory > 0 else {
        throw EngineError(
          "You should always set the Memory limit when using Memoryswap limit, see usage",
          hint: "Add --memory.")
      }
      guard swap >= memory else {
        throw EngineError(
          "Minimum memoryswap limit should be larger than memory limit, see usage",
          hint: "--memory-swap counts memory and swap together.")
      }
    }
    let reservation = options.memoryReservation ?? 0
    guard reservation == 0 || reservation >= leastMemory else {
      throw EngineError("Minimum memory reservation allowed is 6MB")
    }
    guard memory == 0 || reservation <= memory else {
      throw EngineError(
        "Minimum memory limit can not be less than memory reservation limit, see usage")
    }
    if let value = options.memorySwappiness, !(-1...100).contains(value) {
      throw EngineError("Invalid value: \(value), valid memory swappiness range is 0-100")
    }
  }

  private static func checkCPU(_ options: RunOptions, _ machine: Machine) throws(EngineError) {
    if let shares = options.cpuShares, shares != 0 {
      guard shares >= 2 else { throw EngineError("the minimum allowed cpu-shares is 2") }
      guard shares <= 262_144 else {
        throw EngineError("the maximum allowed cpu-shares is 262144")
      }
    }
    if let cpus = options.cpus, cpus != 0 {
      guard !cpus.isNaN else {
        throw EngineError(
          "invalid argument \"nan\" for \"--cpus\" flag: failed to parse nan as a rational number",
          hint: "Write how many CPUs, such as 0.5 or 1.5.")
      }
      let count = machine.cpus.count
      guard cpus >= 0.01, cpus <= Double(count) else {
        throw EngineError(
          "Range of CPUs is from 0.01 to \(count).00, as there are only \(count) CPUs available")
      }
      for (name, value) in [("Period", options.cpuPeriod), ("Quota", options.cpuQuota)]
      where value ?? 0 != 0 {
        throw EngineError("Conflicting options: Nano CPUs and CPU \(name) cannot both be set.")
      }
    }
    if let period = options.cpuPeriod, period != 0, !(1000...1_000_000).contains(period) {
      throw EngineError(
        "CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)")
    }
    if let quota = options.cpuQuota, quota != 0, quota != -1, quota < 1000 {
      throw EngineError("CPU cfs quota can not be less than 1ms (i.e. 1000)")
    }
  }

  private static func checkRealtime(_ options: RunOptions) throws(EngineError) {
    let (period, runtime) = (options.cpuRealtimePeriod ?? 0, options.cpuRealtimeRuntime ?? 0)
    guard period != 0 || runtime != 0 else { return }
    guard period >= 0, runtime >= 0 else {
      throw EngineError("cpu real-time period and runtime are microseconds")
    }
    if runtime > 0, runtime > (period == 0 ? 1_000_000 : period) {
      throw EngineError("cpu real-time runtime cannot be higher than cpu real-time period")
    }
  }

  private static func checkSets(_ options: RunOptions, _ machine: Machine) throws(EngineError) {
    if let list = options.cpusetCpus, !list.isEmpty {
      guard let wanted = CPUList.parse(list) else {
        throw EngineError(
          "Invalid value \(list) for cpuset cpus",
          hint: "Write numbers and ranges, such as 0 or 0-1,3.")
      }
      guard wanted.isSubset(of: machine.cpus) else {
        throw EngineError(
          "Requested CPUs are not available - requested \(list), available: \(machine.cpuList)")
      }
    }
    if let list = options.cpusetMems, !list.isEmpty {
      guard let wanted = CPUList.parse(list) else {
        throw EngineError("Invalid value \(list) for cpuset mems", hint: "Such as 0 or 0-1.")
      }
      guard wanted.isSubset(of: machine.nodes) else {
        throw EngineError(
          "Requested memory nodes are not available - requested \(list), available: "
            + machine.nodeList)
      }
    }
  }
}
