import BenchmarkKit
import Linux
import Measure

/// The C program that makes a start's system calls and nothing else (Benchmarks/floor/floor.c).
struct Floor {
  private let ground: Ground
  private let parent: String

  /// Makes the cgroups above its own, which it takes for granted.
  init(_ ground: Ground) throws(ExperimentError) {
    self.ground = ground
    parent = "/\(ground.place.name)"
    let (trees, parent) = (ground.cgroups.trees, parent)
    try Place.told { () throws(SystemError) in
      for tree in trees {
        let path = tree.mountPoint + parent
        if !File.exists(path) { try File.makeDirectory(path) }
        guard tree.controllers.contains("cpuset"), !tree.isUnified else { continue }
        // cpuset(7): born empty, and with clone_children its children are born with its values.
        for name in ["cpuset.cpus", "cpuset.mems"] {
          try File.set("\(path)/\(name)", try File.text("\(tree.mountPoint)/\(name)"))
        }
        try File.set("\(path)/cgroup.clone_children", "1")
      }
    }
  }

  /// Its command line.
  func run(_ program: [String], filter: String? = nil) -> [String] {
    [ground.binaries + "/benchmark-floor", ground.place.path + "/rootfs", parent + "/floor"]
      + (filter.map { [$0] } ?? []) + ["--"] + program
  }
}
