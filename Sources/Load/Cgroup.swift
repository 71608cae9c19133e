internal import Linux

/// The limits in force for this process's own cgroup, whether the machine has cgroup v1, v2 or
/// both (cgroups(7), cgroup_namespaces(7)).
///
///     /proc/self/cgroup     4:memory:/docker/ab12      hierarchy:controllers:path; v2 is "0::path"
///     /proc/self/mountinfo  … ROOT MOUNTPOINT … - cgroup cgroup rw,memory     (proc_pid_mountinfo(5))
///
/// Both paths are relative to the reader's cgroup namespace. The group's directory is MOUNTPOINT
/// plus what is left of its path behind ROOT: in a container without a cgroup namespace ROOT is
/// the container's group itself, in one with a namespace both are `/`.
struct Cgroup {
  /// One way to reach a controller's files: the group's directory and its ancestors up to the
  /// mount point, nearest first.
  struct Group: Equatable {
    let version: Int
    let directories: [String]
  }

  /// A limit, or why none could be read.
  enum Finding: Equatable {
    case limit(UInt64, source: String)
    case unlimited
    case unknown(String)
  }

  private let memberships: String
  private let mounts: String
  private let read: (String) -> String?

  /// Reads the two files of `proc`; `read` gives a file's text, or nil where there is none.
  init(proc: String = "/proc/self", read: @escaping (String) -> String? = Cgroup.file) {
    memberships = read(proc + "/cgroup") ?? ""
    mounts = read(proc + "/mountinfo") ?? ""
    self.read = read
  }

  /// A small file's text; nil when it cannot be read.
  ///
  /// What is missing is reported by whoever wanted the limit.
  static func file(_ path: String) -> String? {
    do throws(SystemError) { return try File.text(path, limit: 8 << 20) } catch { return nil }
  }

  // MARK: limits

  /// Bytes of memory that this process's group may use, all ancestors that can be seen included.
  func memoryLimit() -> Finding {
    guard let group = group(of: "memory") else { return .unknown(missing("memory")) }
    var lowest: (bytes: UInt64, source: String)?
    var readable = 0
    func consider(_ value: Substring?, _ source: String) {
      guard let value else { return }
      readable += 1
      guard let bytes = UInt64(value), bytes < lowest?.bytes ?? .max else { return }
      lowest = (bytes, source)
    }
    for directory in group.directories {
      if group.version == 2 {
        consider(firstWord(directory + "/memory.max"), directory + "/memory.max")
        continue
      }
      consider(
        firstWord(directory + "/memory.limit_in_bytes"), directory + "/memory.limit_in_bytes")
      // Counts the ancestors outside of this mount or namespace too.
      let statistics = directory + "/memory.stat"
      consider(field("hierarchical_memory_limit", of: statistics), statistics)
    }
    // v2's root group has no limit and no file for one.
    guard readable > 0 || group.version == 2 else {
      return .unknown("no memory.limit_in_bytes in \(group.directories[0])")
    }
    // v1 writes "no limit" as the largest number of whole pages.
    guard let lowest, lowest.bytes < 1 << 62 else { return .unlimited }
    return .limit(lowest.bytes, source: lowest.source)
  }

  /// Thousandths of a CPU that the group's quota allows, all ancestors that can be seen included.
  func cpuQuota() -> Finding {
    guard let group = group(of: "cpu") else { return .unknown(missing("cpu")) }
    var lowest: (milliCPUs: UInt64, source: String)?
    for directory in group.directories {
      var source = directory + "/cpu.max"
      var words = (read(source) ?? "").split(whereSeparator: \.isWhitespace)
      if group.version == 1 {
        source = directory + "/cpu.cfs_quota_us"
        words = [firstWord(source) ?? "max", firstWord(directory + "/cpu.cfs_period_us") ?? "0"]
      }
      // "max", and v1's -1, are no unsigned numbers: no limit at this level.
      guard words.count == 2, let quota = UInt64(words[0]), let period = UInt64(words[1]),
        period > 0, quota < 1 << 50
      else { continue }
      let milliCPUs = max(1, quota * 1000 / period)
      if milliCPUs < lowest?.milliCPUs ?? .max { lowest = (milliCPUs, source) }
    }
    guard let lowest else { return .unlimited }
    return .limit(lowest.milliCPUs, source: lowest.source)
  }

  /// MemTotal of /proc/meminfo in bytes; nil where /proc is not mounted.
  func memoryTotal() -> UInt64? {
    field("MemTotal:", of: "/proc/meminfo").flatMap { UInt64($0) }.map { $0 * 1024 }
  }

