// One run of a lab on this machine, and what it takes to leave nothing behind.
//
//   /run/drydock/labs/13-cpu-shares-4711-123456/     run-root of the session: the lab's folder,
//     host                                           the pid of its process, when that started
//     …                                              what the engine keeps there
//
// `host` holds the host's state from before, a line an item. A session whose process is gone was
// killed; `reset` ends what it started, by cgroup and by pid with start time, and removes the rest.

internal import CLinux
public import Engine
public import Linux
public import Measure

/// What a session needs to know of the machine.
public struct Place: Sendable {
  /// The engine's `--root`.
  public var root = "/var/lib/drydock"
  /// Where sessions have their run-roots.
  public var sessions = "/run/drydock/labs"
  /// Where the learner's scripts and journal are.
  public var work: String

  /// Makes a place with the usual roots.
  public init(work: String) { self.work = work }
}

/// One run of a lab.
public struct Session: Sendable {
  /// The session's own run-root.
  public let runRoot: String
  /// The process that runs it.
  public let pid: Int32
  /// When that process started, in ticks since boot.
  public let start: UInt64
  /// The engine's root.
  public let root: String
  /// The host before.
  public let before: HostState

  /// Looks at the host and makes the run-root.
  ///
  /// - Throws: `SystemError` when it cannot be made.
  public init(_ lab: Lab, _ place: Place) throws(SystemError) {
    before = HostState.read()
    pid = Processes.current
    start = Processes.startTime(pid) ?? 0
    root = place.root
    runRoot = "\(place.sessions)/\(lab.folder)-\(pid)-\(start)"
    // Passable: the root of a container with a user namespace is nobody here.
    try File.makeDirectories(runRoot, mode: 0o711)
    var lines = ""
    for (kind, items) in before.items { for item in items { lines += "\(kind)\t\(item)\n" } }
    try File.replace("\(runRoot)/host", with: Array(lines.utf8), mode: 0o600)
  }

  /// Finds a session by its directory; nil when the name is none of ours.
  public init?(directory: String, root: String) {
    let parts = directory.split(separator: "/").last?.split(separator: "-") ?? []
    guard parts.count >= 4, let start = UInt64(parts[parts.count - 1]),
      let pid = Int32(parts[parts.count - 2])
    else { return nil }
    var items: [String: Set<String>] = [:]
    for line in (Kernel.read("\(directory)/host") ?? "").split(separator: "\n") {
      let fields = line.split(separator: "\t", maxSplits: 1).map(String.init)
      if fields.count == 2 { items[fields[0], default: []].insert(fields[1]) }
    }
    runRoot = directory
    self.pid = pid
    self.start = start
    self.root = root
    before = HostState(items: items)
  }

  /// Every session of a lab (or of all) that left its directory behind.
  public static func all(_ place: Place, of lab: Lab? = nil) -> [Session] {
    Kernel.list(place.sessions).filter { name in lab.map { name.hasPrefix($0.folder + "-") } ?? true
    }
    .compactMap { Session(directory: "\(place.sessions)/\($0)", root: place.root) }
  }

  /// Whether its process still runs.
  public var isAlive: Bool { Processes.startTime(pid) == start }

  /// The names of its containers begin so.
  public var namePrefix: String { "lab-\(pid)-" }

  /// What only this session's things carry: its run-root, its names, its children, its containers.
  func marks(_ ids: [String]) -> [String] {
    [runRoot, namePrefix, "child-of-\(pid)", "zombie-of-\(pid)"]
      + ids.map { String($0.prefix(12)) }
  }

