public import Measure

/// What of the suite a run takes, and how much time there is.
public struct Plan: Sendable {
  /// In the order of the suite.
  public let declarations: [Declaration]
  /// How thorough.
  public let profile: Profile
  /// Rounds of each, where somebody asked for a number.
  public let rounds: Int?
  /// Seconds for all; nil where experiments were asked for by name, which then take what they need.
  public let seconds: Double?

  /// Chooses experiments.
  ///
  /// - Parameters:
  ///   - suite: All there are.
  ///   - names: Ids, groups, or both; none means all that are in the profile.
  ///   - profile: How thorough.
  ///   - rounds: Rounds of each, whatever the profile says.
  /// - Throws: `ExperimentError` with what there is, when a name is not of the suite.
  public init(
    _ suite: [Declaration], names: [String], profile: Profile, rounds: Int?
  ) throws(ExperimentError) {
    for name in names where !suite.contains(where: { $0.id == name || $0.group == name }) {
      let near = suite.filter { $0.group == name.prefix { $0 != "." } }.map(\.id)
      let known = near.isEmpty ? Set(suite.map(\.group)).sorted() : near
      throw ExperimentError(
        "no experiment \(name): there are \(known.joined(separator: ", ")); see drydock bench list")
    }
    declarations = suite.filter { declaration in
      names.isEmpty
        ? declaration.rounds[profile] != nil
        : names.contains(declaration.id) || names.contains(declaration.group)
    }
    self.profile = profile
    self.rounds = rounds
    seconds = names.isEmpty && rounds == nil ? profile.seconds : nil
  }

  /// How many rounds an experiment is to have.
  public func rounds(of declaration: Declaration) -> Int {
    rounds ?? declaration.rounds[profile] ?? declaration.rounds.values.min() ?? 11
  }

  /// Seconds that an experiment is planned to take.
  public func seconds(of declaration: Declaration) -> Double {
    declaration.seconds(rounds: rounds(of: declaration))
  }
}
