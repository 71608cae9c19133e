import BenchmarkKit
import Measure

extension Arm {
  /// A runtime's commands in a row, from the first spawn to the last reaped.
  ///
  /// - Parameters:
  ///   - runtime: whose; a peer may fail.
  ///   - before: commands outside of the number.
  ///   - commands: what is measured.
  ///   - after: commands outside of the number; they run whatever became of the others.
  /// - Returns: the arm, called as the runtime is.
  static func commands(
    _ runtime: Runtime, before: [[String]] = [], _ commands: [[String]], after: [[String]] = []
  ) -> Arm {
    let watched = Watched()
    var arm = Arm(runtime.name) {
      watched.complaint
    } measure: { () throws(ExperimentError) in
      var (around, cost) = (Cost(), Cost())
      for command in before { try around.add(command) }
      do throws(ExperimentError) {
        for command in commands { try cost.add(command) }
      } catch {
        for command in after { try around.add(command) }
        throw error
      }
      for command in after { try around.add(command) }
      watched.complaint = cost.complaint ?? around.complaint
      return cost.measurement
    }
    arm.mayFail = runtime.isPeer
    return arm
  }

  /// A program without a container: what spawning costs by itself.
  static func spawn(_ ground: Ground) -> Arm {
    let watched = Watched()
    return Arm("spawn", label: Bilingual(en: "true without a container", zh: "不在容器里的 true")) {
      watched.complaint
    } measure: { () throws(ExperimentError) in
      var cost = Cost()
      try cost.add([ground.place.path + "/rootfs/true"])
      watched.complaint = cost.complaint
      return cost.measurement
    }
  }
}
