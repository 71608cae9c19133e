// From a process in the container's namespaces to the container's program: session, limits, ids,
// capabilities, seccomp, execve. The same for init and for `exec`.
//
// The order: what needs privilege before the user changes; the bounding set while CAP_SETPCAP is
// there; ids with "keep capabilities", so that the permitted set survives; the filter as late as
// possible, before no call but those it must allow. Without no_new_privs loading it needs
// CAP_SYS_ADMIN, so then it comes before the capabilities are dropped (seccomp(2)). startContainer
// hooks are programs of the image: they may do no more than the container's own.

internal import Linux
internal import OCI
internal import Steps

/// The last part of the way to execve.
struct Becoming {
  let plan: InitPlan
  let process: Process
  let glass: Glass
  let line: InitLine

  /// The program's path: as given when it has a slash, else from the container's PATH.
  ///
  /// - Throws: `RuntimeError` with exit code 127 when it is missing, 126 when it cannot be
  ///   executed.
  func findExecutable() throws(RuntimeError) -> String {
    guard let name = process.args.first else { throw RuntimeError("process.args is empty") }
    if name.contains("/") {
      let path = name.hasPrefix("/") ? name : process.cwd + "/" + name
      return try checked(path, name)
    }
    var denied: RuntimeError?
    for folder in searchPath.split(separator: ":") {
      let path = folder + "/" + name
      do {
        return try checked(path, name)
      } catch { if error.exitCode == 126 { denied = error } }
    }
    if let denied { throw denied }
    throw RuntimeError(
      "exec: \"\(name)\": executable file not found in $PATH",
      hint: "the container's PATH is \(searchPath)", exitCode: 127)
  }

  private var searchPath: String {
    for entry in process.env where entry.hasPrefix("PATH=") { return String(entry.dropFirst(5)) }
    return "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
  }

  private func checked(_ path: String, _ name: String) throws(RuntimeError) -> String {
    let status: FileStatus
    do {
      status = try File.status(path)
    } catch {
      let missing = error.errno == .noEntry || error.errno == .notDirectory
      throw RuntimeError(
        "exec: \"\(name)\": stat \(path): \(error.errno.message)", exitCode: missing ? 127 : 126)
    }
    if status.isDirectory {
      throw RuntimeError("exec: \"\(name)\": is a directory: permission denied", exitCode: 126)
    }
    guard status.isRegular, status.mode & 0o111 != 0 else {
      throw RuntimeError("exec: \"\(name)\": permission denied", exitCode: 126)
    }
    // /proc/self/exe and its kin lead to this very program, on the host (CVE-2019-5736).
    // Where no /proc is mounted there is no such link.
    if let own = try? File.status("/proc/self/exe"), own.inode == status.inode,
      own.device == status.device
    {
      throw RuntimeError(
        "exec: \"\(name)\" is the runtime itself: permission denied", exitCode: 126)
    }
    return path
  }

  /// A session of its own, and the terminal if there is one.
  func takeSession(_ terminal: Int32) throws(StepFailure) {
    try glass.perform(.processSession, .newSession)
    if terminal >= 0 {
      try glass.perform(.ttyControl, .takeTerminal(terminal))
      do throws(SystemError) {
        for fd: Int32 in 0...2 { try Descriptors.inherit(terminal, as: fd) }
      } catch { throw StepFailure(.ttyControl, error) }
    }
    if plan.newKeyring {
      do throws(StepFailure) {
        try glass.perform(.keyringJoin, .keyring("_ses." + plan.id))
      } catch {
        // A kernel without keys has nothing to inherit.
        if error.error.errno != .notImplemented { throw error }
      }
    }
  }

  /// Limits, ids, capabilities, filter, program.
  func exec(_ executable: String) throws(RuntimeError) -> Never {
    let sets = try CapabilitySets(process.capabilities)
    var environment = process.env
    do {
      try setUp(sets, &environment)
    } catch { throw RuntimeError(error) }
    if !plan.isExecuted, !plan.config.hooks.startContainer.isEmpty {
      try Hooks.run(
        plan.config.hooks.startContainer, "startContainer", state: plan.state(.created), glass,
        environment: environment)
    }
    do {
      if plan.filter == nil { line.say(.executing) }
      try glass.perform(
        .processExec,
        .exec(path: executable, arguments: process.args, environment: environment))
    } catch {
      var failure = RuntimeError(error)
      if error.id == .processExec {
        let errno = error.error.errno
        failure.exitCode = errno == .noEntry || errno == .notDirectory ? 127 : 126
        failure.message = "exec: \"\(process.args[0])\": \(errno.message) (\(errno.name))"
        if errno.code == 8 {
          failure.hint = "neither a program for this machine nor a script that begins with #!"
        } else if errno == .noEntry {
          failure.hint = "the file is there, so its interpreter (#! line, or ld.so) is missing"
        }
      }
      throw failure
    }
    throw RuntimeError("execve(2) returned")
  }

