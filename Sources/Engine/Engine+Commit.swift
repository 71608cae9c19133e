public import Images
import Linux
import OCI

/// From containers to images and archives.
extension Engine {
  /// Makes an image of a container's changes, with the container standing still meanwhile.
  ///
  /// - Parameters:
  ///   - container: a name, an id, or the beginning of an id.
  ///   - name: what the image is to be called; nil for nothing.
  ///   - author: `-a`.
  ///   - message: `-m`.
  ///   - changes: `-c`, lines of a Dockerfile.
  ///   - pauses: `-p`.
  /// - Returns: the image.
  /// - Throws: `EngineError` when there is no such container, or it cannot be packed.
  public func commit(
    _ container: String, name: String?, author: String, message: String, changes: [String],
    pauses: Bool
  ) throws(EngineError) -> StoredImage {
    let record = try store.find(container)
    let image = try storing(exitCode: 1) { () throws(ImageError) in
      try imageStore.existing(record.imageID).image
    }
    let base = try storing(exitCode: 1) { () throws(ImageError) in
      try imageStore.config(image.id).settings
    }
    let config = try keptConfig(record)
    var entry = HistoryEntry()
    entry.author = author
    entry.comment = message
    entry.createdBy = record.command.joined(separator: " ")
    let files = containerFiles(record, config)
    let settings = Engine.settings(of: record, config, over: base)
    var paused = false
    if pauses, case .running = try store.status(record) {
      _ = try runtime.run(["pause", record.id])
      paused = true
    }
    do throws(EngineError) {
      let made = try storing(exitCode: 1) { () throws(ImageError) in
        try imageStore.commit(
          files, on: record.imageID, settings: settings, changes: changes, entry: entry, name: name)
      }
      if paused { _ = try runtime.run(["resume", record.id]) }
      return made
    } catch {
      if paused { do throws(EngineError) { _ = try runtime.run(["resume", record.id]) } catch {} }
      throw error
    }
  }

  /// Writes a container's whole tree as a tar.
  ///
  /// - Parameters:
  ///   - container: a name, an id, or the beginning of an id.
  ///   - path: the file; nil for standard output.
  /// - Throws: `EngineError` when there is no such container, or it cannot be written.
  public func export(_ container: String, to path: String?) throws(EngineError) {
    let record = try store.find(container)
    let files = containerFiles(record, try keptConfig(record))
    let lock = try storing(exitCode: 1) { () throws(ImageError) in try imageStore.keep() }
    let lower = try lowerDirectories(record)
    let tree = try asked("opening the container's files") { () throws(SystemError) in
      try ImageView(lower: "\(store.directory(record.id))/upper:\(lower)")
    }
    try storing(exitCode: 1) { () throws(ImageError) in
      try ImageStore.export(tree.root.raw, files, to: path)
    }
    _ = consume lock
  }

  /// What a container has changed, sorted by path.
  ///
  /// - Parameter container: a name, an id, or the beginning of an id.
  /// - Returns: one entry a path.
  /// - Throws: `EngineError` when there is no such container, or it cannot be read.
  public func changes(_ container: String) throws(EngineError) -> [FileChange] {
    let record = try store.find(container)
    let files = containerFiles(record, nil)
    let lower = try lowerDirectories(record)
    let image = try asked("opening the image's files") { () throws(SystemError) in
      try ImageView(lower: lower)
    }
    return try storing(exitCode: 1) { () throws(ImageError) in
      try FileChange.list(files, over: image.root.raw)
    }
  }

  /// The layers below a container's own: its copy of the files, when it has a user namespace.
  private func lowerDirectories(_ record: Record) throws(EngineError) -> String {
    let copy = store.directory(record.id) + "/lower"
    if File.exists(copy) { return copy }
    return try storing(exitCode: 1) { () throws(ImageError) in
      let image = try imageStore.existing(record.imageID).image
      return try imageStore.directories(of: image).joined(separator: ":")
    }
  }

  /// Makes sure that the layers of a container that is started again are there and to be trusted.
  func readyLayers(_ record: Record) throws(EngineError) { _ = try lowerDirectories(record) }

  private func containerFiles(_ record: Record, _ config: Config?) -> ContainerFiles {
    var files = ContainerFiles(
      upper: store.directory(record.id) + "/upper", engineFiles: WritableLayer.engineFiles)
    if let config, !config.linux.uidMappings.isEmpty {
      let (uids, gids) = (config.linux.uidMappings, config.linux.gidMappings)
      files.uid = { Engine.inside($0, uids) }
      files.gid = { Engine.inside($0, gids) }
    }
    return files
  }

  static func inside(_ id: UInt32, _ maps: [IDMapping]) -> UInt32? {
    for map in maps where id >= map.hostID && id - map.hostID < map.size {
      return map.containerID + (id - map.hostID)
    }
    return nil
  }

  /// config.json as it was at the last start; nil when it was kept nowhere.
  private func keptConfig(_ record: Record) throws(EngineError) -> Config? {
    for place in [store.directory(record.id), store.bundle(record.id)] {
      let path = place + "/config.json"
      guard File.exists(path) else { continue }
      let bytes = try asked("reading \(path)") { () throws(SystemError) in try File.read(path) }
      do throws(ConfigError) { return try Config.parse(bytes) } catch {
        throw EngineError("\(path): \(error.text)")
      }
    }
    return nil
  }

  /// How the container was run, for the image made of it: its command, and what it was given.
  private static func settings(
    of record: Record, _ config: Config?, over image: ImageSettings
  ) -> ImageSettings {
    var settings = image
    let entrypoint = image.entrypoint ?? []
    if record.command.starts(with: entrypoint) {
      let rest = Array(record.command.dropFirst(entrypoint.count))
      if !rest.isEmpty { settings.command = rest }
    }
    guard let process = config?.process else { return settings }
    // These the engine adds to every container.
    let added = ["HOSTNAME=", "HOME=", "TERM="]
    for entry in process.env
    where !image.environment.contains(entry) && !added.contains(where: { entry.hasPrefix($0) }) {
      let name = entry.prefix { $0 != "=" } + "="
      settings.environment.removeAll { $0.hasPrefix(name) }
      settings.environment.append(entry)
    }
    if process.cwd != (image.workingDirectory.isEmpty ? "/" : image.workingDirectory) {
      settings.workingDirectory = process.cwd
    }
    return settings
  }
}
