import Linux

/// What `drydock run` refuses, in Docker's words, before anything is made.
enum OptionRules {
  /// Docker 20.10's smallest memory limit, in bytes.
  static let leastMemory: Int64 = 6 << 20

  /// Checks options against each other and against this machine.
  static func check(_ options: RunOptions, on machine: Machine) throws(EngineError) {
    if let name = options.name { try Names.check(name) }
    if let hostname = options.hostname { try checkHostname(hostname) }
    try checkMemory(options)
    try checkCPU(options, machine)
    guard options.network == "none" || options.network == "host" else {
      throw EngineError(
        "network \(options.network) not found", hint: "There are the networks none and host.")
    }
    for entry in options.environment where entry.isEmpty || entry.hasPrefix("=") {
      throw EngineError("invalid environment variable: \(entry)")
    }
    if let directory = options.workingDirectory, !directory.hasPrefix("/") {
      throw EngineError(
        "the working directory '\(directory)' is invalid, it needs to be an absolute path")
    }
    _ = try CapabilityRules.granted(
      add: options.capAdd, drop: options.capDrop, bounding: machine.capabilities)
    _ = try SecurityOptions(options.securityOptions)
  }

  private static func checkMemory(_ options: RunOptions) throws(EngineError) {
    let memory = options.memory ?? 0
    guard memory == 0 || memory >= leastMemory else {
      throw EngineError("Minimum memory limit allowed is 6MB")
    }
    let swap = options.memorySwap ?? 0
    guard swap >= -1 else {
      throw EngineError(
        "invalid memory-swap \(swap)",
        hint: "Bytes of memory and swap together, or -1 for no limit.")
    }
    if swap > 0 {
      guard memory > 0 else {
        throw EngineError(
          "You should always set the Memory limit when using Memoryswap limit, see usage",
          hint: "Add --memory.")
      }
      guard swap >= memory else {
        throw EngineError(
          "Minimum memoryswap limit should be larger than memory limit, see usage",
          hint: "--memory-swap counts memory and swap together.")
      }
    }
  }

  private static func checkCPU(_ options: RunOptions, _ machine: Machine) throws(EngineError) {
    if let shares = options.cpuShares, shares != 0 {
      guard shares >= 2 else { throw EngineError("the minimum allowed cpu-shares is 2") }
      guard shares <= 262_144 else {
        throw EngineError("the maximum allowed cpu-shares is 262144")
      }
    }
    if let cpus = options.cpus, cpus != 0 {
      guard !cpus.isNaN else {
        throw EngineError(
          "invalid argument \"nan\" for \"--cpus\" flag: failed to parse nan as a rational number",
          hint: "Write how many CPUs, such as 0.5 or 1.5.")
      }
      let count = machine.cpus.count
      guard cpus >= 0.01, cpus <= Double(count) else {
        throw EngineError(
          "Range of CPUs is from 0.01 to \(count).00, as there are only \(count) CPUs available")
      }
    }
    if let list = options.cpusetCpus, !list.isEmpty {
      guard let wanted = CPUList.parse(list) else {
        throw EngineError(
          "Invalid value \(list) for cpuset cpus",
          hint: "Write numbers and ranges, such as 0 or 0-1,3.")
      }
      guard wanted.isSubset(of: machine.cpus) else {
        throw EngineError(
          "Requested CPUs are not available - requested \(list), available: \(machine.cpuList)")
      }
    }
  }

  /// The kernel takes 64 bytes; it becomes a line of /etc/hosts too (hostname(7)).
  private static func checkHostname(_ name: String) throws(EngineError) {
    let bytes = Array(name.utf8)
    let plain = bytes.allSatisfy {
      (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0)
        || "-._".utf8.contains($0)
    }
    guard plain, (1...63).contains(bytes.count), bytes[0] != UInt8(ascii: "-") else {
      throw EngineError(
        "invalid hostname: \(name)", hint: "Letters, digits, - and . only, at most 63 of them.")
    }
  }
}

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
  /// - Parameter bounding: what this process could pass on at all. Asking for ALL means all of
  ///   these; asking for one that is not among them is an error.
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
