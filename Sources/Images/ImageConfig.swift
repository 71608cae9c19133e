// An image's configuration (OCI image specification, config.md; Docker's has the same shape).
//
// Its digest is the image's id. The bytes of what was loaded are never written anew: a changed
// image, by `commit`, is a new document, in which what is not understood here does not come along.

public import OCI

/// How an image is run: what `docker run` takes from it when the command line says nothing else.
public struct ImageSettings: Equatable, Sendable {
  /// `user`, `uid`, `user:group`…; empty for root.
  public var user = ""
  /// `80/tcp`.
  public var exposedPorts: [String] = []
  /// `NAME=value`.
  public var environment: [String] = []
  /// Always run, with the command's words behind it; nil when the image says nothing.
  public var entrypoint: [String]?
  /// Run, or given to the entrypoint, when the command line names nothing.
  public var command: [String]?
  /// Where volumes are made.
  public var volumes: [String] = []
  /// Where the program starts; empty for the root.
  public var workingDirectory = ""
  /// Sorted by name.
  public var labels: [KeyValue] = []
  /// What ends it, such as `SIGQUIT`; nil for SIGTERM.
  public var stopSignal: String?
  /// How it is asked whether it is well; nil when it is not asked.
  public var health: Health?
  /// What runs the shell forms of instructions; nil for /bin/sh -c.
  public var shell: [String]?

  /// Docker's extension `Healthcheck`; times in nanoseconds, 0 for the default.
  public struct Health: Equatable, Sendable {
    /// `CMD` or `CMD-SHELL` and its words; `NONE` turns an inherited one off.
    public var test: [String] = []
    /// Between two tests.
    public var intervalNs: Int64 = 0
    /// A test that takes longer has failed.
    public var timeoutNs: Int64 = 0
    /// Failures in this time do not count.
    public var startPeriodNs: Int64 = 0
    /// So many failures in a row make it unhealthy.
    public var retries: Int64 = 0

    /// Nothing is asked.
    public init() {}
  }

  /// An image that says no more than what it runs.
  public init(entrypoint: [String]? = nil, command: [String]? = nil) {
    self.entrypoint = entrypoint
    self.command = command
  }

  /// The whole argv for what was written behind the image's name.
  public func arguments(_ words: [String]) -> [String] {
    (entrypoint ?? []) + (words.isEmpty ? command ?? [] : words)
  }

  /// Where programs are looked for when the image does not say, as Docker has it.
  public static let defaultPath =
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
}

/// How a layer, or a setting, came about.
public struct HistoryEntry: Equatable, Sendable {
  /// RFC 3339; nil when it does not say.
  public var created: String?
  /// The command or instruction.
  public var createdBy = ""
  /// Who.
  public var author = ""
  /// What for.
  public var comment = ""
  /// Whether it made no layer.
  public var isEmpty = false

  /// Makes an entry that says nothing.
  public init() {}
}

/// The whole document.
public struct ImageConfig: Equatable, Sendable {
  /// A configuration may have so many bytes.
  public static let largest = 8 << 20

  /// `amd64`.
  public var architecture = ""
  /// `linux`.
  public var os = ""
  /// `v8`; nil when it does not say.
  public var variant: String?
  /// RFC 3339; nil when it does not say.
  public var created: String?
  /// Who made it.
  public var author = ""
  /// Docker's word on its last layer.
  public var comment = ""
  /// Docker's version, for `inspect`.
  public var dockerVersion = ""
  /// How it is run.
  public var settings = ImageSettings()
  /// The layers' plain tars, the lowest first.
  public var diffIDs: [Digest] = []
  /// Oldest first.
  public var history: [HistoryEntry] = []

  /// A configuration that says nothing.
  public init() {}

  /// Reads the document.
  ///
  /// - Throws: `ImageError` with the place in the document.
  public init(_ bytes: [UInt8], name: String) throws(ImageError) {
    do throws(ConfigError) {
      var json = try JSONReader(bytes, limit: ImageConfig.largest)
      try self.init(&json)
      try json.finish()
    } catch {
      throw ImageError(name, error)
    }
  }

  private init(_ json: inout JSONReader) throws(ConfigError) {
    var hasRootfs = false
    try json.beginObject()
    while try json.nextKey() {
      if json.keyIs("architecture") {
        architecture = try json.string()
      } else if json.keyIs("os") {
        os = try json.string()
      } else if json.keyIs("variant") {
        variant = try json.string()
      } else if json.keyIs("created") {
        created = try json.string()
      } else if json.keyIs("author") {
        author = try json.string()
      } else if json.keyIs("comment") {
        comment = try json.string()
      } else if json.keyIs("docker_version") {
        dockerVersion = try json.string()
      } else if json.keyIs("config") {
        settings = try ImageSettings(&json)
      } else if json.keyIs("rootfs") {
        hasRootfs = true
        try json.beginObject()
        while try json.nextKey() {
          if json.keyIs("diff_ids") {
            try json.beginArray()
            while try json.nextElement() {
              guard diffIDs.count < Manifest.mostLayers else {
                throw json.error("more than \(Manifest.mostLayers) layers")
              }
              diffIDs.append(try json.digest())
            }
          } else {
            try json.skip()
          }
        }
      } else if json.keyIs("history") {
        try json.beginArray()
        while try json.nextElement() { history.append(try HistoryEntry(&json)) }
      } else {
        try json.skip()
      }
    }
    guard hasRootfs else { throw json.missing("rootfs") }
  }

