// Writes a Config as config.json: fields that say nothing are left out, and what is written reads
// back as the same Config.

extension Config {
  /// The JSON text of config.json.
  public func encode(pretty: Bool = true) -> [UInt8] {
    var json = JSONWriter(pretty: pretty)
    json.beginObject()
    json.member("ociVersion", ociVersion)
    if let process {
      json.key("process")
      process.write(&json)
    }
    json.key("root")
    json.beginObject()
    json.member("path", root.path)
    if root.readonly { json.member("readonly", true) }
    json.endObject()
    if let hostname { json.member("hostname", hostname) }
    if let domainname { json.member("domainname", domainname) }
    json.list("mounts", mounts) { mount, json in mount.write(&json) }
    if hooks != Hooks() {
      json.key("hooks")
      hooks.write(&json)
    }
    if !annotations.isEmpty { json.member("annotations", annotations) }
    json.key("linux")
    linux.write(&json)
    json.endObject()
    return json.bytes
  }
}

extension Process {
  /// The JSON text, as `exec --process FILE` reads it.
  public func encode(pretty: Bool = true) -> [UInt8] {
    var json = JSONWriter(pretty: pretty)
    write(&json)
    return json.bytes
  }

  func write(_ json: inout JSONWriter) {
    json.beginObject()
    if terminal { json.member("terminal", true) }
    if consoleHeight != 0 || consoleWidth != 0 {
      json.key("consoleSize")
      json.beginObject()
      json.member("height", UInt64(consoleHeight))
      json.member("width", UInt64(consoleWidth))
      json.endObject()
    }
    json.key("user")
    user.write(&json)
    json.member("args", args)
    if !env.isEmpty { json.member("env", env) }
    json.member("cwd", cwd)
    if let capabilities {
      json.key("capabilities")
      json.beginObject()
      json.strings("bounding", capabilities.bounding)
      json.strings("effective", capabilities.effective)
      json.strings("inheritable", capabilities.inheritable)
      json.strings("permitted", capabilities.permitted)
      json.strings("ambient", capabilities.ambient)
      json.endObject()
    }
    json.list("rlimits", rlimits) { limit, json in
      json.beginObject()
      json.member("type", limit.type)
      json.member("hard", limit.hard)
      json.member("soft", limit.soft)
      json.endObject()
    }
    if noNewPrivileges { json.member("noNewPrivileges", true) }
    if let oomScoreAdj { json.member("oomScoreAdj", Int64(oomScoreAdj)) }
    json.optional("apparmorProfile", apparmorProfile)
    json.optional("selinuxLabel", selinuxLabel)
    if let scheduler {
      json.key("scheduler")
      scheduler.write(&json)
    }
    if let ioPriority {
      json.key("ioPriority")
      ioPriority.write(&json)
    }
    if let execCPUAffinity {
      json.key("execCPUAffinity")
      execCPUAffinity.write(&json)
    }
    json.endObject()
  }
}

extension User {
  fileprivate func write(_ json: inout JSONWriter) {
    json.beginObject()
    json.member("uid", UInt64(uid))
    json.member("gid", UInt64(gid))
    if let umask { json.member("umask", UInt64(umask)) }
    if !additionalGids.isEmpty {
      json.key("additionalGids")
      json.beginArray()
      for gid in additionalGids { json.number(UInt64(gid)) }
      json.endArray()
    }
    json.endObject()
  }
}

extension Mount {
  fileprivate func write(_ json: inout JSONWriter) {
    json.beginObject()
    json.member("destination", destination)
    if !type.isEmpty { json.member("type", type) }
    if !source.isEmpty { json.member("source", source) }
    json.strings("options", options)
    json.list("uidMappings", uidMappings) { mapping, json in mapping.write(&json) }
    json.list("gidMappings", gidMappings) { mapping, json in mapping.write(&json) }
    json.endObject()
  }
}

extension Hooks {
  fileprivate func write(_ json: inout JSONWriter) {
    json.beginObject()
    json.list("prestart", prestart) { hook, json in hook.write(&json) }
    json.list("createRuntime", createRuntime) { hook, json in hook.write(&json) }
    json.list("createContainer", createContainer) { hook, json in hook.write(&json) }
    json.list("startContainer", startContainer) { hook, json in hook.write(&json) }
    json.list("poststart", poststart) { hook, json in hook.write(&json) }
    json.list("poststop", poststop) { hook, json in hook.write(&json) }
    json.endObject()
  }
}

extension Hook {
  fileprivate func write(_ json: inout JSONWriter) {
    json.beginObject()
    json.member("path", path)
    json.strings("args", args)
    if let env { json.member("env", env) }
    if let timeout { json.member("timeout", Int64(timeout)) }
    json.endObject()
  }
}

extension JSONWriter {
  /// Writes a member with an array of strings, unless it is empty.
  mutating func strings(_ name: String, _ values: [String]) {
    if !values.isEmpty { member(name, values) }
  }

  /// Writes a member with an array of anything, unless it is empty.
  mutating func list<Element>(
    _ name: String, _ values: [Element], _ write: (Element, inout JSONWriter) -> Void
  ) {
    guard !values.isEmpty else { return }
    key(name)
    beginArray()
    for value in values { write(value, &self) }
    endArray()
  }

  mutating func optional(_ name: String, _ value: UInt64?) {
    if let value { member(name, value) }
  }

  mutating func optional(_ name: String, _ value: Int64?) {
    if let value { member(name, value) }
  }

  mutating func optional(_ name: String, _ value: String?) {
    if let value { member(name, value) }
  }
}
