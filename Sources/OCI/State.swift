// The state of a container (runtime.md, "State"), as `state` prints it, hooks read it on standard
// input and engines parse it. Beyond the specification: `created`, `cgroups` and `keepsKeyring`.

/// What `state ID` prints.
public struct State: Equatable, Sendable {
  /// Where a container is in its life.
  public enum Status: String, CaseIterable, Sendable {
    case creating, created, running, stopped, paused
  }

  /// One hierarchy in which the container has a cgroup.
  public struct Cgroup: Equatable, Sendable {
    /// The controllers of a v1 hierarchy, such as `cpu,cpuacct`; empty on v2.
    public var controllers: String
    /// The directory on the host.
    public var path: String
    /// Makes an entry.
    public init(controllers: String, path: String) {
      self.controllers = controllers
      self.path = path
    }
  }

  /// The version of the specification.
  public var ociVersion = "1.2.0"
  /// The container's name, unique on this host and root.
  public var id: String
  /// Where it is in its life.
  public var status: Status
  /// The process id of init as the host sees it; nil when there is none.
  public var pid: Int32?
  /// The absolute path of the bundle.
  public var bundle: String
  /// Annotations of config.json.
  public var annotations: [KeyValue] = []
  /// When the container was created, RFC 3339.
  public var created: String?
  /// Where its cgroups are.
  public var cgroups: [Cgroup] = []
  /// Whether it was made with `--no-new-keyring`, which holds for `exec` too.
  public var keepsKeyring = false

  /// Makes a state.
  public init(id: String, status: Status, bundle: String) {
    self.id = id
    self.status = status
    self.bundle = bundle
  }

  /// The JSON text.
  public func encode(pretty: Bool = true) -> [UInt8] {
    var json = JSONWriter(pretty: pretty)
    json.beginObject()
    write(&json)
    json.endObject()
    return json.bytes
  }

  /// Writes the members into an object the caller has begun, so that more can follow.
  public func write(_ json: inout JSONWriter) {
    json.member("ociVersion", ociVersion)
    json.member("id", id)
    json.member("status", status.rawValue)
    if let pid { json.member("pid", Int64(pid)) }
    json.member("bundle", bundle)
    if !annotations.isEmpty { json.member("annotations", annotations) }
    if let created { json.member("created", created) }
    if keepsKeyring { json.member("keepsKeyring", true) }
    guard !cgroups.isEmpty else { return }
    json.key("cgroups")
    json.beginArray()
    for cgroup in cgroups {
      json.beginObject()
      json.member("controllers", cgroup.controllers)
      json.member("path", cgroup.path)
      json.endObject()
    }
    json.endArray()
  }

  /// Reads a state; members it does not know are skipped, as runtimes may add their own.
  ///
  /// - Throws: `ConfigError` with the path of the member that is wrong or missing.
  public static func parse(_ bytes: [UInt8]) throws(ConfigError) -> State {
    var json = try JSONReader(bytes)
    var state = State(id: "", status: .creating, bundle: "")
    var status: Status?
    try json.beginObject()
    while try json.nextKey() {
      if json.keyIs("ociVersion") {
        state.ociVersion = try json.string()
      } else if json.keyIs("id") {
        state.id = try json.nonEmptyString()
      } else if json.keyIs("status") {
        let names: [5 of StaticString] = ["creating", "created", "running", "stopped", "paused"]
        status = Status(rawValue: try json.string(among: names.span, "status"))
      } else if json.keyIs("pid") {
        // Runtimes write 0 or -1 for a container without a process.
        let pid = try json.signed(-1...Int64(Int32.max))
        state.pid = pid > 0 ? Int32(truncatingIfNeeded: pid) : nil
      } else if json.keyIs("bundle") {
        state.bundle = try json.string()
      } else if json.keyIs("annotations") {
        state.annotations = try json.annotations()
      } else if json.keyIs("created") {
        state.created = try json.string()
      } else if json.keyIs("keepsKeyring") {
        state.keepsKeyring = try json.bool()
      } else if json.keyIs("cgroups") {
        try json.beginArray()
        while try json.nextElement() { state.cgroups.append(try Cgroup.read(&json)) }
      } else {
        try json.skip()
      }
    }
    try json.finish()
    guard !state.id.isEmpty else { throw json.missing("id") }
    guard let status else { throw json.missing("status") }
    state.status = status
    return state
  }
}

extension State {
  /// What an agent gets with the descriptor of a seccomp filter (config-linux.md, "The Container
  /// Process State"): this state, with the process whose calls the agent is asked about.
  ///
  /// - Parameters:
  ///   - pid: the process as the runtime sees it.
  ///   - metadata: `listenerMetadata` of the configuration.
  /// - Returns: The JSON text.
  public func encodeForAgent(pid: Int32, metadata: String?) -> [UInt8] {
    var json = JSONWriter(pretty: false)
    json.beginObject()
    json.member("ociVersion", ociVersion)
    json.member("fds", ["seccompFd"])
    json.member("pid", Int64(pid))
    json.optional("metadata", metadata)
    json.key("state")
    json.beginObject()
    write(&json)
    json.endObject()
    json.endObject()
    return json.bytes
  }
}

extension State.Cgroup {
  fileprivate static func read(_ json: inout JSONReader) throws(ConfigError) -> State.Cgroup {
    var cgroup = State.Cgroup(controllers: "", path: "")
    try json.beginObject()
    while try json.nextKey() {
      if json.keyIs("controllers") {
        cgroup.controllers = try json.string()
      } else if json.keyIs("path") {
        cgroup.path = try json.absolutePath()
      } else {
        try json.skip()
      }
    }
    guard !cgroup.path.isEmpty else { throw json.missing("path") }
    return cgroup
  }
}
