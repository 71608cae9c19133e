import BenchmarkKit

extension Suite {
  /// The controllers cpu and cpuset.
  static let cpu: [Declaration] = [
    .cpuNative, .cpuQuota, .cpuQuotaFamily, .cpuWeights, .cpuSet, .cpuBurst,
  ]
}
