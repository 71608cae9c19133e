internal import CCap
internal import CLinux

/// A set of capabilities as a mask, bit n for capability n (capabilities(7)).
public struct CapabilitySet: Equatable, Sendable {
  /// The mask.
  public var mask: UInt64

  /// Wraps a mask.
  public init(mask: UInt64 = 0) { self.mask = mask }

  /// Adds `CAP_CHOWN` and its kin, any case, with or without the prefix; false when libcap does
  /// not know the name.
  public mutating func insert(named name: String) -> Bool {
    // cap_from_name(3) does not look at case, wants the prefix, and stops at the first other
    // character: "cap_chown,cap_kill" would be cap_chown.
    let isWord = name.utf8.allSatisfy { byte in
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte == UInt8(ascii: "_")
    }
    guard isWord else { return false }
    let full = name.hasPrefix("CAP_") || name.hasPrefix("cap_") ? name : "CAP_" + name
    var value: cap_value_t = 0
    guard unsafe full.withCString({ unsafe cap_from_name($0, &value) }) == 0, value >= 0, value < 64
    else { return false }
    mask |= 1 << UInt64(value)
    return true
  }

  /// The names, in the kernel's order, as `CAP_CHOWN`.
  public var names: [String] {
    var result = [String]()
    for bit in 0..<64 where mask & (1 << UInt64(bit)) != 0 {
      guard let name = unsafe cap_to_name(cap_value_t(bit)) else { continue }
      result.append(unsafe String(cString: name).uppercased())
      unsafe cap_free(name)
    }
    return result
  }

  /// The numbers in the set, one by one.
  public func forEach<E: Error>(_ body: (Int32) throws(E) -> Void) throws(E) {
    var rest = mask
    while rest != 0 {
      try body(Int32(rest.trailingZeroBitCount))
      rest &= rest - 1
    }
  }

  /// The bounding set of this process: what nobody below it can ever have
  /// (prctl(2), PR_CAPBSET_READ).
  public static var bounding: CapabilitySet {
    var set = CapabilitySet()
    for bit in 0..<64 {
      let has = lx_prctl(23, UInt(bit), 0, 0, 0)
      if has < 0 { break }
      if has == 1 { set.mask |= 1 << UInt64(bit) }
    }
    return set
  }
}

/// What a process may do: ids, capabilities, limits.
public enum Identity {
  /// Sets permitted, effective and inheritable capabilities at once (capset(2) by libcap).
  ///
  /// - Throws: `SystemError` with the effective set's names.
  public static func set(
    effective: CapabilitySet, permitted: CapabilitySet, inheritable: CapabilitySet
  ) throws(SystemError) {
    guard let state = unsafe cap_init() else {
      throw SystemError("cap_init(3)", Errno(12), "capability state")
    }
    defer { unsafe cap_free(UnsafeMutableRawPointer(state)) }
    let sets = [
      (CAP_EFFECTIVE, effective), (CAP_PERMITTED, permitted), (CAP_INHERITABLE, inheritable),
    ]
    for (flag, set) in sets {
      set.forEach { number in
        var number = number
        unsafe cap_set_flag(state, flag, 1, &number, CAP_SET)
      }
    }
    guard unsafe cap_set_proc(state) == 0 else {
      throw SystemError("capset(2)", .perm, effective.names.joined(separator: ","))
    }
  }

  /// Removes one capability from the bounding set (prctl(2), PR_CAPBSET_DROP).
  ///
  /// - Throws: `SystemError` naming the capability's number.
  public static func dropBounding(_ capability: Int32) throws(SystemError) {
    try check(
      lx_prctl(24, UInt(capability), 0, 0, 0), "prctl(2) PR_CAPBSET_DROP", "\(capability)")
  }

  /// Raises one ambient capability (prctl(2), PR_CAP_AMBIENT_RAISE).
  ///
  /// - Throws: `SystemError` naming the capability's number.
  public static func raiseAmbient(_ capability: Int32) throws(SystemError) {
    try check(
      lx_prctl(47, 2, UInt(capability), 0, 0), "prctl(2) PR_CAP_AMBIENT_RAISE", "\(capability)")
  }

  /// Keeps permitted capabilities when the user id leaves 0 (prctl(2), PR_SET_KEEPCAPS).
  ///
  /// - Throws: `SystemError`.
  public static func keepCapabilities() throws(SystemError) {
    try check(lx_prctl(8, 1, 0, 0, 0), "prctl(2) PR_SET_KEEPCAPS", "1")
  }

  /// Forbids to gain privileges by execve(2) (prctl(2), PR_SET_NO_NEW_PRIVS).
  ///
  /// - Throws: `SystemError`.
  public static func noNewPrivileges() throws(SystemError) {
    try check(lx_prctl(38, 1, 0, 0, 0), "prctl(2) PR_SET_NO_NEW_PRIVS", "1")
  }

  /// Dies by `signal` when the parent does (prctl(2), PR_SET_PDEATHSIG).
  ///
  /// - Throws: `SystemError`.
  public static func dieWithParent(_ signal: Int32) throws(SystemError) {
    try check(lx_prctl(1, UInt(signal), 0, 0, 0), "prctl(2) PR_SET_PDEATHSIG", "\(signal)")
  }

