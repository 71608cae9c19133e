// The system calls a container may make when nobody asks for something else: the rules of Docker's
// default profile (https://docs.docker.com/engine/security/seccomp/), as data grouped by theme.
//
// Everything not named is answered with EPERM. What is missing on purpose: calls that act on the
// whole machine (kexec_load, swapon, reboot …), that reach kernel code with a history of holes
// (io_uring_*, userfaultfd, keyctl, add_key …), or that have no use inside (nfsservctl, uselib …).
// Some are allowed once the container has the capability the kernel asks for anyway.

/// The machine a seccomp profile is made for.
public enum Architecture: Sendable {
  case x86_64, arm64

  /// The machine this program was compiled for.
  public static var current: Architecture {
    #if arch(x86_64)
      .x86_64
    #else
      .arm64
    #endif
  }
}

extension Seccomp {
  /// The default rules for a container with these capabilities in its bounding set.
  public static func standard(
    capabilities: [String], architecture: Architecture = .current
  ) -> Seccomp {
    var seccomp = Seccomp(defaultAction: "SCMP_ACT_ERRNO")
    seccomp.defaultErrnoRet = 1  // EPERM
    switch architecture {
    case .x86_64:
      seccomp.architectures = ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"]
    case .arm64:
      seccomp.architectures = ["SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"]
    }

    var allowed: [String] = []
    for group in always { allowed += words(group) }
    switch architecture {
    case .x86_64: allowed += words("arch_prctl modify_ldt")
    case .arm64:
      allowed += words(
        "arm_fadvise64_64 arm_sync_file_range breakpoint cacheflush set_tls sync_file_range2")
    }
    for entry in withCapability where capabilities.contains(entry.capability) {
      allowed += words(entry.calls)
    }
    seccomp.syscalls = [SeccompRule(names: unique(allowed), action: "SCMP_ACT_ALLOW")]
    seccomp.syscalls += conditional
    if !capabilities.contains("CAP_SYS_ADMIN") { seccomp.syscalls += cloneWithoutNamespaces }
    return seccomp
  }

  private static func words(_ text: String) -> [String] {
    text.split { $0 == " " || $0 == "\n" }.map { String($0) }
  }

  private static func unique(_ names: [String]) -> [String] {
    var seen = Set<String>()
    return names.filter { seen.insert($0).inserted }
  }

  // MARK: Always allowed

  private static let always = [
    files, attributes, input, polling, memory, processes, identity, signals, time, scheduling,
    sockets, messages, locks, events, limits, sandboxing,
  ]

  /// Opening, naming, describing and removing files.
  private static let files = """
    access chdir chmod chown chown32 close close_range creat dup dup2 dup3 faccessat faccessat2
    fchdir fchmod fchmodat fchmodat2 fchown fchown32 fchownat fcntl fcntl64 flock fstat fstat64
    fstatat64 fstatfs fstatfs64 ftruncate ftruncate64 futimesat getcwd getdents getdents64 ioctl
    lchown lchown32 link linkat listmount lstat lstat64 mkdir mkdirat mknod mknodat
    name_to_handle_at newfstatat open openat openat2 readlink readlinkat rename renameat renameat2
    rmdir stat stat64 statfs statfs64 statmount statx symlink symlinkat truncate truncate64 umask
    unlink unlinkat utime utimensat utimensat_time64 utimes
    """

  /// Extended attributes, xattr(7).
  private static let attributes = """
    fgetxattr flistxattr fremovexattr fsetxattr getxattr getxattrat lgetxattr listxattr listxattrat
    llistxattr lremovexattr lsetxattr removexattr removexattrat setxattr setxattrat
    """

  /// Moving bytes; io_* is Linux AIO, io_uring is not among them.
  private static let input = """
    _llseek copy_file_range fadvise64 fadvise64_64 fallocate fdatasync fsync io_cancel io_destroy
    io_getevents io_pgetevents io_pgetevents_time64 io_setup io_submit ioprio_get ioprio_set lseek
    pipe pipe2 pread64 preadv preadv2 pwrite64 pwritev pwritev2 read readahead readv sendfile
    sendfile64 splice sync sync_file_range syncfs tee vmsplice write writev
    """

  /// Waiting for descriptors.
  private static let polling = """
    _newselect epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_pwait epoll_pwait2
    epoll_wait epoll_wait_old poll ppoll ppoll_time64 pselect6 pselect6_time64 select
    """

  private static let memory = """
    brk cachestat madvise map_shadow_stack membarrier memfd_create memfd_secret mincore mlock mlock2
    mlockall mmap mmap2 mprotect mremap mseal msync munlock munlockall munmap pkey_alloc pkey_free
    pkey_mprotect process_mrelease remap_file_pages
    """

  /// Making and watching processes.
  ///
  /// ptrace and its kin are safe beside seccomp since Linux 4.8; clone has rules of its own.
  private static let processes = """
    execve execveat exit exit_group fork get_robust_list get_thread_area getcpu getpgid getpgrp
    getpid getppid getsid gettid kill pidfd_open pidfd_send_signal prctl process_vm_readv
    process_vm_writev ptrace restart_syscall rseq set_robust_list set_thread_area set_tid_address
    setpgid setsid tgkill tkill uname uretprobe vfork wait4 waitid waitpid
    """

  private static let identity = """
    capget capset getegid getegid32 geteuid geteuid32 getgid getgid32 getgroups getgroups32
    getresgid getresgid32 getresuid getresuid32 getuid getuid32 setfsgid setfsgid32 setfsuid
    setfsuid32 setgid setgid32 setgroups setgroups32 setregid setregid32 setresgid setresgid32
    setresuid setresuid32 setreuid setreuid32 setuid setuid32
    """

