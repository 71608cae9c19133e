import Linux
import State

/// What a new container gets beside the usual mounts, and the volumes that must be there for it.
struct MountPlan: Equatable, Sendable {
  /// In the order in which they are mounted: a place before what lies below it.
  var mounts: [MountRecord] = []
  /// Volumes to write down when they are not there yet.
  var volumes: [VolumeRecord] = []
  /// Volumes that are filled from the image when they are empty: their name, and where from.
  var filled: [Filling] = []

  /// A volume, and the image's directory it may get its files from.
  struct Filling: Equatable, Sendable {
    var volume: String
    var target: String
    /// Not for a volume that ends with its container.
    var isLasting: Bool
  }

  /// Gathers what the options, the image and other containers bring: who was asked for by name goes
  /// before the image's VOLUME, and both before another container's.
  ///
  /// - Parameters:
  ///   - options: checked by `OptionRules`.
  ///   - imageVolumes: the paths of the image's VOLUME.
  ///   - others: the mounts of a container that `--volumes-from` names.
  ///   - volume: the record of a volume; nil when there is none.
  ///   - data: the directory with a volume's files.
  /// - Throws: `EngineError` in Docker's words.
  init(
    _ options: RunOptions, imageVolumes: [String],
    others: (String) throws(EngineError) -> [MountRecord],
    volume: (String) throws(EngineError) -> VolumeRecord?,
    data: (String) -> String
  ) throws(EngineError) {
    var inherited: [MountRecord] = []
    for text in options.volumesFrom {
      let from = try VolumesFrom(text)
      for mount in try others(from.container) {
        inherited.removeAll { $0.target == mount.target }
        inherited.append(from.isReadOnly ? mount.readOnly : mount)
      }
    }
    var requests = try MountPlan.requests(options)
    for path in imageVolumes {
      let request = try MountRequest(imageVolume: path)
      let isTaken =
        requests.contains { $0.target == request.target }
        || inherited.contains { $0.target == request.target }
      if !isTaken { requests.append(request) }
    }
    mounts = inherited.filter { mount in !requests.contains { $0.target == mount.target } }
    for request in requests {
      try add(request, volume, data, isLasting: !options.removeOnExit)
    }
    // Stable: what was named first stays first among equals.
    mounts = mounts.enumerated().sorted { a, b in
      (MountPlan.depth(a.element.target), a.offset) < (MountPlan.depth(b.element.target), b.offset)
    }.map(\.element)
  }

  /// No mounts.
  init() {}

  /// `-v`, `--mount` and `--tmpfs`, no place twice.
  static func requests(_ options: RunOptions) throws(EngineError) -> [MountRequest] {
    var requests = [MountRequest]()
    for text in options.volumes { requests.append(try MountRequest(volume: text)) }
    for text in options.mounts { requests.append(try MountRequest(mount: text)) }
    for text in options.tmpfs { requests.append(try MountRequest(tmpfs: text)) }
    var places = Set<String>()
    for request in requests where !places.insert(request.target).inserted {
      throw EngineError("Duplicate mount point: \(request.target)")
    }
    return requests
  }

  private static func depth(_ path: String) -> Int { path.split(separator: "/").count }

  private mutating func add(
    _ request: MountRequest, _ volume: (String) throws(EngineError) -> VolumeRecord?,
    _ data: (String) -> String, isLasting: Bool
  ) throws(EngineError) {
    let access = request.isReadOnly ? "ro" : "rw"
    switch request.kind {
    case .bind:
      mounts.append(
        MountRecord(
          kind: "bind", source: request.source, target: request.target,
          options: [request.isRecursive ? "rbind" : "bind", access, request.propagation]))
    case .tmpfs:
      mounts.append(
        MountRecord(
          kind: "tmpfs", source: "tmpfs", target: request.target, type: "tmpfs",
          options: ["noexec", "nosuid", "nodev"] + request.options
            + (request.isReadOnly ? ["ro"] : [])))
    case .volume:
      var record = VolumeRecord(name: request.source)
      if request.source.isEmpty {
        record.name = Names.newID()
        record.isAnonymous = true
      } else if let known = try volume(request.source) {
        record = known
      }
      if record.createdNs == 0 {
        record.options = request.settings.options
        record.labels = request.settings.labels
        record.createdNs = Clock.wall
        volumes.append(record)
      }
      mounts.append(VolumeStore.mount(record, at: request.target, access, data(record.name)))
      if request.isFilled, record.options.isEmpty {
        filled.append(
          Filling(
            volume: record.name, target: request.target,
            isLasting: isLasting || !record.isAnonymous))
      }
    }
  }
}

/// `--volumes-from CONTAINER[:ro|rw]`.
struct VolumesFrom: Equatable, Sendable {
  let container: String
  let isReadOnly: Bool

  /// Reads it.
  init(_ text: String) throws(EngineError) {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard !parts[0].isEmpty else {
      throw EngineError("malformed volumes-from specification: \(text)")
    }
    container = String(parts[0])
    let mode = parts.count > 1 ? String(parts[1]) : "rw"
    guard ["ro", "rw", "z", "Z"].contains(mode) else {
      throw EngineError("invalid mode for volumes-from: \(mode)", hint: "ro or rw.")
    }
    isReadOnly = mode == "ro"
  }
}

extension MountRecord {
  /// The same, not to be written to.
  var readOnly: MountRecord {
    var copy = self
    copy.options.removeAll { $0 == "rw" || $0 == "ro" }
    copy.options.insert("ro", at: copy.options.isEmpty ? 0 : 1)
    return copy
  }

  /// Whether mounts made inside reach the host.
  var isShared: Bool { options.contains("shared") || options.contains("rshared") }
}
