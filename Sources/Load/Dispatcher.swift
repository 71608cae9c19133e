internal import CLinux
internal import Linux

/// Forks the workers, watches them, ends them.
///
/// Workers are forked in passes (cpu, io, vm, hdd, the others, again), so that a failing kind shows early;
/// each waits backoff × the workers then remaining before it starts, so that it does not slow
/// down the forking. All of them are in one process group of their own, and the kernel kills them
/// when the dispatcher dies (PR_SET_PDEATHSIG). At the timeout they get SIGALRM; when one of them
/// fails, the others get SIGUSR1; these two ends are normal.
///
/// Every signal is blocked in the dispatcher and read from a signalfd. So none is lost, none runs
/// code at a bad moment, and as process 1 of a container, for which the kernel drops signals that
/// have their default action, SIGTERM and SIGINT still end the run.
struct Dispatcher: ~Copyable {
  let plan: Plan
  let journal: Journal
  private(set) var workers: [WorkerRecord] = []
  private(set) var errors = 0
  /// Set by SIGINT, SIGTERM and their like.
  private(set) var stopSignal: Int32?
  private(set) var timedOut = false

  private let startNs = lx_now_ns()
  private let slots: Slots
  private let signals: Descriptor
  private var alive = 0
  private var group: Int32 = 0
  private var stragglersDieAtNs: UInt64?
  private var killed = false
  private var nextSampleNs: UInt64?
  /// The sample before, of each kind.
  private var lastSamples: [Options.Kind: Sample] = [:]
  /// Where samples go as JSON; -1 for nowhere.
  private let output: Int32

  /// Prepares a run.
  ///
  /// - Throws: `SystemError` when the counters or the signalfd cannot be had.
  init(_ plan: Plan, _ journal: Journal, samplesTo output: Int32) throws(SystemError) {
    let timed = Options.Kind.allCases.contains { plan.count($0) > 0 && plan.isTimed($0) }
    let slots = try Slots(count: plan.total, timed: timed)
    var saved: UInt64 = 0
    let signals = try check(unsafe lx_signalfd_all(&saved), "signalfd(2)", "all signals")
    self.plan = plan
    self.output = output
    self.journal = journal
    self.slots = slots
    self.signals = Descriptor(owning: Int32(signals))
    if let interval = plan.options.interval { nextSampleNs = startNs + interval }
  }

  /// Nanoseconds since the start.
  var elapsedNs: UInt64 { lx_now_ns() - startNs }

  /// Runs the plan until every worker has ended.
  mutating func run() {
    let counts = Options.Kind.allCases.filter { $0.isClassic || plan.count($0) > 0 }
      .map { "\(plan.count($0)) \($0.name)" }
    journal.info("dispatching hogs: " + counts.joined(separator: ", "))
    dispatch()
    while true {
      reap()
      if alive == 0 { return }
      endWhatIsOver()
      sampleWhenDue()
      waitForSignal(timeoutMs: nextEventMs())
    }
  }

  // MARK: forking

  private mutating func dispatch() {
    var remaining = plan.workers
    while remaining.contains(where: { $0 > 0 }) {
      let left = remaining.reduce(0, +)
      let (product, over) = plan.options.backoffMicroseconds.multipliedReportingOverflow(by: left)
      let backoff = over ? Int64.max : product
      journal.debug("using backoff sleep of \(backoff)us")
      if let timeout = plan.options.timeout {
        let rest = timeout - Int64(elapsedNs / 1_000_000_000)
        guard rest > 0 else {
          journal.warn("used up time before all workers dispatched")
          return
        }
        journal.debug("setting timeout to \(rest)s")
      }
      for kind in Options.Kind.allCases where remaining[kind.rawValue] > 0 {
        let number = remaining[kind.rawValue]
        guard fork(kind, number, backoff) else { return }
        remaining[kind.rawValue] -= 1
      }
      waitForSignal(timeoutMs: 0)
      if stopSignal != nil { return }
    }
  }

