import Images
import Linux
import Monitor
import Names
import OCI
import Steps

extension Engine {
  /// A container whose bundle is ready for the runtime.
  struct Prepared: ~Copyable {
    let record: Record
    let bundle: String
    let alive: FileLock
    /// Its ports, bound already; nil when it publishes none.
    let publication: Publication?

    /// The lock alone, for who will keep the container.
    consuming func takeAlive() -> FileLock { alive }
  }

  /// Runs a container in the foreground with this process's standard streams.
  ///
  /// The container belongs to the runtime that is started for it. When this process is killed the
  /// container goes on, as under Docker when its client dies; only its exit code is lost.
  ///
  /// - Returns: the program's exit code, 128+n when signal n ended it, 126 or 127 when it could
  ///   not be executed or found, 125 when the runtime could not make the container.
  /// - Throws: `EngineError` for what kept it from being started.
  public func run(_ options: RunOptions) throws(EngineError) -> Int32 {
    if options.tty { try Engine.needTerminal() }
    let prepared = try prepare(options, isKept: !options.removeOnExit)
    let id = prepared.record.id
    var life = Life()
    life.startedNs = Clock.wall
    if !options.removeOnExit { try noteStart(prepared.record, life) }
    let code: Int32
    do throws(EngineError) {
      try readyNetworks(prepared.record, prepared.publication, glass: options.glass)
      var words = ["run", "--bundle", prepared.bundle] + networkWords(prepared.bundle)
      words += options.glass
      words.append(id)
      code = try foreground(
        words, interactive: options.interactive || options.tty,
        inherit: prepared.alive.descriptor.raw, publication: prepared.publication)
    } catch {
      // The cause is what matters; what cannot be removed now the next command finishes.
      do throws(EngineError) { try store.remove(id) } catch {}
      throw error
    }
    life.code = code
    life.finishedNs = Clock.wall
    try store.finish(prepared.record, life)
    return code
  }

  /// Should nobody see the end, it is still known that there was one.
  private func noteStart(_ record: Record, _ life: Life) throws(EngineError) {
    try asked("noting the start of \(record.name)") { () throws(SystemError) in
      let bytes = life.encode()
      try File.replace(store.directory(record.id) + "/exit", with: bytes, mode: 0o600)
      try File.replace(store.bundle(record.id) + "/live", with: bytes, mode: 0o600)
    }
  }

  /// Runs a program in a living container with this process's standard streams.
  ///
  /// - Parameters:
  ///   - container: a name, an id, or the beginning of an id.
  ///   - command: the program and its arguments.
  ///   - options: user, directory, environment, terminal.
  /// - Returns: its exit code, as `run` does.
  /// - Throws: `EngineError` when there is no such living container.
  public func exec(
    _ container: String, _ command: [String], options: ExecOptions = ExecOptions()
  ) throws(EngineError) -> Int32 {
    guard !command.isEmpty else { throw EngineError("No exec command specified") }
    if options.tty && options.interactive && !options.isDetached { try Engine.needTerminal() }
    let record = try store.find(container)
    let status = try store.status(record)
    if case .paused = status {
      throw EngineError(
        "Container \(record.name) is paused, unpause the container before exec",
        hint: "drydock unpause \(record.name)", exitCode: 1)
    }
    guard let pid = status.pid else {
      throw EngineError("Container \(record.id) is not running", exitCode: 1)
    }
    var words = ["exec"]
    if options.isDetached && !options.tty { words.append("--detach") }
    if options.isPrivileged {
      for name in try Machine.here().capabilities { words += ["--cap", name] }
    }
    if options.tty { words += ["--tty", "--env", "TERM=xterm"] }
    if let directory = options.workingDirectory { words += ["--cwd", directory] }
    if let user = options.user {
      // Names are those of the container's own files, not of the image's.
      let container = try asked("opening the container's files") { () throws(SystemError) in
        try ImageView(lower: "/proc/\(pid)/root")
      }
      let resolved = try ContainerUser.resolve(user, in: container)
      words += ["--user", "\(resolved.user.uid):\(resolved.user.gid)"]
      words += ["--env", "HOME=\(resolved.home)"]
    }
    var environment = [String]()
    var flags = RunOptions(image: "")
    flags.environmentFiles = options.environmentFiles
    flags.environment = options.environment
    for entry in try KeyFiles.environment(flags) {
      ContainerConfig.set(entry, in: &environment, host: Processes.environment)
    }
    for entry in environment { words += ["--env", entry] }
    words += [record.id] + command
    if options.tty { return try execInTerminal(Array(words.dropFirst()), record, options) }
    if options.isDetached { return try background(words, record) }
    return try foreground(words, interactive: options.interactive)
  }

