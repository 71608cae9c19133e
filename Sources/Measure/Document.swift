public import Load

/// Everything a report is made from, and nothing else.
///
/// All raw samples, the seed, the environment: `result.json` holds it.
public struct ResultDocument: Codable, Equatable, Sendable {
  /// Version of this layout; a reader refuses one it does not know.
  public var schema: Int
  /// What the run was, for the head of the report.
  public var title: Bilingual
  /// When it began, RFC 3339 in UTC.
  public var startedAt: String
  /// The command line that repeats it.
  public var command: String
  /// Seed of every order and resampling.
  public var seed: UInt64
  /// Where it ran.
  public var environment: Environment
  /// Benchmarks.
  public var experiments: [ExperimentResult]
  /// Labs.
  public var labs: [LabOutcome]
  /// Traced start-ups.
  public var waterfalls: [Waterfall]
  /// How thorough the run was, such as `quick`; nil for a run that has no profiles.
  public var profile: String?
  /// Whether somebody ended it before all was measured.
  public var isInterrupted = false
  /// What was asked for and is not here: experiments, peers, arms.
  public var missing: [Missing] = []

  /// The version written now.
  public static let currentSchema = 2

  /// Starts a document; experiments, labs and waterfalls are appended as they are done.
  public init(
    title: Bilingual, startedAt: String = Stopwatch.timestamp, command: String,
    seed: UInt64 = SeededRandom.freshSeed(), environment: Environment,
    experiments: [ExperimentResult] = [], labs: [LabOutcome] = [], waterfalls: [Waterfall] = []
  ) {
    schema = ResultDocument.currentSchema
    self.title = title
    self.startedAt = startedAt
    self.command = command
    self.seed = seed
    self.environment = environment
    self.experiments = experiments
    self.labs = labs
    self.waterfalls = waterfalls
  }
}

/// Something that a run did not measure, and why.
public struct Missing: Codable, Equatable, Sendable {
  /// An experiment's id, or a peer's name.
  public var name: String
  /// In one clause.
  public var reason: Bilingual

  /// Describes it.
  public init(_ name: String, _ reason: Bilingual) {
    self.name = name
    self.reason = reason
  }
}

/// One number of one arm, with what stood beside it.
public struct Sample: Codable, Equatable, Sendable {
  /// The arm's name.
  public var arm: String
  /// Place in the round's random order, from zero.
  public var position: Int
  /// The number, in the experiment's unit.
  public var value: Double
  /// CPU nanoseconds the arm used, where it can tell.
  public var cpuNanoseconds: UInt64?
  /// Turns a microsecond of the canary just before.
  public var canary: Double
  /// The machine meanwhile.
  public var window: Window
  /// Assertions that failed.
  ///
  /// Any of them voids the number: it is shown, and never counted.
  public var failedAssertions: [String]
  /// Other figures of the same measurement, by the names of the experiment's facets.
  public var facets: [String: Double]
  /// What the number is made of, in nanoseconds, where it stands for many.
  public var distribution: Histogram?

  /// Puts a sample together.
  public init(
    arm: String, position: Int, value: Double, cpuNanoseconds: UInt64? = nil, canary: Double,
    window: Window, failedAssertions: [String] = [], facets: [String: Double] = [:],
    distribution: Histogram? = nil
  ) {
    self.distribution = distribution
    self.facets = facets
    self.arm = arm
    self.position = position
    self.value = value
    self.cpuNanoseconds = cpuNanoseconds
    self.canary = canary
    self.window = window
    self.failedAssertions = failedAssertions
  }

  /// Whether it measured what it says.
  public var isValid: Bool { failedAssertions.isEmpty && value.isFinite }
}

/// Every arm once, in fresh random order.
public struct Round: Codable, Equatable, Sendable {
  /// Counted from one, discards included.
  public var number: Int
  /// The samples in the order they were taken.
  public var samples: [Sample]
  /// Steal while it ran, 0…1, over 100 ms at least.
  public var steal: Double
  /// Why it does not count; nil when it does.
  public var discarded: Doubt?

  /// Puts a round together.
  public init(number: Int, samples: [Sample], steal: Double, discarded: Doubt? = nil) {
    self.number = number
    self.samples = samples
    self.steal = steal
    self.discarded = discarded
  }

  /// The arm's number, if it is valid.
  public func value(_ arm: String) -> Double? {
    samples.first { $0.arm == arm && $0.isValid }?.value
  }
}

/// A figure from a paper or a manual, printed beside ours.
public struct Published: Codable, Equatable, Sendable {
  /// The figure, such as `110 ms`.
  public var figure: String
  /// When it was published.
  public var year: Int
  /// Hardware and kernel.
  public var hardware: String
  /// Where it stands.
  public var source: String
  /// The arm whose figure stands beside it; nil for the first.
  public var arm: String?
  /// Whether our figure is the arm's ratio over its control, or the value itself.
  public var isRatio: Bool
  /// What of the two can be compared, and what not: a sentence.
  public var comparability: Bilingual

  /// Cites a figure.
  public init(
    figure: String, year: Int, hardware: String, source: String, arm: String? = nil,
    isRatio: Bool = false, comparability: Bilingual
  ) {
    self.figure = figure
    self.year = year
    self.hardware = hardware
    self.source = source
    self.arm = arm
    self.isRatio = isRatio
    self.comparability = comparability
  }
}

