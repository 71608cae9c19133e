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
    list(&json)
    if !unified.isEmpty { json.member("unified", unified) }
    json.endObject()
  }
}

extension Resources {
  /// What is limited by name.
  private func list(_ json: inout JSONWriter) {
    json.list("hugepageLimits", hugepages) { limit, json in
      json.beginObject()
      json.member("pageSize", limit.pageSize)
      json.member("limit", limit.limit)
      json.endObject()
    }
    if network != NetworkMarks() {
      json.key("network")
      json.beginObject()
      if let id = network.classID { json.member("classID", UInt64(id)) }
      json.list("priorities", network.priorities) { entry, json in
        json.beginObject()
        json.member("name", entry.name)
        json.member("priority", UInt64(entry.priority))
        json.endObject()
      }
      json.endObject()
    }
    if !rdma.isEmpty {
      json.key("rdma")
      json.beginObject()
      for limit in rdma {
        json.key(limit.device)
        json.beginObject()
        if let handles = limit.handles { json.member("hcaHandles", UInt64(handles)) }
        if let objects = limit.objects { json.member("hcaObjects", UInt64(objects)) }
        json.endObject()
      }
      json.endObject()
    }
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
    json.optional("kernel", kernel)
    json.optional("kernelTCP", kernelTCP)
    if let useHierarchy { json.member("useHierarchy", useHierarchy) }
    if let checkBeforeUpdate { json.member("checkBeforeUpdate", checkBeforeUpdate) }
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
    json.optional("realtimeRuntime", realtimeRuntime)
    json.optional("realtimePeriod", realtimePeriod)
    json.endObject()
  }
}

extension BlockIOLimits {
  fileprivate func write(_ json: inout JSONWriter) {
    json.beginObject()
    if let weight { json.member("weight", UInt64(weight)) }
    if let leafWeight { json.member("leafWeight", UInt64(leafWeight)) }
    json.list("weightDevice", weights) { entry, json in
      json.beginObject()
      json.member("major", UInt64(entry.major))
      json.member("minor", UInt64(entry.minor))
      if let weight = entry.weight { json.member("weight", UInt64(weight)) }
      if let weight = entry.leafWeight { json.member("leafWeight", UInt64(weight)) }
      json.endObject()
    }
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