  private static let signals = """
    alarm pause rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn
    rt_sigsuspend rt_sigtimedwait rt_sigtimedwait_time64 rt_tgsigqueueinfo sigaltstack signalfd
    signalfd4 sigprocmask sigreturn
    """

  /// Reading clocks and setting timers; adjtimex without CAP_SYS_TIME only reads.
  private static let time = """
    adjtimex clock_adjtime clock_adjtime64 clock_getres clock_getres_time64 clock_gettime
    clock_gettime64 clock_nanosleep clock_nanosleep_time64 getitimer gettimeofday nanosleep
    setitimer time timer_create timer_delete timer_getoverrun timer_gettime timer_gettime64
    timer_settime timer_settime64 timerfd_create timerfd_gettime timerfd_gettime64 timerfd_settime
    timerfd_settime64 times
    """

  private static let scheduling = """
    getpriority sched_get_priority_max sched_get_priority_min sched_getaffinity sched_getattr
    sched_getparam sched_getscheduler sched_rr_get_interval sched_rr_get_interval_time64
    sched_setaffinity sched_setattr sched_setparam sched_setscheduler sched_yield setpriority
    """

  /// Sockets once they exist; socket itself has a rule of its own.
  private static let sockets = """
    accept accept4 bind connect getpeername getsockname getsockopt listen recv recvfrom recvmmsg
    recvmmsg_time64 recvmsg send sendmmsg sendmsg sendto setsockopt shutdown socketcall socketpair
    """

  /// System V and POSIX interprocess communication.
  private static let messages = """
    ipc mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedreceive_time64 mq_timedsend
    mq_timedsend_time64 mq_unlink msgctl msgget msgrcv msgsnd semctl semget semop semtimedop
    semtimedop_time64 shmat shmctl shmdt shmget
    """

  private static let locks = """
    futex futex_requeue futex_time64 futex_wait futex_waitv futex_wake
    """

  private static let events = """
    eventfd eventfd2 fanotify_mark inotify_add_watch inotify_init inotify_init1 inotify_rm_watch
    """

  private static let limits = """
    getrandom getrlimit getrusage prlimit64 setrlimit sysinfo ugetrlimit
    """

  /// What a program uses to give up rights.
  private static let sandboxing = """
    landlock_add_rule landlock_create_ruleset landlock_restrict_self seccomp
    """

  // MARK: Allowed with a capability

  private static let withCapability: [(capability: String, calls: String)] = [
    ("CAP_DAC_READ_SEARCH", "open_by_handle_at"),
    (
      "CAP_SYS_ADMIN",
      """
      bpf clone clone3 fanotify_init fsconfig fsmount fsopen fspick lookup_dcookie
      lsm_get_self_attr lsm_list_modules lsm_set_self_attr mount mount_setattr move_mount open_tree
      perf_event_open quotactl quotactl_fd setdomainname sethostname setns syslog umount umount2
      unshare
      """
    ),
    ("CAP_SYS_BOOT", "reboot"),
    ("CAP_SYS_CHROOT", "chroot"),
    ("CAP_SYS_MODULE", "delete_module finit_module init_module"),
    ("CAP_SYS_PACCT", "acct"),
    ("CAP_SYS_PTRACE", "kcmp pidfd_getfd process_madvise"),
    ("CAP_SYS_RAWIO", "ioperm iopl"),
    ("CAP_SYS_TIME", "clock_settime clock_settime64 settimeofday stime"),
    ("CAP_SYS_TTY_CONFIG", "vhangup"),
    ("CAP_SYS_NICE", "get_mempolicy mbind set_mempolicy set_mempolicy_home_node"),
    ("CAP_SYSLOG", "syslog"),
    ("CAP_BPF", "bpf"),
    ("CAP_PERFMON", "perf_event_open"),
  ]

  // MARK: Allowed with certain arguments

  /// Calls whose arguments decide.
  private static let conditional: [SeccompRule] = {
    // Sockets of every family but AF_VSOCK (40), which leads to the hypervisor.
    var rules = [rule("socket", SeccompArg(index: 0, value: 40, op: "SCMP_CMP_NE"))]
    // personality(2): PER_LINUX, PER_LINUX32, either with UNAME26, and asking which it is. Others,
    // such as ADDR_NO_RANDOMIZE or READ_IMPLIES_EXEC, undo protections.
    for persona: UInt64 in [0, 0x0008, 0x20000, 0x20008, 0xFFFF_FFFF] {
      rules.append(rule("personality", SeccompArg(index: 0, value: persona, op: "SCMP_CMP_EQ")))
    }
    return rules
  }()

  /// New processes, but no new namespaces.
  private static let cloneWithoutNamespaces: [SeccompRule] = {
    // CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET must all be 0.
    let flags: UInt64 =
      0x0002_0000 | 0x0200_0000 | 0x0400_0000 | 0x0800_0000 | 0x1000_0000 | 0x2000_0000
      | 0x4000_0000
    // clone3's flags are in memory, where no filter can look: ENOSYS makes libc fall back to clone.
    var clone3 = SeccompRule(names: ["clone3"], action: "SCMP_ACT_ERRNO")
    clone3.errnoRet = 38
    return [
      rule("clone", SeccompArg(index: 0, value: flags, op: "SCMP_CMP_MASKED_EQ")), clone3,
    ]
  }()

  private static func rule(_ name: String, _ argument: SeccompArg) -> SeccompRule {
    var rule = SeccompRule(names: [name], action: "SCMP_ACT_ALLOW")
    rule.args = [argument]
    return rule
  }
}
