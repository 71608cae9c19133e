// config.json of a bundle, runtime-spec 1.2 config.md. Every field is read into `Config`, or
// refused by its full path when this runtime does not honour it. What the specification does not
// know is ignored, as it demands, with a warning: it may be a misspelling.
//
// The parts: ProcessParser (process, hooks), LinuxParser (linux), ResourcesParser
// (linux.resources) and SeccompParser (linux.seccomp).

internal import Linux

extension Config {
  /// Reads config.json.
  ///
  /// `warn` gets a line for everything that was ignored.
  ///
  /// - Throws: `ConfigError` with the path of the field that is wrong or not honoured.
  public static func parse(
    _ bytes: [UInt8], limit: Int = JSONReader.maxBytes, warn: (String) -> Void = { _ in }
  ) throws(ConfigError) -> Config {
    var json = try JSONReader(bytes, limit: limit)
    let config = try Config.read(&json)
    try json.finish()
    for warning in json.warnings { warn(warning) }
    return config
  }

  private static func read(_ json: inout JSONReader) throws(ConfigError) -> Config {
    var config = Config()
    var version: String?
    var root: Root?
    try json.beginObject()
    while try json.nextKey() {
      if json.keyIs("ociVersion") {
        version = try json.ociVersion()
      } else if json.keyIs("root") {
        root = try Root.read(&json)
      } else if json.keyIs("process") {
        config.process = try Process.read(&json)
      } else if json.keyIs("hostname") {
        config.hostname = try json.hostname()
      } else if json.keyIs("domainname") {
        config.domainname = try json.hostname()
      } else if json.keyIs("mounts") {
        config.mounts = try Mount.readAll(&json)
      } else if json.keyIs("hooks") {
        config.hooks = try Hooks.read(&json)
      } else if json.keyIs("annotations") {
        config.annotations = try json.annotations()
      } else if json.keyIs("linux") {
        config.linux = try LinuxConfig.read(&json)
      } else if json.keyIs("solaris") || json.keyIs("windows") || json.keyIs("vm")
        || json.keyIs("zos") || json.keyIs("freebsd")
      {
        try json.refuseUnlessEmpty("is for another platform; this runtime is for Linux")
      } else {
        try json.ignoreKey()
      }
    }
    guard let version else { throw json.missing("ociVersion") }
    guard let root else { throw json.missing("root") }
    config.ociVersion = version
    config.root = root
    try config.checkTogether(json)
    return config
  }

  /// Rules about two fields at once.
  private func checkTogether(_ json: JSONReader) throws(ConfigError) {
    func asks(_ kind: NamespaceKind) -> Bool {
      for namespace in linux.namespaces where namespace.kind == kind { return true }
      return false
    }
    if !asks(.uts) {
      // Without it the host's own name would change.
      let why = "needs a namespace of type uts in linux.namespaces"
      if hostname != nil { throw json.error(why, in: "hostname") }
      if domainname != nil { throw json.error(why, in: "domainname") }
    }
    if !asks(.user) {
      let why = "needs a namespace of type user in linux.namespaces"
      if !linux.uidMappings.isEmpty { throw json.error(why, in: "linux.uidMappings") }
      if !linux.gidMappings.isEmpty { throw json.error(why, in: "linux.gidMappings") }
    }
  }
}

extension Root {
  static func read(_ json: inout JSONReader) throws(ConfigError) -> Root {
    var root = Root()
    var path = ""
    try json.beginObject()
    while try json.nextKey() {
      if json.keyIs("path") {
        path = try json.nonEmptyString()
      } else if json.keyIs("readonly") {
        root.readonly = try json.bool()
      } else {
        try json.ignoreKey()
      }
    }
    guard !path.isEmpty else { throw json.missing("path") }
    root.path = path
    return root
  }
}

extension Mount {
  /// More mounts than this are a mistake; the kernel's own limit is fs.mount-max (100000).
  static let most = 4096

  static func readAll(_ json: inout JSONReader) throws(ConfigError) -> [Mount] {
    var mounts: [Mount] = []
    try json.beginArray()
    while try json.nextElement() {
      guard mounts.count < most else { throw json.error("more than \(most) mounts") }
      mounts.append(try read(&json))
    }
    return mounts
  }

