// `exec`: another program in a running container.
//
// A helper that nobody inside can look into (ParentedClone) joins the container's cgroups and then
// its namespaces, all in one setns(2) with a pidfd, and makes the program's process as this one's
// child (CLONE_PARENT).

internal import Linux
internal import OCI
internal import Steps

/// What `exec` was asked.
struct ExecRequest {
  var process: Process
  var pidFile: String?
  /// A connected socket that takes the terminal's master, or -1.
  var console: Int32 = -1
  var preservedDescriptors: Int32 = 0
  /// Whether a paused container is entered: the program waits there until it goes on.
  var ignoresPause = false
  /// Cgroups below the container's, as `--cgroup` names them: `PATH` or `CONTROLLERS:PATH`.
  var cgroups: [String] = []
}

extension Container {
  /// Starts a program in the container.
  ///
  /// Returns its pid and the channel to it.
  func exec(
    _ request: ExecRequest, _ glass: Glass, _ watcher: Watcher?
  ) throws(RuntimeError) -> ExecutedProgram {
    if state.status == .paused, !request.ignoresPause {
      throw RuntimeError(
        "cannot exec in a paused container: \(id)",
        hint: "resume it first, or use --ignore-paused and the program starts with the others",
        exitCode: 1)
    }
    guard [.running, .created, .paused].contains(state.status) else { throw notRunning }
    let config = try config()
    try ProcessRules(process: request.process, linux: config.linux).check()
    try SeccompAgent.check(config.linux.seccomp)
    let places = try places(request.cgroups)
    try RealtimeBudget.check(request.process, in: places)
    let handle = try handle()
    var plan = InitPlan(
      id: id, config: config, process: request.process, rootfs: "/", cgroups: nil)
    plan.isExecuted = true
    plan.labels = try LabelFiles(request.process)
    // The caller's keys are not the container's, and a keyring that several join by its name would
    // be open to whoever knows the name.
    plan.newKeyring = !state.keepsKeyring
    plan.console = request.console
    plan.preservedDescriptors = request.preservedDescriptors
    if let watcher { plan.watch = watcher.options }
    if let rules = config.linux.seccomp {
      plan.filter = try SeccompCompiler.program(rules, store: store)
      plan.filterFlags = try SeccompCompiler.flags(rules)
    }
    var kinds = NamespaceFlags()
    for namespace in config.linux.namespaces { kinds.insert(namespace.kind.flag) }
    if kinds.contains(.user) { plan.joins = [(.user, -1, "")] }

    let (mine, its) = try lookingUp { () throws(SystemError) in try Channel.pair() }
    let channel = Channel(owning: mine)
    let initial = NumberSet(list: request.process.execCPUAffinity?.initial ?? "")
    let first = state.pid ?? 0
    let namespaces = handle.raw
    let pid = try ParentedClone.run(
      socket: its, mine: mine, namespaces: [], cgroup: -1,
      enter: { () throws(RuntimeError) in
        try lookingUp { () throws(SystemError) in
          if let initial { try Scheduling.setAffinity(initial, name: "of execCPUAffinity.initial") }
          try Container.enter(places, with: first)
          // No process inside may look into the child before it is one of theirs (CVE-2016-9962).
          try Identity.setDumpable(false)
          try Processes.join(namespaces, kinds, name: "namespaces of \(plan.id)")
          // Who has CAP_SYS_PTRACE here too may all the same, and must find no descriptor of the
          // caller's or the runtime's (CVE-2024-21626). Marked close-on-exec they were still there.
          try Descriptors.closeAll(
            from: 3 + plan.preservedDescriptors,
            but: [its, plan.console] + (plan.labels?.descriptors ?? []))
        }
      },
      child: { ExecProcess.run(plan, socket: its) })
    // The program's end only: when it fails, ours must see that nobody will send a terminal.
    if request.console >= 0 { Descriptors.close(request.console) }
    watcher?.initPID = pid
    try Creation.setOOMScore(request.process, pid, glass)
    if let path = request.pidFile {
      try lookingUp { () throws(SystemError) in
        try File.replace(path, with: String(pid).utf8)
      }
    }
    try lookingUp { () throws(SystemError) in
      try channel.send([MessageKind.mapped.rawValue])
    }
    return ExecutedProgram(
      pid: pid, channel: channel, agent: SeccompAgent(config.linux.seccomp, state, of: pid, glass))
  }
}

/// A program that was put into a container.
struct ExecutedProgram: ~Copyable {
  let pid: Int32
  let channel: Channel
  let agent: SeccompAgent?
}

extension Container {
  /// The container's cgroups, or those below them that `--cgroup` names.
  ///
  /// - Throws: `RuntimeError` naming a place that is not there.
  fileprivate func places(_ asked: [String]) throws(RuntimeError) -> [State.Cgroup] {
    var places = state.cgroups
    for text in asked {
      let parts = text.parts(":", limit: 2)
      let path = parts[parts.count - 1].parts("/").filter { !$0.isEmpty && $0 != "." }
      guard !path.contains("..") else {
        throw RuntimeError("exec: --cgroup \(text) leads out of the container's cgroup")
      }
      let wanted = parts.count > 1 ? parts[0].parts(",") : []
      var found = false
      for (index, cgroup) in state.cgroups.enumerated() {
        let has = cgroup.controllers.parts(",")
        guard wanted.isEmpty || wanted.contains(where: { has.contains($0) }) else { continue }
        places[index].path = cgroup.path + path.map { "/" + $0 }.list("")
        found = true
        guard !File.exists(places[index].path) else { continue }
        throw RuntimeError("exec: --cgroup \(text): \(places[index].path) does not exist")
      }
      guard found else {
        throw RuntimeError("exec: --cgroup \(text): the container has no such cgroup")
      }
    }
    return places
  }
}

/// The child's side of `exec`.
enum ExecProcess {
  static func run(_ plan: InitPlan, socket: Int32) -> Never {
    let line = InitLine(socket: socket)
    let glass = Glass()
    glass.side = .`init`
    if plan.watch.isNeeded {
      glass.observer = Reporter(
        line: line, waits: plan.watch.waits, faults: Faults(plan.watch.faults))
    }
    do {
      Events.defaultSignals()
      try plan.labels?.open()
      guard line.wait(for: .mapped), let process = plan.process else { Processes.exit(125) }
      if plan.hasUserNamespace {
        try stepping { () throws(StepFailure) in
          try glass.perform(.processGid, .setGroup(0))
          try glass.perform(.processUid, .setUser(0))
        }
      }
      let becoming = Becoming(plan: plan, process: process, glass: glass, line: line)
      let executable = try becoming.findExecutable()
      var terminal: Int32 = -1
      if process.terminal {
        let console = plan.console
        try stepping { () throws(StepFailure) in
          try glass.around(
            .ttyOpen, .described(call: "open(2)", object: "/dev/pts/ptmx", shell: nil)
          ) { () throws(SystemError) in
            let pair = try Terminal.open("/dev/pts/ptmx")
            terminal = pair.slave
            if let size = process.consoleSize { try Terminal.resize(pair.slave, size) }
            try Channel.pass(pair.master, over: console, name: "/dev/ptmx")
            Descriptors.close(pair.master)
          }
        }
      }
      try stepping { () throws(StepFailure) in try becoming.takeSession(terminal) }
      try becoming.exec(executable)
    } catch {
      Channel.send(error.payload, over: socket)
      Processes.exit(error.exitCode)
    }
  }
}
