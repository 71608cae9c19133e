import Images
import Linux
import OCI
import State

/// Containers on this machine: run, watched, listed, ended, removed.
///
/// There is no daemon. Every method looks at what is on disk and in the kernel; several processes
/// may use the same roots at once, and any of them may be killed at any moment.
public final class Engine: Sendable {
  /// What outlives a reboot: images, and each container's writable layer and record.
  public let root: String
  /// What does not: bundles and the runtime's state.
  public let runRoot: String
  let imageStore: ImageStore
  let builtinImages: BuiltinImages
  let store: ContainerStore

  var runtime: RuntimeCommand { store.runtime }

  /// The OCI runtime that is used.
  public var runtimePath: String { runtime.path }

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
    let root = self.root
    let state = StateHandle(root: root)
    imageStore = try storing { () throws(ImageError) in try ImageStore(root: root, state: state) }
    builtinImages = BuiltinImages(
      store: imageStore,
      sources: ImageSources(
        busybox: busybox ?? places.value("DRYDOCK_BUSYBOX") ?? "/bin/busybox",
        stress: try places.program("stress", given: stress, variable: "DRYDOCK_STRESS"),
        probe: try places.program("probe", given: probe, variable: "DRYDOCK_PROBE")))
    let path = try places.program(
      "drydock-runtime", given: runtime, variable: "DRYDOCK_RUNTIME")
    store = ContainerStore(
      root: self.root, runRoot: self.runRoot, state: state,
      runtime: RuntimeCommand(path: path, root: self.runRoot + "/runtime", debug: debug))
  }

  // MARK: Looking

  /// The containers, newest first.
  ///
  /// - Parameters:
  ///   - all: the ended ones too.
  ///   - connected: with their mounts and networks, which takes a look more each.
  /// - Returns: one entry a container, its status found by looking.
  /// - Throws: `EngineError` when the state cannot be read.
  public func containers(
    all: Bool = false, connected: Bool = false
  ) throws(EngineError) -> [ContainerInfo] {
    try store.tidy()
    var list = [ContainerInfo]()
    for record in try store.records() {
      let (status, life) = try store.look(record)
      var info = ContainerInfo(record, status, life)
      if status.pid != nil { info.ports = try portsText(record) }
      if connected { info.connections = try connections(of: record) }
      if all || info.isUp { list.append(info) }
    }
    return list
  }

  private func connections(of record: Record) throws(EngineError) -> ContainerConnections {
    var found = ContainerConnections()
    for mount in try volumeStore.mounts(of: record.id) where mount.kind != "shm" {
      found.mounts.append(mount.volume ?? mount.source)
      found.places.append(mount.target)
      if mount.volume != nil { found.volumes += 1 }
    }
    let networks = try networkStore.connections(of: record.id).map { $0.network.name }
    found.network =
      networks.isEmpty ? record.asked.word("network") : networks.joined(separator: ",")
    return found
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
}
