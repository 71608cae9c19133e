internal import Linux
internal import Measure
internal import Report

/// What a container is made of, read from the kernel at one moment.
///
/// Nothing comes from an engine's records: who gives a pid gets the same picture, whoever started
/// the container. What cannot be read is said in its section; the rest is shown all the same.
public struct Picture: Sendable {
  /// What people call it: a name, an id, or the pid.
  let name: String
  /// The process that was looked at, as the host sees it.
  let pid: Int32
  /// The container's id, as its cgroup has it; nil when no cgroup names one.
  let container: String?
  /// When it was read, in nanoseconds since 1970 (CLOCK_REALTIME).
  let readNs: UInt64
  /// How long the reading took, in nanoseconds.
  let tookNs: UInt64
  /// The kernel's release.
  let kernel: String
  /// Whether the process still lived when all had been read.
  let isAlive: Bool

  /// Its processes.
  let processes: Section<ProcessTree>
  /// Its namespaces.
  let namespaces: Section<Namespaces>
  /// Limits beside use.
  let cgroups: Section<CgroupView>
  /// The root's layers.
  let layers: Section<Layers>
  /// What is mounted.
  let mounts: Section<MountTable>
  /// Capabilities.
  let capabilities: Section<Capabilities>
  /// seccomp and the rest.
  let confinement: Section<Confinement>
  /// Users, groups and their maps.
  let ids: Section<IDMapping>
  /// Network links.
  let links: Section<Links>
  /// getrlimit(2).
  let rlimits: Section<ResourceLimits>

  /// Looks at a process and the container it is in.
  ///
  /// - Parameters:
  ///   - pid: as this process sees it.
  ///   - name: what people call it; nil takes the pid.
  /// - Throws: `XRayError` when there is no such process.
  public init(pid: Int32, name: String? = nil) throws(XRayError) {
    let start = Clock.now
    readNs = Clock.wall
    let subject = try Subject(pid)
    var scan = Notes()
    let all = HostProcesses(&scan)
    // The host is what PID 1 of our own /proc is in; where that one may not be looked into (no
    // root, or it has a capability more than we), what we ourselves are in.
    let isReadable = !(all[1]?.namespaces.isEmpty ?? true)
    let host = isReadable ? 1 : Processes.current
    let members = all.members(of: pid, host: host)
    self.pid = pid
    self.name = name ?? "\(pid)"
    container = all[pid].flatMap { CgroupPaths.containerID($0.cgroup) }
    kernel = HostName.kernelRelease
    processes = Section { notes in
      for problem in scan.problems { notes.problem(problem.path, problem.reason) }
      return ProcessTree(members, &notes)
    }
    let namespaces = Section { Namespaces(subject, all, members: members, host: host, &$0) }
    self.namespaces = namespaces
    cgroups = Section { CgroupView(subject, &$0) }
    layers = Section { Layers(subject, &$0) }
    mounts = Section { MountTable(subject, &$0) }
    capabilities = Section { Capabilities(subject, &$0) }
    confinement = Section { Confinement(subject, &$0) }
    ids = Section { IDMapping(subject, &$0) }
    let network = namespaces.content?.entries.first { $0.kind == "net" }
    links = Section { Links(subject, isHost: network?.isHost == true, &$0) }
    rlimits = Section { ResourceLimits(subject, &$0) }
    isAlive = subject.lives
    tookNs = Clock.now - start
  }

  /// All sections, in the order of every page.
  var pages: [SectionPage] {
    [
      processes.page, namespaces.page, cgroups.page, layers.page, mounts.page, capabilities.page,
      confinement.page, ids.page, links.page, rlimits.page,
    ]
  }

  /// The X-ray for machines: keys are stable, texts in English.
  ///
  /// - Returns: JSON with a line feed at the end.
  public func json() -> String {
    var sections: [String: JSON] = [:]
    for page in pages {
      sections[page.id] = .object([
        "content": page.json, "sources": .texts(page.sources),
        "problems": .array(
          page.problems.map {
            .object(["path": .string($0.path), "reason": .string($0.reason.en)])
          }),
      ])
    }
    return JSON.object([
      "schema": .int(1), "name": .string(name), "pid": .int(pid), "container": .text(container),
      "kernel": .string(kernel), "read_at": .string(Clock.rfc3339(readNs)),
      "took_ns": .int(tookNs), "alive": .bool(isAlive), "sections": .object(sections),
    ]).text
  }

  /// The line under the heading.
  var facts: [String] {
    var facts = ["PID \(pid)"]
    if let container { facts.append(String(container.prefix(12))) }
    facts.append("Linux \(kernel)")
    if let mode = cgroups.content?.mode { facts.append("cgroup \(mode)") }
    facts.append(String(Clock.rfc3339(readNs).prefix(19)) + "Z")
    return facts
  }

  /// Said when the process ended while it was looked at.
  static let ended = Bilingual(
    en: "The process ended while it was looked at: what follows is not whole.",
    zh: "进程在查看期间结束：以下内容不完整。")
}
