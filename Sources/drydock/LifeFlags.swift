import ArgumentParser
import Engine

/// How it ends, begins again, and is looked after.
struct LifeFlags: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "When it is started again.", valueName: "no|always|unless-stopped|on-failure[:n]"))
  var restart: String?

  @Option(help: "The signal that stop sends first.")
  var stopSignal: String?

  @Option(parsing: .unconditional, help: "Seconds until stop kills.")
  var stopTimeout: Int64?

  @Option(parsing: .unconditional, help: "A command that finds out whether it works.")
  var healthCmd: String?

  @Option(parsing: .unconditional, help: "Time between two of them, such as 30s.")
  var healthInterval: String?

  @Option(parsing: .unconditional, help: "How long one may take.")
  var healthTimeout: String?

  @Option(parsing: .unconditional, help: "How long failing does not count at the beginning.")
  var healthStartPeriod: String?

  @Option(parsing: .unconditional, help: "How often it must fail.")
  var healthRetries: Int64?

  @Flag(help: "Leave the image's health check out.")
  var noHealthcheck = false

  @Option(help: "Where its output is kept: json-file or none.")
  var logDriver: String?

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("max-size=10m, max-file=3.", valueName: "key=value"))
  var logOpt: [String] = []

  func apply(to options: inout RunOptions) {
    options.restart = restart
    options.stopSignal = stopSignal
    options.stopTimeout = stopTimeout
    options.health.command = healthCmd
    options.health.interval = healthInterval
    options.health.timeout = healthTimeout
    options.health.startPeriod = healthStartPeriod
    options.health.retries = healthRetries
    options.health.isOff = noHealthcheck
    options.logDriver = logDriver
    options.logOptions = logOpt
  }
}
