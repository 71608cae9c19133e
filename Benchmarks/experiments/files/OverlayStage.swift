import BenchmarkKit
import Linux
import Measure

/// An overlay that is mounted anew for every number: what the kernel remembers of names (dentries)
/// goes with the mount, and the upper directory is empty again.
///
///     PATH/0 … PATH/99   lower directories, 0 on top
///     PATH/upper, /work  what is written
///     PATH/merged        where it is mounted
struct OverlayStage {
  let path: String
  let layers: Int

  /// Makes the directories below the place.
  init(_ ground: Ground, _ name: String, layers: Int = 1) throws(ExperimentError) {
    path = "\(ground.place.path)/\(name)"
    self.layers = layers
    let path = path
    ground.atEnd { () throws(ExperimentError) in
      try Place.told { () throws(SystemError) in try File.removeTree(path) }
    }
    try Place.told { () throws(SystemError) in
      try File.makeDirectories(path + "/merged")
      for layer in 0..<layers { try File.makeDirectory("\(path)/\(layer)", mode: 0o755) }
    }
  }

  /// The lowest of all.
  var bottom: String { "\(path)/\(layers - 1)" }
  /// Where it is mounted.
  var merged: String { path + "/merged" }

  /// Mounts it, does something, and unmounts it, whatever became of that.
  func mounted<Result>(
    _ body: () throws(ExperimentError) -> Result
  ) throws(ExperimentError) -> Result {
    try Place.told { () throws(SystemError) in
      for name in ["upper", "work"] {
        let directory = "\(path)/\(name)"
        if File.exists(directory) { try File.removeTree(directory) }
        try File.makeDirectory(directory, mode: 0o755)
      }
      // All options of mount(2) must fit into a page: a hundred layers do by relative paths only.
      let before = try Directory.current()
      try Directory.change(path)
      let lower = (0..<layers).map { "\($0)" }.joined(separator: ":")
      do throws(SystemError) {
        try Mounts.mount(
          "overlay", on: "merged", type: "overlay", [],
          data: "lowerdir=\(lower),upperdir=upper,workdir=work")
      } catch {
        try Directory.change(before)
        throw error
      }
      try Directory.change(before)
    }
    return try Bound.unmounting(merged, after: body)
  }

  /// nil when the overlay is mounted with all its layers; otherwise what is there.
  func complaint() throws(ExperimentError) -> String? {
    let mount = try Place.told { () throws(SystemError) in
      try MountInfo.list().last { $0.target == merged }
    }
    guard let mount, mount.type == "overlay" else { return "\(merged) is no overlay" }
    // `lowerdir=0:1:2`, or with the new mount calls `lowerdir+=0,lowerdir+=1`.
    let options = mount.superOptions.split(separator: ",").filter { $0.hasPrefix("lowerdir") }
    let found = options.flatMap { $0.split(separator: ":") }.count
    return found == layers ? nil : "\(found) layers are mounted, not \(layers)"
  }
}
