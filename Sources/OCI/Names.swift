// The fixed names that fields of config.json can have.

/// Names defined by the kernel, libseccomp and the specification.
///
/// The tables lie in line: there is no array, whose type would have to be made (JSONReader).
enum Names {
  /// What capabilities(7) lists, in the order of their numbers, 0 to 40.
  static let capabilities: [41 of StaticString] = [
    "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL",
    "CAP_SETGID", "CAP_SETUID", "CAP_SETPCAP", "CAP_LINUX_IMMUTABLE", "CAP_NET_BIND_SERVICE",
    "CAP_NET_BROADCAST", "CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_IPC_LOCK", "CAP_IPC_OWNER",
    "CAP_SYS_MODULE", "CAP_SYS_RAWIO", "CAP_SYS_CHROOT", "CAP_SYS_PTRACE", "CAP_SYS_PACCT",
    "CAP_SYS_ADMIN", "CAP_SYS_BOOT", "CAP_SYS_NICE", "CAP_SYS_RESOURCE", "CAP_SYS_TIME",
    "CAP_SYS_TTY_CONFIG", "CAP_MKNOD", "CAP_LEASE", "CAP_AUDIT_WRITE", "CAP_AUDIT_CONTROL",
    "CAP_SETFCAP", "CAP_MAC_OVERRIDE", "CAP_MAC_ADMIN", "CAP_SYSLOG", "CAP_WAKE_ALARM",
    "CAP_BLOCK_SUSPEND", "CAP_AUDIT_READ", "CAP_PERFMON", "CAP_BPF", "CAP_CHECKPOINT_RESTORE",
  ]

  /// What getrlimit(2) lists.
  static let rlimits: [16 of StaticString] = [
    "RLIMIT_AS", "RLIMIT_CORE", "RLIMIT_CPU", "RLIMIT_DATA", "RLIMIT_FSIZE", "RLIMIT_LOCKS",
    "RLIMIT_MEMLOCK", "RLIMIT_MSGQUEUE", "RLIMIT_NICE", "RLIMIT_NOFILE", "RLIMIT_NPROC",
    "RLIMIT_RSS", "RLIMIT_RTPRIO", "RLIMIT_RTTIME", "RLIMIT_SIGPENDING", "RLIMIT_STACK",
  ]

  /// Values of `linux.namespaces[].type`, in the order of `NamespaceKind`.
  static let namespaces: [8 of StaticString] = [
    "pid", "network", "mount", "ipc", "uts", "user", "cgroup", "time",
  ]

  /// Values of `linux.rootfsPropagation`, see mount_namespaces(7); the empty one is none.
  static let propagations: [9 of StaticString] = [
    "private", "rprivate", "slave", "rslave", "shared", "rshared", "unbindable", "runbindable",
    "",
  ]

  /// Values of `linux.devices[].type`.
  static let deviceTypes: [4 of StaticString] = ["c", "u", "b", "p"]

  /// Values of `linux.resources.devices[].type`; the empty one is "a".
  static let deviceRuleTypes: [4 of StaticString] = ["a", "c", "b", ""]

  /// What a filter can answer.
  static let seccompActions: [9 of StaticString] = [
    "SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO", "SCMP_ACT_KILL", "SCMP_ACT_KILL_PROCESS",
    "SCMP_ACT_KILL_THREAD", "SCMP_ACT_TRAP", "SCMP_ACT_TRACE", "SCMP_ACT_LOG", "SCMP_ACT_NOTIFY",
  ]

  /// How an argument is compared, seccomp_rule_add(3).
  static let seccompOperators: [7 of StaticString] = [
    "SCMP_CMP_NE", "SCMP_CMP_LT", "SCMP_CMP_LE", "SCMP_CMP_EQ", "SCMP_CMP_GE", "SCMP_CMP_GT",
    "SCMP_CMP_MASKED_EQ",
  ]

  /// Architectures of seccomp_arch_add(3) that the specification names.
  static let seccompArchitectures: [23 of StaticString] = [
    "SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32", "SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM",
    "SCMP_ARCH_MIPS", "SCMP_ARCH_MIPS64", "SCMP_ARCH_MIPS64N32", "SCMP_ARCH_MIPSEL",
    "SCMP_ARCH_MIPSEL64", "SCMP_ARCH_MIPSEL64N32", "SCMP_ARCH_PPC", "SCMP_ARCH_PPC64",
    "SCMP_ARCH_PPC64LE", "SCMP_ARCH_S390", "SCMP_ARCH_S390X", "SCMP_ARCH_PARISC",
    "SCMP_ARCH_PARISC64", "SCMP_ARCH_RISCV64", "SCMP_ARCH_LOONGARCH64", "SCMP_ARCH_M68K",
    "SCMP_ARCH_SH", "SCMP_ARCH_SHEB",
  ]

  /// Flags of seccomp(2), SECCOMP_SET_MODE_FILTER.
  static let seccompFlags: [4 of StaticString] = [
    "SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW",
    "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV",
  ]

  /// Policies of sched_setattr(2); SCHED_ISO is a number that no kernel took into use.
  static let schedulerPolicies: [7 of StaticString] = [
    "SCHED_OTHER", "SCHED_FIFO", "SCHED_RR", "SCHED_BATCH", "SCHED_ISO", "SCHED_IDLE",
    "SCHED_DEADLINE",
  ]

  /// Flags of sched_setattr(2), in the order of their bits.
  static let schedulerFlags: [7 of StaticString] = [
    "SCHED_FLAG_RESET_ON_FORK", "SCHED_FLAG_RECLAIM", "SCHED_FLAG_DL_OVERRUN",
    "SCHED_FLAG_KEEP_POLICY", "SCHED_FLAG_KEEP_PARAMS", "SCHED_FLAG_UTIL_CLAMP_MIN",
    "SCHED_FLAG_UTIL_CLAMP_MAX",
  ]

  /// Classes of ioprio_set(2), in the order of their numbers from 1.
  static let ioPriorityClasses: [3 of StaticString] = [
    "IOPRIO_CLASS_RT", "IOPRIO_CLASS_BE", "IOPRIO_CLASS_IDLE",
  ]

  /// Domains of personality(2).
  static let personalities: [2 of StaticString] = ["LINUX", "LINUX32"]

  /// Modes of set_mempolicy(2), in the order of their numbers.
  static let memoryPolicyModes: [7 of StaticString] = [
    "MPOL_DEFAULT", "MPOL_PREFERRED", "MPOL_BIND", "MPOL_INTERLEAVE", "MPOL_LOCAL",
    "MPOL_PREFERRED_MANY", "MPOL_WEIGHTED_INTERLEAVE",
  ]

  /// Flags of set_mempolicy(2); the bits are 15, 14 and 13.
  static let memoryPolicyFlags: [3 of StaticString] = [
    "MPOL_F_STATIC_NODES", "MPOL_F_RELATIVE_NODES", "MPOL_F_NUMA_BALANCING",
  ]
}
