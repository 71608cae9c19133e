// The runtime's own files, beneath --root (default /run/drydock/runtime):
//
//   ID/state.json    State without status and pid: written before anything else is made
//   ID/config.json   the configuration the container was made from (the bundle's may change):
//                    written while init works, since cleaning up does not need it
//   ID/init          "PID STARTTIME": init, written before it may go on; the start time (field 22
//                    of /proc/PID/stat) tells it from a later process with the same number
//   ID/pid           the same file, renamed once init stands in the container's root: until then
//                    nobody may enter, since "inside" is still the host
//   ID/start         socket on which a created container waits for `start`
//   .seccomp/        compiled filters (SeccompCompiler.swift)
//
// A directory without a pid is a container that is being created, or what a killed `create` left.

internal import Linux
internal import OCI
internal import Steps

/// The directory with all containers of one --root.
package struct Store {
  let root: String

  /// The directory at a path.
  package init(root: String) { self.root = root }

  /// Where the state is when nobody says: for an ordinary user in his own runtime directory
  /// (XDG Base Directory Specification).
  static func root(_ asked: String?) throws(RuntimeError) -> String {
    if let asked { return asked }
    let user = Identity.effectiveUser
    if user == 0 { return "/run/drydock/runtime" }
    for entry in Processes.environment where entry.hasPrefix("XDG_RUNTIME_DIR=/") {
      return String(entry.dropFirst(16)) + "/drydock/runtime"
    }
    let usual = "/run/user/\(user)"
    guard File.isWritable(usual) else {
      throw RuntimeError(
        "no place for the state of containers: user \(user) has no XDG_RUNTIME_DIR",
        hint: "set XDG_RUNTIME_DIR, or give --root a directory of your own")
    }
    return usual + "/drydock/runtime"
  }

  func directory(_ id: String) -> String { root + "/" + id }
  func statePath(_ id: String) -> String { root + "/" + id + "/state.json" }
  func configPath(_ id: String) -> String { root + "/" + id + "/config.json" }
  func initPath(_ id: String) -> String { root + "/" + id + "/init" }
  func pidPath(_ id: String) -> String { root + "/" + id + "/pid" }
  func startPath(_ id: String) -> String { root + "/" + id + "/start" }

  /// Refuses ids that are no plain file names: letters, digits and `_+-.`, not starting with a
  /// dot, at most 255 bytes (the characters of runc and crun).
  static func check(id: String) throws(RuntimeError) {
    let allowed = id.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "+"),
        UInt8(ascii: "-"), UInt8(ascii: "."):
        true
      default: false
      }
    }
    guard allowed, !id.isEmpty, id.utf8.count <= 255, !id.hasPrefix(".") else {
      throw RuntimeError(
        "invalid container id \"\(id.prefix(80))\"",
        hint: "use letters, digits and _ + - . and do not start with a dot; 255 at most")
    }
  }

  /// The ids that have a directory.
  func ids() throws(RuntimeError) -> [String] {
    guard File.exists(root) else { return [] }
    return try lookingUp { () throws(SystemError) in try File.list(root) }
      .filter { !$0.hasPrefix(".") }
  }

  /// A container's state as it is now.
  ///
  /// - Throws: `RuntimeError` saying that it does not exist.
  func load(_ id: String) throws(RuntimeError) -> Container {
    try Store.check(id: id)
    let bytes: [UInt8]
    do {
      bytes = try File.read(statePath(id))
    } catch {
      guard error.errno == .noEntry else { throw RuntimeError(error) }
      if File.exists(directory(id)) {
        // A `create` that is at its first step, or was killed there.
        return Container(
          store: self, state: State(id: id, status: .creating, bundle: ""), startTime: 0)
      }
      throw RuntimeError(
        "container \"\(id)\" does not exist", hint: "`list` shows those that do", exitCode: 1)
    }
    do {
      var state = try State.parse(bytes)
      let startTime = try readPID(&state)
      return Container(store: self, state: state, startTime: startTime)
    } catch let error as ConfigError {
      throw RuntimeError("\(statePath(id)): \(error.text)", hint: "delete --force removes it")
    } catch let error as SystemError {
      throw RuntimeError(error)
    } catch { throw RuntimeError("\(statePath(id)) cannot be read") }
  }

  /// What is known of a container whose state.json is broken: its cgroups, from its configuration.
  ///
  /// - Throws: `RuntimeError` when that is broken too.
  func salvage(_ id: String) throws(RuntimeError) -> Container {
    var container = Container(
      store: self, state: State(id: id, status: .creating, bundle: ""), startTime: 0)
    let config = try container.config()
    let layout = try lookingUp { () throws(SystemError) in
      let layout = try CgroupLayout.detect()
      return config.linux.resources.hugepages.isEmpty ? layout : try layout.includingUnified()
    }
    container.state.cgroups = try Cgroups(
      layout: layout, configured: config.linux.cgroupsPath, id: id
    ).listed
    return container
  }

  private func readPID(_ state: inout State) throws(SystemError) -> UInt64 {
    state.status = .creating
    state.pid = nil
    let text: String
    let isReady: Bool
    if let ready = try textIfThere(pidPath(state.id)) {
      (text, isReady) = (ready, true)
    } else if let early = try textIfThere(initPath(state.id)) {
      (text, isReady) = (early, false)
    } else {
      return 0
    }
    let numbers = text.trimmedLine.split(separator: " ")
    guard numbers.count == 2, let pid = Int32(numbers[0]), pid > 0,
      let started = UInt64(numbers[1])
    else {
      // Broken: which process it was is not known, only its cgroups are.
      return 0
    }
    guard Processes.startTime(pid) == started else {
      state.status = .stopped
      return 0
    }
    state.pid = pid
    if isReady { state.status = File.exists(startPath(state.id)) ? .created : .running }
    if isReady, Freezer(state.cgroups)?.isFrozen ?? false { state.status = .paused }
    return started
  }

  private func textIfThere(_ path: String) throws(SystemError) -> String? {
    do {
      return try File.text(path)
    } catch {
      if error.errno == .noEntry { return nil }
      throw error
    }
  }
}

/// A container that exists, as seen at one moment.
struct Container {
  let store: Store
  var state: State
  /// When init started; 0 when there is no init.
  let startTime: UInt64

  var id: String { state.id }

  /// A handle on init that cannot mean another process.
  ///
  /// - Throws: `RuntimeError` with `container not running`.
  func handle() throws(RuntimeError) -> Descriptor {
    guard let pid = state.pid else { throw notRunning }
    do {
      let handle = try Processes.handle(of: pid)
      // The pid may have been given away between reading it and opening it.
      if Processes.startTime(pid) == startTime { return handle }
    } catch {
      guard error.errno == .noProcess else { throw RuntimeError(error) }
    }
    throw notRunning
  }

  var notRunning: RuntimeError {
    RuntimeError(
      "container not running: \(id)", hint: "its status is \(state.status.rawValue)", exitCode: 1)
  }

  /// The configuration it was made from.
  func config() throws(RuntimeError) -> Config {
    do {
      return try Config.parse(File.read(store.configPath(id)))
    } catch let error as ConfigError {
      throw RuntimeError(error)
    } catch let error as SystemError {
      // It is saved while init is made.
      if error.errno == .noEntry, state.status == .creating { throw notRunning }
      throw RuntimeError(error)
    } catch { throw RuntimeError("config.json cannot be read") }
  }
}
