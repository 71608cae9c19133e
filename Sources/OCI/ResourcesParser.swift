// `linux.resources` (config-linux.md, "Control groups"): type and range only. Whether this kernel
// and this hierarchy can do it is for the runtime to say.
//
// For limits where 0 makes no sense engines write 0 for "not set" (runc and crun read it so).

extension Resources {
  /// Reads `linux.resources` by itself, as `update --resources` gets it.
  ///
  /// - Throws: `ConfigError` with the path of the member that is wrong.
  public static func parse(_ bytes: [UInt8]) throws(ConfigError) -> Resources {
    var json = try JSONReader(bytes)
    let resources = try read(&json)
    try json.finish()
    return resources
  }

  static func read(_ json: inout JSONReader) throws(ConfigError) -> Resources {
    var resources = Resources()
    try json.beginObject()
    while try json.nextKey() {
      if json.keyIs("devices") {
        resources.devices = try DeviceRule.readAll(&json)
      } else if json.keyIs("memory") {
        resources.memory = try MemoryLimits.read(&json)
      } else if json.keyIs("cpu") {
        resources.cpu = try CPULimits.read(&json)
      } else if json.keyIs("pids") {
        try json.beginObject()
        while try json.nextKey() {
          if json.keyIs("limit") {
            resources.pids = try json.signed()
          } else {
            try json.ignoreKey()
          }
        }
      } else if json.keyIs("blockIO") {
        resources.blockIO = try BlockIOLimits.read(&json)
      } else if json.keyIs("unified") {
        resources.unified = try json.unified()
      } else if json.keyIs("hugepageLimits") {
        resources.hugepages = try HugepageLimit.readAll(&json)
      } else if json.keyIs("network") {
        resources.network = try NetworkMarks.read(&json)
      } else if json.keyIs("rdma") {
        resources.rdma = try RDMALimit.readAll(&json)
      } else {
        try json.ignoreKey()
      }
    }
    return resources
  }
}

extension DeviceRule {
  static func readAll(_ json: inout JSONReader) throws(ConfigError) -> [DeviceRule] {
    var rules: [DeviceRule] = []
    try json.beginArray()
    while try json.nextElement() { rules.append(try read(&json)) }
    return rules
  }

  private static func read(_ json: inout JSONReader) throws(ConfigError) -> DeviceRule {
    var rule = DeviceRule(allow: false)
    var allow: Bool?
    try json.beginObject()
    while try json.nextKey() {
      if json.keyIs("allow") {
        allow = try json.bool()
      } else if json.keyIs("type") {
        let type = try json.string(among: Names.deviceRuleTypes.span, "device type")
        if !type.isEmpty { rule.type = type }
      } else if json.keyIs("major") {
        rule.major = try json.deviceNumber(upTo: 0xFFF)
      } else if json.keyIs("minor") {
        rule.minor = try json.deviceNumber(upTo: 0xFFFFF)
      } else if json.keyIs("access") {
        let access = try json.string()
        for byte in access.utf8
        where byte != UInt8(ascii: "r") && byte != UInt8(ascii: "w") && byte != UInt8(ascii: "m") {
          throw json.error("\"\(access)\" is not made of r, w and m")
        }
        if !access.isEmpty { rule.access = access }
      } else {
        try json.ignoreKey()
      }
    }
    guard let allow else { throw json.missing("allow") }
    rule.allow = allow
    return rule
  }
}

extension MemoryLimits {
  static func read(_ json: inout JSONReader) throws(ConfigError) -> MemoryLimits {
    var memory = MemoryLimits()
    try json.beginObject()
    while try json.nextKey() {
      if json.keyIs("limit") {
        memory.limit = try json.amount()
      } else if json.keyIs("reservation") {
        memory.reservation = try json.amount()
      } else if json.keyIs("swap") {
        memory.swap = try json.amount()
      } else if json.keyIs("swappiness") {
        memory.swappiness = try json.unsigned(upTo: 100)
      } else if json.keyIs("disableOOMKiller") {
        memory.disableOOMKiller = try json.bool()
      } else if json.keyIs("kernel") {
        memory.kernel = try json.amount()
      } else if json.keyIs("kernelTCP") {
        memory.kernelTCP = try json.amount()
      } else if json.keyIs("useHierarchy") {
        memory.useHierarchy = try json.bool()
      } else if json.keyIs("checkBeforeUpdate") {
        memory.checkBeforeUpdate = try json.bool()
      } else {
        try json.ignoreKey()
      }
    }
    return memory
  }
}

