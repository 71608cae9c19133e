import Images
import Linux
import Monitor

/// `--restart`: when a container that ended is started again.
struct Restart: Equatable, Sendable {
  var policy = RestartPolicy.no
  /// Of `on-failure`; 0 for no limit.
  var limit: UInt64 = 0

  /// Never.
  init() {}

  /// Reads `no`, `always`, `unless-stopped`, `on-failure[:N]`.
  ///
  /// - Throws: `EngineError` in Docker's words.
  init(_ text: String) throws(EngineError) {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard let name = parts.first, let policy = RestartPolicy(rawValue: String(name)) else {
      throw EngineError(
        "invalid restart policy '\(text)'",
        hint: "no, always, unless-stopped, on-failure or on-failure:N.")
    }
    self.policy = policy
    guard parts.count > 1 else { return }
    guard policy == .onFailure else {
      throw EngineError("maximum retry count cannot be used with restart policy '\(name)'")
    }
    guard let limit = UInt64(parts[1]) else {
      throw EngineError("maximum retry count must be an integer: '\(parts[1])'")
    }
    self.limit = limit
  }

  /// As it is typed.
  var text: String { policy.rawValue + (limit > 0 ? ":\(limit)" : "") }
}

/// `--log-driver` and `--log-opt`: what becomes of a detached container's output.
struct LogOptions: Equatable, Sendable {
  /// `json-file` or `none`.
  var driver = "json-file"
  /// `max-size`: where a new file begins; 0 for never.
  var maxBytes: UInt64 = 0
  /// `max-file`: how many are kept.
  var maxFiles: UInt64 = 1

  /// Docker's defaults.
  init() {}

  /// Reads the flags.
  ///
  /// - Throws: `EngineError` in Docker's words.
  init(driver: String?, options: [String]) throws(EngineError) {
    self.driver = driver ?? "json-file"
    guard ["json-file", "none"].contains(self.driver) else {
      throw EngineError(
        "error looking up logging plugin \(self.driver): plugin \"\(self.driver)\" not found",
        hint: "There are json-file and none.")
    }
    for option in options {
      let pair = option.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let value = pair.count > 1 ? String(pair[1]) : ""
      switch pair[0] {
      case "max-size":
        let bytes = try Amount.bytes(value)
        guard bytes > 0 else { throw EngineError("invalid max-size: \(value)") }
        maxBytes = UInt64(bytes)
      case "max-file":
        guard let count = UInt64(value), count > 0, count <= 1000 else {
          throw EngineError("invalid max-file: \(value)", hint: "How many files, from 1.")
        }
        maxFiles = count
      default:
        throw EngineError(
          "unknown log opt '\(pair[0])' for \(self.driver) log driver",
          hint: "There are max-size and max-file.")
      }
    }
    guard maxFiles == 1 || maxBytes > 0 else {
      throw EngineError("max-file cannot be used without max-size: the log would never rotate")
    }
  }
}

extension HealthCheck {
  /// What the flags ask for, else the image; nil for nothing.
  ///
  /// - Throws: `EngineError` for a time that cannot be read.
  init?(_ options: HealthOptions, of image: ImageSettings.Health?) throws(EngineError) {
    guard !options.isOff else { return nil }
    self.init()
    if let image {
      switch image.test.first {
      case "CMD": command = Array(image.test.dropFirst())
      case "CMD-SHELL": command = ["/bin/sh", "-c"] + image.test.dropFirst()
      default: break
      }
      if image.intervalNs > 0 { intervalNs = UInt64(image.intervalNs) }
      if image.timeoutNs > 0 { timeoutNs = UInt64(image.timeoutNs) }
      if image.startPeriodNs > 0 { startNs = UInt64(image.startPeriodNs) }
      if image.retries > 0 { retries = UInt64(image.retries) }
    }
    if let line = options.command, !line.isEmpty { command = ["/bin/sh", "-c", line] }
    guard !command.isEmpty else { return nil }
    if let text = options.interval { intervalNs = try Amount.nanoseconds(text) }
    if let text = options.timeout { timeoutNs = try Amount.nanoseconds(text) }
    if let text = options.startPeriod { startNs = try Amount.nanoseconds(text) }
    if let count = options.retries { retries = UInt64(max(0, count)) }
    if intervalNs == 0 { intervalNs = 30_000_000_000 }
    if timeoutNs == 0 { timeoutNs = 30_000_000_000 }
  }
}

extension Amount {
  /// Reads a time as Go does: `1m30s`, `500ms`, `2h`; without a unit seconds.
  ///
  /// - Throws: `EngineError` naming it.
  static func nanoseconds(_ text: String) throws(EngineError) -> UInt64 {
    let invalid = EngineError("invalid duration \"\(text)\"", hint: "Such as 30s, 500ms or 1m30s.")
    let units: [(String, Double)] = [
      ("ns", 1), ("us", 1e3), ("µs", 1e3), ("ms", 1e6), ("h", 3.6e12), ("m", 6e10), ("s", 1e9),
    ]
    if let seconds = Double(text), seconds >= 0, seconds < 1e9 { return UInt64(seconds * 1e9) }
    var total = 0.0
    var rest = text[...]
    while !rest.isEmpty {
      let digits = rest.prefix { $0.isNumber || $0 == "." }
      rest = rest.dropFirst(digits.count)
      guard let value = Double(digits), let unit = units.first(where: { rest.hasPrefix($0.0) })
      else { throw invalid }
      rest = rest.dropFirst(unit.0.count)
      total += value * unit.1
    }
    guard !text.isEmpty, total >= 0, total < 9e18 else { throw invalid }
    return UInt64(total)
  }
}

extension Record {
  /// What the flags say of its life, and the image where they do not.
  ///
  /// - Throws: `EngineError` for a value that cannot be used.
  mutating func take(_ options: RunOptions, of image: ImageSettings) throws(EngineError) {
    removeOnExit = options.removeOnExit
    terminal = options.tty
    input = options.interactive
    inputOnce = options.interactive && !options.isDetached
    labels = try KeyFiles.labels(options).map { "\($0.key)=\($0.value)" }.sorted()
    restart = try Restart(options.restart ?? "no")
    guard !removeOnExit || restart.policy == .no else {
      throw EngineError("Conflicting options: --restart and --rm")
    }
    if let text = options.stopSignal ?? image.stopSignal {
      guard let number = Signal.number(text), number > 0 else {
        throw EngineError("Invalid signal: \(text)", hint: "See signal(7).")
      }
      stopSignal = number
    }
    if let seconds = options.stopTimeout { stopTimeout = seconds }
    log = try LogOptions(driver: options.logDriver, options: options.logOptions)
    health = try HealthCheck(options.health, of: image.health)
    asked = AskedFlags(options)
  }
}
