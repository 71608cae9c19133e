/// `--security-opt`.
struct SecurityOptions: Equatable {
  /// How system calls are filtered.
  enum SeccompChoice: Equatable {
    /// Docker's default rules.
    case standard
    /// No filter.
    case unconfined
    /// Rules from a file.
    case file(String)
  }

  /// `seccomp=…`.
  var seccomp = SeccompChoice.standard
  /// `no-new-privileges`.
  var noNewPrivileges = false

  /// Reads the options, of which the last of a kind counts.
  init(_ options: [String]) throws(EngineError) {
    for option in options {
      let separator = option.firstIndex { $0 == "=" || $0 == ":" }
      let key = separator.map { String(option[..<$0]) } ?? option
      let value = separator.map { String(option[option.index(after: $0)...]) }
      switch (key, value) {
      case ("no-new-privileges", nil), ("no-new-privileges", "true"): noNewPrivileges = true
      case ("no-new-privileges", "false"): noNewPrivileges = false
      case ("seccomp", "unconfined"): seccomp = .unconfined
      case ("seccomp", "default"), ("seccomp", "builtin"): seccomp = .standard
      case ("seccomp", let path?) where !path.isEmpty: seccomp = .file(path)
      default:
        throw EngineError(
          "invalid --security-opt: \"\(option)\"",
          hint: "There are seccomp=unconfined, seccomp=FILE and no-new-privileges.")
      }
    }
  }
}