extension CPULimits {
  static func read(_ json: inout JSONReader) throws(ConfigError) -> CPULimits {
    var cpu = CPULimits()
    try json.beginObject()
    while try json.nextKey() {
      if json.keyIs("shares") {
        cpu.shares = try json.unsignedOrUnset(2...262_144)
      } else if json.keyIs("quota") {
        cpu.quota = try json.amount()
      } else if json.keyIs("burst") {
        cpu.burst = try json.unsigned()
      } else if json.keyIs("period") {
        cpu.period = try json.unsignedOrUnset(1000...1_000_000)
      } else if json.keyIs("cpus") {
        cpu.cpus = try json.numberList()
      } else if json.keyIs("mems") {
        cpu.mems = try json.numberList()
      } else if json.keyIs("idle") {
        cpu.idle = try json.signed(0...1)
      } else if json.keyIs("realtimeRuntime") {
        cpu.realtimeRuntime = try json.amount()
      } else if json.keyIs("realtimePeriod") {
        cpu.realtimePeriod = try json.unsignedOrUnset(1...UInt64.max)
      } else {
        try json.ignoreKey()
      }
    }
    return cpu
  }
}

extension BlockIOLimits {
  static func read(_ json: inout JSONReader) throws(ConfigError) -> BlockIOLimits {
    var block = BlockIOLimits()
    try json.beginObject()
    while try json.nextKey() {
      if json.keyIs("weight") {
        block.weight = try json.weight()
      } else if json.keyIs("leafWeight") {
        block.leafWeight = try json.weight()
      } else if json.keyIs("weightDevice") {
        block.weights = try DeviceWeight.readAll(&json)
      } else if json.keyIs("throttleReadBpsDevice") {
        block.readBps = try DeviceRate.readAll(&json)
      } else if json.keyIs("throttleWriteBpsDevice") {
        block.writeBps = try DeviceRate.readAll(&json)
      } else if json.keyIs("throttleReadIOPSDevice") {
        block.readIops = try DeviceRate.readAll(&json)
      } else if json.keyIs("throttleWriteIOPSDevice") {
        block.writeIops = try DeviceRate.readAll(&json)
      } else {
        try json.ignoreKey()
      }
    }
    return block
  }
}

extension JSONReader {
  /// Bytes or microseconds, -1 for no limit; nil for 0.
  mutating func amount() throws(ConfigError) -> Int64? {
    let value = try signed(-1...Int64.max)
    return value == 0 ? nil : value
  }

  /// A number within `range`; nil for 0.
  mutating func unsignedOrUnset(_ range: ClosedRange<UInt64>) throws(ConfigError) -> UInt64? {
    let value = try unsigned()
    guard value != 0 else { return nil }
    guard range.contains(value) else {
      throw error("\(value) is outside \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  /// A device number of a rule; nil for -1, which is every number.
  mutating func deviceNumber(upTo limit: Int64) throws(ConfigError) -> Int64? {
    let value = try signed(-1...limit)
    return value == -1 ? nil : value
  }

  /// CPUs or memory nodes in the list format of cpuset(7), `0-1,3`; nil when empty.
  mutating func numberList() throws(ConfigError) -> String? {
    let text = try string()
    guard !text.isEmpty else { return nil }
    for part in text.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
      let ends = part.split(
        separator: UInt8(ascii: "-"), maxSplits: 1, omittingEmptySubsequences: false)
      var numbers: [UInt16] = []
      for end in ends {
        guard let number = UInt16(String(Substring(end))) else {
          throw error("\"\(text)\" is not a list such as 0-1,3")
        }
        numbers.append(number)
      }
      guard numbers.count == 1 || numbers[0] <= numbers[1] else {
        throw error("\"\(text)\" has a range that runs backwards")
      }
    }
    return text
  }

  /// `linux.resources.unified`: names of files directly in the cgroup.
  mutating func unified() throws(ConfigError) -> [KeyValue] {
    var pairs: [KeyValue] = []
    try beginObject()
    while try nextKey() {
      let key = keyString()
      var hasDot = false
      for byte in key.utf8 {
        if byte == UInt8(ascii: "/") { throw error("\"\(key)\" is not the name of a cgroup file") }
        if byte == UInt8(ascii: ".") { hasDot = true }
      }
      // Every file of a controller is CONTROLLER.FILE, see cgroups(7).
      guard hasDot, key.utf8.first != UInt8(ascii: ".") else {
        throw error("\"\(key)\" is not the name of a cgroup file")
      }
      pairs.append(KeyValue(key, try string()))
    }
    return pairs
  }
}
