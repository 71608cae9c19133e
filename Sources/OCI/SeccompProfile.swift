// Seccomp rules that stand alone in a file: `linux.seccomp` of the specification, or Docker's form
// of it (https://docs.docker.com/engine/security/seccomp/), which has more:
//
//   archMap   per machine, the architectures whose calls are judged by the same rules
//   includes  a rule holds only on these machines, with all of these capabilities, from this
//             kernel on
//   excludes  it does not hold on these machines, with any of these capabilities, from this
//             kernel on
//
// So one file fits every machine and every container. What holds is decided when one is made.

/// A seccomp profile.
public struct SeccompProfile: Equatable, Sendable {
  /// When a rule holds, or does not.
  struct Condition: Equatable {
    /// As Docker names machines: `amd64`.
    var architectures: [String] = []
    var capabilities: [String] = []
    /// `4.8` as numbers.
    var kernel: [Int] = []
  }

  /// A rule with its conditions.
  struct Entry: Equatable {
    var rule: SeccompRule
    var includes = Condition()
    var excludes = Condition()
  }

  /// Everything but the rules and what `archMap` adds.
  private var base = Seccomp(defaultAction: "")
  private var entries: [Entry] = []
  /// `archMap`, each with its own name first.
  private var machines: [[String]] = []

  /// Reads a profile in either form.
  ///
  /// A member that neither form has is an error: a misspelt condition must not be a rule for all.
  ///
  /// - Throws: `ConfigError` with the path of the member that is wrong or missing.
  public static func parse(_ bytes: [UInt8]) throws(ConfigError) -> SeccompProfile {
    var json = try JSONReader(bytes)
    var profile = SeccompProfile()
    try profile.read(&json)
    try json.finish()
    return profile
  }

  /// The rules that hold for a container.
  ///
  /// - Parameters:
  ///   - capabilities: its bounding set.
  ///   - kernel: the kernel's release, such as `6.1.0-18-amd64`.
  ///   - architecture: the machine.
  /// - Returns: what config.json may hold.
  public func rules(
    capabilities: [String], kernel: String, architecture: Architecture = .current
  ) -> Seccomp {
    var rules = base
    let release = SeccompProfile.numbers(kernel)
    if let machine = machines.first(where: { $0[0] == architecture.seccompName }) {
      rules.architectures = machine
    }
    rules.syscalls = entries.filter { entry in
      let (with, without) = (entry.includes, entry.excludes)
      func isHere(_ condition: Condition) -> Bool {
        condition.architectures.contains(architecture.dockerName)
      }
      func isReached(_ condition: Condition) -> Bool {
        !release.lexicographicallyPrecedes(condition.kernel)
      }
      if isHere(without) || without.capabilities.contains(where: capabilities.contains) {
        return false
      }
      if !without.kernel.isEmpty, isReached(without) { return false }
      if !with.architectures.isEmpty, !isHere(with) { return false }
      return with.capabilities.allSatisfy(capabilities.contains) && isReached(with)
    }.map(\.rule)
    return rules
  }

  /// The numbers a release begins with: major, minor, and more where they are.
  private static func numbers(_ release: String) -> [Int] {
    var numbers: [Int] = []
    for part in release.split(separator: ".", omittingEmptySubsequences: false) {
      let digits = part.prefix { $0.isASCII && $0.isNumber }
      guard let number = Int(digits) else { break }
      numbers.append(number)
      if digits.count < part.count { break }
    }
    return numbers
  }

  // MARK: Reading

