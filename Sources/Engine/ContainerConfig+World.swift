import OCI
import State

/// The world around the program: its namespaces and its mounts.
extension ContainerConfig {
  var namespaces: [Namespace] {
    var kinds: [NamespaceKind] = [.mount, .cgroup]
    if options.network != "host" { kinds.append(.network) }
    if options.uts != "host" { kinds.append(.uts) }
    if options.pid != "host" { kinds.insert(.pid, at: 0) }
    if options.ipc != "host" { kinds.append(.ipc) }
    if maps != nil { kinds.insert(.user, at: 0) }
    return kinds.map { Namespace($0) }
  }

  /// The default ones, of which one that was asked for at the same place takes the place, then the
  /// rest of those.
  var allMounts: [Mount] {
    var list = standardMounts
    if options.hasInit {
      list.append(
        Mount(
          destination: ContainerConfig.initPlace, type: "bind", source: initProgram,
          options: ["bind", "ro", "nosuid", "nodev"]))
    }
    for record in mounts {
      let mount = Mount(
        destination: record.target, type: record.type, source: record.source,
        options: record.options)
      if let place = list.firstIndex(where: { $0.destination == mount.destination }) {
        list[place] = mount
      } else {
        list.append(mount)
      }
    }
    return list
  }

  /// The overlay, then Docker's own (moby, `oci/defaults.go`).
  ///
  /// The overlay lies over the root itself, in the container's mount namespace only, so that it
  /// ends with the container.
  private var standardMounts: [Mount] {
    let access = options.privileged ? "rw" : "ro"
    let shm = options.shmSize.map { "size=\($0)" } ?? "size=65536k"
    return [
      Mount(
        destination: "/", type: "overlay", source: "overlay",
        options: lowerOptions + ["upperdir=\(layer)/upper", "workdir=\(layer)/work"]
          // In a user namespace the layer's notes cannot be trusted.* attributes (overlayfs.rst).
          + (maps == nil ? [] : ["userxattr"])),
      Mount(
        destination: "/proc", type: "proc", source: "proc", options: ["nosuid", "noexec", "nodev"]),
      Mount(
        destination: "/dev", type: "tmpfs", source: "tmpfs",
        options: ["nosuid", "strictatime", "mode=755", "size=65536k"]),
      Mount(
        destination: "/dev/pts", type: "devpts", source: "devpts",
        options: ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"]
          + (maps.map { $0.host(gid: 5) != nil } ?? true ? ["gid=5"] : [])),
      Mount(
        destination: "/sys", type: "sysfs", source: "sysfs",
        options: ["nosuid", "noexec", "nodev", access]),
      Mount(
        destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup",
        options: [access, "nosuid", "noexec", "nodev"]),
      Mount(
        destination: "/dev/mqueue", type: "mqueue", source: "mqueue",
        options: ["nosuid", "noexec", "nodev"]),
      Mount(
        destination: "/dev/shm", type: "tmpfs", source: "shm",
        options: ["nosuid", "noexec", "nodev", "mode=1777", shm]),
    ]
  }

  /// The layers in one option, or, as mount(2) takes a page of them, one by one.
  ///
  /// Each is less than 256 bytes then, and goes by fsconfig(2), which can do that since Linux 6.8.
  private var lowerOptions: [String] {
    let whole = "lowerdir=\(lower)"
    guard whole.utf8.count + 2 * layer.utf8.count > 3900 else { return [whole] }
    return lower.split(separator: ":").map { "lowerdir+=\($0)" }
  }
}