  private static func read(_ json: inout JSONReader) throws(ConfigError) -> Mount {
    var mount = Mount(destination: "", type: "", source: "")
    try json.beginObject()
    while try json.nextKey() {
      if json.keyIs("destination") {
        mount.destination = try json.nonEmptyString()
        // Since 1.2 a relative destination means: relative to `/`.
        if !mount.destination.isAbsolute { mount.destination = "/" + mount.destination }
      } else if json.keyIs("type") {
        mount.type = try json.string()
      } else if json.keyIs("source") {
        mount.source = try json.string()
      } else if json.keyIs("options") {
        mount.options = try json.strings()
      } else if json.keyIs("uidMappings") {
        mount.uidMappings = try IDMapping.readAll(&json)
      } else if json.keyIs("gidMappings") {
        mount.gidMappings = try IDMapping.readAll(&json)
      } else {
        try json.ignoreKey()
      }
    }
    guard !mount.destination.isEmpty else { throw json.missing("destination") }
    if mount.uidMappings.isEmpty != mount.gidMappings.isEmpty {
      throw json.error(
        "id maps need both uidMappings and gidMappings",
        in: mount.uidMappings.isEmpty ? "gidMappings" : "uidMappings")
    }
    if mount.type.isEmpty {
      var bind = false
      for option in mount.options where option == "bind" || option == "rbind" { bind = true }
      guard bind else {
        throw json.error("is needed unless the options have bind or rbind", in: "type")
      }
    }
    return mount
  }
}

extension JSONReader {
  /// `ociVersion`: semantic versioning, major version 1.
  mutating func ociVersion() throws(ConfigError) -> String {
    let text = try string()
    let parts = text.parts(".", limit: 3)
    guard parts.count == 3, let major = UInt16(parts[0]), UInt16(parts[1]) != nil else {
      throw error("\"\(text)\" is not a version such as 1.2.0")
    }
    guard major == 1 else {
      throw error("version \(text) is not supported: this runtime reads 1.x")
    }
    return text
  }

  /// A name for sethostname(2) or setdomainname(2); nil when it is empty.
  mutating func hostname() throws(ConfigError) -> String? {
    let text = try string()
    guard text.utf8.count <= 64 else {
      throw error("\(text.utf8.count) bytes are more than the kernel's 64, see sethostname(2)")
    }
    for byte in text.utf8 where byte == UInt8(ascii: "/") {
      throw error("\"\(text)\" has a slash")
    }
    return text.isEmpty ? nil : text
  }

  /// `annotations`, sorted by key.
  mutating func annotations() throws(ConfigError) -> [KeyValue] {
    var pairs: [KeyValue] = []
    try beginObject()
    while try nextKey() {
      let key = keyString()
      guard !key.isEmpty else { throw error("an annotation needs a name") }
      pairs.append(KeyValue(key, try string()))
    }
    pairs.sort { $0.key < $1.key }
    return pairs
  }

  /// An array of strings.
  mutating func strings() throws(ConfigError) -> [String] {
    var list: [String] = []
    try beginArray()
    while try nextElement() { list.append(try string()) }
    return list
  }

  /// A string that says something.
  mutating func nonEmptyString() throws(ConfigError) -> String {
    let text = try string()
    guard !text.isEmpty else { throw error("must not be empty") }
    return text
  }

  /// A path that begins with `/`.
  mutating func absolutePath() throws(ConfigError) -> String {
    let text = try string()
    guard text.isAbsolute else { throw error("\"\(text)\" is not an absolute path") }
    return text
  }

  /// An array of paths that begin with `/`.
  mutating func absolutePaths() throws(ConfigError) -> [String] {
    var list: [String] = []
    try beginArray()
    while try nextElement() { list.append(try absolutePath()) }
    return list
  }
}

extension String {
  var isAbsolute: Bool { utf8.first == UInt8(ascii: "/") }

  /// Whether a component between slashes is `..`.
  var hasParentComponent: Bool {
    var length = 0
    var dots = 0
    for byte in utf8 {
      if byte == UInt8(ascii: "/") {
        if dots == 2, length == 2 { return true }
        length = 0
        dots = 0
      } else {
        length += 1
        if byte == UInt8(ascii: ".") { dots += 1 }
      }
    }
    return dots == 2 && length == 2
  }
}
