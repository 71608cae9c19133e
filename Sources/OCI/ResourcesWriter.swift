// Writes `linux.resources` of config.json.

extension Resources {
  func write(_ json: inout JSONWriter) {
    json.beginObject()
    json.list("devices", devices) { rule, json in rule.write(&json) }
    if memory != MemoryLimits() {
      json.key("memory")
      memory.write(&json)
    }
    if cpu != CPULimits() {
      json.key("cpu")
      cpu.write(&json)
    }
    if let pids {
      json.key("pids")
      json.beginObject()
      json.member("limit", pids)
      json.endObject()
    }
    if blockIO != BlockIOLimits() {
      json.key("blockIO")
      blockIO.write(&json)
    }
    if !unified.isEmpty { json.member("unified", unified) }
    json.endObject()
  }
}

extension DeviceRule {
  fileprivate func write(_ json: inout JSONWriter) {
    json.beginObject()
    json.member("allow", allow)
    json.member("type", type)
    json.optional("major", major)
    json.optional("minor", minor)
    json.member("access", access)
    json.endObject()
  }
}

extension MemoryLimits {
  fileprivate func write(_ json: inout JSONWriter) {
    json.beginObject()
    json.optional("limit", limit)
    json.optional("reservation", reservation)
    json.optional("swap", swap)
    json.optional("swappiness", swappiness)
    if let disableOOMKiller { json.member("disableOOMKiller", disableOOMKiller) }
    json.endObject()
  }
}

extension CPULimits {
  fileprivate func write(_ json: inout JSONWriter) {
    json.beginObject()
    json.optional("shares", shares)
    json.optional("quota", quota)
    json.optional("burst", burst)
    json.optional("period", period)
    json.optional("cpus", cpus)
    json.optional("mems", mems)
    json.optional("idle", idle)
    json.endObject()
  }
}

extension BlockIOLimits {
  fileprivate func write(_ json: inout JSONWriter) {
    json.beginObject()
    if let weight { json.member("weight", UInt64(weight)) }
    json.list("throttleReadBpsDevice", readBps) { rate, json in rate.write(&json) }
    json.list("throttleWriteBpsDevice", writeBps) { rate, json in rate.write(&json) }
    json.list("throttleReadIOPSDevice", readIops) { rate, json in rate.write(&json) }
    json.list("throttleWriteIOPSDevice", writeIops) { rate, json in rate.write(&json) }
    json.endObject()
  }
}

extension DeviceRate {
  fileprivate func write(_ json: inout JSONWriter) {
    json.beginObject()
    json.member("major", UInt64(major))
    json.member("minor", UInt64(minor))
    json.member("rate", rate)
    json.endObject()
  }
}
