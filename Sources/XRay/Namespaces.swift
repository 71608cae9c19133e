internal import Linux
internal import Measure
internal import Report

/// The namespaces a process is in, and who else is in them (namespaces(7)).
struct Namespaces: SectionContent {
  static let id = "namespaces"
  static let title = Bilingual(en: "Namespaces", zh: "命名空间")

  /// Somebody else in a namespace.
  struct Sharer: Equatable, Sendable {
    /// The container's id as its cgroup has it; nil when the cgroup names none.
    let container: String?
    /// Its cgroup.
    let cgroup: String
    /// One of its processes, as the host sees it.
    let pid: Int32
    /// How many of its processes are in this namespace.
    let processes: Int
  }

  /// One namespace.
  struct Entry: Equatable, Sendable {
    /// The file in /proc/PID/ns: `pid`, `net`, `mnt` and so on.
    let kind: String
    /// Its inode number, which names it while it lives.
    let inode: UInt64
    /// Whether it is the host's: that of PID 1 here; nil when that could not be read.
    let isHost: Bool?
    /// Who else is in it; empty for the host's own.
    let sharers: [Sharer]
    /// Where a mount keeps it (`ip netns`, CNI).
    let keptAt: [String]
  }

  /// In the order of /proc.
  let entries: [Entry]

  /// `net:[4026531840]` → 4026531840.
  static func inode(_ link: String) -> UInt64? {
    guard let open = link.firstIndex(of: "["), link.last == "]" else { return nil }
    return UInt64(link[link.index(after: open)...].dropLast())
  }

  init?(
    _ subject: Subject, _ processes: HostProcesses, members: [HostProcess], host: Int32,
    _ notes: inout Notes
  ) {
    let inside = Set(members.map { $0.pid })
    let kept = Namespaces.kept(&notes)
    var entries = [Entry]()
    for kind in NamespaceFlags.kinds {
      let file = "\(kind.file)"
      guard let link = subject.link("ns/\(file)", &notes), let inode = Namespaces.inode(link)
      else { continue }
      let ofHost = processes[host]?.namespaces[file]
      let isHost = ofHost.map { $0 == inode }
      let others = processes.list.filter {
        $0.namespaces[file] == inode && !inside.contains($0.pid)
      }
      entries.append(
        Entry(
          kind: file, inode: inode, isHost: isHost,
          sharers: isHost == true ? [] : Namespaces.sharers(others), keptAt: kept[inode] ?? []))
    }
    notes.add(source: "/proc/\(host)/ns")
    if host != 1 {
      notes.problem(
        "/proc/1/ns",
        Bilingual(
          en: "not readable: \"the host's\" means what this command is in itself",
          zh: "无法读取：“宿主机的”指本命令自己所在的命名空间"))
    }
    let count = processes.unreadable - (host == 1 ? 0 : 1)
    if count > 0 {
      notes.problem(
        "/proc/PID/ns",
        Bilingual(
          en: "\(count) processes do not show theirs (ended, or not ours): sharers may be missing",
          zh: "有 \(count) 个进程不显示其命名空间（已结束，或不属于当前用户）：共享者可能不全"))
    }
    guard !entries.isEmpty else { return nil }
    self.entries = entries
  }

  /// Others by container, or by cgroup where that names no container.
  static func sharers(_ processes: [HostProcess]) -> [Sharer] {
    let groups = Dictionary(grouping: processes) {
      CgroupPaths.containerID($0.cgroup) ?? $0.cgroup
    }
    return groups.values.compactMap { group in
      guard let first = group.min(by: { $0.pid < $1.pid }) else { return nil }
      return Sharer(
        container: CgroupPaths.containerID(first.cgroup), cgroup: first.cgroup, pid: first.pid,
        processes: group.count)
    }.sorted { $0.pid < $1.pid }
  }

  /// Namespaces that a mount of the host keeps alive: `nsfs` with the root `net:[…]`.
  private static func kept(_ notes: inout Notes) -> [UInt64: [String]] {
    let mounts =
      notes.reading("/proc/self/mountinfo (nsfs)") { () throws(SystemError) in
        try MountInfo.list()
      } ?? []
    var kept: [UInt64: [String]] = [:]
    for mount in mounts where mount.type == "nsfs" {
      if let inode = inode(mount.root), kept[inode]?.contains(mount.target) != true {
        kept[inode, default: []].append(mount.target)
      }
    }
    return kept
  }

  var blocks: [Block] {
    let rows = entries.map { entry in
      [Bilingual(entry.kind), Bilingual("\(entry.inode)"), Namespaces.owner(entry)]
    }
    return [
      .table(
        head: [
          Bilingual(en: "kind", zh: "类型"), Bilingual(en: "inode", zh: "inode"),
          Bilingual(en: "whose", zh: "归属"),
        ], rows: rows, numbers: [1])
    ]
  }

  private static func owner(_ entry: Entry) -> Bilingual {
    guard let isHost = entry.isHost else { return Bilingual(en: "unknown", zh: "未知") }
    guard !isHost else { return Bilingual(en: "the host's", zh: "宿主机的") }
    var text =
      entry.sharers.isEmpty
      ? Bilingual(en: "its own", zh: "自己的") : Bilingual(en: "shared with ", zh: "共享于 ")
    text.en += entry.sharers.map(name).joined(separator: ", ")
    text.zh += entry.sharers.map(name).joined(separator: "、")
    for place in entry.keptAt {
      text.en += "; kept at \(place)"
      text.zh += "；保留在 \(place)"
    }
    return text
  }

  private static func name(_ sharer: Sharer) -> String {
    sharer.container.map { "\($0.prefix(12)) (PID \(sharer.pid))" } ?? "PID \(sharer.pid)"
  }

  var json: JSON {
    .array(
      entries.map { entry in
        .object([
          "kind": .string(entry.kind), "inode": .int(entry.inode),
          "host": entry.isHost.map { .bool($0) } ?? .null, "kept_at": .texts(entry.keptAt),
          "shared_with": .array(
            entry.sharers.map { sharer in
              .object([
                "container": .text(sharer.container), "cgroup": .string(sharer.cgroup),
                "pid": .int(sharer.pid), "processes": .int(sharer.processes),
              ])
            }),
        ])
      })
  }
}
