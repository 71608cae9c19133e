// What the engine tells a monitor, in the bundle beside config.json:
//
//     BUNDLE/monitor.json
//       {"schema":1,"id":"…","runtime":"/…/drydock-runtime","runtime_root":"/run/drydock/runtime",
//        "bundle":"/run/drydock/containers/ID","directory":"/var/lib/drydock/containers/ID",
//        "cgroup":"/drydock/0123456789ab","terminal":false,"input":false,"input_once":false,
//        "rows":24,"columns":80,
//        "log":"json-file","log_max_bytes":0,"log_max_files":1,
//        "restart":"on-failure","restart_limit":3,"restarts":0,
//        "exec":["--tty","ID","sh"],
//        "stop_signal":15,"glass":["--trace","FILE"],"then":["/…/drydock","rm","-v","ID"],
//        "health":{"command":["/bin/sh","-c","…"],"interval_ns":…,"timeout_ns":…,"start_ns":…,
//                  "retries":3}}
//
// What a monitor tells: BUNDLE/live and DIRECTORY/exit (Life.swift), and BUNDLE/monitor, its socket
// (Message.swift).

public import OCI

/// When a container that ended is started again.
public enum RestartPolicy: String, Sendable {
  /// Never.
  case no
  /// When its exit code was not 0, so many times at most.
  case onFailure = "on-failure"
  /// Unless somebody stopped it, and after a reboot.
  case always
  /// As `always`, but what was stopped before a reboot stays so.
  case unlessStopped = "unless-stopped"
}

/// How a container's health is asked for.
public struct HealthCheck: Equatable, Sendable {
  /// The whole argv, run inside.
  public var command: [String] = []
  /// From the end of one check to the next.
  public var intervalNs: UInt64 = 30_000_000_000
  /// A check that takes longer has failed.
  public var timeoutNs: UInt64 = 30_000_000_000
  /// While it begins, failures do not count.
  public var startNs: UInt64 = 0
  /// So many failures in a row make it unhealthy.
  public var retries: UInt64 = 3

  /// Docker's defaults.
  public init() {}
}

/// How one container is kept.
public struct MonitorConfig: Equatable, Sendable {
  /// 64 hexadecimal digits.
  public var id = ""
  /// The OCI runtime's executable.
  public var runtime = ""
  /// Its `--root`.
  public var runtimeRoot = ""
  /// Where config.json is, and the monitor's own files.
  public var bundle = ""
  /// Where the log and the exit file go.
  public var directory = ""
  /// Its place in every cgroup tree.
  public var cgroup = ""
  /// `-t`.
  public var terminal = false
  /// The terminal's first size; 0 when nobody knows.
  public var rows: UInt16 = 0
  /// See `rows`.
  public var columns: UInt16 = 0
  /// `-i`: standard input is a pipe (or the terminal), else empty.
  public var input = false
  /// The input ends when the first who gave some goes.
  public var inputOnce = false
  /// `json-file` or `none`.
  public var log = "json-file"
  /// Where a new log file begins; 0 for never.
  public var logMaxBytes: UInt64 = 0
  /// How many are kept.
  public var logMaxFiles: UInt64 = 1
  /// `--restart`.
  public var restart = RestartPolicy.no
  /// Of `on-failure`; 0 for no limit.
  public var restartLimit: UInt64 = 0
  /// What ends it when the monitor itself is asked to end.
  public var stopSignal: UInt64 = 15
  /// What stands behind the runtime's `exec`, when a program of it is kept and not a container.
  ///
  /// The bundle is then a directory of its own in the container's.
  public var exec: [String] = []
  /// Flags for the runtime's first `run`, such as `--fault ID`.
  public var glass: [String] = []
  /// What is run when all is over: removes a `--rm` container.
  public var then: [String] = []
  /// `--health-cmd` and its kin.
  public var health: HealthCheck?

  /// Nothing yet.
  public init() {}

  /// The file in a bundle.
  public static func path(_ bundle: String) -> String { bundle + "/monitor.json" }

