internal import Linux

/// Whether the kernel killed something in a container for want of memory.
enum OutOfMemory {
  /// Looks at the counter `oom_kill` of its cgroup, while that is there: memory.events of v2,
  /// memory.oom_control of v1.
  static func happened(_ cgroup: String) -> Bool {
    guard !cgroup.isEmpty, let layout = try? CgroupLayout.detect(),
      let tree = layout.tree("memory")
    else { return false }
    let file = tree.isUnified ? "memory.events" : "memory.oom_control"
    guard let text = try? File.text("\(tree.mountPoint)\(cgroup)/\(file)") else { return false }
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ")
      if words.count == 2, words[0] == "oom_kill" { return words[1] != "0" }
    }
    return false
  }
}
