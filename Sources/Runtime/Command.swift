// The commands, one function each.

internal import Linux
internal import OCI
internal import Steps

/// One call of a command.
struct Command {
  let store: Store
  let options: Options
  let name: String
  /// Whether systemd makes the cgroups of new containers.
  let systemd: Bool

  func run() throws(RuntimeError) -> Int32 {
    switch name {
    case "run": return try runContainer()
    case "create": return try create()
    case "start": return try start()
    case "state": return try state()
    case "kill": return try kill()
    case "delete": return try delete()
    case "list": return try list()
    case "exec": return try exec()
    case "spec": return try spec()
    case "ps": return try ps()
    case "pause": return try pause()
    case "resume": return try resume()
    case "update": return try update()
    case "events": return try events()
    case "checkpoint", "restore": throw checkpointing
    default: return try features()
    }
  }

  // MARK: watching

  func makeWatcher() throws(RuntimeError) -> Watcher? {
    let asked = ["explain", "step", "trace", "fault", "lang"].contains { options.has($0) }
    guard asked else { return nil }
    var watch = Watcher.Options()
    watch.explain = options.has("explain")
    watch.step = options.has("step")
    watch.trace = options["trace"]
    let environment = Processes.environment
    func variable(_ name: String) -> String? {
      environment.first { $0.hasPrefix(name + "=") }.map {
        String($0.dropFirst(name.utf8.count + 1))
      }
    }
    watch.language = ExplainLanguage(
      locale: options["lang"] ?? variable("LC_ALL") ?? variable("LC_MESSAGES")
        ?? variable("LANG") ?? "en")
    if let language = options["lang"], language != "en", !language.hasPrefix("zh") {
      throw RuntimeError("--lang is en or zh, not \"\(language)\"")
    }
    let plain = !(variable("NO_COLOR") ?? "").isEmpty || variable("TERM") == "dumb"
    watch.colour = Terminal.isTerminal(2) && !plain
    for text in options.all("fault") {
      guard let fault = Fault(text) else {
        throw RuntimeError(
          "--fault \(text): not of the form ID[#N][:ERRNO|kill]",
          hint: "drydock steps lists the ids")
      }
      watch.faults.append(fault)
    }
    return watch.isNeeded ? Watcher(watch) : nil
  }

  // MARK: run, create, start

  private func request() throws(RuntimeError) -> CreateRequest {
    var request = CreateRequest(id: try options.id(name))
    request.pivots = !options.has("no-pivot")
    request.bundle = options["bundle"] ?? "."
    request.configFile = options["config"]
    request.pidFile = options["pid-file"]
    request.networkFile = options["network"]
    request.consoleSocket = options["console-socket"]
    request.diesWithParent = options.has("die-with-parent")
    request.systemd = systemd
    request.newKeyring = !options.has("no-new-keyring")
    request.preservedDescriptors = try preservedDescriptors()
    return request
  }

  /// `--preserve-fds N`: 3 and the N-1 after it, all open.
  ///
  /// Asked before this process opens anything: a gap would be filled by a descriptor of its own,
  /// which would then be the container's (CVE-2024-21626).
  func preservedDescriptors() throws(RuntimeError) -> Int32 {
    guard let text = options["preserve-fds"] else { return 0 }
    guard let count = Int32(text), (0...1024).contains(count) else {
      throw RuntimeError("--preserve-fds \(text): not a number from 0 to 1024")
    }
    if let closed = Descriptors.firstClosed(of: count) {
      throw RuntimeError(
        "--preserve-fds \(count): descriptor \(closed) is not open",
        hint: "the caller must pass descriptors 3 to \(2 + count)")
    }
    return count
  }

  private func create() throws(RuntimeError) -> Int32 {
    let watcher = try makeWatcher()
    let glass = Glass(observer: watcher)
    let began = Clock.now
    let creation = Creation(store: store, glass: glass, watcher: watcher)
    _ = try creation.create(try request())
    try Trace.write(watcher, id: options.arguments[0], began: began)
    return 0
  }

  private func start() throws(RuntimeError) -> Int32 {
    try watched(try options.id(name)) { container, glass, watcher throws(RuntimeError) in
      try container.start(glass, watcher)
    }
  }

  /// Does something to a container while the flags' listeners watch, and writes the trace.
  func watched(
    _ id: String, _ body: (Container, Glass, Watcher?) throws(RuntimeError) -> Void
  ) throws(RuntimeError) -> Int32 {
    let watcher = try makeWatcher()
    let began = Clock.now
    try body(try store.load(id), Glass(observer: watcher), watcher)
    try Trace.write(watcher, id: id, began: began)
    return 0
  }

