public import BenchmarkKit

/// Every experiment of `drydock bench`, in the order in which they run.
public enum Suite {
  /// All of them.
  public static let all: [Declaration] =
    start + cpu + memory + pids + io + files + syscall + image + teardown + density
    + engine
    + network

  private static let start: [Declaration] = [
    .startRun, .startRunSeccomp, .startPhases, .startLife, .startExec, .startKill, .startUsage,
    .startLimit, .startAblation, .startParallel, .startArrivals, .startPopulation, .stepCost,
  ]
}
