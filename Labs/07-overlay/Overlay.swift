internal import Engine
internal import LabKit
internal import Linux
internal import Measure

/// An overlay of the session's own: what is mounted in its folder goes with the session.
struct Overlay {
  let stage: Stage
  let isShown: Bool
  let lower: String
  let upper: String
  let work: String
  let merged: String

  /// Makes the directories.
  init(_ stage: Stage, isShown: Bool) throws {
    self.stage = stage
    self.isShown = isShown
    lower = try stage.folder("lower")
    upper = try stage.folder("upper")
    work = try stage.folder("work")
    merged = try stage.folder("merged")
  }

  func mount() throws {
    try stage.host(
      [
        "mount", "-t", "overlay", "lab", "-o",
        "lowerdir=\(lower),upperdir=\(upper),workdir=\(work)", merged,
      ], isShown: isShown)
  }

  func unmount() throws { try stage.host(["umount", merged], isShown: isShown) }
}

extension MountInfo {
  /// The mount that a process has at `/`: the last one there.
  static func root(of pid: Int32) -> MountInfo? {
    (Kernel.read("/proc/\(pid)/mountinfo") ?? "").split(separator: "\n")
      .compactMap { MountInfo($0) }.last { $0.target == "/" }
  }
}