  /// The file's content.
  public func encode() -> [UInt8] {
    var json = JSONWriter()
    json.beginObject()
    json.member("schema", Int64(1))
    json.member("id", id)
    json.member("runtime", runtime)
    json.member("runtime_root", runtimeRoot)
    json.member("bundle", bundle)
    json.member("directory", directory)
    json.member("cgroup", cgroup)
    json.member("terminal", terminal)
    json.member("rows", UInt64(rows))
    json.member("columns", UInt64(columns))
    json.member("input", input)
    json.member("input_once", inputOnce)
    json.member("log", log)
    json.member("log_max_bytes", logMaxBytes)
    json.member("log_max_files", logMaxFiles)
    json.member("restart", restart.rawValue)
    json.member("restart_limit", restartLimit)
    json.member("stop_signal", stopSignal)
    if !exec.isEmpty { json.member("exec", exec) }
    json.member("glass", glass)
    json.member("then", then)
    if let health {
      json.key("health")
      health.write(&json)
    }
    json.endObject()
    return json.bytes
  }

  /// Reads the file's content.
  ///
  /// - Throws: `ConfigError` naming the place that cannot be read.
  public static func parse(_ bytes: [UInt8]) throws(ConfigError) -> MonitorConfig {
    var json = try JSONReader(bytes)
    var config = MonitorConfig()
    try json.beginObject()
    while try json.nextKey() { try config.read(&json) }
    try json.finish()
    return config
  }

  private mutating func read(_ json: inout JSONReader) throws(ConfigError) {
    if json.keyIs("id") {
      id = try json.string()
    } else if json.keyIs("runtime") {
      runtime = try json.string()
    } else if json.keyIs("runtime_root") {
      runtimeRoot = try json.string()
    } else if json.keyIs("bundle") {
      bundle = try json.string()
    } else if json.keyIs("directory") {
      directory = try json.string()
    } else if json.keyIs("cgroup") {
      cgroup = try json.string()
    } else if json.keyIs("terminal") {
      terminal = try json.bool()
    } else if json.keyIs("rows") {
      rows = UInt16(truncatingIfNeeded: try json.unsigned(upTo: 65535))
    } else if json.keyIs("columns") {
      columns = UInt16(truncatingIfNeeded: try json.unsigned(upTo: 65535))
    } else if json.keyIs("input") {
      input = try json.bool()
    } else if json.keyIs("input_once") {
      inputOnce = try json.bool()
    } else if json.keyIs("log") {
      log = try json.string()
    } else if json.keyIs("log_max_bytes") {
      logMaxBytes = try json.unsigned()
    } else if json.keyIs("log_max_files") {
      logMaxFiles = try json.unsigned()
    } else if json.keyIs("restart") {
      let name = try json.string()
      guard let policy = RestartPolicy(rawValue: name) else {
        throw json.error("unknown restart policy \(name)")
      }
      restart = policy
    } else if json.keyIs("restart_limit") {
      restartLimit = try json.unsigned()
    } else if json.keyIs("stop_signal") {
      stopSignal = try json.unsigned(upTo: 64)
    } else if json.keyIs("exec") {
      exec = try MonitorConfig.strings(&json)
    } else if json.keyIs("glass") {
      glass = try MonitorConfig.strings(&json)
    } else if json.keyIs("then") {
      then = try MonitorConfig.strings(&json)
    } else if json.keyIs("health") {
      health = try HealthCheck.read(&json)
    } else {
      try json.skip()
    }
  }

  static func strings(_ json: inout JSONReader) throws(ConfigError) -> [String] {
    var list = [String]()
    try json.beginArray()
    while try json.nextElement() { list.append(try json.string()) }
    return list
  }
}

extension HealthCheck {
  /// Writes it as an object.
  public func write(_ json: inout JSONWriter) {
    json.beginObject()
    json.member("command", command)
    json.member("interval_ns", intervalNs)
    json.member("timeout_ns", timeoutNs)
    json.member("start_ns", startNs)
    json.member("retries", retries)
    json.endObject()
  }

  /// Reads the object.
  ///
  /// - Throws: `ConfigError` naming the place that cannot be read.
  public static func read(_ json: inout JSONReader) throws(ConfigError) -> HealthCheck {
    var check = HealthCheck()
    try json.beginObject()
    while try json.nextKey() {
      if json.keyIs("command") {
        check.command = try MonitorConfig.strings(&json)
      } else if json.keyIs("interval_ns") {
        check.intervalNs = try json.unsigned()
      } else if json.keyIs("timeout_ns") {
        check.timeoutNs = try json.unsigned()
      } else if json.keyIs("start_ns") {
        check.startNs = try json.unsigned()
      } else if json.keyIs("retries") {
        check.retries = try json.unsigned()
      } else {
        try json.skip()
      }
    }
    return check
  }
}
