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
    guard options.uts.isEmpty || options.uts == "host" else {
      throw EngineError("--uts: invalid UTS mode", hint: "host, or leave it out.")
    }
    guard options.uts.isEmpty || options.hostname == nil else {
      throw EngineError("conflicting options: hostname and the UTS mode")
    }
    _ = try HookOptions.hooks(options.hooks)
    for text in options.volumes { try Volume(text).check() }
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
    if try IDMaps(options) != nil, options.network == "host" {
      // The host's /sys shows the host's network, and mounting it needs power over that.
      throw EngineError(
        "cannot share the host's network namespace when user namespaces are enabled",
        hint: "Leave --network host or --uidmap out.")
    }
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
