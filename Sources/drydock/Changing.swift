import ArgumentParser
import Engine

/// `drydock pause`.
struct Pause: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pause", abstract: "Stop living containers' processes where they are.")

  @ParentCommand var drydock: Drydock
  @Argument(help: ArgumentHelp("Names or ids.", valueName: "container")) var containers: [String]

  func run() throws {
    let engine = try drydock.engine()
    try forEach(containers) { try engine.pause($0) }
  }
}

/// `drydock unpause`.
struct Unpause: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "unpause", abstract: "Let paused containers go on.")

  @ParentCommand var drydock: Drydock
  @Argument(help: ArgumentHelp("Names or ids.", valueName: "container")) var containers: [String]

  func run() throws {
    let engine = try drydock.engine()
    try forEach(containers) { try engine.unpause($0) }
  }
}

/// `drydock rename`.
struct Rename: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rename", abstract: "Give a container another name.")

  @ParentCommand var drydock: Drydock
  @Argument(help: ArgumentHelp("A name or id.", valueName: "container")) var container: String
  @Argument(help: ArgumentHelp("What it is called from now on.", valueName: "name"))
  var name: String

  func run() throws { try drydock.engine().rename(container, to: name) }
}

/// `drydock update`.
struct Update: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "update", abstract: "Change containers' limits, and when they are started again.")

  @ParentCommand var drydock: Drydock

  @Option(
    name: [.customShort("c", allowingJoined: true), .customLong("cpu-shares")],
    help: "Relative share of CPU time.")
  var cpuShares: UInt64?

  @Option(parsing: .unconditional, help: "How many CPUs, such as 1.5.") var cpus: String?
  @Option(help: "Microseconds in which the quota may be used.") var cpuPeriod: UInt64?
  @Option(parsing: .unconditional, help: "Microseconds of CPU time a period.") var cpuQuota: Int64?
  @Option(help: "Microseconds in which the real-time budget may be used (v1).")
  var cpuRtPeriod: UInt64?
  @Option(parsing: .unconditional, help: "Microseconds of real-time tasks a period (v1).")
  var cpuRtRuntime: Int64?
  @Option(help: "Which CPUs, such as 0-1.") var cpusetCpus: String?
  @Option(help: "Which memory nodes.") var cpusetMems: String?

  @Option(
    name: [.customShort("m", allowingJoined: true), .customLong("memory")],
    parsing: .unconditional, help: "Most memory, such as 64m.")
  var memory: String?

  @Option(parsing: .unconditional, help: "Memory and swap together; -1 for no limit.")
  var memorySwap: String?

  @Option(parsing: .unconditional, help: "How much is left when memory runs short.")
  var memoryReservation: String?

  @Option(parsing: .unconditional, help: "Most processes and threads; -1 for no limit.")
  var pidsLimit: Int64?

  @Option(help: "Relative share of disk time, 10 to 1000.") var blkioWeight: UInt16?

  @Option(
    help: ArgumentHelp("no, always, unless-stopped or on-failure[:max].", valueName: "policy"))
  var restart: String?

  @Argument(help: ArgumentHelp("Names or ids.", valueName: "container")) var containers: [String]

  func run() throws {
    var change = LimitChange()
    change.cpuShares = cpuShares
    if let cpus { change.set(cpus: try Amount.cpus(cpus)) }
    if let cpuPeriod { change.cpuPeriod = cpuPeriod }
    if let cpuQuota { change.cpuQuota = cpuQuota }
    if cpus != nil, cpuPeriod != nil || cpuQuota != nil {
      throw EngineError(
        "Conflicting options: Nano CPUs and CPU \(cpuPeriod == nil ? "Quota" : "Period") "
          + "cannot both be set.", exitCode: 1)
    }
    change.cpuRealtimePeriod = cpuRtPeriod
    change.cpuRealtimeRuntime = cpuRtRuntime
    change.cpusetCpus = cpusetCpus
    change.cpusetMems = cpusetMems
    change.memory = try memory.map(Amount.bytes)
    change.memorySwap = try memorySwap.map(Amount.bytesOrUnlimited)
    change.memoryReservation = try memoryReservation.map(Amount.bytes)
    change.pidsLimit = pidsLimit
    change.blkioWeight = blkioWeight
    guard !change.isEmpty || restart != nil else {
      throw EngineError(
        "You must provide one or more flags when using this command.",
        hint: "See 'drydock update --help'.", exitCode: 1)
    }
    let engine = try drydock.engine()
    let wanted = change
    try forEach(containers) { try engine.update($0, limits: wanted, restart: restart) }
  }
}