  private func runContainer() throws(RuntimeError) -> Int32 {
    let began = Clock.now
    let watcher = try makeWatcher()
    let glass = Glass(observer: watcher)
    var request = try request()
    let detached = options.has("detach")
    request.startsAtOnce = true
    request.relaysTerminal = !detached
    let foreground = try Foreground()
    let creation = Creation(store: store, glass: glass, watcher: watcher)
    let container = try creation.create(request)
    let id = container.id
    func started() throws(RuntimeError) {
      try Trace.write(watcher, id: id, began: began)
    }
    let agent = SeccompAgent(
      container.config.linux.seccomp, container.state, of: container.pid, glass)
    let status: ExitStatus
    do {
      if !container.isReleased {
        try lookingUp { () throws(SystemError) in
          try container.channel.send([MessageKind.go.rawValue])
        }
      }
      if detached {
        try Container.listen(container.channel, watcher, agent: agent)
        try poststart(container, glass)
        try started()
        return 0
      }
      status = try foreground.wait(
        container.pid, console: container.console, channel: container.channel,
        watcher: watcher, agent: agent
      ) { () throws(RuntimeError) in
        try poststart(container, glass)
        try started()
      }
    } catch {
      // The program never ran, or nobody can wait for it: nothing of it stays.
      try? store.load(id).delete(force: true, glass)
      throw error
    }
    if !options.has("keep") {
      let ended = Container(store: store, state: container.state, startTime: 0)
      // Without a PID namespace of its own, init's children outlive it.
      let namespaces = container.config.linux.namespaces
      if !namespaces.contains(where: { $0.kind == .pid && $0.path == nil }) {
        try ended.kill(Signal.kill, all: true, glass)
      }
      try ended.remove(container.cgroups, poststop: container.config.hooks.poststop, glass)
    }
    try started()
    return status.code
  }

  private func poststart(
    _ container: borrowing CreatedContainer, _ glass: Glass
  ) throws(RuntimeError) {
    let hooks = container.config.hooks.poststart
    guard !hooks.isEmpty else { return }
    var state = container.state
    state.status = .running
    try Hooks.run(hooks, "poststart", state: state, glass)
  }

  // MARK: kill, delete

  private func kill() throws(RuntimeError) -> Int32 {
    guard (1...2).contains(options.arguments.count) else {
      throw RuntimeError("kill needs a container id and may have a signal")
    }
    let text = options.arguments.count > 1 ? options.arguments[1] : "TERM"
    guard let signal = Signal.number(text) else {
      throw RuntimeError(
        "kill: unknown signal \"\(text)\"", hint: "use a number or a name: kill -l")
    }
    return try watched(options.arguments[0]) { container, glass, _ throws(RuntimeError) in
      try container.kill(signal, all: options.has("all"), glass)
    }
  }

  private func delete() throws(RuntimeError) -> Int32 {
    let watcher = try makeWatcher()
    let force = options.has("force")
    let began = Clock.now
    let id = try options.id(name)
    let container: Container
    do {
      container = try store.load(id)
    } catch {
      // Engines delete with force what they deleted a moment ago.
      if force, error.message.hasSuffix("does not exist") { return 0 }
      guard force, File.exists(store.configPath(id)) else { throw error }
      container = try store.salvage(id)
    }
    try container.delete(force: force, Glass(observer: watcher))
    try Trace.write(watcher, id: id, began: began)
    return 0
  }

  // MARK: state, list

  private func state() throws(RuntimeError) -> Int32 {
    let container = try store.load(try options.id(name))
    try print(container.state.encode() + [10])
    return 0
  }

  private func list() throws(RuntimeError) -> Int32 {
    var states = [State]()
    for id in try store.ids() {
      do {
        states.append(try store.load(id).state)
      } catch {
        // Deleted between the listing and the reading.
        if !error.message.hasSuffix("does not exist") { throw error }
      }
    }
    if options.has("quiet") {
      try print(states.map { $0.id + "\n" }.joined().utf8)
      return 0
    }
    switch options["format"] ?? "table" {
    case "json":
      var json = JSONWriter(pretty: true)
      json.beginArray()
      for state in states {
        json.beginObject()
        state.write(&json)
        json.endObject()
      }
      json.endArray()
      try print(json.bytes + [10])
    case "table":
      let rows =
        [["ID", "PID", "STATUS", "BUNDLE", "CREATED"]]
        + states.map {
          [$0.id, String($0.pid ?? 0), $0.status.rawValue, $0.bundle, $0.created ?? ""]
        }
      try print(aligned(rows).utf8)
    case let other:
      throw RuntimeError("list: --format is table or json, not \"\(other)\"")
    }
    return 0
  }

  private func aligned(_ rows: [[String]]) -> String {
    let widths = (0..<5).map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      let cells = row.enumerated().map { column, text in
        column == 4
          ? text : text + String(repeating: " ", count: widths[column] - text.count + 2)
      }
      return cells.joined() + "\n"
    }.joined()
  }

  // MARK: spec, features

  private func spec() throws(RuntimeError) -> Int32 {
    let path = (options["bundle"] ?? ".") + "/config.json"
    guard !File.exists(path) else {
      throw RuntimeError("\(path) exists already", hint: "remove it, or choose --bundle")
    }
    var config =
      options.has("rootless")
      ? Config.rootless(uid: Identity.effectiveUser, gid: Identity.effectiveGroup)
      : Config.standard
    try lookingUp { () throws(SystemError) in
      // As runc has it: without the namespace a cgroup mount of v1 trees still shows only the
      // container's own directories.
      if try CgroupLayout.detect().mode != .v2 {
        config.linux.namespaces.removeAll { $0.kind == .cgroup }
      }
      try File.replace(path, with: config.encode() + [10])
    }
    return 0
  }

  private func features() throws(RuntimeError) -> Int32 {
    try print(Features.current.encode() + [10])
    return 0
  }

  func print(_ bytes: some Collection<UInt8>) throws(RuntimeError) {
    try lookingUp { () throws(SystemError) in
      try File.write(1, bytes, name: "standard output")
    }
  }
}