  /// Ends and removes all that the session started, and looks at the host again.
  ///
  /// - Returns: what differs from before.
  /// - Throws: the first error, after everything has been tried.
  public func clean(_ engine: Engine?) throws -> [HostState.Difference] {
    var errors = [any Error]()
    func attempt(_ body: () throws -> Void) {
      do { try body() } catch { errors.append(error) }
    }
    var ids = containerIDs()
    if let engine {
      attempt {
        for container in try engine.containers(all: true)
        where container.name.hasPrefix(namePrefix) {
          ids.append(container.id)
          try engine.remove(container.id, force: true)
        }
      }
    }
    let groups = cgroups(ids)
    attempt { try endProcesses(groups) }
    reap()
    for group in groups.reversed() where File.exists(group) {
      attempt { try File.removeDirectory(group) }
    }
    attempt { try unmount() }
    attempt { try File.removeTree(runRoot) }
    if let slash = runRoot.lastIndex(of: "/") {
      // The sessions' own directory, when no other session is in it.
      _ = unsafe lx_unlinkat(currentDirectory, String(runRoot[..<slash]), 0x200)
    }
    // The engine's parent cgroups, when this session was the first to need them.
    for group in HostState.cgroups().subtracting(before.items["cgroup"] ?? [])
    where group.hasSuffix("/drydock") { _ = unsafe lx_unlinkat(currentDirectory, group, 0x200) }
    if let first = errors.first { throw first }
    return HostState.read().differences(since: before, marks: marks(ids))
  }

  /// Directories beneath the run-root that are named by a container's id.
  private func containerIDs() -> [String] {
    // A further host has its own run-root beneath ours.
    Kernel.list(runRoot).flatMap { name in
      [name] + Kernel.list("\(runRoot)/\(name)") + Kernel.list("\(runRoot)/\(name)/containers")
    }
    .filter { $0.count == 64 && $0.allSatisfy(\.isHexDigit) }
  }

  /// Their cgroups, parents before children.
  private func cgroups(_ ids: [String]) -> [String] {
    let marks = ids.map { "/drydock/\($0.prefix(12))" } + ["/drydock/\(namePrefix)"]
    return HostState.cgroups().filter { path in marks.contains { path.contains($0) } }.sorted()
  }

  /// Kills what is in the cgroups and whoever carries the run-root on its command line.
  private func endProcesses(_ groups: [String]) throws {
    let deadline = Clock.now + 5_000_000_000
    while true {
      var found = Set(groups.flatMap(Processes.inCgroup))
      for pid in Processes.all() where pid != Processes.current {
        let words = (Kernel.read("/proc/\(pid)/cmdline") ?? "").split(separator: "\0")
        // The run-root itself (drydock-dns), or something in it.
        if words.contains(where: { $0 == runRoot || $0.contains(runRoot + "/") }) {
          found.insert(pid)
        }
      }
      for pid in found {
        try Processes.end(pid)
        // A service that was left to itself (drydock-dns) is still a child of who started it.
        guard Processes.parent(pid) == Processes.current else { continue }
        var status: Int32 = 0
        _ = unsafe lx_wait4(pid, &status, 0, nil, nil, nil)
      }
      if found.isEmpty { return }
      guard Clock.now < deadline else {
        throw LabError("processes \(found.sorted()) cannot be killed")
      }
      Clock.sleep(20_000_000)
    }
  }

  /// A service that was left to itself and has ended (drydock-publish) is still a child of who started
  /// it.
  private func reap() {
    for pid in Processes.children(of: Processes.current) where Processes.state(pid) == "Z" {
      var status: Int32 = 0
      _ = unsafe lx_wait4(pid, &status, 1 /* WNOHANG */, nil, nil, nil)
    }
  }

  private func unmount() throws(SystemError) {
    for line in (Kernel.read("/proc/self/mountinfo") ?? "").split(separator: "\n").reversed() {
      let fields = line.split(separator: " ")
      guard fields.count > 4, fields[4].hasPrefix(runRoot + "/") else { continue }
      let result = unsafe lx_umount2(String(fields[4]), 2)  // MNT_DETACH
      guard result >= 0 else {
        throw SystemError("umount2(2)", Errno(Int32(-result)), String(fields[4]))
      }
    }
  }
}