  /// The document: deterministic, without white space.
  public func encode() -> [UInt8] {
    var json = JSONWriter()
    json.beginObject()
    json.member("architecture", architecture)
    json.member("os", os)
    if let variant { json.member("variant", variant) }
    if let created { json.member("created", created) }
    if !author.isEmpty { json.member("author", author) }
    if !comment.isEmpty { json.member("comment", comment) }
    json.key("config")
    settings.write(to: &json)
    json.key("rootfs")
    json.beginObject()
    json.member("type", "layers")
    json.member("diff_ids", diffIDs.map { "\($0)" })
    json.endObject()
    json.key("history")
    json.beginArray()
    for entry in history { entry.write(to: &json) }
    json.endArray()
    json.endObject()
    return json.bytes
  }
}

extension HistoryEntry {
  fileprivate init(_ json: inout JSONReader) throws(ConfigError) {
    try json.beginObject()
    while try json.nextKey() {
      if json.keyIs("created") {
        created = try json.string()
      } else if json.keyIs("created_by") {
        createdBy = try json.string()
      } else if json.keyIs("author") {
        author = try json.string()
      } else if json.keyIs("comment") {
        comment = try json.string()
      } else if json.keyIs("empty_layer") {
        isEmpty = try json.bool()
      } else {
        try json.skip()
      }
    }
  }

  fileprivate func write(to json: inout JSONWriter) {
    json.beginObject()
    if let created { json.member("created", created) }
    if !createdBy.isEmpty { json.member("created_by", createdBy) }
    if !author.isEmpty { json.member("author", author) }
    if !comment.isEmpty { json.member("comment", comment) }
    if isEmpty { json.member("empty_layer", true) }
    json.endObject()
  }
}

extension ImageSettings {
  fileprivate init(_ json: inout JSONReader) throws(ConfigError) {
    try json.beginObject()
    while try json.nextKey() {
      if json.keyIs("User") {
        user = try json.string()
      } else if json.keyIs("ExposedPorts") {
        exposedPorts = try json.keys()
      } else if json.keyIs("Env") {
        environment = try json.strings()
      } else if json.keyIs("Entrypoint") {
        entrypoint = try json.strings()
      } else if json.keyIs("Cmd") {
        command = try json.strings()
      } else if json.keyIs("Volumes") {
        volumes = try json.keys()
      } else if json.keyIs("WorkingDir") {
        workingDirectory = try json.string()
      } else if json.keyIs("Labels") {
        labels = try json.pairs()
      } else if json.keyIs("StopSignal") {
        stopSignal = try json.string()
      } else if json.keyIs("Healthcheck") {
        health = try Health(&json)
      } else if json.keyIs("Shell") {
        shell = try json.strings()
      } else {
        try json.skip()
      }
    }
  }

  /// Writes the object as it stands in the document, which is also how `inspect` shows it.
  public func write(to json: inout JSONWriter) {
    json.beginObject()
    if !user.isEmpty { json.member("User", user) }
    if !exposedPorts.isEmpty { write(set: exposedPorts, "ExposedPorts", to: &json) }
    if !environment.isEmpty { json.member("Env", environment) }
    if let entrypoint { json.member("Entrypoint", entrypoint) }
    if let command { json.member("Cmd", command) }
    if !volumes.isEmpty { write(set: volumes, "Volumes", to: &json) }
    if !workingDirectory.isEmpty { json.member("WorkingDir", workingDirectory) }
    if !labels.isEmpty { json.member("Labels", labels) }
    if let stopSignal { json.member("StopSignal", stopSignal) }
    if let health {
      json.key("Healthcheck")
      health.write(to: &json)
    }
    if let shell { json.member("Shell", shell) }
    json.endObject()
  }

  /// A set of names is an object of empty objects there.
  private func write(set names: [String], _ key: String, to json: inout JSONWriter) {
    json.key(key)
    json.beginObject()
    for name in names.sorted() {
      json.key(name)
      json.beginObject()
      json.endObject()
    }
    json.endObject()
  }
}

extension ImageSettings.Health {
  fileprivate init(_ json: inout JSONReader) throws(ConfigError) {
    try json.beginObject()
    while try json.nextKey() {
      if json.keyIs("Test") {
        test = try json.strings()
      } else if json.keyIs("Interval") {
        intervalNs = try json.signed()
      } else if json.keyIs("Timeout") {
        timeoutNs = try json.signed()
      } else if json.keyIs("StartPeriod") {
        startPeriodNs = try json.signed()
      } else if json.keyIs("Retries") {
        retries = try json.signed()
      } else {
        try json.skip()
      }
    }
  }

  fileprivate func write(to json: inout JSONWriter) {
    json.beginObject()
    if !test.isEmpty { json.member("Test", test) }
    if intervalNs != 0 { json.member("Interval", intervalNs) }
    if timeoutNs != 0 { json.member("Timeout", timeoutNs) }
    if startPeriodNs != 0 { json.member("StartPeriod", startPeriodNs) }
    if retries != 0 { json.member("Retries", retries) }
    json.endObject()
  }
}