  private func setUp(
    _ sets: CapabilitySets, _ environment: inout [String]
  ) throws(StepFailure) {
    try ProcessAttributes(
      process: process, linux: plan.config.linux, isExecuted: plan.isExecuted, labels: plan.labels
    ).apply(glass)
    for limit in process.rlimits {
      let number = Identity.limitNumber(limit.type) ?? -1
      try glass.perform(
        .processRlimit,
        .setLimit(name: limit.type, number: number, soft: limit.soft, hard: limit.hard))
    }
    let user = process.user
    if !environment.contains(where: { $0.hasPrefix("HOME=") }) {
      environment.append("HOME=" + PasswordFile.home(of: user.uid))
    }
    if let limits = sets.bounding {
      let dropped = CapabilitySet(mask: sets.host.mask & ~limits.mask)
      if dropped.mask != 0 { try glass.perform(.capsBounding, .dropBounding(dropped)) }
    }
    let isInside = try changeDirectory(mayBeDenied: true)
    if sets.isGiven { try glass.perform(.capsKeep, .keepCapabilities) }
    if !keepsGroups {
      do throws(StepFailure) {
        try glass.perform(.processGroups, .setGroups(user.additionalGids))
      } catch {
        // Where setgroups(2) is denied (user_namespaces(7)) there is nothing to replace by nothing.
        guard error.error.errno == .perm, plan.hasUserNamespace, user.additionalGids.isEmpty,
          error.error.call.text != "(planted fault)"
        else { throw error }
      }
    }
    if user.uid != 0 || plan.hasUserNamespace { try giveStandardStreams(to: user.uid) }
    try glass.perform(.processGid, .setGroup(user.gid))
    try glass.perform(.processUid, .setUser(user.uid))
    if let umask = user.umask { try glass.perform(.processUmask, .attribute(.umask(umask))) }
    if !isInside { _ = try changeDirectory(mayBeDenied: false) }
    do throws(SystemError) {
      // What a caller left open must not reach the container (CVE-2024-21626). Before the filter,
      // which may forbid the call.
      try Descriptors.closeOnExec(from: 3 + plan.preservedDescriptors)
    } catch { throw StepFailure(.processExec, error) }
    if plan.diesWithParent { try dieWithParent() }
    if let filter = plan.filter, !process.noNewPrivileges {
      if sets.isGiven, user.uid != 0 {
        let admin = CapabilitySet(mask: sets.permitted.mask | 1 << 21)  // CAP_SYS_ADMIN
        try glass.perform(
          .capsSet,
          .setCapabilities(effective: admin, permitted: admin, inheritable: CapabilitySet()))
      }
      try load(filter)
    }
    if sets.isGiven {
      try glass.perform(
        .capsSet,
        .setCapabilities(
          effective: sets.effective, permitted: sets.permitted, inheritable: sets.inheritable))
      if sets.ambient.mask != 0 {
        try glass.perform(.capsAmbient, .raiseAmbient(sets.ambient))
      }
    }
    if process.noNewPrivileges {
      try glass.perform(.processNoNewPrivs, .noNewPrivileges)
      if let filter = plan.filter { try load(filter) }
    }
  }

  /// Opening /dev/stdout anew needs permission for what is behind it: pipes and terminals go to the
  /// user, as with runc and crun.
  ///
  /// Files stay their owner's.
  private func giveStandardStreams(to uid: UInt32) throws(StepFailure) {
    for fd: Int32 in 0...2 {
      guard let status = try? File.status(of: fd, name: "descriptor \(fd)"), status.uid != uid,
        !status.isRegular, !status.isDirectory, status.node != DeviceNumber(1, 3)
      else { continue }
      do throws(StepFailure) {
        try glass.around(
          .processStreams,
          .described(
            call: "fchown(2)", object: "descriptor \(fd) → \(uid)",
            shell: "chown \(uid) /proc/self/fd/\(fd)")
        ) { () throws(SystemError) in try Descriptors.give(fd, to: uid) }
      } catch {
        // Not ours to give: an unmapped owner, or a read-only place.
        let errno = error.error.errno
        guard errno == .perm || errno == .invalid || errno == .readOnly,
          error.error.call.text != "(planted fault)"
        else { throw error }
      }
    }
  }

  /// After the ids, whose change clears it (prctl(2), PR_SET_PDEATHSIG), and before the filter,
  /// which may forbid it.
  private func dieWithParent() throws(StepFailure) {
    try glass.perform(.processDeathSignal, .deathSignal(Signal.kill))
    // Who died before sends no signal; its end of the channel is closed then.
    do throws(SystemError) {
      guard try Events.wait([line.socket], milliseconds: 0) != 0 else { return }
      if try File.readByte(line.socket) == nil { Processes.exit(128 + Signal.kill) }
    } catch { throw StepFailure(.processDeathSignal, error) }
  }

