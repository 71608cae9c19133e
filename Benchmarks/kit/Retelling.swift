public import Measure

extension ExperimentResult {
  /// The same samples with other values, which came in the order in which they were taken.
  ///
  /// - Parameters:
  ///   - suffix: what its id ends with.
  ///   - unit: what the values are counted in.
  ///   - values: by the arms' names; the twin's are among the first arm's. No warm-up's are.
  /// - Returns: a result of its own.
  public func retold(
    _ suffix: String, _ unit: Quantity, _ values: [String: [Double]]
  ) -> ExperimentResult {
    var result = self
    result.id += "-" + suffix
    result.unit = unit
    var rest = values
    for round in result.rounds.indices {
      for sample in result.rounds[round].samples.indices {
        // The twin is the first arm again.
        let arm = result.rounds[round].samples[sample].arm
        let name = arm == result.twins?.last ? result.arms[0].name : arm
        result.rounds[round].samples[sample].value = rest[name]?.removeFirst() ?? 0
        result.rounds[round].samples[sample].cpuNanoseconds = nil
      }
    }
    return result
  }
}