  private mutating func read(_ json: inout JSONReader) throws(ConfigError) {
    try json.beginObject()
    while try json.nextKey() {
      if json.keyIs("defaultAction") {
        base.defaultAction = try json.seccompAction()
      } else if json.keyIs("defaultErrnoRet") {
        base.defaultErrnoRet = try json.uint32(upTo: 0xFFFF)
      } else if json.keyIs("architectures") {
        base.architectures = try json.seccompArchitectures()
      } else if json.keyIs("archMap") {
        try json.beginArray()
        while try json.nextElement() { machines.append(try SeccompProfile.machine(&json)) }
      } else if json.keyIs("flags") {
        try json.beginArray()
        while try json.nextElement() {
          base.flags.append(try json.string(among: Names.seccompFlags.span, "seccomp flag"))
        }
      } else if json.keyIs("syscalls") {
        try json.beginArray()
        while try json.nextElement() { entries.append(try SeccompProfile.entry(&json)) }
      } else if json.keyIs("listenerPath") || json.keyIs("listenerMetadata") {
        try json.refuseUnlessEmpty()
      } else if json.keyIs("defaultErrno") {
        try json.skip()  // the number's name, as podman writes it
      } else {
        throw json.error("is no member of a seccomp profile")
      }
    }
    guard !base.defaultAction.isEmpty else { throw json.missing("defaultAction") }
    if base.defaultErrnoRet != nil, !base.defaultAction.takesErrno {
      throw json.error("\(base.defaultAction) takes no errno", in: "defaultErrnoRet")
    }
    if !base.architectures.isEmpty, !machines.isEmpty {
      throw json.error("cannot be given together with archMap", in: "architectures")
    }
  }

  private static func machine(_ json: inout JSONReader) throws(ConfigError) -> [String] {
    var (own, others): (String, [String]) = ("", [])
    try json.beginObject()
    while try json.nextKey() {
      if json.keyIs("architecture") {
        own = try json.string(among: Names.seccompArchitectures.span, "architecture")
      } else if json.keyIs("subArchitectures") {
        others = try json.seccompArchitectures()
      } else {
        throw json.error("is no member of archMap")
      }
    }
    guard !own.isEmpty else { throw json.missing("architecture") }
    return [own] + others
  }

  private static func entry(_ json: inout JSONReader) throws(ConfigError) -> Entry {
    var entry = Entry(rule: SeccompRule(names: [], action: ""))
    try json.beginObject()
    while try json.nextKey() {
      if json.keyIs("names") {
        try json.beginArray()
        while try json.nextElement() { entry.rule.names.append(try json.nonEmptyString()) }
      } else if json.keyIs("action") {
        entry.rule.action = try json.seccompAction()
      } else if json.keyIs("errnoRet") {
        entry.rule.errnoRet = try json.uint32(upTo: 0xFFFF)
      } else if json.keyIs("args") {
        try json.beginArray()
        while try json.nextElement() { entry.rule.args.append(try SeccompArg.read(&json)) }
      } else if json.keyIs("includes") {
        entry.includes = try condition(&json)
      } else if json.keyIs("excludes") {
        entry.excludes = try condition(&json)
      } else if json.keyIs("comment") || json.keyIs("errno") {
        try json.skip()
      } else {
        throw json.error("is no member of a rule")
      }
    }
    guard !entry.rule.names.isEmpty else { throw json.missing("names") }
    guard !entry.rule.action.isEmpty else { throw json.missing("action") }
    if entry.rule.errnoRet != nil, !entry.rule.action.takesErrno {
      throw json.error("\(entry.rule.action) takes no errno", in: "errnoRet")
    }
    return entry
  }

  private static func condition(_ json: inout JSONReader) throws(ConfigError) -> Condition {
    var condition = Condition()
    try json.beginObject()
    while try json.nextKey() {
      if json.keyIs("arches") {
        condition.architectures = try json.strings()
      } else if json.keyIs("caps") {
        condition.capabilities = try json.strings()
      } else if json.keyIs("minKernel") {
        let text = try json.string()
        condition.kernel = numbers(text)
        guard condition.kernel.count >= 2 else {
          throw json.error("\"\(text)\" is no kernel's version, such as 4.8")
        }
      } else {
        throw json.error("is no condition: there are arches, caps and minKernel")
      }
    }
    return condition
  }
}

extension JSONReader {
  fileprivate mutating func seccompArchitectures() throws(ConfigError) -> [String] {
    var names: [String] = []
    try beginArray()
    while try nextElement() {
      names.append(try string(among: Names.seccompArchitectures.span, "architecture"))
    }
    return names
  }
}

extension Architecture {
  /// As the specification names it.
  fileprivate var seccompName: String {
    switch self {
    case .x86_64: "SCMP_ARCH_X86_64"
    case .arm64: "SCMP_ARCH_AARCH64"
    }
  }

  /// As Go names it.
  fileprivate var dockerName: String {
    switch self {
    case .x86_64: "amd64"
    case .arm64: "arm64"
    }
  }
}
