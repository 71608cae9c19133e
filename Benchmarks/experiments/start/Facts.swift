import Linux

/// What a probe in a container found: `name value`, a line each (Probe.swift).
struct Facts {
  private var values: [String: String] = [:]

  init(_ text: String) {
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: " ", maxSplits: 1)
      values[String(parts[0])] = parts.count > 1 ? String(parts[1]) : ""
    }
  }

  /// nil when namespaces, mounts, cgroups, privileges and filter are what the configuration asks.
  func complaint(filter: Bool, trees: [String]) -> String? {
    for kind in ["mnt", "uts", "ipc", "net", "pid", "cgroup"] {
      let host: String
      do {
        host = try File.link("/proc/self/ns/\(kind)")
      } catch { return error.text }
      guard let inside = values["ns.\(kind)"], inside.hasPrefix("\(kind):["), inside != host else {
        return "no \(kind) namespace of its own: \(values["ns.\(kind)"] ?? "nothing found")"
      }
    }
    for tree in trees {
      // Init is 1; the subshell that lists and its tr are beside it. A host's process would be 0.
      let processes = (values["cgroup.\(tree)"] ?? "").split(separator: " ")
      guard processes.contains("1"), !processes.contains("0"), processes.count <= 3 else {
        return "no \(tree) cgroup of its own: \(values["cgroup.\(tree)"] ?? "nothing found")"
      }
    }
    for path in ["/proc", "/dev", "/dev/pts", "/dev/shm", "/dev/mqueue", "/sys", "/sys/fs/cgroup"]
    where values["mount.\(path)"] != "yes" { return "nothing is mounted on \(path)" }
    let expected = [
      ("Seccomp", filter ? "2" : "0"), ("NoNewPrivs", "1"), ("CapBnd", "0000000020000420"),
      ("proc.sys", "read-only"), ("keys", "0"), ("pid", "1"),
    ]
    for (name, value) in expected where values[name] != value {
      return "\(name) is \(values[name] ?? "not found"), not \(value)"
    }
    let mounts = Int(values["mounts"] ?? "") ?? 0
    // The usual ones, one a tree, and paths covered: which of those there are depends on the kernel.
    return (12...32).contains(mounts - trees.count) ? nil : "\(mounts) mounts"
  }
}
