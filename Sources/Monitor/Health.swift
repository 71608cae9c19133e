internal import Linux

/// Health checks: a program run inside now and then, whose exit code tells.
extension Monitor {
  func beginHealth() {
    guard let check = config.health, !check.command.isEmpty else { return }
    life.health = "starting"
    life.failing = 0
    healthDue = Clock.now + check.intervalNs
    healthCounts = Clock.now + check.startNs
  }

  func endHealth() {
    // A check that still runs is killed with its owner.
    healthCheck = nil
    healthDue = nil
  }

  /// Begins the check that is due, or ends the one that takes too long.
  func checkHealth() {
    guard let config = config.health, let due = healthDue, Clock.now >= due else { return }
    if isChecking { return judge(config, isGood: false) }
    do throws(SystemError) {
      let null = try File.open("/dev/null", .readWrite)
      let words = ["drydock-runtime", "--root", self.config.runtimeRoot, "exec", self.config.id]
      healthCheck = try Child(
        self.config.runtime, words + config.command, input: null.raw, output: null.raw,
        error: null.raw)
      healthDue = Clock.now + config.timeoutNs
    } catch {
      judge(config, isGood: false)
    }
  }

  private var isChecking: Bool {
    switch healthCheck {
    case .none: false
    case .some: true
    }
  }

  /// A child that is not the container has ended: a check, or an orphan.
  func healthEnded(_ pid: Int32, _ status: ExitStatus) {
    guard let config = config.health, healthCheck?.pid == pid else { return }
    judge(config, isGood: status.code == 0)
  }

  private func judge(_ config: HealthCheck, isGood: Bool) {
    let before = life
    healthCheck = nil
    healthDue = Clock.now + config.intervalNs
    if isGood {
      life.health = "healthy"
      life.failing = 0
    } else if Clock.now >= healthCounts || life.health == "healthy" {
      life.failing += 1
      if life.failing >= max(1, config.retries) { life.health = "unhealthy" }
    }
    if life != before { saveLife() }
  }
}
