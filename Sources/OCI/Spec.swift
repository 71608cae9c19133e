// What `drydock-runtime spec` prints: a container that works in any root filesystem with a shell,
// isolated as far as the kernel isolates by default.

extension Config {
  /// A configuration to start from: `sh` on a terminal, in a read-only rootfs.
  public static let standard = makeStandard()

  /// The same for a user who is not root: a user namespace that maps one user and one group.
  public static func rootless(uid: UInt32, gid: UInt32) -> Config {
    var config = makeStandard()
    config.linux.resources = Resources()
    // Without a network namespace of its own it uses the host's network, which needs no set-up.
    config.linux.namespaces = config.linux.namespaces.filter { $0.kind != .network }
    config.linux.namespaces.append(Namespace(.user))
    config.linux.uidMappings = [IDMapping(containerID: 0, hostID: uid, size: 1)]
    config.linux.gidMappings = [IDMapping(containerID: 0, hostID: gid, size: 1)]
    config.mounts = config.mounts.map { mount in
      var mount = mount
      switch mount.type {
      case "devpts":
        // Group 5 (tty) is not mapped.
        mount.options.removeAll { $0 == "gid=5" }
      case "sysfs":
        // A new sysfs shows the network namespace, so it needs one; the host's can be bound.
        mount.type = "none"
        mount.source = "/sys"
        mount.options = ["rbind", "nosuid", "noexec", "nodev", "ro"]
      default: break
      }
      return mount
    }
    return config
  }

  private static func makeStandard() -> Config {
    var config = Config()
    config.root.readonly = true
    config.hostname = "drydock"
    config.process = standardProcess()
    config.mounts = standardMounts()
    let kinds: [NamespaceKind] = [.pid, .network, .ipc, .uts, .mount, .cgroup]
    config.linux.namespaces = kinds.map { Namespace($0) }
    config.linux.resources.devices = [DeviceRule(allow: false)]
    // Files that tell about, or act on, the whole machine.
    config.linux.maskedPaths = [
      "/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
      "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/sys/firmware",
      "/sys/devices/virtual/powercap",
    ]
    config.linux.readonlyPaths = [
      "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger",
    ]
    return config
  }

  private static func standardProcess() -> Process {
    var process = Process()
    process.terminal = true
    process.args = ["sh"]
    process.env = [
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm",
    ]
    let rights = ["CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"]
    var capabilities = Capabilities()
    capabilities.bounding = rights
    capabilities.effective = rights
    capabilities.permitted = rights
    process.capabilities = capabilities
    process.rlimits = [Rlimit(type: "RLIMIT_NOFILE", soft: 1024, hard: 1024)]
    process.noNewPrivileges = true
    return process
  }

  private static func standardMounts() -> [Mount] {
    [
      Mount(destination: "/proc", type: "proc", source: "proc"),
      Mount(
        destination: "/dev", type: "tmpfs", source: "tmpfs",
        options: ["nosuid", "strictatime", "mode=755", "size=65536k"]),
      Mount(
        destination: "/dev/pts", type: "devpts", source: "devpts",
        options: ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"]),
      Mount(
        destination: "/dev/shm", type: "tmpfs", source: "shm",
        options: ["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"]),
      Mount(
        destination: "/dev/mqueue", type: "mqueue", source: "mqueue",
        options: ["nosuid", "noexec", "nodev"]),
      Mount(
        destination: "/sys", type: "sysfs", source: "sysfs",
        options: ["nosuid", "noexec", "nodev", "ro"]),
      Mount(
        destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup",
        options: ["nosuid", "noexec", "nodev", "relatime", "ro"]),
    ]
  }
}
