import BenchmarkKit

extension Suite {
  /// What overlayfs costs.
  static let files: [Declaration] = [
    .filesCopyUp, .filesDepth, .filesMetadata, .filesData,
  ]
}
