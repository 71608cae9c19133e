import Testing

@testable import Measure

@Suite struct ExperimentTests {
  /// A /proc where nothing is ever stolen, so that a busy host cannot change a result.
  private let quiet: FixtureDirectory
  private var sampler: Sampler { Sampler(proc: quiet.path) }

  init() throws {
    quiet = try FixtureDirectory("quiet")
    try quiet.write("stat", "cpu0 0 0 0 0 0 0 0 0\nctxt 1\n")
  }

  private func experiment(_ arms: [Arm], rounds: Int = 11) -> Experiment {
    var experiment = Experiment(
      id: "test", title: Bilingual("test"), sentence: Bilingual("test"), unit: .milliseconds,
      arms: arms, floor: arms.last?.label.name, command: "true", caveat: Bilingual("none"))
    experiment.rounds = rounds
    experiment.canaryMilliseconds = 0.01
    return experiment
  }

  /// An arm that needs no machine, with numbers around its usual one.
  private func arm(_ name: String, _ usual: Double) -> Arm {
    var random = SeededRandom(seed: 5)
    return Arm(name, assertion: { nil }) { () throws(ExperimentError) in
      Measurement(usual * (1 + Double(random.below(100)) / 50_000), cpuNanoseconds: 1000)
    }
  }

  @Test func everyRoundRunsEveryArmOnceAndTheFirstTwice() throws {
    let result = try experiment([arm("a", 2), arm("b", 1)]).run(seed: 3, sampler: sampler)
    #expect(result.kept.count == 11)
    for round in result.rounds {
      #expect(round.samples.map(\.arm).sorted() == ["a", "a′", "b"])
      #expect(round.samples.map(\.position) == [0, 1, 2])
    }
    let orders = result.rounds.map { $0.samples.map(\.arm) }
    #expect(Set(orders).count > 1, "the order is drawn afresh")
    let again = try experiment([arm("a", 2), arm("b", 1)]).run(seed: 3, sampler: sampler)
    #expect(again.rounds.map { $0.samples.map(\.arm) } == orders, "by the seed alone")
  }

  @Test func summaryComparesWithinRounds() throws {
    let summary = ExperimentSummary(
      try experiment([arm("a", 2), arm("b", 1)]).run(seed: 3, sampler: sampler))
    #expect(summary.arms.map(\.arm.name) == ["a", "b"], "the twin is no row of its own")
    #expect(abs((summary.arms[0].overFloor?.middle ?? 0) - 2) < 0.01)
    #expect(summary.arms[1].comparison == .worse, "a takes twice as long as b")
    #expect((summary.noise ?? 1) < 0.01)
    #expect(summary.arms[0].p90 == nil, "eleven numbers have no p90")
    #expect(summary.arms[0].cpuNanoseconds == 1000)
  }

