import ArgumentParser
import Engine

/// How much it may use.
struct LimitFlags: ParsableArguments {
  @Option(
    name: [.customShort("c", allowingJoined: true), .customLong("cpu-shares")],
    help: "Relative share of CPU time.")
  var cpuShares: UInt64?

  @Option(parsing: .unconditional, help: "How many CPUs, such as 1.5.")
  var cpus: String?

  @Option(parsing: .unconditional, help: "Microseconds in which the quota is used up.")
  var cpuPeriod: Int64?

  @Option(parsing: .unconditional, help: "Microseconds of CPU time a period.")
  var cpuQuota: Int64?

  @Option(parsing: .unconditional, help: "The same for real-time tasks (v1).")
  var cpuRtPeriod: Int64?

  @Option(parsing: .unconditional, help: "The same for real-time tasks (v1).")
  var cpuRtRuntime: Int64?

  @Option(help: "Which CPUs, such as 0-1.")
  var cpusetCpus: String?

  @Option(help: "Which memory nodes, such as 0.")
  var cpusetMems: String?

  @Option(
    name: [.customShort("m", allowingJoined: true), .customLong("memory")],
    parsing: .unconditional, help: "Most memory, such as 64m.")
  var memory: String?

  @Option(parsing: .unconditional, help: "What it should fall back to when memory is short.")
  var memoryReservation: String?

  @Option(parsing: .unconditional, help: "Memory and swap together; -1 for no limit.")
  var memorySwap: String?

  @Option(parsing: .unconditional, help: "How readily it is swapped out, 0 to 100 (v1).")
  var memorySwappiness: Int64?

  @Flag(help: "Let it wait for memory instead of killing it (v1).")
  var oomKillDisable = false

  @Option(parsing: .unconditional, help: "Who is killed first when the host is short of memory.")
  var oomScoreAdj: Int64?

  @Option(parsing: .unconditional, help: "Most processes and threads; -1 for no limit.")
  var pidsLimit: Int64?

  @Option(parsing: .unconditional, help: "Relative share of disk time, 10 to 1000.")
  var blkioWeight: UInt64?

  @Option(parsing: .unconditionalSingleValue, help: ArgumentHelp(valueName: "path:weight"))
  var blkioWeightDevice: [String] = []

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("Bytes a second from a disk.", valueName: "path:rate"))
  var deviceReadBps: [String] = []

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("Bytes a second to a disk.", valueName: "path:rate"))
  var deviceWriteBps: [String] = []

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("Reads a second.", valueName: "path:rate"))
  var deviceReadIops: [String] = []

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("Writes a second.", valueName: "path:rate"))
  var deviceWriteIops: [String] = []

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("A limit of getrlimit(2).", valueName: "name=soft[:hard]"))
  var ulimit: [String] = []

  @Option(help: "Below which cgroup it is put.")
  var cgroupParent: String?

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("An option of the storage driver.", valueName: "key=value"))
  var storageOpt: [String] = []

  func apply(to options: inout RunOptions) throws {
    options.cpuShares = cpuShares
    options.cpus = try cpus.map(Amount.cpus)
    options.cpuPeriod = cpuPeriod
    options.cpuQuota = cpuQuota
    options.cpuRealtimePeriod = cpuRtPeriod
    options.cpuRealtimeRuntime = cpuRtRuntime
    options.cpusetCpus = cpusetCpus
    options.cpusetMems = cpusetMems
    options.memory = try memory.map(Amount.bytes)
    options.memoryReservation = try memoryReservation.map(Amount.bytes)
    options.memorySwap = try memorySwap.map(Amount.bytesOrUnlimited)
    options.memorySwappiness = memorySwappiness
    options.disablesOOMKiller = oomKillDisable
    options.oomScore = oomScoreAdj
    options.pidsLimit = pidsLimit
    options.ioWeight = blkioWeight
    options.ioWeights = blkioWeightDevice
    options.readBps = deviceReadBps
    options.writeBps = deviceWriteBps
    options.readIops = deviceReadIops
    options.writeIops = deviceWriteIops
    options.ulimits = ulimit
    options.cgroupParent = cgroupParent
    options.storageOptions = storageOpt
  }
}
