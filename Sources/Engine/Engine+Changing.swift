import Linux
import Monitor
import OCI

/// What can be changed of a container that is there.
extension Engine {
  /// Stops a living container's processes where they are.
  ///
  /// - Throws: `EngineError` when it does not live, or stands still already.
  public func pause(_ container: String) throws(EngineError) {
    let record = try store.find(container)
    switch try store.status(record) {
    case .running: _ = try runtime.run(["pause", record.id])
    case .paused:
      throw EngineError("Container \(record.id) is already paused", exitCode: 1)
    default: throw EngineError("Container \(record.id) is not running", exitCode: 1)
    }
  }

  /// Lets them go on.
  ///
  /// - Throws: `EngineError` when it is not paused.
  public func unpause(_ container: String) throws(EngineError) {
    let record = try store.find(container)
    guard case .paused = try store.status(record) else {
      throw EngineError("Container \(record.id) is not paused", exitCode: 1)
    }
    _ = try runtime.run(["resume", record.id])
  }

  /// Gives a container another name.
  ///
  /// - Throws: `EngineError` when there is none, or the name is taken or cannot be one.
  public func rename(_ container: String, to name: String) throws(EngineError) {
    let record = try store.find(container)
    let plain = name.hasPrefix("/") ? String(name.dropFirst()) : name
    guard plain != record.name else {
      throw EngineError(
        "Renaming a container with the same name as its current name", exitCode: 1)
    }
    do throws(EngineError) {
      try store.rename(record, to: plain)
    } catch { throw EngineError(error.message, hint: error.hint, exitCode: 1) }
  }

  /// Changes limits, of a living container at once, and what becomes of one that ends.
  ///
  /// - Parameters:
  ///   - container: a name, an id, or the beginning of an id.
  ///   - limits: those that change.
  ///   - restart: `--restart`; nil leaves it.
  /// - Throws: `EngineError` when there is none, or the kernel does not take a limit.
  public func update(
    _ container: String, limits: LimitChange, restart: String?
  ) throws(EngineError) {
    var record = try store.find(container)
    if let restart {
      let wanted = try Restart(restart)
      guard !record.removeOnExit || wanted.policy == .no else {
        throw EngineError(
          "Restart policy cannot be updated because AutoRemove is enabled for the container",
          exitCode: 1)
      }
      record.restart = wanted
      try store.update(record)
      try MonitorLink.tell(store.bundle(record.id), .policy, Array(wanted.text.utf8))
    }
    guard !limits.isEmpty else { return }
    if try store.status(record).pid != nil {
      _ = try runtime.run(["update"] + limits.words + [record.id])
    }
    // The next start gets them too.
    let path = store.directory(record.id) + "/config.json"
    guard File.exists(path) else { return }
    var config = try configuration(record)
    limits.apply(to: &config.linux.resources)
    // `inspect` tells of CPUs what was typed last: how many, or a quota.
    if limits.cpuQuota != nil || limits.cpuPeriod != nil {
      record.asked["cpus"] = limits.cpus.map { ["\($0)"] } ?? []
      try store.update(record)
    }
    try asked("keeping the limits of \(record.name)") { () throws(SystemError) in
      try File.replaceDurably(path, with: config.encode(), mode: 0o600)
    }
  }

  /// What the container is made from at each start.
  func configuration(_ record: Record) throws(EngineError) -> Config {
    let kept = store.directory(record.id) + "/config.json"
    let path = File.exists(kept) ? kept : store.bundle(record.id) + "/config.json"
    let bytes = try asked("reading the configuration of \(record.name)") {
      () throws(SystemError) in try File.read(path)
    }
    do throws(ConfigError) {
      return try Config.parse(bytes)
    } catch { throw EngineError("\(path): \(error.text)", hint: "The file is damaged.") }
  }
}

/// Limits that `drydock update` changes; what is nil stays.
public struct LimitChange: Equatable, Sendable {
  /// `-c`, relative.
  public var cpuShares: UInt64?
  /// `--cpu-period`, microseconds.
  public var cpuPeriod: UInt64?
  /// `--cpu-quota`, microseconds, -1 for no limit.
  public var cpuQuota: Int64?
  /// `--cpuset-cpus`.
  public var cpusetCpus: String?
  /// `--cpuset-mems`.
  public var cpusetMems: String?
  /// `-m`, bytes.
  public var memory: Int64?
  /// `--memory-swap`, bytes of memory and swap together.
  public var memorySwap: Int64?
  /// `--memory-reservation`, bytes.
  public var memoryReservation: Int64?
  /// `--cpu-rt-period`, microseconds.
  public var cpuRealtimePeriod: UInt64?
  /// `--cpu-rt-runtime`, microseconds.
  public var cpuRealtimeRuntime: Int64?
  /// `--cpus` as it was read; the quota says the same.
  fileprivate var cpus: Double?
  /// `--pids-limit`, -1 for no limit.
  public var pidsLimit: Int64?
  /// `--blkio-weight`.
  public var blkioWeight: UInt16?

  /// Nothing.
  public init() {}

  /// `--cpus`, in CPUs: a quota of the usual period.
  public mutating func set(cpus: Double) {
    self.cpus = cpus
    cpuPeriod = 100_000
    cpuQuota = Int64((cpus * 100_000).rounded())
  }

  /// Whether it changes nothing.
  public var isEmpty: Bool { self == LimitChange() }

  /// The flags of the runtime's `update`.
  var words: [String] {
    var words = [String]()
    func add(_ flag: String, _ value: (some CustomStringConvertible)?) {
      if let value { words += ["--\(flag)", "\(value)"] }
    }
    add("cpu-shares", cpuShares)
    add("cpu-period", cpuPeriod)
    add("cpu-quota", cpuQuota)
    add("cpu-rt-period", cpuRealtimePeriod)
    add("cpu-rt-runtime", cpuRealtimeRuntime)
    add("cpuset-cpus", cpusetCpus)
    add("cpuset-mems", cpusetMems)
    add("memory", memory)
    // A limit closes swap beside it, as `run` does it.
    add("memory-swap", memorySwap ?? memory)
    add("memory-reservation", memoryReservation)
    add("pids-limit", pidsLimit)
    add("blkio-weight", blkioWeight)
    return words
  }

  func apply(to resources: inout Resources) {
    if let cpuShares { resources.cpu.shares = cpuShares }
    if let cpuPeriod { resources.cpu.period = cpuPeriod }
    if let cpuQuota { resources.cpu.quota = cpuQuota }
    if let cpuRealtimePeriod { resources.cpu.realtimePeriod = cpuRealtimePeriod }
    if let cpuRealtimeRuntime { resources.cpu.realtimeRuntime = cpuRealtimeRuntime }
    if let cpusetCpus { resources.cpu.cpus = cpusetCpus }
    if let cpusetMems { resources.cpu.mems = cpusetMems }
    if let memory {
      resources.memory.limit = memory
      resources.memory.swap = memorySwap ?? memory
    } else if let memorySwap {
      resources.memory.swap = memorySwap
    }
    if let memoryReservation { resources.memory.reservation = memoryReservation }
    if let pidsLimit { resources.pids = pidsLimit }
    if let blkioWeight { resources.blockIO.weight = blkioWeight }
  }
}
