import BenchmarkKit

extension Suite {
  /// From an archive to a container.
  ///
  /// There is no pull in this project: what is measured begins with a file.
  static let image: [Declaration] = [.imageImport, .imageImportGzip, .imageShared, .imageFirst]
}
