// `process` (config.md, "Process") and `hooks` ("POSIX-platform Hooks").

extension Process {
  /// Bytes of args and env together that execve(2) takes at most: three quarters of the 8 MiB
  /// stack limit.
  static let maxArgumentBytes = 6 << 20
  /// Bytes of one string of args or env, execve(2): MAX_ARG_STRLEN.
  static let maxArgumentLength = 131_072 - 1

  /// Reads a process by itself, as `exec --process FILE` gives it.
  ///
  /// `warn` gets a line for everything that was ignored.
  ///
  /// - Throws: `ConfigError`; its path starts at the process.
  public static func parse(
    _ bytes: [UInt8], limit: Int = JSONReader.maxBytes, warn: (String) -> Void = { _ in }
  ) throws(ConfigError) -> Process {
    var json = try JSONReader(bytes, limit: limit)
    let process = try read(&json)
    try json.finish()
    for warning in json.warnings { warn(warning) }
    return process
  }

  static func read(_ json: inout JSONReader) throws(ConfigError) -> Process {
    var process = Process()
    var cwd = ""
    var argumentBytes = 0
    try json.beginObject()
    while try json.nextKey() {
      if json.keyIs("terminal") {
        process.terminal = try json.bool()
      } else if json.keyIs("consoleSize") {
        try process.readConsoleSize(&json)
      } else if json.keyIs("cwd") {
        cwd = try json.absolutePath()
      } else if json.keyIs("env") {
        process.env = try json.environment(&argumentBytes)
      } else if json.keyIs("args") {
        process.args = try json.arguments(&argumentBytes)
        guard !process.args.isEmpty else { throw json.error("needs at least the program") }
      } else if json.keyIs("user") {
        process.user = try User.read(&json)
      } else if json.keyIs("rlimits") {
        process.rlimits = try Rlimit.readAll(&json)
      } else if json.keyIs("capabilities") {
        process.capabilities = try Capabilities.read(&json)
      } else if json.keyIs("noNewPrivileges") {
        process.noNewPrivileges = try json.bool()
      } else if json.keyIs("oomScoreAdj") {
        process.oomScoreAdj = Int32(truncatingIfNeeded: try json.signed(-1000...1000))
      } else if json.keyIs("apparmorProfile") {
        let profile = try json.string()
        process.apparmorProfile = profile.isEmpty ? nil : profile
      } else if json.keyIs("selinuxLabel") {
        let label = try json.string()
        process.selinuxLabel = label.isEmpty ? nil : label
      } else if json.keyIs("scheduler") {
        process.scheduler = try Scheduler.read(&json)
      } else if json.keyIs("ioPriority") {
        process.ioPriority = try IOPriority.read(&json)
      } else if json.keyIs("execCPUAffinity") {
        process.execCPUAffinity = try ExecCPUAffinity.read(&json)
      } else if json.keyIs("commandLine") {
        try json.refuseUnlessEmpty("is for Windows; use args")
      } else {
        try json.ignoreKey()
      }
    }
    guard !cwd.isEmpty else { throw json.missing("cwd") }
    guard !process.args.isEmpty else { throw json.missing("args") }
    process.cwd = cwd
    return process
  }

  private mutating func readConsoleSize(_ json: inout JSONReader) throws(ConfigError) {
    try json.beginObject()
    while try json.nextKey() {
      // struct winsize of ioctl_tty(2) has 16 bits for each.
      if json.keyIs("height") {
        consoleHeight = UInt16(truncatingIfNeeded: try json.unsigned(upTo: 65_535))
      } else if json.keyIs("width") {
        consoleWidth = UInt16(truncatingIfNeeded: try json.unsigned(upTo: 65_535))
      } else {
        try json.ignoreKey()
      }
    }
  }
}

extension User {
  static func read(_ json: inout JSONReader) throws(ConfigError) -> User {
    var user = User()
    try json.beginObject()
    while try json.nextKey() {
      if json.keyIs("uid") {
        user.uid = try json.identity()
      } else if json.keyIs("gid") {
        user.gid = try json.identity()
      } else if json.keyIs("umask") {
        user.umask = try json.uint32(upTo: 0o777)
      } else if json.keyIs("additionalGids") {
        try json.beginArray()
        while try json.nextElement() { user.additionalGids.append(try json.identity()) }
      } else if json.keyIs("username") {
        try json.refuseUnlessEmpty("is for Windows; use uid and gid")
      } else {
        try json.ignoreKey()
      }
    }
    return user
  }
}

extension Rlimit {
  static func readAll(_ json: inout JSONReader) throws(ConfigError) -> [Rlimit] {
    var limits: [Rlimit] = []
    try json.beginArray()
    while try json.nextElement() {
      let limit = try read(&json)
      for other in limits where other.type == limit.type {
        throw json.error("\(limit.type) is there twice", in: "type")
      }
      limits.append(limit)
    }
    return limits
  }