  /// Forks one worker; false when the kernel has no more processes for us.
  private mutating func fork(_ kind: Options.Kind, _ number: Int64, _ backoff: Int64) -> Bool {
    let slot = slots[workers.count]
    let parent = lx_getpid()
    let pid = lx_fork()
    if pid == 0 { work(kind, slot, backoff, parent) }
    guard pid > 0 else {
      // The classic tool tries the rest in vain, and prints this line for each.
      journal.fail("fork failed: \(Errno(Int32(-pid)).strerror)")
      errors += 1
      reapOthers()
      return false
    }
    // Done by both sides, so that it is done whichever runs first.
    if group == 0 { group = Int32(pid) }
    _ = lx_setpgid(Int32(pid), group)
    journal.debug("--> hog\(kind.name) worker \(number) [\(pid)] forked")
    alive += 1
    workers.append(
      WorkerRecord(kind: kind, number: number, pid: Int32(pid), slot: slot, startNs: elapsedNs))
    return true
  }

  /// The child: never returns.
  private func work(
    _ kind: Options.Kind, _ slot: Slot, _ backoff: Int64, _ parent: Int
  ) -> Never {
    lx_signals_default()
    _ = lx_prctl(1 /* PR_SET_PDEATHSIG */, 9, 0, 0, 0)
    // The parent died before the line above.
    if lx_getppid() != parent { lx_exit(1) }
    if lx_setpgid(0, group) < 0 { _ = lx_setpgid(0, 0) }
    _ = lx_close(signals.raw)
    let (nanoseconds, over) = UInt64(backoff).multipliedReportingOverflow(by: 1000)
    _ = lx_sleep_ns(over ? 1 << 62 : nanoseconds)
    if plan.options.dryRun { lx_exit(0) }
    let worker = Worker(
      kind: kind, options: plan.options, vmBytes: plan.vmBytes, journal: journal, slot: slot)
    lx_exit(worker.run())
  }

  // MARK: watching

