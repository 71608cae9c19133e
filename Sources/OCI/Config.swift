/// The content of a bundle's config.json, as far as this runtime honours it.
///
/// Names follow the specification
/// (https://github.com/opencontainers/runtime-spec/blob/v1.2.0/config.md and config-linux.md).
/// A field of the specification that has no place here is refused by the parser, by name.
public struct Config: Equatable, Sendable {
  /// The version of the specification the file was written for.
  public var ociVersion = "1.2.0"
  /// The root filesystem.
  public var root = Root()
  /// The program to run; nil makes a container that can be created but not started.
  public var process: Process?
  /// The name in the container's UTS namespace.
  public var hostname: String?
  /// The NIS domain name in the container's UTS namespace.
  public var domainname: String?
  /// Mounts, in order.
  ///
  /// A destination of `/` is mounted over the root itself (our extension: the
  /// engine's overlay lives and dies with the container's mount namespace).
  public var mounts: [Mount] = []
  /// Programs to run at points of the container's life.
  public var hooks = Hooks()
  /// Free text for tools; sorted by key.
  public var annotations: [KeyValue] = []
  /// What only Linux has.
  public var linux = LinuxConfig()

  /// An empty configuration.
  public init() {}
}

/// A pair of strings whose order matters.
public struct KeyValue: Equatable, Sendable {
  /// The name.
  public var key: String
  /// The value.
  public var value: String
  /// Makes a pair.
  public init(_ key: String, _ value: String) {
    self.key = key
    self.value = value
  }
}

/// `root`: the container's root filesystem.
public struct Root: Equatable, Sendable {
  /// Absolute, or relative to the bundle.
  public var path = "rootfs"
  /// Whether it is made read-only inside.
  public var readonly = false
  /// The usual default.
  public init() {}
}

/// `process`: the program to run and its rights.
public struct Process: Equatable, Sendable {
  /// Whether it gets a terminal of its own.
  public var terminal = false
  /// Terminal height in lines; 0 when not given.
  public var consoleHeight: UInt16 = 0
  /// Terminal width in columns; 0 when not given.
  public var consoleWidth: UInt16 = 0
  /// The working directory, absolute.
  public var cwd = "/"
  /// `NAME=value`.
  public var env: [String] = []
  /// The program and its arguments.
  public var args: [String] = []
  /// The user inside the container.
  public var user = User()
  /// Limits, see getrlimit(2).
  public var rlimits: [Rlimit] = []
  /// Capability sets by name; nil leaves them as they are.
  public var capabilities: Capabilities?
  /// Whether execve(2) can gain privileges (prctl(2), PR_SET_NO_NEW_PRIVS).
  public var noNewPrivileges = false
  /// Written to /proc/self/oom_score_adj when given.
  public var oomScoreAdj: Int32?
  /// The AppArmor profile that execve(2) puts on.
  public var apparmorProfile: String?
  /// The SELinux label that execve(2) puts on.
  public var selinuxLabel: String?
  /// How it is scheduled; nil leaves it as it is.
  public var scheduler: Scheduler?
  /// How early its I/O is served; nil leaves it as it is.
  public var ioPriority: IOPriority?
  /// Where a program of `exec` runs; nil leaves it to the cgroup.
  public var execCPUAffinity: ExecCPUAffinity?
  /// Nothing to run yet.
  public init() {}
}

/// `process.user`.
public struct User: Equatable, Sendable {
  /// User id inside the container.
  public var uid: UInt32 = 0
  /// Group id inside the container.
  public var gid: UInt32 = 0
  /// The file mode mask, when given.
  public var umask: UInt32?
  /// Supplementary groups.
  public var additionalGids: [UInt32] = []
  /// root.
  public init() {}
}

/// One of `process.rlimits`.
public struct Rlimit: Equatable, Sendable {
  /// `RLIMIT_NOFILE` and its kin.
  public var type: String
  /// The limit in force.
  public var soft: UInt64
  /// How far it can be raised.
  public var hard: UInt64
  /// Makes a limit.
  public init(type: String, soft: UInt64, hard: UInt64) {
    self.type = type
    self.soft = soft
    self.hard = hard
  }
}

/// `process.capabilities`: sets by name (`CAP_CHOWN`), see capabilities(7).
public struct Capabilities: Equatable, Sendable {
  /// The limit for what execve(2) can grant.
  public var bounding: [String] = []
  /// In force.
  public var effective: [String] = []
  /// Kept across execve(2) of files that carry them.
  public var inheritable: [String] = []
  /// What may be in force.
  public var permitted: [String] = []
  /// Kept across execve(2) of ordinary files.
  public var ambient: [String] = []
  /// None.
  public init() {}
}

