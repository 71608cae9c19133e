/// Lists of files, written short.
enum Sources {
  /// Files that differ in one part only are put together as a shell would take them apart:
  /// `/proc/7/ns/{mnt,net}`, `/sys/fs/cgroup/{cpu,memory}/drydock/1f`.
  static func collapsed(_ paths: [String]) -> [String] {
    byParent(byParent(paths.map { [$0] }, part: 0), part: 1).map { text($0) }
  }

  /// A group of paths that differ in one part only, counted from the end; others stay alone.
  private static func byParent(_ groups: [[String]], part: Int) -> [[String]] {
    var order = [String]()
    var found: [String: [[String]]] = [:]
    for group in groups {
      var key = group.joined(separator: "\n")
      if group.count == 1, let pieces = pieces(group[0], part) {
        key = pieces.before + "\n" + pieces.after
      }
      if found[key] == nil { order.append(key) }
      found[key, default: []].append(group)
    }
    return order.flatMap { key -> [[String]] in
      let groups = found[key] ?? []
      return groups.count > 1 ? [groups.flatMap { $0 }] : groups
    }
  }

  private static func pieces(
    _ path: String, _ part: Int
  ) -> (before: String, name: String, after: String)? {
    guard path.hasPrefix("/"), !path.contains(" ") else { return nil }
    var names = path.split(separator: "/", omittingEmptySubsequences: false).map { String($0) }
    // The parts of a cgroup's path are counted from the front: /sys/fs/cgroup/TREE/…
    let at = part == 0 ? names.count - 1 : 4
    guard names.count > at, at > 1, part == 0 || path.hasPrefix("/sys/fs/cgroup/") else {
      return nil
    }
    let name = names[at]
    let after = names[(at + 1)...].map { "/" + $0 }.joined()
    names.removeSubrange(at...)
    return (names.joined(separator: "/") + "/", name, after)
  }

  private static func text(_ group: [String]) -> String {
    guard group.count > 1, let first = group.first else { return group.first ?? "" }
    for part in 0...1 {
      let all = group.compactMap { pieces($0, part) }
      guard all.count == group.count, let head = all.first,
        all.allSatisfy({ $0.before == head.before && $0.after == head.after })
      else { continue }
      return head.before + "{" + all.map { $0.name }.joined(separator: ",") + "}" + head.after
    }
    return first
  }
}
