// Those members of `linux.resources` that limit things by name or number: devices' weights and
// rates, sizes of huge pages, interfaces, RDMA devices (config-linux.md, "Control groups").

extension DeviceWeight {
  static func readAll(_ json: inout JSONReader) throws(ConfigError) -> [DeviceWeight] {
    var weights: [DeviceWeight] = []
    try json.beginArray()
    while try json.nextElement() {
      var entry = DeviceWeight(major: 0, minor: 0)
      (entry.major, entry.minor) = try json.blockDevice { json throws(ConfigError) in
        if json.keyIs("weight") {
          entry.weight = try json.weight()
        } else if json.keyIs("leafWeight") {
          entry.leafWeight = try json.weight()
        } else {
          return false
        }
        return true
      }
      weights.append(entry)
    }
    return weights
  }
}

extension DeviceRate {
  static func readAll(_ json: inout JSONReader) throws(ConfigError) -> [DeviceRate] {
    var rates: [DeviceRate] = []
    try json.beginArray()
    while try json.nextElement() {
      var rate: UInt64?
      let (major, minor) = try json.blockDevice { json throws(ConfigError) in
        guard json.keyIs("rate") else { return false }
        rate = try json.unsigned()
        return true
      }
      guard let rate else { throw json.missing("rate") }
      rates.append(DeviceRate(major: major, minor: minor, rate: rate))
    }
    return rates
  }
}

extension HugepageLimit {
  static func readAll(_ json: inout JSONReader) throws(ConfigError) -> [HugepageLimit] {
    var limits: [HugepageLimit] = []
    try json.beginArray()
    while try json.nextElement() {
      var size: String?
      var limit: UInt64?
      try json.beginObject()
      while try json.nextKey() {
        if json.keyIs("pageSize") {
          size = try json.pageSize()
        } else if json.keyIs("limit") {
          limit = try json.unsigned()
        } else {
          try json.ignoreKey()
        }
      }
      guard let size else { throw json.missing("pageSize") }
      guard let limit else { throw json.missing("limit") }
      limits.append(HugepageLimit(pageSize: size, limit: limit))
    }
    return limits
  }
}

extension NetworkMarks {
  static func read(_ json: inout JSONReader) throws(ConfigError) -> NetworkMarks {
    var marks = NetworkMarks()
    try json.beginObject()
    while try json.nextKey() {
      if json.keyIs("classID") {
        let id = try json.uint32()
        marks.classID = id == 0 ? nil : id
      } else if json.keyIs("priorities") {
        try json.beginArray()
        while try json.nextElement() { marks.priorities.append(try InterfacePriority.read(&json)) }
      } else {
        try json.ignoreKey()
      }
    }
    return marks
  }
}

extension InterfacePriority {
  fileprivate static func read(_ json: inout JSONReader) throws(ConfigError) -> InterfacePriority {
    var name: String?
    var priority: UInt32?
    try json.beginObject()
    while try json.nextKey() {
      if json.keyIs("name") {
        let text = try json.nonEmptyString()
        // It becomes the first word of a line "NAME PRIORITY".
        for byte in text.utf8 where byte <= 0x20 || byte == UInt8(ascii: "/") {
          throw json.error("\"\(text)\" is not the name of an interface")
        }
        name = text
      } else if json.keyIs("priority") {
        priority = try json.uint32()
      } else {
        try json.ignoreKey()
      }
    }
    guard let name else { throw json.missing("name") }
    guard let priority else { throw json.missing("priority") }
    return InterfacePriority(name: name, priority: priority)
  }
}

extension RDMALimit {
  static func readAll(_ json: inout JSONReader) throws(ConfigError) -> [RDMALimit] {
    var limits: [RDMALimit] = []
    try json.beginObject()
    while try json.nextKey() {
      var limit = RDMALimit(device: json.keyString())
      for byte in limit.device.utf8 where byte <= 0x20 || byte == UInt8(ascii: "/") {
        throw json.error("\"\(limit.device)\" is not the name of an RDMA device")
      }
      try json.beginObject()
      while try json.nextKey() {
        if json.keyIs("hcaHandles") {
          limit.handles = try json.uint32()
        } else if json.keyIs("hcaObjects") {
          limit.objects = try json.uint32()
        } else {
          try json.ignoreKey()
        }
      }
      if limit.handles != nil || limit.objects != nil { limits.append(limit) }
    }
    return limits
  }
}

extension JSONReader {
  /// An object that names a block device; `member` reads what else it has, and says whether the key
  /// at hand was that.
  fileprivate mutating func blockDevice(
    _ member: (inout JSONReader) throws(ConfigError) -> Bool
  ) throws(ConfigError) -> (major: UInt32, minor: UInt32) {
    var major: UInt32?
    var minor: UInt32?
    try beginObject()
    while try nextKey() {
      if keyIs("major") {
        major = try deviceMajor()
      } else if keyIs("minor") {
        minor = try deviceMinor()
      } else if !(try member(&self)) {
        try ignoreKey()
      }
    }
    guard let major else { throw missing("major") }
    guard let minor else { throw missing("minor") }
    return (major, minor)
  }

  /// A share of disk time, 10 to 1000; nil for 0.
  mutating func weight() throws(ConfigError) -> UInt16? {
    try unsignedOrUnset(10...1000).map { UInt16(truncatingIfNeeded: $0) }
  }

  /// `64KB`, `2MB`, `1GB` (config-linux.md, "Huge page limits").
  mutating func pageSize() throws(ConfigError) -> String {
    let text = try nonEmptyString()
    let digits = text.utf8.prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }.count
    let unit = text.dropFirst(digits)
    guard digits > 0, digits < 10, text.utf8.first != UInt8(ascii: "0"),
      unit == "KB" || unit == "MB" || unit == "GB"
    else { throw error("\"\(text)\" is not a page size such as 2MB") }
    return text
  }
}