  @Test func aPeerThatFailsIsLeftOutAndNamed() throws {
    var calls = 0
    var peer = Arm("peer", assertion: { nil }) { () throws(ExperimentError) in
      calls += 1
      if calls > 4 { throw ExperimentError("peer: exit code 1") }
      return Measurement(1)
    }
    peer.mayFail = true
    let result = try experiment([arm("a", 2), peer]).run(seed: 3, sampler: sampler)
    #expect(result.kept.count == 11)
    #expect(result.values("peer").count == 3, "one call was the warm-up's")
    #expect(result.missing == [Missing("peer", Bilingual("peer: exit code 1"))])
    peer.mayFail = false
    calls = 0
    #expect(throws: ExperimentError("peer: exit code 1")) {
      try experiment([arm("a", 2), peer]).run(seed: 3, sampler: sampler)
    }
  }

  @Test func anInterruptDropsTheRoundItCutsShort() throws {
    var asked = 0
    func isInterrupted() -> Bool {
      asked += 1
      return asked > 20
    }
    let result = try experiment([arm("a", 2), arm("b", 1)]).run(
      seed: 3, sampler: sampler, isInterrupted: isInterrupted)
    #expect(result.kept.count == 4, "20 answers: 3 for the warm-up, 4 a round and its end")
    #expect(result.rounds.allSatisfy { $0.samples.count == 3 })
  }

  @Test func roundsEndWhenThereIsNoTimeForMore() throws {
    let result = try experiment([arm("a", 2), arm("b", 1)]).run(
      seed: 3, sampler: sampler, goesOn: { $0.kept < 7 })
    #expect(result.kept.count == 7)
  }

  @Test func facetsAreViewsOfTheSameRounds() throws {
    var own = experiment([
      Arm("a", assertion: { nil }) { () throws(ExperimentError) in
        Measurement(2, facets: ["stalls": 5])
      },
      Arm("b", assertion: { nil }) { () throws(ExperimentError) in Measurement(1) },
    ])
    own.facets = [Facet("stalls", title: Bilingual("stalls"), unit: .count)]
    let views = try own.run(seed: 3, sampler: sampler).views
    #expect(views.map(\.id) == ["test", "test/stalls"])
    #expect(views[1].unit == .count)
    #expect(views[1].values("a") == Array(repeating: 5, count: 11))
    #expect(views[1].values("b").isEmpty, "b has no such figure")
  }

  @Test func failedAssertionsVoidTheNumber() throws {
    var bad = arm("b", 1)
    bad.assertion = { "the filter was not loaded" }
    let result = try experiment([arm("a", 2), bad]).run(seed: 3, sampler: sampler)
    #expect(result.values("b").isEmpty)
    #expect(
      result.rounds[0].samples.contains { $0.failedAssertions == ["the filter was not loaded"] })
    let summary = ExperimentSummary(result)
    #expect(summary.voided == 11)
    #expect(summary.arms[1].here == nil)
    #expect(summary.arms[1].comparison == nil)
    #expect(summary.trust != .A && summary.trust != .B)
  }

  @Test func aNumberThatIsNoneIsVoidToo() throws {
    let broken = Arm("b", assertion: { nil }) { () throws(ExperimentError) in Measurement(.nan) }
    let result = try experiment([arm("a", 2), broken], rounds: 1).run(seed: 3, sampler: sampler)
    #expect(result.values("b").isEmpty)
  }

  /// A /proc whose steal grows while some rounds run.
  @Test func stolenRoundsRunAgainAndAreKept() throws {
    let proc = try FixtureDirectory("steal")
    var calls = 0
    func write(_ steal: Int) throws {
      try proc.write("stat", "cpu0 0 0 0 0 0 0 0 \(steal)\nctxt 1\n")
    }
    try write(0)
    let arm = Arm("a", assertion: { nil }) { () throws(ExperimentError) in
      calls += 1
      // Rounds last 110 ms, eleven ticks. The second recorded round loses four of them.
      Stopwatch.sleep(milliseconds: 55)
      do {
        if calls == 5 { try write(4) }
      } catch {
        throw ExperimentError("\(error)")
      }
      return Measurement(1)
    }
    let result = try experiment([arm], rounds: 3).run(
      seed: 1, sampler: Sampler(proc: proc.path))
    #expect(result.kept.count == 3)
    let discards = result.rounds.filter { $0.discarded != nil }
    #expect(discards.map(\.number) == [2])
    #expect(discards.first?.discarded?.kind == .steal)
    #expect(discards.first?.samples.count == 2, "its samples are still there")
  }

  @Test func shortRoundsAreJudgedOverATenthOfASecond() {
    func snapshot(_ milliseconds: UInt64, steal: UInt64) -> Snapshot {
      var ticks = CPUTicks()
      ticks.steal = steal
      var stat = ProcStat(parsing: "")
      stat.cpus[0] = ticks
      return Snapshot(nanoseconds: milliseconds * 1_000_000, stat: stat)
    }
    let starts = [snapshot(0, steal: 0), snapshot(50, steal: 0), snapshot(170, steal: 0)]
    // One stolen tick in the last round of 30 ms would be a third; since 50 ms it is a fifteenth.
    let steal = Experiment.steal(since: starts, until: snapshot(200, steal: 1))
    #expect(abs(steal - 10.0 / 150) < 1e-9)
  }

  @Test func errorsStopIt() {
    let failing = Arm("a", assertion: { nil }) { () throws(ExperimentError) in
      throw ExperimentError("crun is not installed")
    }
    #expect(throws: ExperimentError("crun is not installed")) {
      try experiment([failing]).run(seed: 1, sampler: sampler)
    }
    #expect(throws: ExperimentError.self) { try experiment([]).run(seed: 1, sampler: sampler) }
  }
}

@Suite struct TimelineTests {
  private func snapshot(
    _ milliseconds: UInt64, usage: UInt64 = 0, throttled: UInt64 = 0, memory: UInt64 = 0,
    kills: UInt64 = 0
  ) -> Snapshot {
    var counters = CgroupCounters()
    counters.usageNanoseconds = usage
    counters.throttling = Throttling(
      periods: milliseconds / 100, throttledPeriods: throttled, throttledNanoseconds: 0)
    counters.memory = MemoryCounters(
      bytes: memory, peakBytes: 64, limitBytes: 64, limitHits: nil, oomKills: kills)
    return Snapshot(
      nanoseconds: milliseconds * 1_000_000, stat: ProcStat(parsing: ""), cgroup: counters)
  }

  @Test func throttling() {
    let timeline = ThrottlingTimeline(
      title: Bilingual("t"), limit: 0.5,
      snapshots: [
        snapshot(0), snapshot(200, usage: 100_000_000, throttled: 2),
        snapshot(400, usage: 200_000_000, throttled: 3),
      ], command: "c")
    #expect(timeline.points.map(\.cpus) == [0.5, 0.5])
    #expect(timeline.points.map(\.throttledPeriods) == [2, 1])
    #expect(timeline.points.map(\.periods) == [2, 2])
    #expect(timeline.points.map(\.milliseconds) == [200, 400])
  }

  @Test func memoryKeepsWhatWasReadLast() {
    var gone = snapshot(30)
    gone.cgroup = CgroupCounters()
    let timeline = MemoryTimeline(
      title: Bilingual("m"),
      snapshots: [snapshot(0, memory: 8), snapshot(10, memory: 60), snapshot(20, kills: 1), gone],
      command: "c")
    #expect(timeline.points.map(\.bytes) == [8, 60, 0])
    #expect(timeline.limitBytes == 64 && timeline.peakBytes == 64)
    #expect(timeline.events.map(\.milliseconds) == [20])
  }
}
