import Linux
import Monitor
import Networks
import OCI
import State

/// What was asked for when a container was made, as State keeps it (ContainerTable.swift).
///
/// It never says that the container lives, nor how it ended: that is found by looking
/// (ContainerStore+Looking.swift). What the runtime needs is in config.json.
struct Record: Equatable, Sendable {
  /// 64 hexadecimal digits.
  var id: String
  /// Unique among the containers of a root.
  var name = ""
  /// The image's name as it was given.
  var image = ""
  /// The image's id, 64 hexadecimal digits: it must stay as long as the container.
  var imageID = ""
  /// The whole argv.
  var command: [String] = []
  /// CLOCK_REALTIME.
  var createdNs: UInt64 = 0
  /// `--rm`.
  var removeOnExit = false
  /// `-t`.
  var terminal = false
  /// `-i`.
  var input = false
  /// Its input ends with the first who gave some: not for `-d`.
  var inputOnce = false
  /// Its place in every cgroup tree.
  var cgroup = ""
  /// `--label`, `KEY=value`.
  var labels: [String] = []
  /// `--stop-signal`, a number.
  var stopSignal: Int32 = 15
  /// `--stop-timeout`, seconds.
  var stopTimeout: Int64 = 10
  /// `--restart`.
  var restart = Restart()
  /// Whether somebody stopped it, so that a reboot does not start it again.
  var isStopped = false
  /// `--log-driver` and `--log-opt`.
  var log = LogOptions()
  /// `--health-cmd` and its kin.
  var health: HealthCheck?
  /// How many words of the command are the entrypoint.
  var entrypoints = 0
  /// Further flags, as they were typed.
  var asked = AskedFlags()

  /// Adds what the image exposes, and what is published, to what the container does.
  ///
  /// - Returns: the ports that it publishes.
  mutating func exposing(_ ports: [String]) throws(EngineError) -> [PortMapping] {
    var all = asked["expose"].map { $0.contains("/") ? $0 : $0 + "/tcp" }
    for port in ports where !all.contains(port) { all.append(port) }
    asked["expose"] = all
    let mappings = try Engine.ports(self)
    for port in mappings {
      let text = "\(port.containerPort)/\(port.transport.rawValue)"
      if !all.contains(text) { all.append(text) }
    }
    asked["expose"] = all
    return mappings
  }

  /// The file's content.
  func encode() -> [UInt8] {
    var json = JSONWriter()
    json.beginObject()
    json.member("schema", Int64(1))
    json.member("image", image)
    json.member("command", command)
    json.member("remove_on_exit", removeOnExit)
    json.member("terminal", terminal)
    json.member("input", input)
    json.member("input_once", inputOnce)
    json.member("cgroup", cgroup)
    json.member("labels", labels)
    json.member("stop_signal", Int64(stopSignal))
    json.member("stop_timeout", stopTimeout)
    json.member("restart", restart.text)
    json.member("stopped", isStopped)
    json.member("log_driver", log.driver)
    json.member("log_max_bytes", log.maxBytes)
    json.member("log_max_files", log.maxFiles)
    if let health {
      json.key("health")
      health.write(&json)
    }
    if entrypoints > 0 { json.member("entrypoints", UInt64(entrypoints)) }
    if asked != AskedFlags() {
      json.key("asked")
      asked.write(&json)
    }
    json.endObject()
    return json.bytes
  }

  /// As the table has it.
  var row: ContainerRow {
    ContainerRow(id: id, name: name, image: imageID, createdNs: createdNs, document: encode())
  }

  /// Reads a row.
  init(_ row: ContainerRow) throws(EngineError) {
    self.init(id: row.id)
    name = row.name
    imageID = row.image
    createdNs = row.createdNs
    self = try StateFile.parsed(row.document, name: "the record of \(row.name)") {
      [self] (json) throws(ConfigError) in
      var record = self
      try json.beginObject()
      while try json.nextKey() { try record.read(&json) }
      return record
    }
  }

  /// Nothing but the id.
  init(id: String) { self.id = id }

  private mutating func read(_ json: inout JSONReader) throws(ConfigError) {
    if json.keyIs("image") {
      image = try json.string()
    } else if json.keyIs("command") {
      command = try json.strings()
    } else if json.keyIs("remove_on_exit") {
      removeOnExit = try json.bool()
    } else if json.keyIs("terminal") {
      terminal = try json.bool()
    } else if json.keyIs("input") {
      input = try json.bool()
    } else if json.keyIs("input_once") {
      inputOnce = try json.bool()
    } else if json.keyIs("cgroup") {
      cgroup = try json.string()
    } else if json.keyIs("labels") {
      labels = try json.strings()
    } else if json.keyIs("stop_signal") {
      stopSignal = Int32(truncatingIfNeeded: try json.unsigned(upTo: 64))
    } else if json.keyIs("stop_timeout") {
      stopTimeout = try json.signed(-1...Int64(Int32.max))
    } else if json.keyIs("restart") {
      let text = try json.string()
      guard let restart = try? Restart(text) else { throw json.error("unknown restart \(text)") }
      self.restart = restart
    } else if json.keyIs("stopped") {
      isStopped = try json.bool()
    } else if json.keyIs("log_driver") {
      log.driver = try json.string()
    } else if json.keyIs("log_max_bytes") {
      log.maxBytes = try json.unsigned()
    } else if json.keyIs("log_max_files") {
      log.maxFiles = try json.unsigned()
    } else if json.keyIs("health") {
      health = try HealthCheck.read(&json)
    } else if json.keyIs("entrypoints") {
      entrypoints = Int(try json.unsigned(upTo: 1 << 20))
    } else if json.keyIs("asked") {
      asked = try AskedFlags(&json)
    } else {
      try json.skip()
    }
  }
}