/// One of `mounts`.
public struct Mount: Equatable, Sendable {
  /// Absolute path inside the container.
  public var destination: String
  /// Filesystem type; `bind` or empty with the option bind.
  public var type: String
  /// Device, directory or a free name.
  public var source: String
  /// As mount(8) writes them.
  public var options: [String]
  /// Which user of the source is which at the destination; empty with the option `idmap` means the
  /// container's own.
  public var uidMappings: [IDMapping] = []
  /// The same of groups.
  public var gidMappings: [IDMapping] = []
  /// Makes a mount.
  public init(destination: String, type: String, source: String, options: [String] = []) {
    self.destination = destination
    self.type = type
    self.source = source
    self.options = options
  }
}

/// `hooks`: programs around the container's life, in the order of config.md.
public struct Hooks: Equatable, Sendable {
  /// Runtime namespace, after the namespaces exist, before pivot_root (deprecated name).
  public var prestart: [Hook] = []
  /// Runtime namespace, the same moment.
  public var createRuntime: [Hook] = []
  /// Container namespaces, before pivot_root.
  public var createContainer: [Hook] = []
  /// Container namespaces, after `start`, before the program.
  public var startContainer: [Hook] = []
  /// Runtime namespace, after the program started.
  public var poststart: [Hook] = []
  /// Runtime namespace, after the container is gone.
  public var poststop: [Hook] = []
  /// None.
  public init() {}
}

/// One hook.
public struct Hook: Equatable, Sendable {
  /// Absolute path on the host.
  public var path: String
  /// The whole argv; empty means the path alone.
  public var args: [String] = []
  /// The whole environment; nil when nobody said: then who runs the hook has it from its own.
  public var env: [String]?
  /// Seconds until it is killed and counted as failed; nil waits for ever.
  public var timeout: Int?
  /// Makes a hook.
  public init(path: String) { self.path = path }
}

/// `linux`.
public struct LinuxConfig: Equatable, Sendable {
  /// Namespaces to make or to join.
  public var namespaces: [Namespace] = []
  /// user_namespaces(7).
  public var uidMappings: [IDMapping] = []
  /// user_namespaces(7).
  public var gidMappings: [IDMapping] = []
  /// Device nodes beyond the default ones.
  public var devices: [DeviceNode] = []
  /// Where the container's cgroup is; nil lets the runtime choose.
  public var cgroupsPath: String?
  /// Limits.
  public var resources = Resources()
  /// Files under /proc/sys: `net.ipv4.ip_forward` or with slashes.
  public var sysctl: [KeyValue] = []
  /// Rules for system calls.
  public var seccomp: Seccomp?
  /// What the clocks of a new time namespace are ahead of the host's, time_namespaces(7).
  public var timeOffsets = TimeOffsets()
  /// `private`, `slave`, `shared`, `unbindable`, or with a leading `r`.
  public var rootfsPropagation: String?
  /// Paths that appear empty inside.
  public var maskedPaths: [String] = []
  /// Paths that are read-only inside.
  public var readonlyPaths: [String] = []
  /// The SELinux label of mounts that can carry one.
  public var mountLabel: String?
  /// `LINUX` or `LINUX32`, see personality(2).
  public var personality: String?
  /// From which memory nodes pages are taken; nil leaves it as it is.
  public var memoryPolicy: MemoryPolicy?
  /// Links of the host that go into the container.
  public var netDevices: [NetDevice] = []
  /// Nothing asked for.
  public init() {}
}

/// `linux.timeOffsets`.
public struct TimeOffsets: Equatable, Sendable {
  /// Of CLOCK_MONOTONIC.
  public var monotonic: TimeOffset?
  /// Of CLOCK_BOOTTIME.
  public var boottime: TimeOffset?
  /// None.
  public init() {}
}

/// What a clock is ahead.
public struct TimeOffset: Equatable, Sendable {
  /// Seconds, which may be negative.
  public var seconds: Int64 = 0
  /// Nanoseconds on top, less than a second.
  public var nanoseconds: UInt32 = 0
  /// Nothing.
  public init(seconds: Int64 = 0, nanoseconds: UInt32 = 0) {
    self.seconds = seconds
    self.nanoseconds = nanoseconds
  }
}

