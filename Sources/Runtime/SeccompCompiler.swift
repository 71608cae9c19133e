// Rules to a BPF program by libseccomp, once: the same rules come with every start. Compiled
// programs are kept in ROOT/.seccomp/, a file a set of rules:
//
//   name     FNV-1a of the key, 16 hex digits
//   content  "drydock-seccomp-2\n", length of the key (u32 LE), key, instructions of 8 bytes
//
// The key is the rules' text in config.json with the library's version: engines write the same text
// for the same rules, and writing it anew would cost as much as reading it. It is compared whole,
// so that two sets with one name can never be taken for each other. A file that is broken or of
// another version is made anew.

internal import CSeccomp
internal import Linux
package import OCI

/// Compiles seccomp rules.
package enum SeccompCompiler {
  fileprivate static let magic: [UInt8] = Array("drydock-seccomp-2\n".utf8)

  /// The program for the rules, from the cache when it is there.
  ///
  /// - Throws: `RuntimeError` naming the rule that libseccomp refuses.
  package static func program(_ rules: Seccomp, store: Store) throws(RuntimeError) -> [UInt8] {
    let key = cacheKey(rules)
    let file = store.root + "/.seccomp/" + name(of: key)
    if let cached = try? File.read(file), let program = cached.program(for: key) { return program }
    let program = try compile(rules)
    let size = UInt32(key.count)
    let bytes =
      magic + (0..<4).map { UInt8(truncatingIfNeeded: size >> (8 * UInt32($0))) } + key + program
    // The cache only saves time: a full disk must not stop a container.
    do {
      try File.makeDirectories(store.root + "/.seccomp", mode: 0o700)
      try File.replace(file, with: bytes, mode: 0o600)
    } catch {}
    return program
  }

  private static func cacheKey(_ rules: Seccomp) -> [UInt8] {
    var key = rules.origin.bytes
    if key.isEmpty {
      var config = Config()
      config.linux.seccomp = rules
      // Who is asked changes nothing in the program.
      config.linux.seccomp?.listenerPath = nil
      config.linux.seccomp?.listenerMetadata = nil
      key = config.encode(pretty: false)
    }
    if let version = unsafe seccomp_version() {
      let pointee = unsafe version.pointee
      key += Array("\(pointee.major).\(pointee.minor).\(pointee.micro)".utf8)
    }
    return key
  }

  private static func name(of key: [UInt8]) -> String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in key { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.utf8.count) + digits
  }

  /// Compiles with libseccomp(3).
  static func compile(_ rules: Seccomp) throws(RuntimeError) -> [UInt8] {
    let defaultAction = try action(rules.defaultAction, rules.defaultErrnoRet)
    guard let context = unsafe seccomp_init(defaultAction) else {
      throw RuntimeError("seccomp: the default action \(rules.defaultAction) is not supported")
    }
    defer { unsafe seccomp_release(context) }
    // no_new_privs is the configuration's to decide, not the library's.
    unsafe seccomp_attr_set(context, SCMP_FLTATR_CTL_NNP, 0)
    for name in rules.architectures {
      let token = unsafe seccomp_arch_resolve_name(name.archName)
      guard token != 0 else {
        throw RuntimeError("seccomp: this libseccomp does not know the architecture \(name)")
      }
      let result = unsafe seccomp_arch_add(context, token)
      guard result == 0 || result == -17 else {
        throw RuntimeError("seccomp: \(name): \(Errno(-result).message)")
      }
    }
    for rule in rules.syscalls {
      let ruleAction = try action(rule.action, rule.errnoRet)
      if ruleAction == defaultAction { continue }
      for name in rule.names {
        let number = unsafe seccomp_syscall_resolve_name(name)
        // A call this libseccomp does not know cannot be made by its name either: skipped, as
        // other runtimes do, and caught by the default action.
        if number == -1 { continue }
        try unsafe add(context, ruleAction, number, rule, name)
      }
    }
    let filter = try unsafe export(context)
    return SeccompNewer.answers(rules) + filter
  }

  private static func add(
    _ context: scmp_filter_ctx, _ action: UInt32, _ number: Int32, _ rule: SeccompRule,
    _ name: String
  ) throws(RuntimeError) {
    let conditions = rule.args.map { argument in
      scmp_arg_cmp(
        arg: argument.index, op: operation(argument.op), datum_a: argument.value,
        datum_b: argument.valueTwo)
    }
    var result: Int32 = 0
    let indices = Set(rule.args.map { $0.index })
    if indices.count < rule.args.count {
      // Two conditions on one argument: libseccomp takes them only as alternatives, which is how
      // engines mean them.
      for condition in conditions where result == 0 {
        result = unsafe [condition].withUnsafeBufferPointer {
          unsafe seccomp_rule_add_array(context, action, number, 1, $0.baseAddress)
        }
      }
    } else {
      result = unsafe conditions.withUnsafeBufferPointer {
        unsafe seccomp_rule_add_array(
          context, action, number, UInt32($0.count), $0.baseAddress)
      }
    }
    // EDOM: the call does not exist on one of the architectures.
    guard result == 0 || result == -33 || result == -17 else {
      throw RuntimeError("seccomp: the rule for \(name) is refused: \(Errno(-result).message)")
    }
  }

  private static func export(_ context: scmp_filter_ctx) throws(RuntimeError) -> [UInt8] {
    try lookingUp { () throws(SystemError) in
      let memory = try File.anonymous("seccomp")
      let result = unsafe seccomp_export_bpf(context, memory.raw)
      guard result == 0 else {
        throw SystemError("seccomp_export_bpf(3)", Errno(-result), "filter")
      }
      return try File.read(memory.procPath)
    }
  }

  /// `SCMP_ACT_ERRNO` and its kin as libseccomp's numbers (<seccomp.h>).
  private static func action(_ name: String, _ value: UInt32?) throws(RuntimeError) -> UInt32 {
    switch name {
    case "SCMP_ACT_KILL", "SCMP_ACT_KILL_THREAD": return 0x0000_0000
    case "SCMP_ACT_KILL_PROCESS": return 0x8000_0000
    case "SCMP_ACT_TRAP": return 0x0003_0000
    case "SCMP_ACT_ERRNO": return 0x0005_0000 | ((value ?? 1) & 0xffff)
    case "SCMP_ACT_NOTIFY": return 0x7fc0_0000
    case "SCMP_ACT_TRACE": return 0x7ff0_0000 | ((value ?? 1) & 0xffff)
    case "SCMP_ACT_LOG": return 0x7ffc_0000
    case "SCMP_ACT_ALLOW": return 0x7fff_0000
    default:
      throw RuntimeError("linux.seccomp: the action \(name) is unknown")
    }
  }

  private static func operation(_ name: String) -> scmp_compare {
    switch name {
    case "SCMP_CMP_NE": SCMP_CMP_NE
    case "SCMP_CMP_LT": SCMP_CMP_LT
    case "SCMP_CMP_LE": SCMP_CMP_LE
    case "SCMP_CMP_GE": SCMP_CMP_GE
    case "SCMP_CMP_GT": SCMP_CMP_GT
    case "SCMP_CMP_MASKED_EQ": SCMP_CMP_MASKED_EQ
    default: SCMP_CMP_EQ
    }
  }

  /// The names of SECCOMP_FILTER_FLAG_ bits (<linux/seccomp.h>).
  private static let flagBits: [(name: StaticString, bit: UInt32)] = [
    ("SECCOMP_FILTER_FLAG_TSYNC", 0x01), ("SECCOMP_FILTER_FLAG_LOG", 0x02),
    ("SECCOMP_FILTER_FLAG_SPEC_ALLOW", 0x04), ("SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", 0x20),
  ]

  private static let newListener: UInt32 = 0x08

  /// The bits of seccomp(2)'s flags, with a listener when an agent is asked.
  ///
  /// - Throws: `RuntimeError` naming the flag that is unknown, or has no meaning here.
  static func flags(_ rules: Seccomp) throws(RuntimeError) -> UInt32 {
    var bits: UInt32 = rules.asksAgent ? newListener : 0
    for name in rules.flags {
      guard let bit = flagBits.first(where: { $0.name.equals(name) })?.bit else {
        throw RuntimeError("linux.seccomp.flags: \(name) is unknown")
      }
      if bit == 0x20, !rules.asksAgent {
        throw RuntimeError(
          "linux.seccomp.flags: \(name) is about waiting for an agent",
          hint: "no rule has the action SCMP_ACT_NOTIFY")
      }
      bits |= bit
      // With both, a number that is returned must be a descriptor, never a thread (TSYNC_ESRCH).
      if bit == 0x01, rules.asksAgent { bits |= 0x10 }
    }
    if bits != 0, !SeccompKernel.has(flags: bits) {
      throw RuntimeError(
        "linux.seccomp.flags: this kernel does not have all of \(rules.flags.list(", "))"
          + (rules.asksAgent ? " and SECCOMP_FILTER_FLAG_NEW_LISTENER" : ""))
    }
    return bits
  }

  /// The flags this kernel has, by name.
  static var supportedFlags: [String] {
    flagBits.filter { SeccompKernel.has(flags: $0.bit == 0x20 ? 0x28 : $0.bit) }
      .map { "\($0.name)" }
  }

  /// Whether this libseccomp compiles for an architecture, named as in config.json.
  static func knows(architecture name: String) -> Bool {
    unsafe seccomp_arch_resolve_name(name.archName) != 0
  }
}

extension String {
  /// `SCMP_ARCH_X86_64` as libseccomp names it: `x86_64`.
  var archName: String {
    (hasPrefix("SCMP_ARCH_") ? String(dropFirst(10)) : self).lowercased()
  }
}

extension [UInt8] {
  /// The instructions in a cache file, if it is one for this key.
  fileprivate func program(for key: [UInt8]) -> [UInt8]? {
    let header = SeccompCompiler.magic
    guard starts(with: header), count >= header.count + 4 else { return nil }
    var size = 0
    for i in 0..<4 { size |= Int(self[header.count + i]) << (8 * i) }
    let start = header.count + 4
    guard size == key.count, count > start + size else { return nil }
    guard self[start..<(start + size)] == key[...] else { return nil }
    let program = self[(start + size)...]
    return program.count % 8 == 0 ? Array(program) : nil
  }
}
