// Where the cgroup controllers are on this machine, and the files in which their limits live.
//
//   v1      a tree a controller (or a few together): /sys/fs/cgroup/memory/PATH/…
//   v2      one tree with all of them:               /sys/fs/cgroup/PATH/…
//   hybrid  v1 trees, and beside them a v2 tree without (most) controllers:
//           /sys/fs/cgroup/unified/PATH/…
//
// cgroups(7); kernel Documentation/admin-guide/cgroup-v1 and cgroup-v2.rst.

internal import CLinux

/// How cgroups are mounted here.
public enum CgroupMode: String, Sendable {
  /// Every controller in its own tree.
  case v1
  /// v1 trees and a v2 tree beside them.
  case hybrid
  /// One tree.
  case v2
}

/// One mounted cgroup tree.
public struct CgroupTree: Equatable, Sendable {
  /// The controllers it has, such as `["cpu", "cpuacct"]`; on v2 those of the root.
  public let controllers: [String]
  /// Where it is mounted.
  public let mountPoint: String
  /// Whether it is a v2 tree.
  public let isUnified: Bool
  /// The cgroup of the process that looked, within the tree.
  public let own: String
}

/// The cgroup trees of this machine, found by looking.
public struct CgroupLayout: Sendable {
  /// v1, hybrid or v2.
  public let mode: CgroupMode
  /// The trees that carry controllers; on v2 the only one.
  public let trees: [CgroupTree]
  /// The v2 tree that hybrid has beside the others.
  public let unified: CgroupTree?

  /// Describes trees.
  public init(mode: CgroupMode, trees: [CgroupTree], unified: CgroupTree?) {
    self.mode = mode
    self.trees = trees
    self.unified = unified
  }

  /// The usual place (file-hierarchy(7)).
  public static let usualRoot = "/sys/fs/cgroup"

  /// Looks at /proc/self/cgroup and at what is mounted beneath `root`.
  ///
  /// - Throws: `SystemError` when nothing is mounted there or /proc cannot be read.
  public static func detect(root: String = usualRoot) throws(SystemError) -> CgroupLayout {
    let place = try File.open(root, [.path, .directory])
    var magic: UInt64 = 0
    try check(unsafe lx_fs_magic(place.raw, &magic), "statfs(2)", root)
    let own = try File.read("/proc/self/cgroup").parts("\n")
    if magic == 0x6367_7270 {  // CGROUP2_SUPER_MAGIC, statfs(2)
      let controllers = try File.text(root + "/cgroup.controllers")
      let tree = CgroupTree(
        controllers: controllers.trimmedLine.split(separator: " ").map { String($0) },
        mountPoint: root, isUnified: true,
        own: own.first { $0.hasPrefix("0::") }.map { String($0.dropFirst(3)) } ?? "/")
      return CgroupLayout(mode: .v2, trees: [tree], unified: nil)
    }

    // Lines are `8:pids:/` for v1, `0::/` for v2, `9:name=systemd:/` for trees without any
    // controller, which a container does not need.
    var trees = [CgroupTree]()
    var unified: CgroupTree?
    for line in own {
      let fields = line.parts(":", limit: 3)
      guard fields.count == 3 else { continue }
      if fields[1].isEmpty {
        let mountPoint = root + "/unified"
        guard File.exists("unified/cgroup.procs", at: place.raw) else { continue }
        unified = CgroupTree(
          controllers: [], mountPoint: mountPoint, isUnified: true, own: fields[2])
      } else if !fields[1].hasPrefix("name=") {
        let name = fields[1]
        guard let mountPoint = try mountPoint(of: name, root: root, place.raw) else { continue }
        trees.append(
          CgroupTree(
            controllers: name.parts(","), mountPoint: mountPoint, isUnified: false,
            own: fields[2]))
      }
    }
    guard !trees.isEmpty else { throw SystemError("statfs(2)", .noDevice, root) }
    return CgroupLayout(mode: unified == nil ? .v1 : .hybrid, trees: trees, unified: unified)
  }

  /// The tree with a controller, or nil.
  public func tree(_ controller: String) -> CgroupTree? {
    trees.first { $0.controllers.contains(controller) }
  }

  /// With the v2 tree that hybrid has beside the others among the trees, for a limit whose
  /// controller is only there.
  ///
  /// - Throws: `SystemError` when its controllers cannot be read.
  public func includingUnified() throws(SystemError) -> CgroupLayout {
    guard mode == .hybrid, let unified else { return self }
    let controllers = try File.text(unified.mountPoint + "/cgroup.controllers").trimmedLine
    let tree = CgroupTree(
      controllers: controllers.parts(" "), mountPoint: unified.mountPoint, isUnified: true,
      own: unified.own)
    return CgroupLayout(mode: mode, trees: trees + [tree], unified: unified)
  }

  /// v1 trees are mounted under their controllers' names, joined by commas, by convention of
  /// systemd and of every init script; where they are not, mountinfo tells.
  private static func mountPoint(
    of name: String, root: String, _ place: Int32
  ) throws(SystemError) -> String? {
    if File.exists(name + "/cgroup.procs", at: place) { return root + "/" + name }
    let wanted = name.split(separator: ",")
    let mounts = try MountInfo.list()
    return mounts.first { mount in
      let options = mount.superOptions.split(separator: ",")
      return mount.type == "cgroup" && wanted.allSatisfy { options.contains($0) }
    }?.target
  }
}

/// The weight that cgroup v2 uses for v1's shares.
public enum CPUWeight {
  /// As runc and crun map it since 2025: 1024→100, 512→59, a curve through 2→1, 1024→100 and
  /// 262144→10000 (opencontainers/cgroups, `ConvertCPUSharesToCgroupV2Value`).
  public static func weight(shares: UInt64) -> UInt64 {
    if shares == 0 { return 0 }
    if shares <= 2 { return 1 }
    if shares >= 262144 { return 10000 }
    let l = lx_log2(Double(shares))
    let exponent = (l * l + 125 * l) / 612 - 7.0 / 34.0
    return UInt64(lx_exp10(exponent).rounded(.up))
  }

  /// As runc and crun mapped it before: a straight line, 1024→39.
  public static func linearWeight(shares: UInt64) -> UInt64 {
    shares == 0 ? 0 : 1 + (min(max(shares, 2), 262144) - 2) * 9999 / 262142
  }
}
