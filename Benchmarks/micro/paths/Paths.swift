internal import Linux
internal import Measure
internal import Names
internal import OCI
internal import Report
internal import Runtime
internal import Steps

extension HotPath {
  /// Every path, by its name.
  public enum Known: String, CaseIterable, Sendable {
    /// A config.json of Docker's, with its seccomp rules: read.
    case configParse = "config-parse"
    /// The same: written.
    case configEncode = "config-encode"
    /// The compiled rules of a config.json, from the cache.
    case seccompCache = "seccomp-cache"
    /// A step that nobody watches.
    case step
    /// The file of `--trace`, of forty steps.
    case traceJSON = "trace-json"
    /// A request of rtnetlink(7): RTM_NEWADDR.
    case netlinkMessage = "netlink-message"
    /// A question to the name server, and its answer.
    case dnsQuery = "dns-query"
    /// Forty lines of mountinfo.
    case mountInfo = "mountinfo"
    /// A result of eleven rounds: read and written.
    case reportJSON = "report-json"

    /// The path, ready to run.
    ///
    /// - Parameters:
    ///   - source: The source tree, for inputs as engines write them.
    ///   - scratch: A directory for what it writes.
    /// - Returns: The path.
    /// - Throws: when an input is missing or is not what the path reads.
    public func prepared(source: String, scratch: String) throws -> HotPath {
      switch self {
      case .configParse:
        let text = try config(source)
        return HotPath(rawValue) { try Config.parse(text).mounts.count }
      case .configEncode:
        let read = try Config.parse(try config(source))
        return HotPath(rawValue) { read.encode(pretty: false).count }
      case .seccompCache: return try seccomp(source, Store(root: scratch))
      case .step: return step()
      case .traceJSON: return try trace()
      case .netlinkMessage: return netlink()
      case .dnsQuery:
        let question = try File.read(source + "/Tests/FuzzReaders/corpus/dns/0")
        let address = IPAddress(v4: 0x0AC8_0002)
        return HotPath(rawValue, times: 200) {
          try DNSQuery(question).answer(.noError, [.address(address)]).count
        }
      case .mountInfo: return try mounts()
      case .reportJSON:
        let text = Array(try HotPath.document().json().utf8)
        return HotPath(rawValue, times: 5) {
          try ResultDocument(json: text).json().utf8.count
        }
      }
    }

    private func config(_ source: String) throws -> [UInt8] {
      let text = try File.read(source + "/Tests/FuzzReaders/corpus/config/docker.json")
      var config = try Config.parse(text)
      config.linux.seccomp = .standard(
        capabilities: ["CAP_CHOWN", "CAP_NET_BIND_SERVICE"], architecture: .x86_64)
      return config.encode(pretty: false)
    }

    private func seccomp(_ source: String, _ store: Store) throws -> HotPath {
      guard let rules = try Config.parse(try config(source)).linux.seccomp else {
        throw Unprepared("no seccomp rules were read")
      }
      // Compiled here, read from the cache from now on.
      let size = try SeccompCompiler.program(rules, store: store).count
      return HotPath(rawValue) {
        let program = try SeccompCompiler.program(rules, store: store)
        guard program.count == size else { throw Unprepared("the cache has another program") }
        return program.count
      }
    }

    private func step() -> HotPath {
      let glass = Glass()
      var done = 0
      return HotPath(rawValue, times: 10_000) {
        try glass.around(.cgroupJoin, .write("/sys/fs/cgroup/\(done)/cgroup.procs", "\(done)")) {
          done &+= 1
        }
        return done
      }
    }

    private func trace() throws -> HotPath {
      let watcher = Pretender()
      let glass = Glass(observer: watcher)
      for number in 0..<40 {
        try glass.perform(.cgroupJoin, .write("/sys/fs/cgroup/drydock/\(number)/cgroup.procs", "1"))
      }
      let records = watcher.records
      guard records.count == 40 else { throw Unprepared("\(records.count) steps were seen") }
      return HotPath(rawValue) { Trace.json(records, id: "web", began: 0, total: 1_000_000).count }
    }

    /// Header, IFA_LOCAL, IFA_ADDRESS, IFA_FLAGS.
    private func netlink() -> HotPath {
      let address = IPAddress(v4: 0x0AC8_0002)
      return HotPath(rawValue, times: 200) {
        let body =
          [2, 16, 0, 0] + bytes(7) + attribute(2, address.bytes) + attribute(1, address.bytes)
          + attribute(8, bytes(0x80))
        return RouteSocket.message(20, flags: 0x605, body).count
      }
    }

    private func mounts() throws -> HotPath {
      let lines = (0..<40).map {
        "\(100 + $0) 99 0:\(30 + $0) / /run/drydock/\($0)/merged\\040x rw,relatime shared:\($0) - "
          + "overlay overlay rw,lowerdir=/a/\($0):/b,upperdir=/c,workdir=/d"
      }
      let text = lines.joined(separator: "\n") + "\n"
      guard MountInfo.list(parsing: text).count == 40 else { throw Unprepared("no mount lines") }
      return HotPath(rawValue) {
        MountInfo.list(parsing: text).reduce(0) { $0 + $1.target.utf8.count }
      }
    }
  }
}

/// Sees every step, and lets none happen.
private final class Pretender: StepObserver {
  private(set) var records: [StepRecord] = []
  func before(_ step: StepRecord, _ operation: borrowing Operation) -> Disposition { .pretend(0) }
  func after(_ step: StepRecord) {
    var step = step
    (step.start, step.duration) = (UInt64(records.count) * 1000, 500)
    records.append(step)
  }
}
