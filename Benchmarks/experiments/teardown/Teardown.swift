import BenchmarkKit

extension Suite {
  /// What it costs to get rid of a container.
  static let teardown: [Declaration] = [
    .teardownPhases, .teardownNamespace, .teardownChurn,
  ]
}
