import Synchronization
import Testing

@testable import Measure

/// Which threads are in a part at the moment, and on which CPUs they were.
private final class Stage: Sendable {
  struct State {
    var inside = 0
    var most = 0
  }
  let state = Mutex(State())

  /// A part that stays until another is beside it, or for a second.
  func part(_ name: String, _ value: Double) -> Duet.Part {
    return { [self] () throws(ExperimentError) in
      state.withLock {
        $0.inside += 1
        $0.most = max($0.most, $0.inside)
      }
      let start = Stopwatch.now
      while state.withLock({ $0.most }) < 2 && Stopwatch.now - start < 1_000_000_000 {}
      state.withLock { $0.inside -= 1 }
      return Measurement(value, cpuNanoseconds: 100)
    }
  }
}

@Suite struct DuetTests {
  private let quiet: FixtureDirectory

  init() throws {
    quiet = try FixtureDirectory("duet")
    try quiet.write("stat", "cpu0 0 0 0 0 0 0 0 0\nctxt 1\n")
  }

  private func experiment(_ arms: [Arm]) -> Experiment {
    var experiment = Experiment(
      id: "duet", title: Bilingual("duet"), sentence: Bilingual("duet"), unit: .milliseconds,
      arms: arms, floor: nil, command: "true", caveat: Bilingual("none"))
    experiment.canaryMilliseconds = 0.01
    experiment.warmUps = 0
    experiment.duet = Duet()
    return experiment
  }

  @Test func bothRunAtOnce() throws {
    let stage = Stage()
    let (a, b) = try Duet().play(stage.part("a", 1), stage.part("b", 2), swapped: false)
    #expect((a.value, b.value) == (1, 2))
    #expect(stage.state.withLock { $0.most } == 2)
  }

  @Test func eachPlaysOnBothCPUsAndTheFirstAgainstItself() throws {
    let stage = Stage()
    let result = try experiment([
      .ofDuet("a", assertion: { nil }, part: stage.part("a", 4)),
      .ofDuet("b", assertion: { nil }, part: stage.part("b", 1)),
    ]).run(seed: 3, sampler: Sampler(proc: quiet.path))
    #expect(result.twins == ["a′", "a″"])
    #expect(result.ownArms.map(\.name) == ["a", "b"])
    for round in result.rounds {
      #expect(round.samples.map(\.arm).sorted() == ["a", "a′", "a″", "b"])
      for sample in round.samples {
        #expect(sample.facets.keys.sorted() == ["cpu0", "cpu1"], "both halves are kept")
        #expect(sample.cpuNanoseconds == 100)
      }
    }
    let orders = result.rounds.map { $0.samples.map(\.arm) }
    #expect(Set(orders).count == 2, "the pairs change places")
    let summary = ExperimentSummary(result)
    #expect(summary.arms.map(\.arm.name) == ["a", "b"])
    #expect(summary.noise == 0)
    #expect(abs((summary.arms[1].subjectOver?.middle ?? 0) - 4) < 1e-9)
    #expect(summary.arms[1].comparison == .worse)
  }

  /// What one CPU has over the other is in both arms alike, and so is what one moment has.
  @Test func cpusAndMomentsCancelOut() {
    let duet = Duet()
    // CPU 1 takes twice as long, and the second half three times: b takes 1.5 times what a does.
    let a = duet.joined([0: Measurement(10), 1: Measurement(10 * 2 * 3)])
    let b = duet.joined([1: Measurement(15 * 2), 0: Measurement(15 * 3)])
    #expect(abs(b.value / a.value - 1.5) < 1e-12)
    #expect(a.facets == ["cpu0": 10, "cpu1": 60])
  }

  @Test func aPartThatFailsEndsItAndTheOtherIsWaitedFor() throws {
    let fails: Duet.Part = { () throws(ExperimentError) in throw ExperimentError("no such file") }
    #expect(throws: ExperimentError("no such file")) {
      try experiment([
        .ofDuet("a", assertion: { nil }, part: { () throws(ExperimentError) in Measurement(1) }),
        .ofDuet("b", assertion: { nil }, part: fails),
      ]).run(seed: 1, sampler: Sampler(proc: quiet.path))
    }
  }

  @Test func anArmWithoutAPartIsRefused() throws {
    let arm = Arm("a", assertion: { nil }) { () throws(ExperimentError) in Measurement(1) }
    #expect {
      try experiment([arm, arm]).run(seed: 1, sampler: Sampler(proc: quiet.path))
    } throws: { error in (error as? ExperimentError)?.text.contains("a duet has two arms") == true }
  }

  @Test func aCPUThatIsNotThereIsSaid() throws {
    let part: Duet.Part = { () throws(ExperimentError) in Measurement(1) }
    #expect {
      try Duet(cpus: (0, 8000)).play(part, part, swapped: false)
    } throws: { error in
      let text = (error as? ExperimentError)?.text ?? ""
      return text.contains("sched_setaffinity(2)") && text.contains("two CPUs")
    }
  }
}
