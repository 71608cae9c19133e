import ArgumentParser
import Engine

/// How long it lives, and what is kept of it.
struct LifeFlags: ParsableArguments {
  @Option(
    help: ArgumentHelp("no, always, unless-stopped or on-failure[:max].", valueName: "policy"))
  var restart: String?

  @Option(help: "The signal that stop sends.")
  var stopSignal: String?

  @Option(help: "Seconds until stop sends SIGKILL.")
  var stopTimeout: Int64?

  @Option(help: "json-file or none.")
  var logDriver: String?

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("max-size and max-file.", valueName: "key=value"))
  var logOpt: [String] = []

  @Option(
    name: [.customShort("l", allowingJoined: true), .customLong("label")],
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("Say something about it.", valueName: "key=value"))
  var label: [String] = []

  @Option(parsing: .unconditional, help: "A shell command that tells whether it works.")
  var healthCmd: String?

  @Option(help: "Time between two checks, such as 30s.")
  var healthInterval: String?

  @Option(help: "A check that takes longer has failed.")
  var healthTimeout: String?

  @Option(help: "Failures before that do not count.")
  var healthStartPeriod: String?

  @Option(help: "So many failures in a row make it unhealthy.")
  var healthRetries: Int64?

  @Flag(help: "None of the image's checks.")
  var noHealthcheck = false

  func apply(to options: inout RunOptions) {
    options.restart = restart
    options.stopSignal = stopSignal
    options.stopTimeout = stopTimeout
    options.logDriver = logDriver
    options.logOptions = logOpt
    options.labels = label
    options.health.command = healthCmd
    options.health.interval = healthInterval
    options.health.timeout = healthTimeout
    options.health.startPeriod = healthStartPeriod
    options.health.retries = healthRetries
    options.health.isOff = noHealthcheck
  }
}
