import Linux
import Monitor

/// Options about a container's life against each other, before anything is made.
enum LifeRules {
  static func check(_ options: RunOptions) throws(EngineError) {
    let restart = try Restart(options.restart ?? "no")
    guard restart.policy == .no || !options.removeOnExit else {
      throw EngineError("Conflicting options: --restart and --rm")
    }
    for stream in options.attach
    where !["stdin", "stdout", "stderr"].contains(stream.lowercased()) {
      throw EngineError(
        "invalid argument \"\(stream)\" for \"-a, --attach\" flag: valid streams are STDIN, STDOUT"
          + " and STDERR")
    }
    guard options.attach.isEmpty || !options.isDetached else {
      throw EngineError("Conflicting options: -a and -d")
    }
    if let signal = options.stopSignal {
      guard let number = Signal.number(signal), number > 0 else {
        throw EngineError(
          "Invalid signal: \(signal)", hint: "A number, or a name such as TERM; see signal(7).")
      }
    }
    _ = try LogOptions(driver: options.logDriver, options: options.logOptions)
    try checkHealth(options.health)
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
      guard !text.hasPrefix("-") else { throw EngineError("--health-\(name) cannot be negative") }
      let span = try Amount.nanoseconds(text)
      guard span == 0 || span >= 1_000_000 else {
        throw EngineError("\(name) in Healthcheck cannot be less than 1ms")
      }
    }
    if let retries = health.retries, retries < 0 {
      throw EngineError("--health-retries cannot be negative")
    }
  }
}
