public import BenchmarkKit

/// Every experiment of `drydock bench`, in the order in which they run.
public enum Suite {
  /// All of them.
  public static let all: [Declaration] =
    [.startRun, .startRunSeccomp] + cpu + memory + pids + io + files + syscall + teardown + density
}
