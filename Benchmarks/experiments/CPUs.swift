import BenchmarkKit
import Linux
import Measure

/// The machine's CPUs.
enum CPUs {
  /// Those that run (kernel: Documentation/admin-guide/cputopology.rst).
  static var online: [Int] {
    Kernel.cpuList(Kernel.read("/sys/devices/system/cpu/online") ?? "0")
  }

  /// Those that the calling thread may use (proc_pid_status(5)).
  static var ofThread: [Int] {
    let lines = (Kernel.read("/proc/thread-self/status") ?? "").split(separator: "\n")
    let list = lines.first { $0.hasPrefix("Cpus_allowed_list:") }?.split(separator: "\t").last
    return Kernel.cpuList(list.map { String($0) } ?? "")
  }
}

extension Ground {
  /// Ends an experiment about a controller that is not there; `blkio` is found as v2's `io` too.
  func require(_ controller: String) throws(ExperimentError) {
    let isV2 = cgroups.mode == .v2
    let name = isV2 && controller == "blkio" ? "io" : controller
    guard cgroups.tree(name) == nil else { return }
    throw ExperimentError(
      "there is no cgroup controller \(name): "
        + (isV2 ? "see /sys/fs/cgroup/cgroup.controllers" : "see /proc/cgroups"))
  }
}
