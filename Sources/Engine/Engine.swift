import Linux
import OCI

/// Containers on this machine: run, watched, listed, ended, removed.
///
/// There is no daemon. Every method looks at what is on disk and in the kernel; several processes
/// may use the same roots at once, and any of them may be killed at any moment.
public final class Engine: Sendable {
  /// What outlives a reboot: images, and each container's writable layer and record.
  public let root: String
  /// What does not: bundles and the runtime's state.
  public let runRoot: String
  let imageStore: Images
  let store: ContainerStore

  var runtime: RuntimeCommand { store.runtime }

  /// Makes an engine on two directories, which are created when first needed.
  ///
  /// - Parameters:
  ///   - root: `--root`.
  ///   - runRoot: `--run-root`.
  ///   - runtime: the OCI runtime; nil takes `DRYDOCK_RUNTIME`, else the `drydock-runtime` beside
  ///     the running executable.
  ///   - busybox: what every image is made from; nil takes `DRYDOCK_BUSYBOX`, else /bin/busybox.
  ///   - stress: what the image `stress` is made from; nil takes `DRYDOCK_STRESS`, else the
  ///     `stress` beside the running executable.
  ///   - probe: what the image `probe` is made from; nil takes `DRYDOCK_PROBE`, else the `probe`
  ///     beside the running executable.
  ///   - debug: whether the runtime is told `--debug`.
  /// - Throws: `EngineError` when a directory cannot be used as such.
  public init(
    root: String = "/var/lib/drydock", runRoot: String = "/run/drydock", runtime: String? = nil,
    busybox: String? = nil, stress: String? = nil, probe: String? = nil, debug: Bool = false
  ) throws(EngineError) {
    let places = Places(environment: Processes.environment)
    self.root = try places.directory(root, option: "--root")
    self.runRoot = try places.directory(runRoot, option: "--run-root")
    imageStore = Images(
      directory: self.root + "/images",
      sources: ImageSources(
        busybox: busybox ?? places.value("DRYDOCK_BUSYBOX") ?? "/bin/busybox",
        stress: try places.program("stress", given: stress, variable: "DRYDOCK_STRESS"),
        probe: try places.program("probe", given: probe, variable: "DRYDOCK_PROBE")))
    let path = try places.program(
      "drydock-runtime", given: runtime, variable: "DRYDOCK_RUNTIME")
    store = ContainerStore(
      root: self.root, runRoot: self.runRoot,
      runtime: RuntimeCommand(path: path, root: self.runRoot + "/runtime", debug: debug))
  }

  // MARK: Looking

  /// The containers, newest first.
  ///
  /// - Parameter all: the ended ones too.
  /// - Returns: one entry a container, its status found by looking.
  /// - Throws: `EngineError` when the state cannot be read.
  public func containers(all: Bool = false) throws(EngineError) -> [ContainerInfo] {
    try store.tidy()
    var list = [ContainerInfo]()
    for record in try store.records() {
      let status = try store.status(record)
      if !all, case .exited = status { continue }
      list.append(
        ContainerInfo(
          id: record.id, name: record.name, image: record.image, command: record.command,
          createdNs: record.createdNs, finishedNs: record.finishedNs, status: status))
    }
    return list
  }

  /// The images that have been prepared, by name.
  ///
  /// - Returns: one entry an image.
  /// - Throws: `EngineError` when the state cannot be read.
  public func images() throws(EngineError) -> [ImageInfo] {
    try imageStore.list().map {
      ImageInfo(name: $0.name, id: $0.digest, createdNs: $0.createdNs, size: $0.size)
    }
  }

  /// Makes a built-in image ready, so that the first `run` need not.
  ///
  /// - Throws: `EngineError` when what it is made from is missing.
  public func prepareImage(_ name: String) throws(EngineError) {
    _ = try imageStore.prepare(name, inUse: imagesInUse)
  }

  /// What `--init` runs first: `DRYDOCK_INIT`, else the `drydock-init` beside the running executable.
  func initProgram() throws(EngineError) -> String {
    let path = try Places(environment: Processes.environment).program(
      "drydock-init", given: nil, variable: "DRYDOCK_INIT")
    guard File.exists(path) else {
      throw EngineError(
        "\(path): no such init", hint: "Build it with `swift build --product drydock-init`.")
    }
    return path
  }

  func imagesInUse() throws(EngineError) -> Set<String> {
    Set(try store.records().map { $0.rootfs })
  }

  // MARK: Acting on what is there

  /// Sends a signal to a living container's first process.
  ///
  /// - Parameters:
  ///   - container: a name, an id, or the beginning of an id.
  ///   - signal: a number or a name, with or without `SIG`.
  /// - Throws: `EngineError` when there is no such living container or signal.
  public func kill(_ container: String, signal: String = "KILL") throws(EngineError) {
    guard let number = Signal.number(signal), number > 0 else {
      throw EngineError(
        "Invalid signal: \(signal)", hint: "A number, or a name such as TERM; see signal(7).",
        exitCode: 1)
    }
    let record = try living(container, doing: "Cannot kill container")
    _ = try runtime.run(["kill", record.id, "\(number)"])
  }

  /// Ends a container as Docker does: SIGTERM, and SIGKILL when it still lives after the grace.
  ///
  /// - Parameters:
  ///   - container: a name, an id, or the beginning of an id; one that has ended already is fine.
  ///   - grace: seconds.
  /// - Throws: `EngineError` when there is no such container or it cannot be ended.
  public func stop(_ container: String, grace: Double = 10) throws(EngineError) {
    let record = try store.find(container)
    guard case .running(let pid) = try store.status(record) else { return }
    guard let started = Processes.startTime(pid) else { return }
    func ended(within seconds: Double) -> Bool {
      let deadline = Clock.now + UInt64(max(0, seconds) * 1e9)
      while Processes.startTime(pid) == started {
        if Clock.now >= deadline { return false }
        Clock.sleep(10_000_000)
      }
      return true
    }
    for (signal, seconds) in [(Signal.term, grace), (Signal.kill, 10)] {
      do throws(EngineError) {
        _ = try runtime.run(["kill", record.id, "\(signal)"])
      } catch {
        // It may have ended just now.
        if Processes.startTime(pid) == started { throw error }
      }
      if ended(within: seconds) { return }
    }
    throw EngineError("\(container): process \(pid) did not end after SIGKILL", exitCode: 1)
  }

  /// Removes an ended container; with `force` a living one is killed first.
  ///
  /// - Parameters:
  ///   - container: a name, an id, or the beginning of an id.
  ///   - force: kill it when it lives.
  ///   - volumes: remove the volumes that it named none for, too.
  /// - Throws: `EngineError` when there is no such container, or it lives and `force` is false.
  public func remove(
    _ container: String, force: Bool = false, volumes: Bool = false
  ) throws(EngineError) {
    let record = try store.find(container)
    switch try store.status(record) {
    case .exited: break
    case _ where force: break
    case .created, .running:
      throw EngineError(
        "You cannot remove a running container \(record.id).",
        hint: "End it first with `drydock kill \(record.name)`, or use `drydock rm -f`.",
        exitCode: 1)
    }
    try store.remove(record.id, volumes: volumes)
  }

  func living(_ container: String, doing: String) throws(EngineError) -> Record {
    let record = try store.find(container)
    guard case .running = try store.status(record) else {
      throw EngineError(
        "\(doing): \(container): Container \(record.id) is not running", exitCode: 1)
    }
    return record
  }
}