  /// Collects every worker that has ended.
  ///
  /// As process 1 of a container this may meet orphans that are no workers: they are collected
  /// and forgotten.
  private mutating func reap() {
    while true {
      var (status, user, system, rss): (Int32, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
      let pid = unsafe lx_wait4(-1, &status, 1 /* WNOHANG */, &user, &system, &rss)
      guard pid > 0 else { return }
      guard let index = workers.firstIndex(where: { $0.pid == pid && $0.ending == nil }) else {
        continue
      }
      alive -= 1
      workers[index].endNs = elapsedNs
      let began = workers[index].slot.beganNs
      if began > startNs { workers[index].startNs = began - startNs }
      workers[index].userUs = user
      workers[index].systemUs = system
      workers[index].rssMaxKiB = rss
      workers[index].ending = judge(Int32(pid), status)
    }
  }

  /// Says how a worker ended, and whether that is an error.
  private mutating func judge(_ pid: Int32, _ status: Int32) -> WorkerRecord.Ending {
    if lx_status_exited(status) != 0 {
      let code = lx_status_code(status)
      if code == 0 {
        journal.debug("<-- worker \(pid) returned normally")
        return .returned
      }
      journal.fail("<-- worker \(pid) returned error \(code)")
      errors += 1
      reapOthers()
      return .error(code)
    }
    let signal = lx_status_signal(status)
    switch signal {
    case 14: journal.debug("<-- worker \(pid) signalled normally")
    case 10: journal.debug("<-- worker \(pid) reaped")
    case 9 where killed: journal.debug("<-- worker \(pid) killed")
    default:
      journal.fail("<-- worker \(pid) got signal \(signal)")
      errors += 1
      reapOthers()
    }
    return .signal(signal)
  }

  // MARK: ending

  private mutating func endWhatIsOver() {
    if stopSignal != nil, !killed { stop() }
    if let timeout = plan.options.timeout, !timedOut, elapsedNs >= seconds(timeout) {
      timedOut = true
      signalAll(14)
    }
    if let deadline = stragglersDieAtNs, lx_now_ns() >= deadline { killAll() }
  }

  private mutating func reapOthers() {
    if stopSignal != nil { return }
    journal.warn("now reaping child worker processes")
    signalAll(10)
  }

  /// Asks every worker to end, also a stopped one; what is alive two seconds later is killed.
  private mutating func signalAll(_ signal: Int32) {
    for worker in workers where worker.ending == nil {
      _ = lx_kill(worker.pid, signal)
      _ = lx_kill(worker.pid, 18 /* SIGCONT */)
    }
    if stragglersDieAtNs == nil, !killed { stragglersDieAtNs = lx_now_ns() + 2_000_000_000 }
  }

  /// Ends every worker at once, but those that have a file with a name now and then: they end as at
  /// the timeout, when it is gone, or are killed two seconds later.
  private mutating func stop() {
    for worker in workers where worker.ending == nil {
      let isTidy = worker.kind == .file || worker.kind == .hdd
      _ = lx_kill(worker.pid, isTidy ? 14 : 9)
      if isTidy { _ = lx_kill(worker.pid, 18) }
    }
    killed = true
    stragglersDieAtNs = stragglersDieAtNs ?? lx_now_ns() + 2_000_000_000
  }

  private mutating func killAll() {
    killed = true
    stragglersDieAtNs = nil
    for worker in workers where worker.ending == nil { _ = lx_kill(worker.pid, 9) }
  }

  private func seconds(_ count: Int64) -> UInt64 {
    let (nanoseconds, over) = UInt64(count).multipliedReportingOverflow(by: 1_000_000_000)
    return over ? .max : nanoseconds
  }

  // MARK: signals and time

  /// Milliseconds until the next thing to do, -1 for nothing but signals.
  private func nextEventMs() -> Int32 {
    var next = UInt64.max
    let now = lx_now_ns()
    if let timeout = plan.options.timeout, !timedOut {
      let (deadline, over) = startNs.addingReportingOverflow(seconds(timeout))
      if !over { next = deadline }
    }
    if let deadline = stragglersDieAtNs { next = min(next, deadline) }
    if let sample = nextSampleNs { next = min(next, sample) }
    if next == .max { return -1 }
    if next <= now { return 0 }
    // Rounded up, or the last millisecond would be a busy loop.
    return Int32(min((next - now + 999_999) / 1_000_000, 1_000_000))
  }

  private mutating func waitForSignal(timeoutMs: Int32) {
    var ready: UInt64 = 0
    var fd = signals.raw
    var wait = timeoutMs
    while unsafe lx_poll_in(&fd, 1, wait, &ready) > 0 {
      take(Int32(lx_signalfd_read(fd)))
      wait = 0
    }
  }

  private mutating func take(_ signal: Int32) {
    switch signal {
    case 1, 2, 3, 10, 12, 13, 14, 15:  // HUP INT QUIT USR1 USR2 PIPE ALRM TERM
      // nohup and a shell's background jobs: whoever started us wanted it ignored.
      if lx_signal_ignored(signal) == 0 { stopSignal = stopSignal ?? signal }
    case 20:  // TSTP: Ctrl-Z stops the load too
      for worker in workers where worker.ending == nil { _ = lx_kill(worker.pid, 19) }
      _ = lx_kill(Int32(lx_getpid()), 19)
      for worker in workers where worker.ending == nil { _ = lx_kill(worker.pid, 18) }
    default: break  // CHLD is answered by the caller's reap; the rest does not end a program
    }
  }

  // MARK: samples

  private mutating func sampleWhenDue() {
    guard let interval = plan.options.interval, let due = nextSampleNs else { return }
    let now = lx_now_ns()
    guard now >= due else { return }
    nextSampleNs = due + ((now - due) / interval + 1) * interval
    for kind in Options.Kind.allCases where plan.count(kind) > 0 {
      let sample = Sample(kind, workers, atNs: elapsedNs, lastSamples[kind])
      lastSamples[kind] = sample
      journal.info(sample.text(plan.limits))
      guard output >= 0, !journal.raw(MetricsJSON.line(sample, plan.limits), to: output) else {
        continue
      }
      journal.fail("cannot write the JSON to \(plan.options.metricsJSON ?? "-")")
      errors += 1
      reapOthers()
      nextSampleNs = nil
    }
  }
}
