import Linux

/// `--restart`: what happens when the program has ended by itself.
public enum RestartPolicy: Equatable, Sendable {
  /// Nothing.
  case no
  /// It is started again, after a reboot too, until somebody stops it.
  case always
  /// The same, but one that was stopped stays so after a reboot.
  case unlessStopped
  /// Only after a failure, so many times; 0 is without end.
  case onFailure(most: Int)

  /// Reads it.
  ///
  /// - Throws: `EngineError` in Docker's words.
  public init(_ text: String) throws(EngineError) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    let invalid = EngineError(
      "invalid restart policy '\(text)'",
      hint: "no, always, unless-stopped, on-failure or on-failure:3.")
    guard parts.count <= 2 else { throw EngineError("invalid restart policy format") }
    switch parts[0] {
    case "", "no": self = .no
    case "always": self = .always
    case "unless-stopped": self = .unlessStopped
    case "on-failure":
      guard parts.count == 2 else {
        self = .onFailure(most: 0)
        return
      }
      guard let most = Int(parts[1]) else {
        throw EngineError("maximum retry count must be an integer")
      }
      guard most >= 0 else { throw EngineError("maximum retry count cannot be negative") }
      self = .onFailure(most: most)
      return
    default: throw invalid
    }
    guard parts.count == 1 else {
      throw EngineError(
        "maximum retry count cannot be used with restart policy '\(parts[0])'")
    }
  }
}

/// Options about a container's life: read and checked here, kept by the monitor.
enum LifeOptions {
  static func check(_ options: RunOptions) throws(EngineError) {
    let policy = try RestartPolicy(options.restart ?? "no")
    guard policy == .no || !options.removeOnExit else {
      throw EngineError("Conflicting options: --restart and --rm")
    }
    for stream in options.attach
    where !["stdin", "stdout", "stderr"].contains(stream.lowercased()) {
      throw EngineError(
        "invalid argument \"\(stream)\" for \"-a, --attach\" flag: valid streams are STDIN, STDOUT"
          + " and STDERR")
    }
    if let signal = options.stopSignal {
      guard let number = Signal.number(signal), number > 0 else {
        throw EngineError(
          "Invalid signal: \(signal)", hint: "A number, or a name such as TERM; see signal(7).")
      }
    }
    try checkLog(options)
    try checkHealth(options.health)
  }

  private static func checkLog(_ options: RunOptions) throws(EngineError) {
    let driver = options.logDriver ?? "json-file"
    guard driver == "json-file" || driver == "none" else {
      throw EngineError(
        "logger: no log driver named '\(driver)' is registered",
        hint: "There are json-file and none.")
    }
    for option in options.logOptions {
      let pair = option.split(separator: "=", maxSplits: 1).map { String($0) }
      guard pair.count == 2 else { throw EngineError("invalid logging opts format: \(option)") }
      guard driver == "json-file", pair[0] == "max-size" || pair[0] == "max-file" else {
        throw EngineError(
          "unknown log opt '\(pair[0])' for \(driver) log driver",
          hint: "json-file has max-size and max-file.")
      }
      if pair[0] == "max-size" {
        guard try Amount.bytes(pair[1]) > 0 else {
          throw EngineError("invalid max-size: \(pair[1])")
        }
      } else if !((Int(pair[1]) ?? 0) > 0) {
        throw EngineError("max-file cannot be less than 1")
      }
    }
  }

  private static func checkHealth(_ health: HealthOptions) throws(EngineError) {
    if health.isOff {
      var others = health
      others.isOff = false
      guard others == HealthOptions() else {
        throw EngineError("--no-healthcheck conflicts with --health-* options")
      }
    }
    for (name, text) in [
      ("interval", health.interval), ("timeout", health.timeout),
      ("start-period", health.startPeriod),
    ] {
      guard let text else { continue }
      let span = try Amount.nanoseconds(text, flag: "--health-\(name)")
      guard span >= 0 else { throw EngineError("--health-\(name) cannot be negative") }
      guard span == 0 || span >= 1_000_000 else {
        throw EngineError("\(name) in Healthcheck cannot be less than 1ms")
      }
    }
    if let retries = health.retries, retries < 0 {
      throw EngineError("--health-retries cannot be negative")
    }
  }
}

extension Amount {
  /// Nanoseconds of `1m30s`, `1.5h`, `100ms`: spans as Go's time.ParseDuration reads them.
  ///
  /// - Parameters:
  ///   - text: numbers, each with a unit.
  ///   - flag: whose value it is, for the message.
  /// - Returns: nanoseconds, negative after a minus.
  /// - Throws: `EngineError` in Docker's words.
  public static func nanoseconds(_ text: String, flag: String) throws(EngineError) -> Int64 {
    let invalid = EngineError(
      "invalid argument \"\(text)\" for \"\(flag)\" flag: time: invalid duration \"\(text)\"",
      hint: "Numbers with h, m, s or ms, such as 1m30s.")
    let units: [(String, Double)] = [
      ("ns", 1), ("us", 1e3), ("µs", 1e3), ("ms", 1e6), ("h", 3.6e12), ("m", 6e10), ("s", 1e9),
    ]
    var rest = text.hasPrefix("-") ? text.dropFirst() : text[...]
    if rest == "0" { return 0 }
    guard !rest.isEmpty else { throw invalid }
    var total = 0.0
    while !rest.isEmpty {
      let digits = rest.prefix { $0.isASCII && $0.isNumber || $0 == "." }
      rest = rest.dropFirst(digits.count)
      guard let number = decimal(digits), let unit = units.first(where: { rest.hasPrefix($0.0) })
      else { throw invalid }
      rest = rest.dropFirst(unit.0.count)
      total += number * unit.1
    }
    guard total < 0x1p63 else { throw invalid }
    return Int64(text.hasPrefix("-") ? -total : total)
  }
}