  // MARK: finding the group

  /// Where a controller's files of this process's group are; nil when no mount shows them.
  ///
  /// v1 is asked first: on a hybrid machine a controller is on one of the two, and the v2
  /// hierarchy of /proc/self/cgroup is there in any case.
  func group(of controller: String) -> Group? {
    for version in [1, 2] {
      guard let path = membership(controller, version) else { continue }
      for mount in mounts.split(separator: "\n") {
        guard let mount = Mount(mount), mount.shows(controller, version),
          let inside = Cgroup.remainder(of: path, behind: mount.root)
        else { continue }
        let chain = Cgroup.chain(mount.point, inside)
        if version == 1 || manages(controller, chain) {
          return Group(version: version, directories: chain)
        }
      }
    }
    return nil
  }

  /// The process's path in the hierarchy of a controller.
  private func membership(_ controller: String, _ version: Int) -> String? {
    for line in memberships.split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3 else { continue }
      let isMember =
        version == 2
        ? parts[0] == "0" && parts[1].isEmpty
        : parts[1].split(separator: ",").contains { $0 == controller }
      if isMember { return String(parts[2]) }
    }
    return nil
  }

  /// Whether a v2 hierarchy has the controller at all: the topmost visible group lists it.
  private func manages(_ controller: String, _ chain: [String]) -> Bool {
    guard let top = chain.last, let list = read(top + "/cgroup.controllers") else { return false }
    return list.split(whereSeparator: \.isWhitespace).contains { $0 == controller }
  }

  /// What is left of `path` behind `root`, without a slash at its start; nil if it is not beneath.
  ///
  /// A path with `..` lies outside of the cgroup namespace and names nothing here.
  static func remainder(of path: String, behind root: String) -> String? {
    guard !path.split(separator: "/").contains(".."), !root.split(separator: "/").contains("..")
    else { return nil }
    if root == "/" { return String(path.drop { $0 == "/" }) }
    if path == root { return "" }
    guard path.hasPrefix(root + "/") else { return nil }
    return String(path.dropFirst(root.count + 1))
  }

  /// `/mnt/a/b`, `/mnt/a`, `/mnt`.
  private static func chain(_ point: String, _ inside: String) -> [String] {
    var directories = [point]
    for part in inside.split(separator: "/") {
      directories.insert(directories[0] + "/" + part, at: 0)
    }
    return directories
  }

  private func missing(_ controller: String) -> String {
    if memberships.isEmpty { return "/proc/self/cgroup cannot be read (is /proc mounted?)" }
    let path = membership(controller, 1) ?? membership(controller, 2) ?? "?"
    return "no cgroup filesystem in /proc/self/mountinfo shows \(path) with the \(controller) "
      + "controller (is /sys/fs/cgroup mounted here?)"
  }

  private func firstWord(_ path: String) -> Substring? {
    read(path)?.split(whereSeparator: \.isWhitespace).first
  }

  /// The value behind a name in a file of `name value` lines.
  private func field(_ name: String, of path: String) -> Substring? {
    for line in (read(path) ?? "").split(separator: "\n") {
      let words = line.split(whereSeparator: \.isWhitespace)
      if words.count >= 2, words[0] == name { return words[1] }
    }
    return nil
  }
}

/// The part of a mountinfo line that matters here.
private struct Mount {
  let root: String
  let point: String
  private let type: Substring
  private let options: Substring

  init?(_ line: Substring) {
    // 35 24 0:30 ROOT POINT rw,relatime shared:9 - cgroup cgroup rw,memory
    let fields = line.split(separator: " ")
    guard fields.count >= 10, let dash = fields.firstIndex(of: "-"), dash + 3 < fields.count else {
      return nil
    }
    root = Mount.unescaped(fields[3])
    point = Mount.unescaped(fields[4])
    type = fields[dash + 1]
    options = fields[dash + 3]
  }

  func shows(_ controller: String, _ version: Int) -> Bool {
    if version == 2 { return type == "cgroup2" }
    return type == "cgroup" && options.split(separator: ",").contains { $0 == controller }
  }

  /// Blanks, tabs, line feeds and backslashes are written as `\040` and so on.
  private static func unescaped(_ field: Substring) -> String {
    var bytes = [UInt8]()
    var rest = Array(field.utf8)[...]
    while let byte = rest.popFirst() {
      let digits = rest.prefix(3)
      if byte == 92, digits.count == 3, digits.allSatisfy({ (48...55).contains($0) }) {
        bytes.append(digits.reduce(0) { $0 &* 8 &+ ($1 - 48) })
        rest = rest.dropFirst(3)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