/// The kinds of namespace, namespaces(7).
public enum NamespaceKind: String, CaseIterable, Sendable {
  case pid, network, mount, ipc, uts, user, cgroup, time
}

/// One of `linux.namespaces`.
public struct Namespace: Equatable, Sendable {
  /// Which kind.
  public var kind: NamespaceKind
  /// An existing one to join; nil makes a new one.
  public var path: String?
  /// Makes an entry.
  public init(_ kind: NamespaceKind, path: String? = nil) {
    self.kind = kind
    self.path = path
  }
}

/// One line of uid_map or gid_map.
public struct IDMapping: Equatable, Sendable {
  /// First id inside.
  public var containerID: UInt32
  /// First id outside.
  public var hostID: UInt32
  /// How many.
  public var size: UInt32
  /// Makes a line.
  public init(containerID: UInt32, hostID: UInt32, size: UInt32) {
    self.containerID = containerID
    self.hostID = hostID
    self.size = size
  }
}

/// One of `linux.devices`.
public struct DeviceNode: Equatable, Sendable {
  /// `c`, `u`, `b` or `p`.
  public var type: String
  /// Absolute path inside.
  public var path: String
  /// Device number, see makedev(3).
  public var major: UInt32
  /// Device number.
  public var minor: UInt32
  /// Permission bits; nil means 0666.
  public var fileMode: UInt32?
  /// Owner inside.
  public var uid: UInt32 = 0
  /// Group inside.
  public var gid: UInt32 = 0
  /// Makes a node.
  public init(type: String, path: String, major: UInt32, minor: UInt32) {
    self.type = type
    self.path = path
    self.major = major
    self.minor = minor
  }
}

/// `linux.seccomp`: what each system call is answered with, seccomp(2).
public struct Seccomp: Equatable, Sendable {
  /// `SCMP_ACT_ERRNO` and its kin, for calls no rule names.
  public var defaultAction: String
  /// The errno of the default action; nil is EPERM.
  public var defaultErrnoRet: UInt32?
  /// `SCMP_ARCH_X86_64` and its kin; empty is the machine's own.
  public var architectures: [String] = []
  /// `SECCOMP_FILTER_FLAG_LOG` and its kin.
  public var flags: [String] = []
  /// The socket of the agent that answers for SCMP_ACT_NOTIFY.
  public var listenerPath: String?
  /// Free text for the agent.
  public var listenerMetadata: String?
  /// In order.
  public var syscalls: [SeccompRule] = []
  /// The text these rules were read from; what is compiled from them is kept under it.
  public package(set) var origin = Origin()
  /// Makes rules with only a default.
  public init(defaultAction: String) { self.defaultAction = defaultAction }

  /// Whether some call is answered by an agent.
  public var asksAgent: Bool {
    if defaultAction == "SCMP_ACT_NOTIFY" { return true }
    for rule in syscalls where rule.action == "SCMP_ACT_NOTIFY" { return true }
    return false
  }
}

/// The text that a value was read from, empty when it was not; no part of the value.
public struct Origin: Equatable, Sendable {
  /// As it stands in the file.
  public package(set) var bytes: [UInt8] = []
  /// Two values are alike wherever they come from.
  public static func == (_: Origin, _: Origin) -> Bool { true }
}

/// One of `linux.seccomp.syscalls`.
public struct SeccompRule: Equatable, Sendable {
  /// Names of system calls; unknown ones are skipped, as runc and crun do.
  public var names: [String]
  /// `SCMP_ACT_ALLOW` and its kin.
  public var action: String
  /// The errno of SCMP_ACT_ERRNO or message of SCMP_ACT_TRACE.
  public var errnoRet: UInt32?
  /// All must hold.
  public var args: [SeccompArg] = []
  /// Makes a rule.
  public init(names: [String], action: String) {
    self.names = names
    self.action = action
  }
}

/// A condition on one argument of a system call.
public struct SeccompArg: Equatable, Sendable {
  /// 0 to 5.
  public var index: UInt32
  /// Compared with.
  public var value: UInt64
  /// The second value, of SCMP_CMP_MASKED_EQ.
  public var valueTwo: UInt64 = 0
  /// `SCMP_CMP_EQ` and its kin.
  public var op: String
  /// Makes a condition.
  public init(index: UInt32, value: UInt64, op: String) {
    self.index = index
    self.value = value
    self.op = op
  }
}
