public import Measure

/// An experiment as the suite knows it before anything runs: what is measured, held against what.
///
/// ```swift
/// extension Declaration {
///   static let getppid = Declaration(
///     id: "syscall.getppid", title: …, sentence: …, unit: .nanoseconds, floor: "host",
///     caveat: …, rounds: [.quick: 11, .full: 41], secondsARound: 0.1
///   ) { ground throws(ExperimentError) in
///     [Arm("seccomp", assertion: …) { … }, Arm("host", assertion: …) { … }]
///   }
/// }
/// ```
public struct Declaration: Sendable {
  /// Its group and its name: `start.run`.
  public var id: String
  /// What people read.
  public var title: Bilingual
  /// One plain sentence on what is measured.
  public var sentence: Bilingual
  /// The metric: what values are counted in.
  public var unit: Quantity
  /// The arm that is the floor or control; nil where each arm has its own, or none is possible.
  public var floor: String?
  /// What would make it wrong.
  public var caveat: Bilingual
  /// What others published.
  public var published: [Published]
  /// What the arms differ in, where that is a number.
  public var axis: Axis?
  /// Further figures that each measurement gives.
  public var facets: [Facet]
  /// Rounds by profile; a profile that is not there leaves it out.
  public var rounds: [Profile: Int]
  /// Seconds that a round took on two CPUs: what time is planned with, before it is known.
  public var secondsARound: Double
  /// Seconds it took on two CPUs to make the arms and to take away what they need.
  public var setUpSeconds: Double
  /// Makes the arms, and what they need, on the ground it is given.
  ///
  /// Each arm's assertion says whether its number measured what it says. The first arm is the
  /// one the experiment is about.
  public var arms: @Sendable (Ground) throws(ExperimentError) -> [Arm]

  /// Declares an experiment.
  public init(
    id: String, title: Bilingual, sentence: Bilingual, unit: Quantity, floor: String?,
    caveat: Bilingual, published: [Published] = [], axis: Axis? = nil, facets: [Facet] = [],
    rounds: [Profile: Int], secondsARound: Double, setUpSeconds: Double = 0,
    arms: @escaping @Sendable (Ground) throws(ExperimentError) -> [Arm]
  ) {
    self.id = id
    self.title = title
    self.sentence = sentence
    self.unit = unit
    self.floor = floor
    self.caveat = caveat
    self.published = published
    self.axis = axis
    self.facets = facets
    self.rounds = rounds
    self.secondsARound = secondsARound
    self.setUpSeconds = setUpSeconds
    self.arms = arms
  }

  /// What stands before the first dot of its id.
  public var group: String { String(id.prefix { $0 != "." }) }

  /// Seconds it is planned to take in a profile.
  public func seconds(in profile: Profile) -> Double { rounds[profile].map(seconds) ?? 0 }

  /// Seconds that so many rounds are planned to take, the warm-up and the set-up included.
  func seconds(rounds: Int) -> Double { Double(rounds + 1) * secondsARound + setUpSeconds }
}
