// Keeps the table as the files are, by inotify(7): one file is read for one change, since five
// hundred containers may start at once.

internal import Linux

/// The reader of a run-root's files of names.
struct TableReader {
  /// The one owner, in something that may be missing.
  private final class Watch {
    let directories: DirectoryWatch

    init() throws(SystemError) { directories = try DirectoryWatch() }
  }

  /// What a watched directory is.
  private enum Place: Equatable {
    case networks
    case network(String)
    case names(String)
  }

  /// Longer files are refused, in bytes.
  static let limit = 1 << 20

  private let runRoot: String
  private let watch: Watch?
  private var places: [Int32: Place] = [:]
  /// When a container's file was read, by network and id, in nanoseconds.
  private(set) var arrivals: [String: UInt64] = [:]

  /// Without inotify(7) everything is read anew at each `update`.
  init(_ runRoot: String) {
    self.runRoot = runRoot
    do throws(SystemError) { watch = try Watch() } catch {
      Journal.note("names are looked at once a second: \(error.text)")
      watch = nil
    }
  }

  /// What becomes readable when something changed; -1 when nothing tells.
  var raw: Int32 { watch?.directories.raw ?? -1 }

  /// Reads everything.
  mutating func readAll(_ table: inout NameTable) {
    table.networks.removeAll()
    places.removeAll()
    arrivals.removeAll()
    add(NamePlaces.networks(runRoot), .networks)
    for name in list(NamePlaces.networks(runRoot)) { readNetwork(name, &table) }
  }

  /// Reads what has changed.
  mutating func update(_ table: inout NameTable) {
    guard let news = takeNews() else { return readAll(&table) }
    for item in news {
      switch item {
      case .lost: return readAll(&table)
      case .ended(let number): places[number] = nil
      case .entry(let number, let name, let change):
        guard let place = places[number], !isTemporary(name) else { continue }
        take(place, name, change, &table)
      }
    }
  }

  private func takeNews() -> [DirectoryWatch.News]? {
    do throws(SystemError) { return try watch?.directories.news() } catch {
      Journal.note(error.text)
      return nil
    }
  }

  private mutating func take(
    _ place: Place, _ name: String, _ change: DirectoryWatch.Change, _ table: inout NameTable
  ) {
    switch (place, change) {
    case (.networks, .made), (.networks, .filled): readNetwork(name, &table)
    case (.networks, .gone): forget(name, &table)
    case (.network(let network), .gone):
      if name == "resolver" { table.networks[network]?.entry = NetworkEntry() }
      if name == "names" { forgetContainers(network, &table) }
    case (.network(let network), _):
      if name == "resolver" { readResolver(network, &table) }
      if name == "names" { readContainers(network, &table) }
    case (.names(let network), .gone): set(network, name, nil, &table)
    case (.names(let network), .filled): readContainer(network, name, &table)
    case (.names, .made): break  // It will be filled.
    }
  }

  // MARK: Reading

  private mutating func readNetwork(_ network: String, _ table: inout NameTable) {
    let path = NamePlaces.networks(runRoot) + "/" + network
    // Beside the networks are the server's own files.
    guard (try? File.status(path, follow: false).isDirectory) == true else { return }
    add(path, .network(network))
    if table.networks[network] == nil { table.networks[network] = NameTable.Network() }
    readResolver(network, &table)
    readContainers(network, &table)
  }

  private func readResolver(_ network: String, _ table: inout NameTable) {
    let path = NamePlaces.network(runRoot, network)
    guard let bytes = read(path) else { return }
    do throws(NameFileError) {
      table.networks[network, default: NameTable.Network()].entry = try NetworkEntry.parse(bytes)
    } catch { Journal.note("\(path): \(error.text)") }
  }

  private mutating func readContainers(_ network: String, _ table: inout NameTable) {
    let path = NamePlaces.networks(runRoot) + "/" + network + "/names"
    guard File.exists(path) else { return }
    add(path, .names(network))
    for id in list(path) where !isTemporary(id) { readContainer(network, id, &table) }
  }

  private mutating func readContainer(
    _ network: String, _ id: String, _ table: inout NameTable
  ) {
    let path = NamePlaces.container(runRoot, network, id)
    guard let bytes = read(path) else { return set(network, id, nil, &table) }
    do throws(NameFileError) {
      set(network, id, try NameEntry.parse(bytes), &table)
    } catch {
      Journal.note("\(path): \(error.text)")
      set(network, id, nil, &table)
    }
  }

  private mutating func set(
    _ network: String, _ id: String, _ entry: NameEntry?, _ table: inout NameTable
  ) {
    table.networks[network, default: NameTable.Network()].set(id, entry)
    arrivals[network + "/" + id] = entry == nil ? nil : Clock.now
  }

  private mutating func forget(_ network: String, _ table: inout NameTable) {
    forgetContainers(network, &table)
    table.networks[network] = nil
    places = places.filter { $0.value != .network(network) && $0.value != .names(network) }
  }

  private mutating func forgetContainers(_ network: String, _ table: inout NameTable) {
    for id in table.networks[network]?.containers.keys.sorted() ?? [] {
      set(network, id, nil, &table)
    }
  }

  private mutating func add(_ path: String, _ place: Place) {
    guard let watch else { return }
    do throws(SystemError) { places[try watch.directories.add(path)] = place } catch {
      // It is gone again already, which its parent's watch tells.
      if error.errno != .noEntry { Journal.note(error.text) }
    }
  }

  private func read(_ path: String) -> [UInt8]? {
    do throws(SystemError) { return try File.read(path, limit: TableReader.limit) } catch {
      if error.errno != .noEntry { Journal.note(error.text) }
      return nil
    }
  }

  private func list(_ path: String) -> [String] {
    do throws(SystemError) { return try File.list(path) } catch {
      if error.errno != .noEntry { Journal.note(error.text) }
      return []
    }
  }

  /// What `File.replace` writes before it renames.
  private func isTemporary(_ name: String) -> Bool { name.hasSuffix(".tmp") }
}

/// What nobody waits to hear: RUNROOT/networks/dns.log, which is the server's standard error.
enum Journal {
  /// More lines are not written, so that nothing fills the disk.
  private static let most = 1000
  // One thread.
  nonisolated(unsafe) private static var count = 0

  static func note(_ text: String) {
    unsafe count += 1
    guard unsafe count <= most else { return }
    File.report("\(Clock.rfc3339(Clock.wall)) \(text)\n")
  }
}
