/// What `drydock run` and `create` refuse, in Docker's words, before anything is made.
enum OptionRules {
  /// Checks options against each other and against this machine.
  static func check(_ options: RunOptions, on machine: Machine) throws(EngineError) {
    if let name = options.name { try Names.check(name) }
    try NameOptions.check(options)
    try ResourceOptions.check(options, machine)
    try NamespaceOptions.check(options)
    try LifeRules.check(options)
    _ = try HookOptions.hooks(options.hooks)
    for request in try MountPlan.requests(options) { try request.checkHost() }
    for text in options.volumesFrom { _ = try VolumesFrom(text) }
    if let size = options.shmSize, size <= 0 {
      throw EngineError("SHM size can not be less than 0")
    }
    if options.shmSize != nil, try NamespaceOptions.ipc(options.ipc) != .own {
      throw EngineError(
        "--shm-size has no effect on shared memory that others have too",
        hint: "Leave --shm-size or --ipc out.")
    }
    _ = try DiskOptions.limits(options)
    _ = try DeviceOptions(options)
    for entry in try KeyFiles.environment(options) where entry.isEmpty || entry.hasPrefix("=") {
      throw EngineError("invalid environment variable: \(entry)")
    }
    _ = try KeyFiles.labels(options)
    if let directory = options.workingDirectory, !directory.hasPrefix("/") {
      throw EngineError(
        "the working directory '\(directory)' is invalid, it needs to be an absolute path")
    }
    _ = try CapabilityRules.granted(
      add: options.capAdd, drop: options.capDrop, bounding: machine.capabilities)
    try SecurityOptions(options.securityOptions).check()
  }
}