  /// Hides this process's /proc files from other users, and stops ptrace(2) of it
  /// (prctl(2), PR_SET_DUMPABLE).
  ///
  /// - Throws: `SystemError`.
  public static func setDumpable(_ on: Bool) throws(SystemError) {
    try check(lx_prctl(4, on ? 1 : 0, 0, 0, 0), "prctl(2) PR_SET_DUMPABLE", on ? "1" : "0")
  }

  /// setgroups(2).
  ///
  /// - Throws: `SystemError` with the groups.
  public static func setGroups(_ gids: [UInt32]) throws(SystemError) {
    try check(unsafe lx_setgroups(gids.count, gids), "setgroups(2)", "\(gids)")
  }

  /// setresgid(2): real, effective and saved alike.
  ///
  /// - Throws: `SystemError` with the id.
  public static func setGroup(_ gid: UInt32) throws(SystemError) {
    try check(lx_setresgid(gid), "setresgid(2)", "\(gid)")
  }

  /// setresuid(2): real, effective and saved alike.
  ///
  /// - Throws: `SystemError` with the id.
  public static func setUser(_ uid: UInt32) throws(SystemError) {
    try check(lx_setresuid(uid), "setresuid(2)", "\(uid)")
  }

  /// prlimit(2) on this process.
  ///
  /// - Throws: `SystemError` with the limit's number and values.
  public static func setLimit(
    _ resource: Int32, soft: UInt64, hard: UInt64
  ) throws(SystemError) {
    let pair = [soft, hard]
    try check(
      unsafe lx_prlimit(0, resource, pair, nil), "prlimit(2)", "\(resource) \(soft):\(hard)")
  }

  /// A new session keyring, so that the container does not see its parent's keys (keyctl(2)).
  ///
  /// - Throws: `SystemError` with the name.
  public static func joinSessionKeyring(_ name: String) throws(SystemError) {
    let joined = unsafe name.withCString { unsafe lx_keyctl_join_session($0) }
    try check(joined, "keyctl(2) JOIN_SESSION_KEYRING", name)
  }

  /// Loads a compiled filter (seccomp(2)): `program` holds instructions of 8 bytes.
  ///
  /// - Returns: The listener's descriptor with SECCOMP_FILTER_FLAG_NEW_LISTENER, else 0.
  /// - Throws: `SystemError` with the program's length.
  @discardableResult
  public static func loadFilter(_ program: [UInt8], flags: UInt32) throws(SystemError) -> Int32 {
    let count = program.count / 8
    let result = unsafe program.withUnsafeBytes { bytes in
      unsafe lx_seccomp_load(bytes.baseAddress, UInt16(truncatingIfNeeded: count), flags)
    }
    return Int32(try check(result, "seccomp(2)", "\(count) instructions"))
  }

  /// The number of `RLIMIT_NOFILE` and its kin (getrlimit(2)); nil for unknown names.
  public static func limitNumber(_ name: String) -> Int32? {
    let names: [16 of StaticString] = [
      "RLIMIT_CPU", "RLIMIT_FSIZE", "RLIMIT_DATA", "RLIMIT_STACK", "RLIMIT_CORE", "RLIMIT_RSS",
      "RLIMIT_NPROC", "RLIMIT_NOFILE", "RLIMIT_MEMLOCK", "RLIMIT_AS", "RLIMIT_LOCKS",
      "RLIMIT_SIGPENDING", "RLIMIT_MSGQUEUE", "RLIMIT_NICE", "RLIMIT_RTPRIO", "RLIMIT_RTTIME",
    ]
    return names.span.index(of: name).map { Int32($0) }
  }
}

/// The names of the UTS namespace.
public enum HostName {
  /// sethostname(2).
  ///
  /// - Throws: `SystemError` with the name.
  public static func set(_ name: String) throws(SystemError) {
    let result = unsafe name.withCString { unsafe lx_sethostname($0, name.utf8.count) }
    try check(result, "sethostname(2)", name)
  }

  /// setdomainname(2).
  ///
  /// - Throws: `SystemError` with the name.
  public static func setDomain(_ name: String) throws(SystemError) {
    try check(unsafe lx_setdomainname(name, name.utf8.count), "setdomainname(2)", name)
  }

  /// The kernel's release, as `uname -r` prints it.
  public static var kernelRelease: String { uname.release }

  /// The node name, as `uname -n` prints it.
  public static var current: String { uname.node }

  private static var uname: (release: String, node: String) {
    var release = [CChar](repeating: 0, count: 66)
    var node = [CChar](repeating: 0, count: 66)
    _ = unsafe lx_uname(&release, &node)
    return (text(release), text(node))
  }

  private static func text(_ chars: [CChar]) -> String {
    String(decoding: chars.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

extension Identity {
  /// geteuid(2).
  public static var effectiveUser: UInt32 { UInt32(lx_geteuid()) }

  /// getegid(2).
  public static var effectiveGroup: UInt32 { UInt32(lx_getegid()) }

  /// umask(2).
  public static func setUmask(_ mask: UInt32) { _ = lx_umask(mask) }
}