/// What the arms of an experiment differ in, where that is a number: the x of a figure.
public struct Axis: Codable, Equatable, Sendable {
  /// What people read at it, such as `containers running`.
  public var label: Bilingual
  /// What it is counted in.
  public var unit: Quantity
  /// Whether equal ratios are equally far apart.
  public var isLogarithmic: Bool

  /// Describes an axis.
  public init(_ label: Bilingual, unit: Quantity, isLogarithmic: Bool = false) {
    self.label = label
    self.unit = unit
    self.isLogarithmic = isLogarithmic
  }
}

/// Another figure that every measurement of an experiment gives.
public struct Facet: Codable, Equatable, Sendable {
  /// Short, in ASCII: `Sample.facets` has it by this name.
  public var name: String
  /// What people read.
  public var title: Bilingual
  /// What it is counted in.
  public var unit: Quantity

  /// Describes a facet.
  public init(_ name: String, title: Bilingual, unit: Quantity) {
    self.name = name
    self.title = title
    self.unit = unit
  }
}

/// An arm of an experiment: its name in data, and its label for people.
public struct ArmLabel: Codable, Equatable, Sendable {
  /// Short, in ASCII, unique in the experiment.
  public var name: String
  /// What people read.
  public var label: Bilingual
  /// Where it stands on the experiment's axis.
  public var at: Double?
  /// Arms of one series are joined by a line.
  public var series: Bilingual?
  /// The arm that it is held against; nil for the experiment's floor.
  public var control: String?

  /// Names an arm.
  public init(
    _ name: String, label: Bilingual, at: Double? = nil, series: Bilingual? = nil,
    control: String? = nil
  ) {
    self.name = name
    self.label = label
    self.at = at
    self.series = series
    self.control = control
  }
}

/// A benchmark with all its rounds.
public struct ExperimentResult: Codable, Equatable, Sendable {
  /// Stable, such as `start.true`.
  public var id: String
  /// What people read.
  public var title: Bilingual
  /// One plain sentence on what is measured.
  public var sentence: Bilingual
  /// What values are counted in.
  public var unit: Quantity
  /// The arms; the first is the one the experiment is about.
  public var arms: [ArmLabel]
  /// The arm that is the floor or control; nil when there is none.
  public var floor: String?
  /// The arm that repeats another, `[A, A′]`; nil when none does.
  public var twins: [String]?
  /// The command that repeats it.
  public var command: String
  /// What would make it wrong.
  public var caveat: Bilingual
  /// What others published.
  public var published: [Published]
  /// What the arms differ in, where that is a number.
  public var axis: Axis?
  /// Further figures of the same samples.
  public var facets: [Facet]
  /// Seed of the orders.
  public var seed: UInt64
  /// All rounds, discards too.
  public var rounds: [Round]
  /// Arms that were left out, or did not last.
  public var missing: [Missing] = []
  /// What it left on the machine; nil when nobody looked.
  public var leaks: [String]?
  /// Quotas over time, as its warm-up was watched; nil where nothing has a quota.
  public var throttling: [ThrottlingTimeline]?

  /// Puts a result together; `Experiment.run` makes one.
  public init(
    id: String, title: Bilingual, sentence: Bilingual, unit: Quantity, arms: [ArmLabel],
    floor: String?, twins: [String]?, command: String, caveat: Bilingual,
    published: [Published] = [], axis: Axis? = nil, facets: [Facet] = [], seed: UInt64,
    rounds: [Round], leaks: [String]? = nil
  ) {
    self.id = id
    self.title = title
    self.sentence = sentence
    self.unit = unit
    self.arms = arms
    self.floor = floor
    self.twins = twins
    self.command = command
    self.caveat = caveat
    self.published = published
    self.axis = axis
    self.facets = facets
    self.seed = seed
    self.rounds = rounds
    self.leaks = leaks
  }

  /// This result and one for each of its facets, which have ids such as `cpu.quota/throttled`.
  public var views: [ExperimentResult] { [self] + facets.map(view) }

  private func view(_ facet: Facet) -> ExperimentResult {
    var view = self
    view.id += "/" + facet.name
    view.title = facet.title
    view.unit = facet.unit
    view.facets = []
    view.published = []
    for round in view.rounds.indices {
      // A sample without the figure has no place in its view.
      view.rounds[round].samples = rounds[round].samples.compactMap { sample in
        guard let value = sample.facets[facet.name] else { return nil }
        var sample = sample
        sample.value = value
        sample.cpuNanoseconds = nil
        sample.distribution = nil
        return sample
      }
    }
    return view
  }

  /// The arm that an arm is held against: its own control, or the floor; nil for the floor itself.
  public func control(of arm: ArmLabel) -> String? {
    let control = arm.control ?? floor
    return control == arm.name ? nil : control
  }

  /// The arms without those that only repeat the first.
  public var ownArms: [ArmLabel] {
    arms.filter { $0.name == arms.first?.name || !(twins ?? []).contains($0.name) }
  }

  /// The rounds that count.
  public var kept: [Round] { rounds.filter { $0.discarded == nil } }

  /// The valid numbers of an arm in the rounds that count.
  public func values(_ arm: String) -> [Double] { kept.compactMap { $0.value(arm) } }

  /// The numbers of two arms in the rounds where both are valid.
  public func pairs(_ a: String, _ b: String) -> [(a: Double, b: Double)] {
    kept.compactMap { round in
      guard let first = round.value(a), let second = round.value(b) else { return nil }
      return (first, second)
    }
  }
}
