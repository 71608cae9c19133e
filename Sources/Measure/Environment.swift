internal import Crypto
internal import Linux

/// Where numbers were taken.
///
/// Two documents may be compared when these are equal.
public struct Environment: Codable, Equatable, Sendable {
  /// Release of the kernel, as `uname -r` prints it.
  public var kernel: String
  /// `v1`, `hybrid` or `v2`; `none` without cgroups.
  public var cgroupMode: String
  /// Model name of the first CPU.
  public var cpuModel: String
  /// CPUs online.
  public var cpus: Int
  /// Flags of the first CPU, sorted.
  public var cpuFlags: [String]
  /// What the kernel says of each hardware vulnerability, by its name.
  public var mitigations: [String: String]
  /// The clock source, such as `tsc`.
  public var clockSource: String
  /// Bytes of memory.
  public var memoryBytes: UInt64
  /// Bytes of swap.
  public var swapBytes: UInt64
  /// What kind of machine this seems to be: `none seen`, or what gives a hypervisor away.
  public var virtualisation: String
  /// Where the measured files lay.
  public var filesystem: Filesystem?
  /// SHA-256 of the binary measured.
  public var binaryDigest: String?
  /// Commit the binary was built from.
  public var revision: String?

  /// A mounted filesystem (proc_pid_mountinfo(5)).
  public struct Filesystem: Codable, Equatable, Sendable {
    /// Where it is mounted.
    public var mountPoint: String
    /// Its type, such as `ext4`.
    public var type: String
    /// Mount options, then those of the superblock.
    public var options: String

    /// Describes a mount.
    public init(mountPoint: String, type: String, options: String) {
      self.mountPoint = mountPoint
      self.type = type
      self.options = options
    }
  }

  /// Puts an environment together, for tests; `capture` looks at the real one.
  public init(
    kernel: String, cgroupMode: String, cpuModel: String, cpus: Int, cpuFlags: [String] = [],
    mitigations: [String: String] = [:], clockSource: String = "", memoryBytes: UInt64,
    swapBytes: UInt64 = 0, virtualisation: String = "", filesystem: Filesystem? = nil,
    binaryDigest: String? = nil, revision: String? = nil
  ) {
    self.kernel = kernel
    self.cgroupMode = cgroupMode
    self.cpuModel = cpuModel
    self.cpus = cpus
    self.cpuFlags = cpuFlags
    self.mitigations = mitigations
    self.clockSource = clockSource
    self.memoryBytes = memoryBytes
    self.swapBytes = swapBytes
    self.virtualisation = virtualisation
    self.filesystem = filesystem
    self.binaryDigest = binaryDigest
    self.revision = revision
  }

  /// Looks at this machine.
  ///
  /// What cannot be read is empty, `unknown` or nil, never guessed.
  ///
  /// - Parameters:
  ///   - path: A file or directory on the filesystem that is measured.
  ///   - binary: The program measured, for its digest.
  ///   - source: A directory in the work tree the program was built from.
  /// - Returns: What was found.
  public static func capture(
    path: String = "/", binary: String? = nil, source: String? = nil
  ) -> Environment {
    let cpuInfo = CPUInfo(parsing: content("/proc/cpuinfo") ?? "")
    let mounts = content("/proc/self/mountinfo") ?? ""
    let memory = memoryInfo(content("/proc/meminfo") ?? "")
    let clock = content("/sys/devices/system/clocksource/clocksource0/current_clocksource")
    return Environment(
      kernel: kernelRelease(), cgroupMode: cgroupMode(mounts: mounts), cpuModel: cpuInfo.model,
      cpus: cpuInfo.count, cpuFlags: cpuInfo.flags, mitigations: readMitigations(),
      clockSource: clock?.trimmedLine ?? "unknown", memoryBytes: memory["MemTotal"] ?? 0,
      swapBytes: memory["SwapTotal"] ?? 0, virtualisation: virtualisation(flags: cpuInfo.flags),
      filesystem: filesystem(of: path, mounts: mounts),
      binaryDigest: binary.flatMap { digest(of: $0) },
      revision: source.flatMap { GitRevision.find(from: $0) })
  }

  /// What differs from another environment, by name; empty when numbers may be compared.
  ///
  /// The binary and its revision may differ: comparing two of them is what comparing is for.
  public func differences(from other: Environment) -> [String] {
    var names: [String] = []
    func note(_ name: String, _ differs: Bool) { if differs { names.append(name) } }
    note("kernel", kernel != other.kernel)
    note("cgroupMode", cgroupMode != other.cgroupMode)
    note("cpuModel", cpuModel != other.cpuModel)
    note("cpus", cpus != other.cpus)
    note("cpuFlags", cpuFlags != other.cpuFlags)
    note("mitigations", mitigations != other.mitigations)
    note("clockSource", clockSource != other.clockSource)
    note("memoryBytes", memoryBytes != other.memoryBytes)
    note("swapBytes", swapBytes != other.swapBytes)
    note("virtualisation", virtualisation != other.virtualisation)
    // Where it is mounted changes from run to run, and no number with it.
    note(
      "filesystem",
      filesystem?.type != other.filesystem?.type
        || filesystem?.options != other.filesystem?.options)
    return names
  }
}

