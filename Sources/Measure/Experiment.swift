internal import Linux
public import Load

/// What an arm gives back for one sample.
public struct Measurement: Sendable {
  /// The number, in the experiment's unit.
  public var value: Double
  /// CPU nanoseconds used, where it can be told.
  public var cpuNanoseconds: UInt64?
  /// The experiment's facets, by their names.
  public var facets: [String: Double]
  /// What the number is made of, in nanoseconds, where it stands for many.
  public var distribution: Histogram?

  /// Wraps a number.
  public init(
    _ value: Double, cpuNanoseconds: UInt64? = nil, facets: [String: Double] = [:],
    distribution: Histogram? = nil
  ) {
    self.distribution = distribution
    self.value = value
    self.cpuNanoseconds = cpuNanoseconds
    self.facets = facets
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
  /// Whether the experiment goes on without it when it fails: a peer, which is not ours to mend.
  public var mayFail = false
  /// What it does beside another arm in a duet; nil when it cannot.
  public var part: Duet.Part?

  /// Describes an arm.
  ///
  /// - Parameters:
  ///   - name: Short, in ASCII, unique in the experiment.
  ///   - label: What people read; the name when there is nothing to add.
  ///   - at: Where it stands on the experiment's axis.
  ///   - series: Arms of one series are joined by a line.
  ///   - control: The arm that it is held against; nil for the experiment's floor.
  ///   - assertion: Whether the limit is in force, the filter is loaded, and so on.
  ///   - measure: Takes one number.
  public init(
    _ name: String, label: Bilingual? = nil, at: Double? = nil, series: Bilingual? = nil,
    control: String? = nil, assertion: @escaping () -> String?,
    measure: @escaping () throws(ExperimentError) -> Measurement
  ) {
    self.label = ArmLabel(
      name, label: label ?? Bilingual(name), at: at, series: series, control: control)
    self.assertion = assertion
    self.measure = measure
  }

  /// Describes an arm of a duet.
  ///
  /// - Parameters:
  ///   - name: Short, in ASCII, unique in the experiment.
  ///   - label: What people read; the name when there is nothing to add.
  ///   - assertion: As for any arm, after the number.
  ///   - part: Takes one number, on a thread of its own beside the other arm.
  /// - Returns: The arm; alone it does its part as any other arm.
  public static func ofDuet(
    _ name: String, label: Bilingual? = nil, assertion: @escaping () -> String?,
    part: @escaping Duet.Part
  ) -> Arm {
    var arm = Arm(name, label: label, assertion: assertion, measure: part)
    arm.part = part
    return arm
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
  public var published: [Published]
  /// What the arms differ in, where that is a number.
  public var axis: Axis?
  /// Further figures that each measurement gives.
  public var facets: [Facet]
  /// Rounds that must count.
  public var rounds = 11
  /// Rounds before those, to fill caches; they are not recorded.
  public var warmUps = 1
  /// Length of the canary before each sample, in milliseconds.
  public var canaryMilliseconds = 2.0
  /// Runs its two arms at once, on two CPUs, instead of one after the other.
  public var duet: Duet?

  /// Describes an experiment.
  public init(
    id: String, title: Bilingual, sentence: Bilingual, unit: Quantity, arms: [Arm],
    floor: String?, command: String, caveat: Bilingual, published: [Published] = [],
    axis: Axis? = nil, facets: [Facet] = []
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
    self.axis = axis
    self.facets = facets
  }

  /// The mark behind the name of the arm that runs a second time.
  public static let twinMark = "′"

  /// How far a run is, before each of its rounds.
  public struct Progress: Sendable {
    /// Rounds that count so far.
    public var kept: Int
    /// Rounds that are wanted.
    public var wanted: Int
    /// Rounds that were run and do not count.
    public var discarded: Int
    /// Nanoseconds that the rounds have taken so far; of the warm-up before there is any.
    public var nanoseconds: UInt64
  }

  /// Runs all rounds.
  ///
  /// The first arm runs twice in each: that is the A/A arm.
  ///
  /// A round with more than 10 % steal is kept as a discard and run again, at most as often as
  /// there are rounds; if that is not enough, fewer rounds count and the verdict shows it.
  ///
  /// An arm that may be missing, such as another runtime, and fails is left out from then on: the
  /// result says so, and the numbers it gave before stay.
  ///
  /// - Parameters:
  ///   - seed: Of the orders.
  ///   - sampler: Reads the machine; give it a cgroup to watch one.
  ///   - isInterrupted: Asked before every sample; the round it cuts short is dropped.
  ///   - goesOn: Asked before every round: whether there is time for it.
  /// - Returns: All rounds, discards too.
  /// - Throws: `ExperimentError` from an arm, or when there is no arm, or when /proc/stat
  ///   cannot be read.
  public func run(
    seed: UInt64, sampler: Sampler = Sampler(), isInterrupted: () -> Bool = { false },
    goesOn: (Progress) -> Bool = { _ in true }
  ) throws(ExperimentError) -> ExperimentResult {
    guard let first = arms.first else { throw ExperimentError("experiment \(id) has no arm") }
    let twin = Experiment.twin(of: first, mark: Experiment.twinMark)
    // In a duet the first arm plays against itself: two more of it.
    let twins = duet == nil ? [first, twin] : [twin, Experiment.twin(of: first, mark: "″")]
    var running = arms + twins.dropFirst(duet == nil ? 1 : 0)
    var result = ExperimentResult(
      id: id, title: title, sentence: sentence, unit: unit, arms: running.map(\.label),
      floor: floor, twins: twins.map(\.label.name), command: command, caveat: caveat,
      published: published, axis: axis, facets: facets, seed: seed, rounds: [])
    func isLeftOut(_ arm: Arm, _ error: ExperimentError) -> Bool {
      guard arm.mayFail else { return false }
      running.removeAll { $0.label.name == arm.label.name }
      result.missing.append(Missing(arm.label.name, Bilingual(error.text)))
      return true
    }
    var begin = Stopwatch.now
    for _ in 0..<warmUps {
      for arm in running where !isInterrupted() {
        do {
          _ = try arm.measure()
        } catch {
          if !isLeftOut(arm, error) { throw error }
        }
      }
    }
    let warmUp = Stopwatch.now - begin
    begin = Stopwatch.now
    var random = SeededRandom(seed: seed)
    var starts: [Snapshot] = []
    while result.kept.count < rounds && result.rounds.count < 2 * rounds {
      let kept = result.kept.count
      let progress = Progress(
        kept: kept, wanted: rounds, discarded: result.rounds.count - kept,
        nanoseconds: result.rounds.isEmpty ? warmUp : Stopwatch.now - begin)
      guard goesOn(progress) else { break }
      starts.append(try Experiment.read(sampler))
      var samples: [Sample] = []
      if let duet {
        samples = try takeDuets(duet, running, &random, sampler, isInterrupted)
      }
      let alone = duet == nil ? random.shuffled(running) : []
      for (position, arm) in alone.enumerated() where !isInterrupted() {
        do {
          samples.append(try take(arm, position, sampler))
        } catch {
          if !isLeftOut(arm, error) { throw error }
        }
      }
      if isInterrupted() { break }
      let steal = Experiment.steal(since: starts, until: try Experiment.read(sampler))
      result.rounds.append(
        Round(
          number: result.rounds.count + 1, samples: samples, steal: steal,
          discarded: steal > 0.10 ? .steal(share: steal) : nil))
    }
    return result
  }

  private static func twin(of arm: Arm, mark: String) -> Arm {
    var twin = arm
    twin.label.name += mark
    twin.label.label = Bilingual(
      en: "\(arm.label.label.en), again", zh: "\(arm.label.label.zh)（重复）")
    return twin
  }

  private func take(
    _ arm: Arm, _ position: Int, _ sampler: Sampler
  ) throws(ExperimentError) -> Sample {
    let canary = Canary.spin(milliseconds: canaryMilliseconds)
    let before = try Experiment.read(sampler)
    let measurement = try arm.measure()
    let after = try Experiment.read(sampler)
    return sample(
      of: arm, position, measurement, canary: canary, Window(from: before, to: after))
  }

  func sample(
    of arm: Arm, _ position: Int, _ measurement: Measurement, canary: Double, _ window: Window
  ) -> Sample {
    var failed = [arm.assertion()].compactMap { $0 }
    let isFinite = measurement.value.isFinite
    if !isFinite { failed.append("the number is not finite") }
    return Sample(
      arm: arm.label.name, position: position, value: isFinite ? measurement.value : 0,
      cpuNanoseconds: measurement.cpuNanoseconds, canary: canary, window: window,
      failedAssertions: failed,
      facets: measurement.facets.filter(\.value.isFinite),
      distribution: measurement.distribution)
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

  static func read(_ sampler: Sampler) throws(ExperimentError) -> Snapshot {
    do {
      return try sampler.read()
    } catch {
      throw ExperimentError(error.text)
    }
  }
}
