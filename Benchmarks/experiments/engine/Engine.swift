import BenchmarkKit
import Measure

extension Suite {
  /// drydock, podman and Docker as people call them; their networks are in a group of their own.
  static let engine: [Declaration] = [
    .engineRun, .engineRunHost, .engineExec, .engineDetached, .enginePs, .enginePsMany, .engineLoad,
    .engineMany,
  ]
}
