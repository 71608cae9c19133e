internal import Linux

/// What was asked for, with the classic tool's defaults.
struct Options {
  /// A plain amount, or a share of what the cgroup allows.
  enum Amount: Equatable {
    case exact(Int64)
    case percent(Double)
  }

  var cpu = Amount.exact(0)
  var io: Int64 = 0
  var vm: Int64 = 0
  var hdd: Int64 = 0
  var dryRun = false
  /// Seconds; nil runs until stopped.
  var timeout: Int64?
  var backoffMicroseconds: Int64 = 3000
  var vmBytes = Amount.exact(256 << 20)
  var vmStride: Int64 = 4096
  /// Seconds; nil does not hang, 0 hangs for ever.
  var vmHang: Int64?
  var vmKeep = false
  var hddBytes: Int64 = 1 << 30

  var cpuMethod = CPUMethod.sqrt
  /// Percent of one CPU for each cpu worker.
  var cpuLoad: Double = 100
  var ioMethod = IOMethod.sync
  /// Operations after which each cpu worker ends.
  var cpuOps: UInt64?
  /// Operations after which each worker ends.
  var ops: UInt64?
  var metrics = false
  /// A path, or `-` for stdout.
  var metricsJSON: String?
  /// Nanoseconds between samples.
  var interval: UInt64?

  var vmMethod = VMMethod.touch
  var hddMethod = HDDMethod.buffered
  /// Bytes of a block, for the hdd methods that write blocks.
  var hddWriteSize: Int64 = 64 << 10
  var syscallMethod = SyscallMethod.getppid
  /// Workers of the kinds that the classic tool has not.
  var others: [Kind: Int64] = [:]
  /// Where the net workers connect to; nil gives each an end of its own on loopback.
  var netConnect: SocketAddress?
  /// Where the other end of somebody's net workers is to be.
  var netListen: SocketAddress?
  /// Bytes of a message, or of a stream's block; nil is each kind's own default.
  var netBytes: Int64?
  /// Requests a second of each net-rate worker.
  var rate: Double = 1000

  /// Whether any worker was asked for.
  var isEmpty: Bool { cpu == .exact(0) && io == 0 && vm == 0 && hdd == 0 && others.isEmpty }
}

/// What the command line asks of the program.
enum Request {
  case run(Options)
  case help
  case version
}

/// Reads the command line as the classic tool does: strictly in order, so that `--help` wins over
/// what follows it, and an error over what follows that; long options are not abbreviated and
/// short ones not joined.
struct CommandLineReader {
  private let words: [String]
  private var at = 0
  var options = Options()

  /// Reads `words`, the arguments without the program's name.
  ///
  /// -q and -v take effect on `journal` at once.
  ///
  /// - Throws: `Amounts.Refused` with the text to show.
  static func read(
    _ words: [String], _ journal: inout Journal
  ) throws(Amounts.Refused) -> Request {
    var reader = CommandLineReader(words: words)
    return try reader.read(&journal)
  }

  private init(words: [String]) { self.words = words }

  private mutating func read(_ journal: inout Journal) throws(Amounts.Refused) -> Request {
    while at < words.count {
      let word = words[at]
      at += 1
      switch word {
      case "-?", "--help": return .help
      case "--version": return .version
      case "-v", "--verbose": journal.verbosity = .verbose
      case "-q", "--quiet": journal.verbosity = .quiet
      case "-n", "--dry-run": options.dryRun = true
      case "--backoff": try readBackoff(journal)
      case "-t", "--timeout": try readTimeout()
      case "-c", "--cpu": try readCPU()
      case "-i", "--io": options.io = try workers("--io", "io")
      case "-m", "--vm": options.vm = try workers("--vm", "vm")
      case "--vm-bytes": try readVMBytes()
      case "--vm-stride":
        options.vmStride = try positive("--vm-stride", "invalid stride value")
      case "--vm-hang": try readVMHang()
      case "--vm-keep": options.vmKeep = true
      case "-d", "--hdd": options.hdd = try workers("--hdd", "hdd")
      case "--hdd-bytes":
        options.hddBytes = try positive("--hdd-bytes", "invalid hdd byte value")
      default: try readExtension(word)
      }
    }
    if options.metricsJSON == "-" { journal.talk = 2 }
    return options.isEmpty ? .help : .run(options)
  }