  private static func read(_ json: inout JSONReader) throws(ConfigError) -> Rlimit {
    var type: String?
    var soft: UInt64?
    var hard: UInt64?
    try json.beginObject()
    while try json.nextKey() {
      if json.keyIs("type") {
        type = try json.string(among: Names.rlimits.span, "resource limit")
      } else if json.keyIs("soft") {
        soft = try json.unsigned()
      } else if json.keyIs("hard") {
        hard = try json.unsigned()
      } else {
        try json.ignoreKey()
      }
    }
    guard let type else { throw json.missing("type") }
    guard let soft else { throw json.missing("soft") }
    guard let hard else { throw json.missing("hard") }
    guard soft <= hard else {
      throw json.error("\(soft) is above the hard limit \(hard)", in: "soft")
    }
    return Rlimit(type: type, soft: soft, hard: hard)
  }
}

extension Capabilities {
  static func read(_ json: inout JSONReader) throws(ConfigError) -> Capabilities {
    var sets = Capabilities()
    try json.beginObject()
    while try json.nextKey() {
      if json.keyIs("bounding") {
        sets.bounding = try json.capabilities()
      } else if json.keyIs("effective") {
        sets.effective = try json.capabilities()
      } else if json.keyIs("inheritable") {
        sets.inheritable = try json.capabilities()
      } else if json.keyIs("permitted") {
        sets.permitted = try json.capabilities()
      } else if json.keyIs("ambient") {
        sets.ambient = try json.capabilities()
      } else {
        try json.ignoreKey()
      }
    }
    return sets
  }
}

extension Hooks {
  static func read(_ json: inout JSONReader) throws(ConfigError) -> Hooks {
    var hooks = Hooks()
    try json.beginObject()
    while try json.nextKey() {
      if json.keyIs("prestart") {
        hooks.prestart = try Hook.readAll(&json)
      } else if json.keyIs("createRuntime") {
        hooks.createRuntime = try Hook.readAll(&json)
      } else if json.keyIs("createContainer") {
        hooks.createContainer = try Hook.readAll(&json)
      } else if json.keyIs("startContainer") {
        hooks.startContainer = try Hook.readAll(&json)
      } else if json.keyIs("poststart") {
        hooks.poststart = try Hook.readAll(&json)
      } else if json.keyIs("poststop") {
        hooks.poststop = try Hook.readAll(&json)
      } else {
        try json.ignoreKey()
      }
    }
    return hooks
  }
}

extension Hook {
  static func readAll(_ json: inout JSONReader) throws(ConfigError) -> [Hook] {
    var hooks: [Hook] = []
    try json.beginArray()
    while try json.nextElement() { hooks.append(try read(&json)) }
    return hooks
  }

  private static func read(_ json: inout JSONReader) throws(ConfigError) -> Hook {
    var hook = Hook(path: "")
    var argumentBytes = 0
    try json.beginObject()
    while try json.nextKey() {
      if json.keyIs("path") {
        hook.path = try json.absolutePath()
      } else if json.keyIs("args") {
        hook.args = try json.arguments(&argumentBytes)
      } else if json.keyIs("env") {
        hook.env = try json.environment(&argumentBytes)
      } else if json.keyIs("timeout") {
        hook.timeout = Int(truncatingIfNeeded: try json.signed(1...1_000_000_000))
      } else {
        try json.ignoreKey()
      }
    }
    guard !hook.path.isEmpty else { throw json.missing("path") }
    return hook
  }
}

extension JSONReader {
  /// A user or group id; 2³²−1 is not one, since system calls take it for "leave as it is".
  mutating func identity() throws(ConfigError) -> UInt32 {
    try uint32(upTo: .max - 1)
  }

  /// Names of capabilities; one that nobody knows cannot be granted, which is a warning and no
  /// error (config.md, "Linux Process").
  mutating func capabilities() throws(ConfigError) -> [String] {
    var names: [String] = []
    try beginArray()
    while try nextElement() {
      if let name = try stringOrWarning(among: Names.capabilities.span, "capability") {
        names.append(name)
      }
    }
    return names
  }

  /// An array of strings for execve(2), their bytes added to `total`.
  mutating func arguments(_ total: inout Int) throws(ConfigError) -> [String] {
    var list: [String] = []
    try beginArray()
    while try nextElement() { list.append(try argument(&total)) }
    return list
  }

  /// The same, each string of the form NAME=value.
  mutating func environment(_ total: inout Int) throws(ConfigError) -> [String] {
    var list: [String] = []
    try beginArray()
    while try nextElement() {
      let text = try argument(&total)
      let equals = text.utf8.firstIndex(of: UInt8(ascii: "="))
      guard let equals, equals > text.utf8.startIndex else {
        throw error("\"\(text)\" is not of the form NAME=value")
      }
      list.append(text)
    }
    return list
  }

  private mutating func argument(_ total: inout Int) throws(ConfigError) -> String {
    let text = try string()
    guard text.utf8.count <= Process.maxArgumentLength else {
      throw error("\(text.utf8.count) bytes are more than execve(2) takes in one string")
    }
    total += text.utf8.count + 1
    guard total <= Process.maxArgumentBytes else {
      throw error("args and env together are more than \(Process.maxArgumentBytes) bytes")
    }
    return text
  }
}
