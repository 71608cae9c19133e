import Linux

/// `--cap-add` and `--cap-drop`.
enum CapabilityRules {
  /// What Docker grants (docs.docker.com/engine/security, moby `oci/caps/defaults.go`).
  static let defaults = [
    "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FSETID", "CAP_FOWNER", "CAP_MKNOD", "CAP_NET_RAW",
    "CAP_SETGID", "CAP_SETUID", "CAP_SETFCAP", "CAP_SETPCAP", "CAP_NET_BIND_SERVICE",
    "CAP_SYS_CHROOT", "CAP_KILL", "CAP_AUDIT_WRITE",
  ]

  /// The capabilities a container gets, by moby's rules: ALL added is everything but what is
  /// dropped; ALL dropped is only what is added; else the default ones, less and more.
  ///
  /// - Parameters:
  ///   - add: `--cap-add`.
  ///   - drop: `--cap-drop`.
  ///   - bounding: what this process could pass on at all. Asking for ALL means all of these;
  ///     asking for one that is not among them is an error.
  /// - Returns: names with `CAP_`.
  /// - Throws: `EngineError` for names that no kernel or not this one knows.
  static func granted(
    add: [String], drop: [String], bounding: [String]
  ) throws(EngineError) -> [String] {
    var added = [String]()
    for name in add { added.append(try normal(name, "CapAdd")) }
    var dropped = [String]()
    for name in drop { dropped.append(try normal(name, "CapDrop")) }
    for name in added where name != "CAP_ALL" && !bounding.contains(name) {
      throw EngineError(
        "invalid CapAdd: \(name) is not in this machine's bounding set",
        hint: "What was taken from a parent cannot be given to a child (capabilities(7)).")
    }
    if added.contains("CAP_ALL") { return bounding.filter { !dropped.contains($0) } }
    if dropped.contains("CAP_ALL") { return unique(added) }
    let kept = defaults.filter { !dropped.contains($0) && bounding.contains($0) }
    return unique(kept + added)
  }

  private static func unique(_ names: [String]) -> [String] {
    var seen = Set<String>()
    return names.filter { seen.insert($0).inserted }
  }

  /// `net_admin`, `NET_ADMIN` and `CAP_NET_ADMIN` alike.
  private static func normal(_ name: String, _ option: String) throws(EngineError) -> String {
    let upper = name.uppercased()
    let full = upper.hasPrefix("CAP_") ? upper : "CAP_" + upper
    var set = CapabilitySet()
    guard full == "CAP_ALL" || set.insert(named: full) else {
      throw EngineError("invalid \(option): unknown capability: \"\(full)\"")
    }
    return full
  }
}