  /// The last word to the runtime comes first: the filter may forbid to send one.
  private func load(_ filter: [UInt8]) throws(StepFailure) {
    line.say(.executing)
    guard plan.config.linux.seccomp?.asksAgent ?? false else {
      try glass.perform(.seccompLoad, .loadFilter(filter, flags: plan.filterFlags))
      return
    }
    do throws(SystemError) {
      let number = try Processes.nextDescriptor()
      Channel.send([MessageKind.notify.rawValue] + Array(String(number).utf8), over: line.socket)
    } catch { throw StepFailure(.seccompLoad, error) }
    try glass.perform(.seccompLoad, .loadFilter(filter, flags: plan.filterFlags))
    // One read(2), which the agent may already have to answer for. When there is no agent the
    // runtime ends this process; and whoever forbids even this gets no program.
    do throws(SystemError) {
      guard try File.readByte(line.socket) == MessageKind.go.rawValue else {
        throw SystemError("read(2)", Errno(32), "the runtime is gone, and no agent was told")
      }
    } catch { throw StepFailure(.seccompNotify, error) }
  }

  /// crun's annotation, which podman sets for `--group-add keep-groups`.
  private var keepsGroups: Bool {
    plan.config.annotations.contains {
      $0.key == "run.oci.keep_original_groups" && $0.value == "1"
    }
  }

  /// The working directory, which must be inside the root (CVE-2024-21626).
  ///
  /// As with runc: by root's right, so that the user may begin where only root can go; where root
  /// cannot (a share that knows users only) by the user's.
  ///
  /// - Returns: false when it was denied and may be.
  private func changeDirectory(mayBeDenied: Bool) throws(StepFailure) -> Bool {
    do throws(StepFailure) {
      try glass.perform(.processCwd, .changeDirectory(process.cwd))
    } catch {
      guard mayBeDenied, error.error.errno == .access,
        error.error.call.text != "(planted fault)"
      else { throw error }
      return false
    }
    do throws(SystemError) {
      let here = try Directory.current()
      guard here.hasPrefix("/") else {
        throw SystemError("getcwd(2)", .perm, "\(process.cwd) is outside the container: \(here)")
      }
    } catch { throw StepFailure(.processCwd, error) }
    return true
  }
}

/// The five sets of `process.capabilities` as masks, cut to what this host can give.
struct CapabilitySets {
  var bounding: CapabilitySet?
  /// What this process could give.
  var host = CapabilitySet()
  var effective = CapabilitySet()
  var permitted = CapabilitySet()
  var inheritable = CapabilitySet()
  var ambient = CapabilitySet()

  var isGiven: Bool { bounding != nil }

  /// What the host's bounding set lacks nobody can have: it is left out, and ambient
  /// capabilities must be both permitted and inheritable (capabilities(7)).
  init(_ given: Capabilities?) throws(RuntimeError) {
    guard let given else { return }
    host = CapabilitySet.bounding
    let host = host
    func set(_ names: [String]) throws(RuntimeError) -> CapabilitySet {
      var set = CapabilitySet()
      for name in names where !set.insert(named: name) {
        throw RuntimeError("process.capabilities: \(name) is unknown to libcap")
      }
      return CapabilitySet(mask: set.mask & host.mask)
    }
    bounding = try set(given.bounding)
    permitted = try set(given.permitted)
    effective = try set(given.effective)
    inheritable = try set(given.inheritable)
    ambient = try set(given.ambient)
    effective.mask &= permitted.mask
    ambient.mask &= permitted.mask & inheritable.mask
  }
}

/// /etc/passwd of the container, passwd(5).
enum PasswordFile {
  /// The home directory of a user id; `/` when nobody says.
  static func home(of uid: UInt32) -> String {
    guard let text = text() else { return "/" }
    for line in text.split(separator: "\n") {
      let fields = line.split(separator: ":", omittingEmptySubsequences: false)
      if fields.count >= 6, UInt32(fields[2]) == uid, !fields[5].isEmpty {
        return String(fields[5])
      }
    }
    return "/"
  }

  /// An image may have anything there, such as a FIFO that nobody writes to.
  private static func text() -> String? {
    do {
      let file = try File.open("/etc/passwd", [.readOnly, .nonBlocking])
      guard try File.status(of: file.raw, name: "/etc/passwd").isRegular else { return nil }
      return String(
        decoding: try File.read(file.raw, limit: 1 << 20, name: "/etc/passwd"), as: UTF8.self)
    } catch { return nil }
  }
}