/// What is used here of /proc/cpuinfo: x86 says `model name` and `flags`, arm64 `Features`.
struct CPUInfo {
  var model = "unknown"
  var count = 0
  var flags: [String] = []

  init(parsing text: String) {
    for line in text.split(separator: "\n") {
      guard let colon = line.firstIndex(of: ":") else { continue }
      let value = line[line.index(after: colon)...].drop { $0 == " " }
      switch line[..<colon].prefix(while: { $0 != "\t" }) {
      case "processor": count += 1
      case "model name" where model == "unknown": model = String(value)
      case "flags" where flags.isEmpty, "Features" where flags.isEmpty:
        flags = value.split(separator: " ").map(String.init).sorted()
      default: continue
      }
    }
  }
}

extension Environment {
  private static func kernelRelease() -> String {
    content("/proc/sys/kernel/osrelease")?.trimmedLine ?? "unknown"
  }

  /// `v2` when the tree at /sys/fs/cgroup is the unified one, whatever v1 trees are mounted
  /// elsewhere; `hybrid` when it hangs beside v1.
  static func cgroupMode(mounts: String) -> String {
    let rows = mounts.split(separator: "\n").compactMap(MountRow.init)
    if rows.last(where: { $0.point == "/sys/fs/cgroup" })?.type == "cgroup2" { return "v2" }
    let (old, new) = (rows.contains { $0.type == "cgroup" }, rows.contains { $0.type == "cgroup2" })
    switch (old, new) {
    case (false, false): return "none"
    case (true, false): return "v1"
    case (false, true): return "v2"
    case (true, true): return "hybrid"
    }
  }

  /// The mount whose point is the longest prefix of the path; of several there, the last.
  static func filesystem(of path: String, mounts: String) -> Filesystem? {
    var best: Filesystem?
    for row in mounts.split(separator: "\n").compactMap(MountRow.init) {
      let point = row.point == "/" ? "/" : row.point + "/"
      guard (path + "/").hasPrefix(point) else { continue }
      if row.point.utf8.count >= best?.mountPoint.utf8.count ?? 0 {
        best = Filesystem(
          mountPoint: row.point, type: String(row.type),
          options: "\(row.options) \(row.superOptions)")
      }
    }
    return best
  }

  /// Bytes by name, from lines like `MemTotal:       24684092 kB` (proc_meminfo(5)).
  static func memoryInfo(_ text: String) -> [String: UInt64] {
    var values: [String: UInt64] = [:]
    for line in text.split(separator: "\n") {
      let fields = line.split(separator: " ")
      if fields.count >= 2, let kibibytes = UInt64(fields[1]) {
        values[String(fields[0].dropLast())] = kibibytes * 1024
      }
    }
    return values
  }

  /// The digest of a program, at most 256 MiB; nil when it cannot be read.
  private static func digest(of path: String) -> String? {
    do {
      let bytes = try File.read(path, limit: 256 << 20)
      return SHA256.hash(data: bytes).hexadecimal
    } catch {
      return nil
    }
  }

  private static func readMitigations() -> [String: String] {
    let directory = "/sys/devices/system/cpu/vulnerabilities"
    var values: [String: String] = [:]
    for name in names(in: directory) {
      values[name] = content("\(directory)/\(name)")?.trimmedLine
    }
    return values
  }

  private static func names(in directory: String) -> [String] {
    do {
      return try File.list(directory)
    } catch {
      return []
    }
  }

  /// The CPU says whether there is a hypervisor; firmware tables often say which.
  private static func virtualisation(flags: [String]) -> String {
    let hints = [
      "/sys/class/dmi/id/sys_vendor", "/sys/class/dmi/id/product_name", "/sys/hypervisor/type",
    ].compactMap { content($0)?.trimmedLine }
    guard flags.contains("hypervisor") || hints.contains(where: { !$0.isEmpty }) else {
      return "none seen"
    }
    let named = hints.isEmpty ? "" : " (\(hints.joined(separator: ", ")))"
    return (flags.contains("hypervisor") ? "hypervisor" : "no hypervisor flag") + named
  }
}

/// One line of mountinfo:
/// `36 35 98:0 /root /point rw,noatime shared:1 - ext3 /dev/root rw,errors=continue`.
private struct MountRow {
  var point: String
  var options: Substring
  var type: Substring
  var superOptions: Substring

  init?(_ line: Substring) {
    let fields = line.split(separator: " ")
    guard let dash = fields.firstIndex(of: "-"), dash >= 6, fields.count > dash + 3 else {
      return nil
    }
    // Spaces and backslashes in paths are escaped as \040 and \134.
    point = MountRow.unescape(fields[4])
    options = fields[5]
    type = fields[dash + 1]
    superOptions = fields[dash + 3]
  }

  private static func unescape(_ text: Substring) -> String {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "\\"), rest.count >= 3,
        let code = UInt8(String(decoding: rest.prefix(3), as: UTF8.self), radix: 8)
      {
        bytes.append(code)
        rest = rest.dropFirst(3)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
