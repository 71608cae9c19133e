internal import Linux

/// What of the host a lab or a benchmark could leave behind, at one moment.
public struct HostState: Equatable, Sendable {
  /// By kind (`mount`, `link`, `namespace`, `cgroup`, `process`, `rule`, `sysctl`): what is there.
  public var items: [String: Set<String>]

  /// Makes a state from parts, for tests.
  public init(items: [String: Set<String>]) { self.items = items }

  /// Something that is there now and was not, or the other way round.
  public struct Difference: Equatable, Sendable {
    /// The kind of thing.
    public var kind: String
    /// What it is.
    public var item: String
    /// Whether it was added (or removed).
    public var isAdded: Bool
    /// Whether it has to do with who asks; else somebody else on this machine did it meanwhile.
    public var isOurs: Bool

    /// `+ mount /run/x`.
    public var text: String { "\(isAdded ? "+" : "-") \(kind) \(item)" }
  }

  /// Looks at the host.
  public static func read() -> HostState {
    var items: [String: Set<String>] = [:]
    items["mount"] = Set(mounts())
    items["link"] = Set(Kernel.list("/sys/class/net").map(link))
    let (processes, namespaces) = processesAndNamespaces()
    items["process"] = processes
    items["namespace"] = namespaces
    items["cgroup"] = cgroups()
    items["rule"] = Set(rules())
    items["sysctl"] = Set(
      sysctls.compactMap { path in Kernel.read(path).map { "\(path) = \($0)" } })
    return HostState(items: items)
  }

  /// What changed since an earlier state.
  ///
  /// Links, rules and settings are always taken for ours: nobody else should touch them. Mounts,
  /// cgroups, processes and namespaces of a busy host change by themselves; they are ours when
  /// they carry one of the marks (the run-root, a container's id, a pid).
  ///
  /// - Parameters:
  ///   - earlier: the state before.
  ///   - marks: texts that only the lab's things carry.
  /// - Returns: what is there now and was not, and what is gone; sorted.
  public func differences(since earlier: HostState, marks: [String]) -> [Difference] {
    var found = [Difference]()
    for kind in Set(items.keys).union(earlier.items.keys).sorted() {
      let now = items[kind] ?? []
      let before = earlier.items[kind] ?? []
      for (item, isAdded) in now.subtracting(before).map({ ($0, true) })
        + before.subtracting(now).map({ ($0, false) })
      {
        let always = ["link", "rule", "sysctl"].contains(kind)
        let isOurs = always || marks.contains { !$0.isEmpty && item.contains($0) }
        found.append(Difference(kind: kind, item: item, isAdded: isAdded, isOurs: isOurs))
      }
    }
    return found.sorted { ($0.kind, $0.item) < ($1.kind, $1.item) }
  }

  /// Settings that container engines are known to change.
  static let sysctls = [
    "/proc/sys/kernel/hostname", "/proc/sys/kernel/domainname", "/proc/sys/kernel/core_pattern",
    "/proc/sys/net/ipv4/ip_forward", "/proc/sys/net/ipv4/conf/all/route_localnet",
    "/proc/sys/net/ipv4/conf/all/rp_filter", "/proc/sys/net/ipv6/conf/all/forwarding",
    "/proc/sys/vm/overcommit_memory", "/proc/sys/vm/swappiness",
    "/proc/sys/net/bridge/bridge-nf-call-iptables", "/proc/sys/user/max_user_namespaces",
  ]

  /// Mount points with their type and propagation (proc_pid_mountinfo(5)).
  private static func mounts() -> [String] {
    (Kernel.read("/proc/self/mountinfo") ?? "").split(separator: "\n").compactMap { line in
      let fields = line.split(separator: " ").map(String.init)
      guard fields.count > 6, let dash = fields.firstIndex(of: "-"), dash + 2 < fields.count else {
        return nil
      }
      // Peer group numbers differ from mount to mount; that it is shared is what counts.
      let propagation = fields[6..<dash].map { $0.prefix { $0 != ":" } }.joined(separator: ",")
      return "\(fields[4]) \(fields[dash + 1]) \(fields[dash + 2]) \(propagation)"
    }
  }

  private static func link(_ name: String) -> String {
    let index = Kernel.read("/sys/class/net/\(name)/ifindex") ?? "?"
    return "\(name) (\(index))"
  }

  private static func processesAndNamespaces() -> (Set<String>, Set<String>) {
    var processes: Set<String> = []
    var namespaces: Set<String> = []
    let kinds = ["cgroup", "ipc", "mnt", "net", "pid", "user", "uts"].map { kind in
      (kind, Kernel.read("/proc/1/ns/\(kind)"))
    }
    for pid in Processes.all() {
      guard let start = Processes.startTime(pid) else {
        // A zombie of ours is left behind as well as a living process.
        if Processes.state(pid) == "Z", Processes.parent(pid) == Processes.current {
          processes.insert("\(pid) zombie-of-\(Processes.current)")
        }
        continue
      }
      let cgroup = (Kernel.read("/proc/\(pid)/cgroup") ?? "").split(separator: "\n")
        .compactMap { $0.split(separator: ":", maxSplits: 2).last }.first { $0.contains("drydock") }
      // An argument may be a whole script; a state is kept a line an item.
      let command = (Kernel.read("/proc/\(pid)/cmdline") ?? "")
        .split { $0 == "\0" || $0.isNewline }.joined(separator: " ")
      let parent =
        Processes.parent(pid) == Processes.current ? " child-of-\(Processes.current)" : ""
      let label = "\(pid)@\(start) \(cgroup ?? "") \(command.prefix(200))\(parent)"
      processes.insert(label)
      for (kind, usual) in kinds {
        guard let name = Kernel.read("/proc/\(pid)/ns/\(kind)"), name != usual else { continue }
        namespaces.insert(cgroup == nil ? name : "\(name) of \(label)")
      }
    }
    return (processes, namespaces)
  }

  /// Every cgroup of every hierarchy.
  public static func cgroups() -> Set<String> { Set(cgroups("/sys/fs/cgroup", depth: 0)) }

  private static func cgroups(_ directory: String, depth: Int) -> [String] {
    guard depth < 8 else { return [] }
    return Kernel.list(directory).flatMap { name -> [String] in
      let path = "\(directory)/\(name)"
      do throws(SystemError) {
        guard try File.status(path, follow: false).isDirectory else { return [] }
      } catch {
        return []
      }
      return [path] + cgroups(path, depth: depth + 1)
    }
  }

  /// What `nft` and `iptables-save` list, without counters; nothing where they are missing.
  private static func rules() -> [String] {
    var lines = [String]()
    for (path, arguments) in [
      ("/usr/sbin/nft", ["list", "ruleset"]), ("/usr/sbin/iptables-save", []),
    ] where File.exists(path) {
      guard let text = HostState.output(path, arguments) else { continue }
      lines += text.split(separator: "\n").filter { !$0.hasPrefix("#") && !$0.hasPrefix(":") }
        .map { line in
          "\(path.split(separator: "/").last ?? ""): "
            + line.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        }
    }
    return lines
  }

  private static func output(_ path: String, _ arguments: [String]) -> String? {
    do throws(SystemError) {
      let result = try Child.run(path, [path] + arguments)
      return result.status == .exited(0) ? String(decoding: result.output, as: UTF8.self) : nil
    } catch {
      return nil
    }
  }
}
