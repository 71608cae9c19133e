// Writes `linux` of config.json.

extension LinuxConfig {
  func write(_ json: inout JSONWriter) {
    json.beginObject()
    json.list("namespaces", namespaces) { namespace, json in
      json.beginObject()
      json.member("type", namespace.kind.rawValue)
      json.optional("path", namespace.path)
      json.endObject()
    }
    json.list("uidMappings", uidMappings) { mapping, json in mapping.write(&json) }
    json.list("gidMappings", gidMappings) { mapping, json in mapping.write(&json) }
    json.list("devices", devices) { device, json in device.write(&json) }
    json.optional("cgroupsPath", cgroupsPath)
    if resources != Resources() {
      json.key("resources")
      resources.write(&json)
    }
    if !sysctl.isEmpty { json.member("sysctl", sysctl) }
    if let seccomp {
      json.key("seccomp")
      seccomp.write(&json)
    }
    json.optional("rootfsPropagation", rootfsPropagation)
    if let personality {
      json.key("personality")
      json.beginObject()
      json.member("domain", personality)
      json.endObject()
    }
    if let memoryPolicy {
      json.key("memoryPolicy")
      memoryPolicy.write(&json)
    }
    writeNetDevices(&json)
    json.optional("mountLabel", mountLabel)
    if timeOffsets != TimeOffsets() {
      json.key("timeOffsets")
      json.beginObject()
      timeOffsets.monotonic?.write("monotonic", &json)
      timeOffsets.boottime?.write("boottime", &json)
      json.endObject()
    }
    json.strings("maskedPaths", maskedPaths)
    json.strings("readonlyPaths", readonlyPaths)
    json.endObject()
  }
}

extension TimeOffset {
  fileprivate func write(_ clock: String, _ json: inout JSONWriter) {
    json.key(clock)
    json.beginObject()
    json.member("secs", seconds)
    json.member("nanosecs", UInt64(nanoseconds))
    json.endObject()
  }
}

extension IDMapping {
  func write(_ json: inout JSONWriter) {
    json.beginObject()
    json.member("containerID", UInt64(containerID))
    json.member("hostID", UInt64(hostID))
    json.member("size", UInt64(size))
    json.endObject()
  }
}

extension DeviceNode {
  fileprivate func write(_ json: inout JSONWriter) {
    json.beginObject()
    json.member("type", type)
    json.member("path", path)
    json.member("major", UInt64(major))
    json.member("minor", UInt64(minor))
    if let fileMode { json.member("fileMode", UInt64(fileMode)) }
    json.member("uid", UInt64(uid))
    json.member("gid", UInt64(gid))
    json.endObject()
  }
}

extension Seccomp {
  fileprivate func write(_ json: inout JSONWriter) {
    json.beginObject()
    json.member("defaultAction", defaultAction)
    if let defaultErrnoRet { json.member("defaultErrnoRet", UInt64(defaultErrnoRet)) }
    json.strings("architectures", architectures)
    json.strings("flags", flags)
    json.optional("listenerPath", listenerPath)
    json.optional("listenerMetadata", listenerMetadata)
    json.list("syscalls", syscalls) { rule, json in
      json.beginObject()
      json.member("names", rule.names)
      json.member("action", rule.action)
      if let errno = rule.errnoRet { json.member("errnoRet", UInt64(errno)) }
      json.list("args", rule.args) { argument, json in
        json.beginObject()
        json.member("index", UInt64(argument.index))
        json.member("value", argument.value)
        if argument.valueTwo != 0 { json.member("valueTwo", argument.valueTwo) }
        json.member("op", argument.op)
        json.endObject()
      }
      json.endObject()
    }
    json.endObject()
  }
}
