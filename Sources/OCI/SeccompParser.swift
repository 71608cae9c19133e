// `linux.seccomp` (config-linux.md, "Seccomp").

extension Seccomp {
  static func read(_ json: inout JSONReader) throws(ConfigError) -> Seccomp {
    var seccomp = Seccomp(defaultAction: "")
    let start = json.position
    try json.beginObject()
    while try json.nextKey() {
      if json.keyIs("defaultAction") {
        seccomp.defaultAction = try json.seccompAction()
      } else if json.keyIs("defaultErrnoRet") {
        seccomp.defaultErrnoRet = try json.uint32(upTo: 0xFFFF)
      } else if json.keyIs("architectures") {
        try json.beginArray()
        while try json.nextElement() {
          seccomp.architectures.append(
            try json.string(among: Names.seccompArchitectures.span, "architecture"))
        }
      } else if json.keyIs("flags") {
        try json.beginArray()
        while try json.nextElement() {
          seccomp.flags.append(try json.string(among: Names.seccompFlags.span, "seccomp flag"))
        }
      } else if json.keyIs("syscalls") {
        try json.beginArray()
        while try json.nextElement() { seccomp.syscalls.append(try SeccompRule.read(&json)) }
      } else if json.keyIs("listenerPath") {
        let path = try json.string()
        guard path.isEmpty || path.isAbsolute else {
          throw json.error("\"\(path)\" is not an absolute path")
        }
        seccomp.listenerPath = path.isEmpty ? nil : path
      } else if json.keyIs("listenerMetadata") {
        let text = try json.string()
        seccomp.listenerMetadata = text.isEmpty ? nil : text
      } else {
        try json.ignoreKey()
      }
    }
    guard !seccomp.defaultAction.isEmpty else { throw json.missing("defaultAction") }
    if seccomp.asksAgent, seccomp.listenerPath == nil {
      throw json.error("SCMP_ACT_NOTIFY needs an agent: give listenerPath", in: "listenerPath")
    }
    if seccomp.listenerMetadata != nil, seccomp.listenerPath == nil {
      throw json.error("there is nobody to tell it: give listenerPath", in: "listenerMetadata")
    }
    if seccomp.defaultErrnoRet != nil && !seccomp.defaultAction.takesErrno {
      throw json.error("\(seccomp.defaultAction) takes no errno", in: "defaultErrnoRet")
    }
    seccomp.origin.bytes = Array(json.bytes[start..<json.position])
    return seccomp
  }
}

extension SeccompRule {
  static func read(_ json: inout JSONReader) throws(ConfigError) -> SeccompRule {
    var rule = SeccompRule(names: [], action: "")
    try json.beginObject()
    while try json.nextKey() {
      if json.keyIs("names") {
        try json.beginArray()
        while try json.nextElement() { rule.names.append(try json.nonEmptyString()) }
      } else if json.keyIs("action") {
        rule.action = try json.seccompAction()
      } else if json.keyIs("errnoRet") {
        rule.errnoRet = try json.uint32(upTo: 0xFFFF)
      } else if json.keyIs("args") {
        try json.beginArray()
        while try json.nextElement() { rule.args.append(try SeccompArg.read(&json)) }
      } else {
        try json.ignoreKey()
      }
    }
    guard !rule.names.isEmpty else { throw json.missing("names") }
    guard !rule.action.isEmpty else { throw json.missing("action") }
    if rule.errnoRet != nil && !rule.action.takesErrno {
      throw json.error("\(rule.action) takes no errno", in: "errnoRet")
    }
    return rule
  }
}

extension SeccompArg {
  static func read(_ json: inout JSONReader) throws(ConfigError) -> SeccompArg {
    var index: UInt32?
    var value: UInt64?
    var valueTwo: UInt64 = 0
    var op = ""
    try json.beginObject()
    while try json.nextKey() {
      if json.keyIs("index") {
        // A system call has six arguments, syscall(2).
        index = try json.uint32(upTo: 5)
      } else if json.keyIs("value") {
        value = try json.unsigned()
      } else if json.keyIs("valueTwo") {
        valueTwo = try json.unsigned()
      } else if json.keyIs("op") {
        op = try json.string(among: Names.seccompOperators.span, "comparison")
      } else {
        try json.ignoreKey()
      }
    }
    guard let index else { throw json.missing("index") }
    guard let value else { throw json.missing("value") }
    guard !op.isEmpty else { throw json.missing("op") }
    var argument = SeccompArg(index: index, value: value, op: op)
    argument.valueTwo = valueTwo
    return argument
  }
}

extension JSONReader {
  mutating func seccompAction() throws(ConfigError) -> String {
    try string(among: Names.seccompActions.span, "seccomp action")
  }
}

extension String {
  /// Whether the action has an errno, or a message, beside it.
  var takesErrno: Bool { self == "SCMP_ACT_ERRNO" || self == "SCMP_ACT_TRACE" }
}
