internal import Linux

/// What an arm gives back for one sample.
public struct Measurement: Sendable {
  /// The number, in the experiment's unit.
  public var value: Double
  /// CPU nanoseconds used, where it can be told.
  public var cpuNanoseconds: UInt64?

  /// Wraps a number.
  public init(_ value: Double, cpuNanoseconds: UInt64? = nil) {
    self.value = value
    self.cpuNanoseconds = cpuNanoseconds
  }
}

/// One arm of an experiment.
public struct Arm {
  /// Its name and label.
  public var label: ArmLabel
  /// Takes one number.
  public var measure: () throws(ExperimentError) -> Measurement
  /// Looks whether that number measured what it says, right after it: nil, or what was wrong.
  public var assertion: () -> String?

  /// Describes an arm.
  ///
  /// - Parameters:
  ///   - name: Short, in ASCII, unique in the experiment.
  ///   - label: What people read; the name when there is nothing to add.
  ///   - assertion: Whether the limit is in force, the filter is loaded, and so on.
  ///   - measure: Takes one number.
  public init(
    _ name: String, label: Bilingual? = nil, assertion: @escaping () -> String?,
    measure: @escaping () throws(ExperimentError) -> Measurement
  ) {
    self.label = ArmLabel(name, label: label ?? Bilingual(name))
    self.assertion = assertion
    self.measure = measure
  }
}

/// Why an experiment stopped.
public struct ExperimentError: Error, Equatable, Sendable {
  /// In words: the call, the object, what to try.
  public let text: String

  /// Describes it.
  public init(_ text: String) { self.text = text }
}

/// Runs arms against each other, in rounds, by the trust rules.
public struct Experiment {
  /// Stable, such as `start.true`.
  public var id: String
  /// What people read.
  public var title: Bilingual
  /// One plain sentence on what is measured.
  public var sentence: Bilingual
  /// What values are counted in.
  public var unit: Quantity
  /// The arms; the first is the one the experiment is about.
  public var arms: [Arm]
  /// The arm that is the floor or control.
  public var floor: String?
  /// The command that repeats it.
  public var command: String
  /// What would make it wrong.
  public var caveat: Bilingual
  /// What others published.
  public var published: Published?
  /// Rounds that must count.
  public var rounds = 11
  /// Rounds before those, to fill caches; they are not recorded.
  public var warmUps = 1
  /// Length of the canary before each sample, in milliseconds.
  public var canaryMilliseconds = 2.0

  /// Describes an experiment.
  public init(
    id: String, title: Bilingual, sentence: Bilingual, unit: Quantity, arms: [Arm],
    floor: String?, command: String, caveat: Bilingual, published: Published? = nil
  ) {
    self.id = id
    self.title = title
    self.sentence = sentence
    self.unit = unit
    self.arms = arms
    self.floor = floor
    self.command = command
    self.caveat = caveat
    self.published = published
  }

  /// The mark behind the name of the arm that runs a second time.
  public static let twinMark = "′"

  /// Runs all rounds.
  ///
  /// The first arm runs twice in each: that is the A/A arm.
  ///
  /// A round with more than 10 % steal is kept as a discard and run again, at most as often as
  /// there are rounds; if that is not enough, fewer rounds count and the verdict shows it.
  ///
  /// - Parameters:
  ///   - seed: Of the orders.
  ///   - sampler: Reads the machine; give it a cgroup to watch one.
  ///   - progress: Told after each round: rounds that count, rounds wanted, discards.
  /// - Returns: All rounds, discards too.
  /// - Throws: `ExperimentError` from an arm, or when there is no arm, or when /proc/stat
  ///   cannot be read.
  public func run(
    seed: UInt64, sampler: Sampler = Sampler(), progress: (Int, Int, Int) -> Void = { _, _, _ in }
  ) throws(ExperimentError) -> ExperimentResult {
    guard let first = arms.first else { throw ExperimentError("experiment \(id) has no arm") }
    var twin = first
    twin.label = ArmLabel(
      first.label.name + Experiment.twinMark,
      label: Bilingual(
        en: "\(first.label.label.en), again", zh: "\(first.label.label.zh)（重复）"))
    let all = arms + [twin]
    for _ in 0..<warmUps { for arm in all { _ = try arm.measure() } }

    var random = SeededRandom(seed: seed)
    var result = ExperimentResult(
      id: id, title: title, sentence: sentence, unit: unit, arms: all.map(\.label), floor: floor,
      twins: [first.label.name, twin.label.name], command: command, caveat: caveat,
      published: published, seed: seed, rounds: [])
    var starts: [Snapshot] = []
    while result.kept.count < rounds && result.rounds.count < 2 * rounds {
      starts.append(try Experiment.read(sampler))
      let samples = try takeRound(random.shuffled(all), sampler)
      let steal = Experiment.steal(since: starts, until: try Experiment.read(sampler))
      result.rounds.append(
        Round(
          number: result.rounds.count + 1, samples: samples, steal: steal,
          discarded: steal > 0.10 ? .steal(share: steal) : nil))
      progress(result.kept.count, rounds, result.rounds.count - result.kept.count)
    }
    return result
  }

  private func takeRound(_ order: [Arm], _ sampler: Sampler) throws(ExperimentError) -> [Sample] {
    var samples: [Sample] = []
    for (position, arm) in order.enumerated() {
      let canary = Canary.spin(milliseconds: canaryMilliseconds)
      let before = try Experiment.read(sampler)
      let measurement = try arm.measure()
      let after = try Experiment.read(sampler)
      var failed = [arm.assertion()].compactMap { $0 }
      let isFinite = measurement.value.isFinite
      if !isFinite { failed.append("the number is not finite") }
      samples.append(
        Sample(
          arm: arm.label.name, position: position, value: isFinite ? measurement.value : 0,
          cpuNanoseconds: measurement.cpuNanoseconds, canary: canary,
          window: Window(from: before, to: after), failedAssertions: failed))
    }
    return samples
  }

  /// Steal over the round that just ended, and as many rounds before it as make 100 ms: ticks
  /// are 10 ms long, and one stolen tick in a round of 30 ms would look like a sixth of it.
  static func steal(since starts: [Snapshot], until end: Snapshot) -> Double {
    let longEnough = starts.last { end.nanoseconds.growth(from: $0.nanoseconds) >= 100_000_000 }
    guard let start = longEnough ?? starts.first else { return 0 }
    let window = Window(from: start, to: end)
    // The very first rounds may have no 100 ms behind them: then the rest counts as quiet.
    return window.steal * min(1, Double(window.nanoseconds) / 1e8)
  }

  private static func read(_ sampler: Sampler) throws(ExperimentError) -> Snapshot {
    do {
      return try sampler.read()
    } catch {
      throw ExperimentError(error.text)
    }
  }
}
