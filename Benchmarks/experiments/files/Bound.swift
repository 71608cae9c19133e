import BenchmarkKit
import Linux
import Measure

/// A bind mount for one number.
enum Bound {
  /// Mounts it, does something, and unmounts it.
  static func mounted<Result>(
    _ source: String, on target: String, _ body: () throws(ExperimentError) -> Result
  ) throws(ExperimentError) -> Result {
    try Place.told { () throws(SystemError) in
      try Mounts.mount(source, on: target, type: nil, .bind, data: nil)
    }
    return try unmounting(target, after: body)
  }

  /// Unmounts what was mounted when a body is done, whatever became of it.
  static func unmounting<Result>(
    _ target: String, after body: () throws(ExperimentError) -> Result
  ) throws(ExperimentError) -> Result {
    func unmount() throws(ExperimentError) {
      try Place.told { () throws(SystemError) in try Mounts.unmount(target, detached: false) }
    }
    let result: Result
    do throws(ExperimentError) { result = try body() } catch {
      // The first error is the one to tell; what stays mounted goes with this namespace.
      do throws(ExperimentError) { try unmount() } catch {}
      throw error
    }
    try unmount()
    return result
  }

  /// nil when a directory is not on a filesystem of its own.
  static func complaint(plain directory: String) throws(ExperimentError) -> String? {
    try Place.told { () throws(SystemError) in
      let (own, above) = (try File.status(directory), try File.status(directory + "/.."))
      return own.device == above.device ? nil : "something is mounted on \(directory)"
    }
  }

  /// nil when both are the same directory.
  static func complaint(_ source: String, on target: String) throws(ExperimentError) -> String? {
    try Place.told { () throws(SystemError) in
      let (a, b) = (try File.status(source), try File.status(target))
      let isMount = try MountInfo.list().contains { $0.target == target }
      return isMount && a.inode == b.inode && a.device == b.device
        ? nil : "\(target) is no bind mount of \(source)"
    }
  }
}
