// Every process that /proc shows, with what it takes to say who belongs together: parent, pids in
// each namespace, namespaces, cgroups. Read once for the whole X-ray.

internal import Linux
internal import Measure

/// One process of the host.
struct HostProcess: Sendable {
  let pid: Int32
  let parent: Int32
  /// Its pids from our pid namespace inwards (NSpid).
  let pids: [Int64]
  let uid: Int64
  let state: String
  let name: String
  /// Inode numbers by the file in /proc/PID/ns; empty when they may not be read.
  let namespaces: [String: UInt64]
  /// Its cgroup in each tree, by the second field of /proc/PID/cgroup.
  let cgroups: [String: String]

  /// The cgroup that says most: the longest.
  var cgroup: String { cgroups.values.max { ($0.count, $1) < ($1.count, $0) } ?? "/" }
}

/// All of them.
struct HostProcesses: Sendable {
  let list: [HostProcess]
  /// How many showed no namespaces.
  let unreadable: Int
  private let byPID: [Int32: Int]

  subscript(_ pid: Int32) -> HostProcess? { byPID[pid].map { list[$0] } }

  init(_ list: [HostProcess], unreadable: Int = 0) {
    self.list = list
    self.unreadable = unreadable
    byPID = Dictionary(list.enumerated().map { ($1.pid, $0) }) { first, _ in first }
  }

  /// Looks at /proc.
  init(_ notes: inout Notes) {
    let names =
      notes.reading("/proc") { () throws(SystemError) in try File.list("/proc") } ?? []
    var list = [HostProcess]()
    var unreadable = 0
    for name in names {
      guard let pid = Int32(name), let process = HostProcess.read(pid) else { continue }
      if process.namespaces.isEmpty && process.state != "Z" { unreadable += 1 }
      list.append(process)
    }
    self.init(list, unreadable: unreadable)
  }

  /// The processes of the container that a process is in.
  ///
  /// They are those in its cgroup, where it has one of its own; those in its pid namespace, where
  /// that is not the host's; and their children. What merely shares the pid namespace but has
  /// another cgroup of its own is another container.
  func members(of pid: Int32, host: Int32) -> [HostProcess] {
    guard let subject = self[pid] else { return [] }
    // On v1 its cgroups may differ from tree to tree; the deepest says most. What the host's first
    // process or we ourselves are in is no container's.
    let others = [host, Processes.current].compactMap { self[$0]?.cgroups }
    let own = subject.cgroups.filter { tree, path in
      path != "/" && !others.contains { $0[tree] == path }
    }.max { ($0.value.count, $1.key) < ($1.value.count, $0.key) }
    func isInside(_ process: HostProcess) -> Bool {
      guard let own, let other = process.cgroups[own.key] else { return false }
      return other == own.value || other.hasPrefix(own.value + "/")
    }
    let pidNamespace = subject.namespaces["pid"]
    let hasPIDs = pidNamespace != nil && pidNamespace != self[host]?.namespaces["pid"]
    var chosen = Set(
      list.filter { process in
        if own != nil { return isInside(process) }
        return hasPIDs && process.namespaces["pid"] == pidNamespace
      }.map { $0.pid })
    chosen.insert(pid)
    // Children whose cgroup is the same or deeper, until there are no more; parents come first only
    // by chance, hence the repetition.
    var grew = true
    while grew {
      grew = false
      for process in list where !chosen.contains(process.pid) && chosen.contains(process.parent) {
        grew = chosen.insert(process.pid).inserted || grew
      }
    }
    return list.filter { chosen.contains($0.pid) }
  }
}

extension HostProcess {
  /// Reads one; nil when it has ended or is hidden.
  static func read(_ pid: Int32) -> HostProcess? {
    do throws(SystemError) {
      let directory = try File.open("/proc/\(pid)", [.path, .directory])
      let status = Status(try File.text("status", limit: 1 << 20, at: directory.raw))
      let cgroups = try File.text("cgroup", limit: 1 << 20, at: directory.raw)
      var namespaces: [String: UInt64] = [:]
      for kind in NamespaceFlags.kinds {
        // EACCES without ptrace rights; a zombie has none. Both are counted by who asks.
        guard let link = try? File.link("ns/\(kind.file)", at: directory.raw),
          let inode = Namespaces.inode(link)
        else { continue }
        namespaces["\(kind.file)"] = inode
      }
      return HostProcess(
        pid: pid, status: status, namespaces: namespaces, cgroups: CgroupPaths.parse(cgroups))
    } catch {
      return nil
    }
  }

  init(pid: Int32, status: Status, namespaces: [String: UInt64], cgroups: [String: String]) {
    self.pid = pid
    parent = Int32(truncatingIfNeeded: status.numbers("PPid").first ?? 0)
    pids = status.numbers("NSpid")
    uid = status.numbers("Uid").dropFirst().first ?? -1
    state = String((status["State"] ?? "?").prefix(1))
    name = status["Name"] ?? "?"
    self.namespaces = namespaces
    self.cgroups = cgroups
  }
}
