import BenchmarkKit

extension Suite {
  /// The controller memory.
  static let memory: [Declaration] = [.memoryKill, .memoryReclaim]
}