  /// Runs the runtime with nobody's streams; what it complains about comes by a file.
  private func background(_ words: [String], _ record: Record) throws(EngineError) -> Int32 {
    let log = "\(store.bundle(record.id))/exec-\(Processes.current)"
    let null = try asked("opening standard input") { () throws(SystemError) in
      try File.open("/dev/null", .readWrite)
    }
    let child = try runtime.start(
      ["--log", log] + words, input: null.raw, output: null.raw, error: null.raw)
    let code = try RuntimeCommand.wait(for: child)
    guard code != 0 else { return 0 }
    let said = try asked("reading the runtime's message") { () throws(SystemError) in
      File.exists(log) ? try File.text(log) : ""
    }
    try asked("removing \(log)") { () throws(SystemError) in try File.removeTree(log) }
    throw Engine.failure(Array("\(code) \(said)".utf8))
  }

  /// Runs the runtime with this process's output, passes signals on, and waits.
  ///
  /// With a terminal the input is always this process's: the runtime reads the keys from it.
  private func foreground(
    _ words: [String], interactive: Bool, inherit: Int32 = -1, publication: Publication? = nil
  ) throws(EngineError) -> Int32 {
    let null = try asked("opening standard input") { () throws(SystemError) in
      try File.open("/dev/null", .readWrite)
    }
    // Held back before the child exists, so that none is lost in between.
    let signals = try asked("waiting for signals") { () throws(SystemError) in
      try BlockedSignals()
    }
    let child = try runtime.start(
      words, input: interactive ? 0 : null.raw, output: 1, error: 2, inherit: inherit)
    publication?.keep(with: child.pid)
    do throws(SystemError) {
      return try signals.forward(to: child).code
    } catch {
      throw EngineError("waiting for the runtime", error)
    }
  }

  static func needTerminal() throws(EngineError) {
    guard Terminal.isTerminal(0) else {
      throw EngineError(
        "the input device is not a TTY", hint: "Leave -t out where there is no terminal.",
        exitCode: 1)
    }
  }

