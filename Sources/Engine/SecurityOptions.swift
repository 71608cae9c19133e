import Linux

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

  /// `seccomp=…`; nil when nothing was said.
  var seccomp: SeccompChoice?
  /// `no-new-privileges`.
  var noNewPrivileges = false
  /// `apparmor=PROFILE`.
  var apparmor: String?
  /// `label=user:U` and its kin, by their names.
  var label: [String: String] = [:]
  /// `systempaths=unconfined`: nothing of /proc and /sys is hidden.
  var showsSystemPaths = false

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
      case ("apparmor", let profile?) where !profile.isEmpty: apparmor = profile
      case ("label", "disable"): label = [:]
      case ("label", let text?) where text.contains(":"):
        let pair = text.split(separator: ":", maxSplits: 1).map { String($0) }
        guard pair.count == 2, ["user", "role", "type", "level"].contains(pair[0]) else {
          throw SecurityOptions.invalid(option)
        }
        label[pair[0]] = pair[1]
      case ("systempaths", "unconfined"): showsSystemPaths = true
      default: throw SecurityOptions.invalid(option)
      }
    }
  }

  private static func invalid(_ option: String) -> EngineError {
    EngineError(
      "invalid --security-opt: \"\(option)\"",
      hint: "There are seccomp=unconfined, seccomp=FILE, no-new-privileges, apparmor=PROFILE, "
        + "label=disable and systempaths=unconfined.")
  }

  /// Refuses what this kernel could not enforce.
  func check() throws(EngineError) {
    if let apparmor, apparmor != "unconfined", !File.exists("/sys/kernel/security/apparmor") {
      throw EngineError(
        "AppArmor is not enabled on this host: the profile \(apparmor) would not be in force",
        hint: "Leave it out, or boot with security=apparmor.")
    }
    guard label.isEmpty || File.exists("/sys/fs/selinux/enforce") else {
      throw EngineError(
        "SELinux is not enabled on this host: the label would not be in force",
        hint: "Leave label=… out, or boot with security=selinux.")
    }
  }

  /// `user:role:type:level` for execve(2), with what Docker takes for what is missing; nil for none.
  var selinuxLabel: String? {
    guard !label.isEmpty else { return nil }
    return [("user", "system_u"), ("role", "system_r"), ("type", "container_t"), ("level", "s0")]
      .map { label[$0.0] ?? $0.1 }.joined(separator: ":")
  }
}