  /// The next word.
  ///
  /// One that starts with `-` and no digit is taken for the next option: what was forgotten is
  /// the argument.
  mutating func argument(_ option: String) throws(Amounts.Refused) -> String {
    guard at < words.count else {
      throw Amounts.Refused("missing argument to option '\(option)'")
    }
    let bytes = Array(words[at].utf8.prefix(2))
    if bytes.first == 45, bytes.count < 2 || !(48...57).contains(bytes[1]) {
      throw Amounts.Refused("missing argument to option '\(option)'")
    }
    at += 1
    return words[at - 1]
  }

  /// The next word as a path, where `-` alone is one.
  mutating func path(_ option: String) throws(Amounts.Refused) -> String {
    guard at < words.count, words[at] == "-" else { return try argument(option) }
    at += 1
    return "-"
  }

  private mutating func workers(
    _ option: String, _ kind: String
  ) throws(Amounts.Refused) -> Int64 {
    try workers(try argument(option), kind: kind)
  }

  func workers(_ text: String, kind: String) throws(Amounts.Refused) -> Int64 {
    let count = try Amounts.size(text)
    guard count > 0 else { throw Amounts.Refused("invalid number of \(kind) hogs: \(count)") }
    guard count <= Plan.maximumWorkers else {
      throw Amounts.Refused(
        "invalid number of \(kind) hogs: \(count) (at most \(Plan.maximumWorkers))")
    }
    return count
  }

  mutating func positive(
    _ option: String, _ complaint: String
  ) throws(Amounts.Refused) -> Int64 {
    let value = try Amounts.size(try argument(option))
    guard value > 0 else { throw Amounts.Refused("\(complaint): \(value)") }
    return value
  }

  mutating func operations(_ option: String) throws(Amounts.Refused) -> UInt64 {
    let text = try argument(option)
    let value = try Amounts.size(text)
    guard value > 0 else { throw Amounts.Refused("invalid number of operations: \(text)") }
    return UInt64(value)
  }

  private mutating func readCPU() throws(Amounts.Refused) {
    let text = try argument("--cpu")
    if let share = try Amounts.percent(text) {
      options.cpu = .percent(share)
    } else {
      options.cpu = .exact(try workers(text, kind: "cpu"))
    }
  }

  private mutating func readVMBytes() throws(Amounts.Refused) {
    let text = try argument("--vm-bytes")
    if let share = try Amounts.percent(text) {
      options.vmBytes = .percent(share)
      return
    }
    let bytes = try Amounts.size(text)
    guard bytes > 0 else { throw Amounts.Refused("invalid vm byte value: \(bytes)") }
    options.vmBytes = .exact(bytes)
  }

  private mutating func readVMHang() throws(Amounts.Refused) {
    let seconds = try Amounts.size(try argument("--vm-hang"))
    guard seconds >= 0 else { throw Amounts.Refused("invalid value: \(seconds)") }
    options.vmHang = seconds
  }

  private mutating func readTimeout() throws(Amounts.Refused) {
    let seconds = try Amounts.seconds(try argument("--timeout"))
    guard seconds > 0 else { throw Amounts.Refused("invalid timeout value: \(seconds)s") }
    options.timeout = seconds
  }

  private mutating func readBackoff(_ journal: Journal) throws(Amounts.Refused) {
    let microseconds = try Amounts.number(try argument("--backoff"))
    guard microseconds >= 0 else {
      throw Amounts.Refused("invalid backoff factor: \(microseconds)")
    }
    options.backoffMicroseconds = microseconds
    // The spelling is the classic tool's.
    journal.debug("setting backoff coeffient to \(microseconds)us")
  }
}
