// `linux.namespaces` (config-linux.md, "Namespaces"): those with a path are opened and judged before
// anything is made, so that what was judged is what is entered.
//
// The order of entering. A namespace is entered with rights over its owner, the user namespace it
// was made in. So while nothing is given up: first every namespace but user, then the user namespace,
// or a new one by clone3. An ordinary user has no rights yet: there the user namespace comes first.
// The mount namespace comes last, in init, since paths mean something else in it.

internal import Linux
internal import OCI
internal import Steps

/// An open namespace that is to be entered.
typealias NamespaceJoin = (flag: NamespaceFlags, fd: Int32, path: String)

/// Opening and judging namespaces.
enum Namespaces {
  /// Opens the namespaces with a path; those that are the host's own are taken out of the
  /// configuration, since being in one is sharing it.
  ///
  /// - Throws: `RuntimeError` naming the path that is no namespace, or one of another kind.
  static func open(_ config: inout Config) throws(RuntimeError) -> [NamespaceJoin] {
    var joins = [NamespaceJoin]()
    var shared = [NamespaceKind]()
    for namespace in config.linux.namespaces {
      guard let path = namespace.path, !path.isEmpty else { continue }
      // A FIFO would wait for somebody to write to it.
      let file = try lookingUp(hint: "the path of a namespace in linux.namespaces") {
        () throws(SystemError) in try File.open(path, [.readOnly, .nonBlocking])
      }
      let kind = try lookingUp(
        hint: "linux.namespaces: \(path) is not a \(namespace.kind.rawValue) namespace"
      ) { () throws(SystemError) in try NamespaceFlags.kind(of: file.raw, name: path) }
      guard kind == namespace.kind.flag else {
        throw RuntimeError(
          "linux.namespaces: \(path) is \(kind.description), not a namespace of the type"
            + " \(namespace.kind.rawValue)")
      }
      guard try !isHosts(file.raw, kind, path) else {
        if kind == .user {
          throw RuntimeError(
            "linux.namespaces: \(path) is the user namespace the runtime is in",
            hint: "leave the entry out to stay in it")
        }
        shared.append(namespace.kind)
        continue
      }
      joins.append((kind, file.release(), path))
    }
    if !shared.isEmpty { config.linux.namespaces.removeAll { shared.contains($0.kind) } }
    return joins
  }

  /// Whether it is this process's own, or that of the process 1 it sees.
  private static func isHosts(
    _ fd: Int32, _ kind: NamespaceFlags, _ path: String
  ) throws(RuntimeError) -> Bool {
    let status = try lookingUp { () throws(SystemError) in try File.status(of: fd, name: path) }
    for process in ["self", "1"] {
      // Where process 1 may not be looked at, this process's own must do.
      guard let own = try? File.status("/proc/\(process)/ns/\(kind.fileName)") else { continue }
      if own.inode == status.inode, own.device == status.device { return true }
    }
    return false
  }
}

extension InitPlan {
  /// Whether some namespaces must be entered before init is made: a process in a user namespace has
  /// no rights over others, and a PID namespace is entered only by children.
  var entersFirst: Bool { !joinsOfHelper.isEmpty }

  /// What the helper enters before it makes init, in this order.
  var joinsOfHelper: [NamespaceJoin] {
    guard hasUserNamespace else { return joins.filter { $0.flag == .pid } }
    let others = joins.filter { $0.flag != .user && $0.flag != .mount }
    let users = joins.filter { $0.flag == .user }
    return Identity.effectiveUser == 0 ? others + users : users + others
  }

  /// What init enters itself.
  var joinsOfInit: [NamespaceJoin] {
    joins.filter { $0.flag == .mount || (!hasUserNamespace && $0.flag != .pid) }
  }
}

/// A new time namespace (time_namespaces(7)).
///
/// It is made by unshare(2) and begins with the next child, so that the offsets can be written
/// first: once somebody lives in it they are fixed.
struct TimeNamespace: ~Copyable {
  private let own: Descriptor

  /// From here on children are born in a new time namespace with these offsets.
  ///
  /// - Throws: `RuntimeError` of the step.
  static func make(
    _ offsets: TimeOffsets, _ glass: Glass
  ) throws(RuntimeError) -> TimeNamespace {
    let own = try lookingUp { () throws(SystemError) in
      try File.open("/proc/self/ns/time", .readOnly)
    }
    var lines = ""
    var command = "unshare --time --fork"
    var shown = "CLONE_NEWTIME"
    for (clock, offset) in [("monotonic", offsets.monotonic), ("boottime", offsets.boottime)] {
      guard let offset else { continue }
      lines += "\(clock) \(offset.seconds) \(offset.nanoseconds)\n"
      command += " --\(clock) \(offset.seconds)"
      shown += ", \(clock) \(offset.seconds) s"
    }
    let shell = command + " sh"
    let text = lines
    try stepping { () throws(StepFailure) in
      try glass.around(
        .nsTime, .described(call: "unshare(2)", object: shown, shell: shell)
      ) { () throws(SystemError) in
        try Processes.unshare(.time)
        if !text.isEmpty { try Procfs.set("self/timens_offsets", text) }
      }
    }
    return TimeNamespace(own: own)
  }

  private init(own: consuming Descriptor) { self.own = own }

  /// From here on children are born where this process is again.
  consuming func leave() throws(RuntimeError) {
    let own = own.raw
    try lookingUp { () throws(SystemError) in
      try Processes.join(own, .time, name: "/proc/self/ns/time")
    }
  }

  /// - Throws: `RuntimeError` when a clock would be negative (the kernel answers ERANGE), or the
  ///   kernel has no time namespaces.
  static func check(_ offsets: TimeOffsets) throws(RuntimeError) {
    guard File.exists("/proc/self/ns/time") else {
      throw RuntimeError(
        "linux.namespaces: this kernel has no time namespaces",
        hint: "they came with Linux 5.6 and CONFIG_TIME_NS")
    }
    let clocks = [
      ("monotonic", offsets.monotonic, Clock.now), ("boottime", offsets.boottime, Clock.sinceBoot),
    ]
    for (name, offset, now) in clocks {
      guard let offset else { continue }
      let (sum, overflow) = Int64(now / 1_000_000_000).addingReportingOverflow(offset.seconds)
      // KTIME_SEC_MAX / 2, include/linux/time_namespace.h: 146 years.
      guard !overflow, sum >= 0, sum < 4_611_686_018 else {
        throw RuntimeError(
          "linux.timeOffsets.\(name): \(offset.seconds) s would set the clock to \(sum) s",
          hint: "a clock can be neither negative nor more than 146 years ahead")
      }
    }
  }
}
