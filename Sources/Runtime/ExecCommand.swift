// `exec`: from flags to a request (Exec.swift does it).

internal import Linux
internal import OCI
internal import Steps

extension Command {
  static let execFlags: [Flag] = [
    Flag("process", short: "p", .value, "file with the process as JSON"),
    Flag("tty", short: "t", .switched, "give it a terminal"),
    Flag("detach", short: "d", .switched, "do not wait for it"),
    Flag("pid-file", .value, "write its pid to this file"),
    Flag("console-socket", .value, "unix socket that takes the terminal"),
    Flag("cwd", .value, "working directory"), Flag("env", short: "e", .repeated, "NAME=value"),
    Flag("user", short: "u", .value, "UID[:GID]"),
    Flag("additional-gids", short: "g", .repeated, "one more group"),
    Flag("cap", short: "c", .repeated, "add a capability"),
    Flag("no-new-privs", .switched, "set no_new_privs"),
    Flag("apparmor", .value, "AppArmor profile"),
    Flag("process-label", .value, "SELinux label"),
    Flag("cgroup", .repeated, "cgroup below the container's: PATH, on v1 also CONTROLLERS:PATH"),
    Flag("ignore-paused", .switched, "also into a paused container: it waits until it goes on"),
    Flag("preserve-fds", .value, "pass this many further descriptors on"),
    Flag("help", short: "h", .switched, "print this"),
  ]

  func exec() throws(RuntimeError) -> Int32 {
    guard let id = options.arguments.first else { throw RuntimeError("exec needs a container id") }
    let preserved = try preservedDescriptors()
    let watcher = try makeWatcher()
    let began = Clock.now
    let container = try store.load(id)
    var request = ExecRequest(process: try execProcess(container))
    request.pidFile = options["pid-file"]
    request.preservedDescriptors = preserved
    request.ignoresPause = options.has("ignore-paused")
    request.cgroups = options.all("cgroup")
    let detached = options.has("detach")
    var console: Int32 = -1
    if request.process.terminal {
      if let path = options["console-socket"] {
        request.console = try lookingUp { () throws(SystemError) in
          try Channel.connect(path, messages: false).release()
        }
      } else if detached {
        throw RuntimeError("exec --detach with a terminal needs --console-socket")
      } else {
        (console, request.console) = try lookingUp { () throws(SystemError) in
          let pair = try Channel.pair()
          return TerminalPair(mine: pair.0, its: pair.1)
        }.both
        request.process.takeSize()
      }
    }
    let foreground = try Foreground()
    let glass = Glass(observer: watcher)
    let program = try container.exec(request, glass, watcher)
    func started() throws(RuntimeError) { try Trace.write(watcher, id: id, began: began) }
    if detached {
      try Container.listen(program.channel, watcher, agent: program.agent)
      try started()
      return 0
    }
    return try foreground.wait(
      program.pid, console: console, channel: program.channel, watcher: watcher,
      agent: program.agent, started: started
    ).code
  }

  private struct TerminalPair {
    let mine: Int32
    let its: Int32
    var both: (Int32, Int32) { (mine, its) }
  }

  /// From `--process FILE`, or from the container's own process with the flags applied.
  private func execProcess(_ container: Container) throws(RuntimeError) -> Process {
    if let path = options["process"] {
      let bytes = try lookingUp { () throws(SystemError) in try File.read(path) }
      var process: Process
      do {
        process = try Process.parse(bytes, warn: Log.warn)
      } catch { throw RuntimeError(error) }
      if options.has("tty") { process.terminal = true }
      try label(&process)
      return process
    }
    let command = Array(options.arguments.dropFirst())
    guard !command.isEmpty else { throw RuntimeError("exec needs a command, or --process FILE") }
    guard var process = try container.config().process else {
      throw RuntimeError("the container has no process to take user and environment from")
    }
    process.args = command
    process.terminal = options.has("tty")
    for entry in options.all("env") {
      let name = String(entry.prefix { $0 != "=" }) + "="
      process.env.removeAll { $0.hasPrefix(name) }
      process.env.append(entry)
    }
    if let cwd = options["cwd"] { process.cwd = cwd }
    if options.has("no-new-privs") { process.noNewPrivileges = true }
    if let user = options["user"] {
      let parts = user.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      guard let uid = UInt32(parts[0]), parts.count < 2 || UInt32(parts[1]) != nil else {
        throw RuntimeError("exec: --user \(user): not UID[:GID]")
      }
      process.user.uid = uid
      if parts.count > 1, let gid = UInt32(parts[1]) { process.user.gid = gid }
      process.user.additionalGids = []
    }
    for text in options.all("additional-gids") {
      guard let gid = UInt32(text), gid != .max else {
        throw RuntimeError("exec: --additional-gids \(text): not a group id")
      }
      process.user.additionalGids.append(gid)
    }
    try label(&process)
    giveCapabilities(&process)
    return process
  }

  private func label(_ process: inout Process) throws(RuntimeError) {
    if let profile = options["apparmor"] { process.apparmorProfile = profile }
    if let label = options["process-label"] { process.selinuxLabel = label }
  }

  /// What is added is never inheritable, and of what the container's own program may inherit only
  /// the ambient ones are: execve(2) of a file with inheritable capabilities would give the rest to
  /// whoever it runs as (CVE-2022-29162).
  private func giveCapabilities(_ process: inout Process) {
    guard var sets = process.capabilities else { return }
    var added: [String] = []
    for name in options.all("cap") {
      let upper = name.uppercased()
      let whole = upper.hasPrefix("CAP_") ? upper : "CAP_" + upper
      var known = CapabilitySet()
      // As in config.json: nobody can grant it, so nobody must fail for it.
      if known.insert(named: whole) {
        added.append(whole)
      } else {
        Log.warn("exec: --cap \(name) is unknown and left out")
      }
    }
    sets.bounding += added
    sets.permitted += added
    sets.effective += added
    sets.inheritable = sets.inheritable.filter { sets.ambient.contains($0) }
    process.capabilities = sets
  }
}
