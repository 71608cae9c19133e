import Linux
import Measure

/// The load on purpose: a process group that is ended with this value.
struct Hogs: ~Copyable {
  private let pid: Int32

  /// Starts it.
  ///
  /// - Throws: `ExperimentError` when it cannot be started.
  init(script: String, stress: String, seed: UInt64) throws(ExperimentError) {
    do {
      // In awk's range.
      pid = try Processes.spawn(script, [script, stress, "\(seed % 1_000_000_007)"])
    } catch { throw ExperimentError("\(error.text); is there \(stress)?") }
  }

  deinit {
    do {
      // The group: the script, awk, and stress, whose workers end with it (PR_SET_PDEATHSIG).
      try Processes.kill(-pid, 9)
      _ = try Processes.wait(pid)
    } catch { File.report("benchmark-trust: ending the load: \(error.text)\n") }
  }
}
