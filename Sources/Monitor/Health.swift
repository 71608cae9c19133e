internal import Linux

/// Health checks: a program run inside now and then, whose exit code tells.
extension Monitor {
  func beginHealth() {
    guard let check = config.health, !check.command.isEmpty else { return }
    life.health = "starting"
    life.failing = 0
    life.probes = []
    healthDue = Clock.now + check.intervalNs
    healthCounts = Clock.now + check.startNs
  }

  func endHealth() {
    // A check that still runs is killed with its owner.
    healthCheck = nil
    healthDue = nil
    closeHealth()
  }

  /// Begins the check that is due, or ends the one that takes too long.
  func checkHealth() {
    guard let config = config.health, let due = healthDue, Clock.now >= due else { return }
    if isChecking {
      readHealth()
      probe.code = -1
      probe.output =
        "Health check exceeded timeout (\(Monitor.seconds(config.timeoutNs)))"
        + (healthText.isEmpty ? "" : ": " + String(decoding: healthText, as: UTF8.self))
      return judge(config)
    }
    probe = HealthProbe()
    healthText = []
    do throws(SystemError) {
      let null = try File.open("/dev/null", .readOnly)
      let pipe = try Pipe.make()
      let output = Descriptor(owning: pipe.write)
      healthPipe = pipe.read
      try Descriptors.doNotWait(healthPipe)
      let words = ["drydock-runtime", "--root", self.config.runtimeRoot, "exec", self.config.id]
      healthCheck = try Child(
        self.config.runtime, words + config.command, input: null.raw, output: output.raw,
        error: output.raw)
      healthDue = Clock.now + config.timeoutNs
    } catch {
      probe.output = error.text
      judge(config)
    }
  }

  private var isChecking: Bool {
    switch healthCheck {
    case .none: false
    case .some: true
    }
  }

  /// `1.5s` of nanoseconds.
  private static func seconds(_ ns: UInt64) -> String {
    let tenths = ns / 100_000_000
    return tenths % 10 == 0 ? "\(tenths / 10)s" : "\(tenths / 10).\(tenths % 10)s"
  }

  /// Takes what the check has written: the beginning is kept, and the rest must not stop it.
  func readHealth() {
    while healthPipe >= 0 {
      let bytes: [UInt8]
      do throws(SystemError) {
        bytes = try File.readSome(healthPipe, 16 << 10)
      } catch {
        if error.errno != .again { closeHealth() }
        return
      }
      if bytes.isEmpty { return closeHealth() }
      healthText += bytes.prefix(HealthProbe.mostOutput - healthText.count)
    }
  }

  private func closeHealth() {
    if healthPipe >= 0 { Descriptors.close(healthPipe) }
    healthPipe = -1
  }

  /// A child that is not the container has ended: a check, or an orphan.
  func healthEnded(_ pid: Int32, _ status: ExitStatus) {
    guard let config = config.health, healthCheck?.pid == pid else { return }
    readHealth()
    probe.code = status.code
    probe.output = String(decoding: healthText, as: UTF8.self)
    judge(config)
  }

  private func judge(_ config: HealthCheck) {
    healthCheck = nil
    closeHealth()
    healthDue = Clock.now + config.intervalNs
    probe.endedNs = Clock.wall
    life.probes = life.probes.suffix(HealthProbe.most - 1) + [probe]
    if probe.code == 0 {
      life.health = "healthy"
      life.failing = 0
    } else if Clock.now >= healthCounts || life.health == "healthy" {
      life.failing += 1
      if life.failing >= max(1, config.retries) { life.health = "unhealthy" }
    }
    saveLife()
  }
}