  /// Everything but the runtime: checks, image, bundle, writable layer, record; `isKept` when it may
  /// be started again, for which config.json is kept; `starts` when it is started at once, so that its
  /// ports must be free.
  func prepare(
    _ options: RunOptions, isKept: Bool, starts: Bool = true
  ) throws(EngineError) -> Prepared {
    let machine = try Machine.here()
    var options = options
    if options.network == "default" { options.network = try defaults().network }
    try OptionRules.check(options, on: machine)
    let places = try places(options)
    // The others are told of it by name.
    if !options.links.isEmpty, options.name == nil { options.name = Names.random() }
    let chosen = try choose(options.image)
    let image = try asked("opening the image's files") { () throws(SystemError) in
      try ImageView(lower: chosen.lower)
    }
    let asked = chosen.settings.user
    let user = try ContainerUser.resolve(
      options.user ?? (asked.isEmpty ? nil : asked), groups: options.groups, in: image)
    let maps = try IDMaps(options)
    if let maps { try maps.check(user: user.user, roots: [root, runRoot]) }
    let id = Names.newID()
    let plan = try mountPlan(options, chosen.settings, id)
    var settings = ContainerConfig(
      options: options, id: id, image: chosen.settings,
      lower: maps == nil ? chosen.lower : store.directory(id) + "/lower",
      layer: store.directory(id), user: user, bounding: machine.capabilities, maps: maps,
      seccomp: try seccomp(options, machine), mounts: plan.mounts,
      hostEnvironment: Processes.environment,
      hostName: HostName.current)
    if options.hasInit { settings.initProgram = try initProgram() }
    var config = try settings.config()
    // The program may ask for it first of all, before a monitor could set it.
    if options.tty, !options.isDetached, let size = Terminal.size(0) {
      config.process?.consoleHeight = size.rows
      config.process?.consoleWidth = size.columns
    }
    if let first = places.first, !first.network.hasNames {
      for linked in try linked(options.links, on: first.network) {
        config.process?.env += linked.variables(for: options.name ?? "")
      }
    }
    config.annotations = try joins(options)
    try join(&config)
    let files = try NameFiles(
      options, hostname: settings.hostname, hasNetworks: !places.isEmpty)
    var record = Record(id: id)
    record.image = chosen.name
    record.imageID = chosen.image.id.hex
    record.command = settings.command
    record.entrypoints = settings.entrypoint.count
    record.createdNs = Clock.wall
    record.cgroup = config.linux.cgroupsPath ?? ""
    try record.take(options, of: chosen.settings)
    record.asked["hostname"] = places.isEmpty ? [] : [settings.hostname]
    let ports = try record.exposing(chosen.settings.exposedPorts)
    let idFile = try options.idFile.map { (path) throws(EngineError) in try IDFile(path) }
    let workingDirectory = options.workingDirectory ?? chosen.settings.workingDirectory
    let alive = try store.begin(id)
    let bundle = store.bundle(id)
    var publication: Publication?
    do {
      if starts, !ports.isEmpty {
        publication = try Publication(ports, container: id, bundle: bundle)
      }
      try Point.pass("store.layer")
      try WritableLayer.make(
        store.directory(id), over: image, files: files, workingDirectory: workingDirectory)
      try maps?.give(store.directory(id), image: image)
      try fill(plan, for: id, lower: settings.lower, maps)
      let json = config.encode()
      try Point.pass("store.config")
      if isKept { try File.replace(store.keptConfig(id), with: json, mode: 0o600) }
      try File.replace(bundle + "/config.json", with: json, mode: 0o600)
      if isKept, !options.removeOnExit { try store.settle(id, hasCopy: maps != nil) }
      record = try commit(record, name: options.name, plan, places)
      try idFile?.write(id)
    } catch {
      do throws(EngineError) { try store.remove(id) } catch {}
      try? volumeStore.abandon(plan)
      if let error = error as? SystemError { throw EngineError("making the container", error) }
      throw error as? EngineError ?? EngineError("making the container: \(error)")
    }
    // From here on the record keeps the image.
    _ = consume chosen
    return Prepared(record: record, bundle: bundle, alive: alive, publication: publication)
  }

  /// The rules for system calls that `--security-opt` asks for.
  private func seccomp(
    _ options: RunOptions, _ machine: Machine
  ) throws(EngineError) -> Seccomp? {
    let capabilities = try CapabilityRules.granted(
      add: options.capAdd, drop: options.capDrop, bounding: machine.capabilities)
    let usual = options.privileged ? SecurityOptions.SeccompChoice.unconfined : .standard
    switch try SecurityOptions(options.securityOptions).seccomp ?? usual {
    case .unconfined: return nil
    case .standard: return .standard(capabilities: capabilities)
    case .file(let path):
      let bytes = try asked("opening seccomp profile (\(path)) failed") {
        () throws(SystemError) in try File.read(path, limit: 4 << 20)
      }
      do throws(ConfigError) {
        return try SeccompProfile.parse(bytes).rules(
          capabilities: capabilities, kernel: HostName.kernelRelease)
      } catch {
        throw EngineError("Decoding seccomp profile failed: \(path): \(error.text)")
      }
    }
  }
}
