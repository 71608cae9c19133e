import Linux

/// Where the engine finds what it needs.
struct Places {
  /// `NAME=value`.
  let environment: [String]

  /// The value of a variable; nil when it is not set or empty.
  func value(_ name: String) -> String? {
    guard let entry = environment.first(where: { $0.hasPrefix(name + "=") }) else { return nil }
    let value = String(entry.dropFirst(name.utf8.count + 1))
    return value.isEmpty ? nil : value
  }

  /// A program of ours: what was given, else what the variable says, else what lies beside the running executable.
  func program(
    _ name: String, given: String?, variable: String
  ) throws(EngineError) -> String {
    if let given = given ?? value(variable) { return given }
    let own = try asked("looking for \(name)") { () throws(SystemError) in
      try File.link("/proc/self/exe")
    }
    guard let slash = own.lastIndex(of: "/") else { return name }
    return "\(own[...slash])\(name)"
  }

  /// A directory as an absolute path.
  ///
  /// - Throws: `EngineError` for a path that the options of an overlay mount cannot carry (the
  ///   kernel splits them at `,` and `:`, overlayfs documentation).
  func directory(_ path: String, option: String) throws(EngineError) -> String {
    guard !path.isEmpty, !path.contains(where: { ",:\\\n".contains($0) }) else {
      throw EngineError(
        "\(option): '\(path)' cannot be used",
        hint: "The path must not be empty nor contain , : or \\.")
    }
    let absolute =
      path.hasPrefix("/")
      ? path
      : try asked("resolving \(option)") { () throws(SystemError) in
        try File.link("/proc/self/cwd") + "/" + path
      }
    return absolute.count > 1 && absolute.hasSuffix("/") ? String(absolute.dropLast()) : absolute
  }
}
