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

  /// The version written now.
  public static let currentSchema = 1

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

  /// Puts a sample together.
  public init(
    arm: String, position: Int, value: Double, cpuNanoseconds: UInt64? = nil, canary: Double,
    window: Window, failedAssertions: [String] = []
  ) {
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

  /// Cites a figure.
  public init(figure: String, year: Int, hardware: String, source: String) {
    self.figure = figure
    self.year = year
    self.hardware = hardware
    self.source = source
  }
}

/// An arm of an experiment: its name in data, and its label for people.
public struct ArmLabel: Codable, Equatable, Sendable {
  /// Short, in ASCII, unique in the experiment.
  public var name: String
  /// What people read.
  public var label: Bilingual

  /// Names an arm.
  public init(_ name: String, label: Bilingual) {
    self.name = name
    self.label = label
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
  public var published: Published?
  /// Seed of the orders.
  public var seed: UInt64
  /// All rounds, discards too.
  public var rounds: [Round]

  /// Puts a result together; `Experiment.run` makes one.
  public init(
    id: String, title: Bilingual, sentence: Bilingual, unit: Quantity, arms: [ArmLabel],
    floor: String?, twins: [String]?, command: String, caveat: Bilingual,
    published: Published? = nil, seed: UInt64, rounds: [Round]
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
    self.seed = seed
    self.rounds = rounds
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
