import Images
import Linux
import Monitor
import OCI
import State

/// What a new container shares with volumes, the host and other containers.
extension Engine {
  /// The volumes of this root.
  var volumeStore: VolumeStore { store.volumes }

  /// Gathers a new container's mounts.
  func mountPlan(
    _ options: RunOptions, _ image: ImageSettings, _ id: String
  ) throws(EngineError) -> MountPlan {
    let volumes = volumeStore
    var plan = try MountPlan(
      options, imageVolumes: image.volumes,
      others: { (name) throws(EngineError) in
        try volumes.mounts(of: try store.find(name).id).filter {
          $0.kind == "bind" || $0.kind == "volume"
        }
      },
      volume: { (name) throws(EngineError) in try volumes.find(name) },
      data: { volumes.files.data($0) })
    if let shm = try sharedMemory(options, id, volumes) {
      plan.mounts.removeAll { $0.target == shm.target }
      plan.mounts.append(shm)
    }
    return plan
  }

  /// /dev/shm, when others have it too: POSIX shared memory are files there (shm_overview(7)).
  ///
  /// A tmpfs of the container's own could not be bound into another one's mount namespace, so one
  /// that may be shared is a directory of the container's.
  private func sharedMemory(
    _ options: RunOptions, _ id: String, _ volumes: VolumeStore
  ) throws(EngineError) -> MountRecord? {
    var source: String
    switch try NamespaceOptions.ipc(options.ipc) {
    case .own: return nil
    case .host: source = "/dev/shm"
    case .shareable: source = store.directory(id) + "/shm"
    case .container(let name):
      let donor = try store.find(name)
      let mounts = try volumes.mounts(of: donor.id)
      guard let shm = mounts.first(where: { $0.kind == "shm" }) else {
        throw EngineError(
          "can't join IPC of container \(donor.id): non-shareable IPC",
          hint: "Start \(donor.name) with --ipc shareable.")
      }
      source = shm.source
    }
    return MountRecord(
      kind: "shm", source: source, target: "/dev/shm",
      options: ["bind", "rw", "nosuid", "noexec", "nodev"])
  }

  /// The ids of the containers whose namespaces are to be joined, as annotations of config.json.
  func joins(_ options: RunOptions) throws(EngineError) -> [KeyValue] {
    var list = [KeyValue]()
    let modes = [
      try NamespaceOptions.pid(options.pid), try NamespaceOptions.ipc(options.ipc),
      try NamespaceOptions.network(options.network),
    ]
    for (join, mode) in zip(Joins.all, modes) {
      guard case .container(let name) = mode else { continue }
      list.append(KeyValue(join.key, try store.find(name).id))
    }
    return list
  }

  /// Gives a configuration the paths of the namespaces that it joins, as they are now.
  func join(_ config: inout Config) throws(EngineError) {
    try Joins.resolve(&config) { (donor, file) throws(EngineError) in
      let record = try store.find(donor)
      guard let pid = try store.status(record).pid else {
        throw EngineError(
          "cannot join \(file.uppercased()) of a non running container: \(donor)",
          hint: "Start \(record.name) first.")
      }
      return pid
    }
  }

  /// The same for one that was kept.
  func joined(_ bytes: [UInt8], name: String) throws(EngineError) -> [UInt8] {
    // Most join nobody, and need not be read.
    guard Joins.isThere(in: bytes) else { return bytes }
    var config: Config
    do throws(ConfigError) { config = try Config.parse(bytes) } catch {
      throw EngineError("\(name): \(error.text)")
    }
    try join(&config)
    return config.encode()
  }

  /// Makes what the mounts need: directories of the host, volumes and what the image has for them.
  func fill(_ plan: MountPlan, for id: String, lower: String, _ maps: IDMaps?) throws {
    for mount in plan.mounts {
      // `--mount` was checked before, so what is missing here is from `-v`.
      if mount.kind == "bind", !File.exists(mount.source) {
        try File.makeDirectories(mount.source, mode: 0o755)
      } else if mount.kind == "shm", !File.exists(mount.source) {
        try File.makeDirectory(mount.source)
        try File.setMode(mount.source, 0o1777)
      }
    }
    var owner: (uid: UInt32, gid: UInt32)?
    if let maps, let uid = maps.host(uid: 0), let gid = maps.host(gid: 0) { owner = (uid, gid) }
    try volumeStore.prepare(plan, for: id, lower: lower, owner: owner)
  }
}

/// `--cidfile`: made before the container, so that a script never sees an id that is not there; one
/// without an id is removed again.
final class IDFile {
  private let path: String
  private var isWritten = false

  /// Makes the file, which must not be there.
  init(_ path: String) throws(EngineError) {
    self.path = path
    do throws(SystemError) {
      _ = try File.open(path, [.writeOnly, .create, .exclusive, .noFollow], mode: 0o644)
    } catch {
      guard error.errno == .exists else { throw EngineError("making the container ID file", error) }
      throw EngineError(
        "container ID file found, make sure the other container isn't running or delete \(path)")
    }
  }

  deinit {
    // Nobody is left to be told; an empty file is refused the next time.
    if !isWritten { try? File.remove(path) }
  }

  func write(_ id: String) throws(SystemError) {
    try File.replace(path, with: id.utf8)
    isWritten = true
  }
}
