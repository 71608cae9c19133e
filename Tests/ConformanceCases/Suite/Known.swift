// What other runtimes fail, judged case by case: why it is they who are wrong (or old), not the case.
//
// A case listed here that passes is a failure of this list: it cannot go stale. Notes/conformance.md
// is printed from it.

/// Failures with one reason.
struct Known {
  /// What `--version` begins with.
  let runtime: String
  let reason: String
  /// False for what depends on who is faster: passing is no surprise then.
  var always = true
  let ids: [String]

  static func find(_ runtime: String, _ id: String) -> Known? {
    all.first { runtime.hasPrefix($0.runtime) && $0.ids.contains(id) }
  }

  static let all = runc + crun

  private static func under(_ section: String, _ names: String) -> [String] {
    names.split(separator: " ").map { section + "/" + $0 }
  }

  private static let scheduling = under(
    "config/linux-process/scheduling",
    "scheduler-SCHED_OTHER scheduler-SCHED_BATCH scheduler-SCHED_IDLE scheduler-SCHED_FIFO "
      + "scheduler-SCHED_RR scheduler-RESET_ON_FORK scheduler-policy scheduler-flag ioPriority-BE "
      + "ioPriority-IDLE ioPriority-RT ioPriority-class ioPriority-level")

  private static let runc = [
    Known(
      runtime: "runc 1.1", reason: "kills and deletes a created container without being forced to",
      ids: ["runtime/delete/created"]),
    Known(
      runtime: "runc 1.1", reason: "does not look at ociVersion",
      ids: under(
        "config/specification-version",
        "refuses-words refuses-short refuses-empty refuses-future required")),
    Known(
      runtime: "runc 1.1",
      reason: "gives a tmpfs the mode of the folder below, whatever mode= says",
      ids: ["config/mounts/data"]),
    Known(
      runtime: "runc 1.1", reason: "hands the option defaults to the kernel, which refuses it",
      ids: ["config/mounts/options/defaults", "features/mountOptions"]),
    Known(
      runtime: "runc 1.1",
      reason: "clears a part of the atime bits, which mount_setattr(2) answers with EINVAL",
      ids: under("config/mounts/recursive-options", "ratime rnostrictatime")),
    Known(
      runtime: "runc 1.1", reason: "written before idmap: the mapping is ignored without a word",
      ids: under(
        "config/mounts/idmap",
        "idmap idmap-once ridmap no-mapping only-uidMappings only-gidMappings")),
    Known(
      runtime: "runc 1.1", reason: "the later of two limits of one type wins silently",
      ids: ["config/process/rlimits/duplicate"]),
    Known(
      runtime: "runc 1.1", reason: "an effective capability it does not have itself is an error",
      ids: ["config/process/capabilities/not-in-bounding"]),
    Known(
      runtime: "runc 1.1",
      reason: "written before scheduler and ioPriority: ignored without a word",
      ids: scheduling),
    Known(
      runtime: "runc 1.1", reason: "written before domainname: ignored without a word",
      ids: ["config/hostname/domainname"]),
    Known(
      runtime: "runc 1.1", reason: "calls poststart in create, before the program runs",
      ids: [
        "config/hooks/moments", "config/hooks/poststart-state", "config/hooks/failure/poststart",
      ]),
    Known(
      runtime: "runc 1.1", reason: "does not check hooks before it calls them",
      ids: under(
        "config/hooks",
        "createContainer-absolute startContainer-absolute startContainer-timeout-zero "
          + "poststop-absolute poststop-timeout-zero")),
    Known(
      runtime: "runc 1.1", reason: "start does not wait to see how startContainer hooks end",
      ids: ["config/hooks/failure/startContainer"]),
    Known(
      runtime: "runc 1.1", reason: "stops at the first poststop hook that fails",
      ids: ["config/hooks/failure/poststop"]),
    Known(
      runtime: "runc 1.1", reason: "does not check the names of annotations",
      ids: ["config/annotations/key-empty"]),
    Known(
      runtime: "runc 1.1", reason: "written before time namespaces and timeOffsets",
      ids: ["config-linux/namespaces/time-new"]
        + under("config-linux/time-offsets", "offsets negative no-namespace")),
    Known(
      runtime: "runc 1.1",
      reason: "leaves the root filesystem's bind mount on the host when it fails",
      ids: ["config-linux/namespaces/mount-absent"]),
    Known(
      runtime: "runc 1.1", reason: "takes whatever file is at a device's path",
      ids: ["config-linux/devices/other-file"]),
    Known(
      runtime: "runc 1.1", reason: "reads missing fields of a device as 0 and the empty text",
      ids: under("config-linux/devices", "no-path no-major")),
    Known(
      runtime: "runc 1.1", reason: "ignores limits of kernel memory since 1.0, without a word",
      ids: under("config-linux/memory", "kernel kernelTCP")),
    Known(
      runtime: "runc 1.1", reason: "written before cpu.burst and cpu.idle: ignored without a word",
      ids: under("config-linux/cpu", "burst idle")),
    Known(
      runtime: "runc 1.1", reason: "takes errnoRet with actions that have no errno",
      ids: under(
        "config-linux/seccomp",
        "errnoRet-SCMP_ACT_ALLOW errnoRet-SCMP_ACT_KILL_PROCESS errnoRet-SCMP_ACT_LOG "
          + "defaultErrnoRet-ALLOW")),
    Known(
      runtime: "runc 1.1", reason: "takes rules without names",
      ids: ["config-linux/seccomp/names-one"]),
    Known(
      runtime: "runc 1.1", reason: "panics while it compiles these rules for two architectures",
      ids: ["config-linux/seccomp/architectures"]),
    Known(
      runtime: "runc 1.1", reason: "says that it does not support flags yet",
      ids: under(
        "config-linux/seccomp",
        "SECCOMP_FILTER_FLAG_TSYNC SECCOMP_FILTER_FLAG_LOG SECCOMP_FILTER_FLAG_SPEC_ALLOW")),
    Known(
      runtime: "runc 1.1", reason: "takes metadata for a listener that is not there",
      ids: ["config-linux/seccomp/listener/metadata-alone"]),
    Known(
      runtime: "runc 1.1",
      reason: "makes the root's mount private first, so that it belongs to no peer group later",
      ids: under("config-linux/rootfs-propagation", "slave shared rshared unbindable")),
    Known(
      runtime: "runc 1.1", reason: "takes relative paths",
      ids: under("config-linux/paths", "maskedPaths-relative readonlyPaths-relative")),
    Known(
      runtime: "runc 1.1", reason: "written before personality: ignored without a word",
      ids: under("config-linux/personality", "LINUX32 domain flags")),
  ]

  private static let crun = [
    Known(
      runtime: "crun 1.8", reason: "kills and deletes a created container without being forced to",
      ids: ["runtime/delete/created"]),
    Known(
      runtime: "crun 1.8", reason: "knows versions up to 1.0 only",
      ids: ["config/specification-version/accepts-1.2.0"]),
    Known(
      runtime: "crun 1.8", reason: "its parser takes values of a wrong type for absent or for text",
      ids: ["config/mounts/options-type"] + under("config/process/user", "uid-type gid-type")
        + under(
          "config/extensibility",
          "type-root.readonly type-process.args type-process.terminal "
            + "type-process.noNewPrivileges type-hostname type-linux.namespaces "
            + "type-linux.cgroupsPath type-linux.maskedPaths type-linux.sysctl "
            + "type-linux.resources.memory.limit type-linux.resources.cpu.shares "
            + "type-linux.seccomp")),
    Known(
      runtime: "crun 1.8", reason: "an option does not undo the one before it",
      ids: under(
        "config/mounts/options", "async atime dev diratime exec nostrictatime rw suid")),
    Known(
      runtime: "crun 1.8", reason: "hands the option to the kernel, which refuses it",
      ids: under(
        "config/mounts/options", "iversion noiversion loud silent nosymfollow symfollow")),
    Known(
      runtime: "crun 1.8", reason: "makes every mount private at last, whatever its options say",
      ids: under(
        "config/mounts/options", "slave rslave shared rshared unbindable runbindable")),
    Known(
      runtime: "crun 1.8",
      reason: "sets a part of the atime bits, which mount_setattr(2) answers with EINVAL",
      ids: under(
        "config/mounts/recursive-options",
        "rnoatime ratime rnodiratime rdiratime rstrictatime rnostrictatime")),
    Known(
      runtime: "crun 1.8", reason: "mixes up the bits of relatime and nosymfollow",
      ids: under("config/mounts/recursive-options", "rrelatime rnosymfollow rsymfollow")),
    Known(
      runtime: "crun 1.8", reason: "an idmapped mount loses what is mounted below it",
      ids: under("config/mounts/idmap", "idmap-once ridmap")),
    Known(
      runtime: "crun 1.8", reason: "takes a relative cwd and a process without args",
      ids: under("config/process", "cwd-absolute args-required")),
    Known(
      runtime: "crun 1.8", reason: "the later of two limits of one type wins silently",
      ids: ["config/process/rlimits/duplicate"]),
    Known(
      runtime: "crun 1.8", reason: "ignores a capability it does not know without a word",
      ids: ["config/process/capabilities/unknown-warned"]),
    Known(
      runtime: "crun 1.8", reason: "an effective capability it does not have itself is an error",
      ids: ["config/process/capabilities/not-in-bounding"]),
    Known(
      runtime: "crun 1.8",
      reason: "written before scheduler and ioPriority: ignored without a word",
      ids: scheduling),
    Known(
      runtime: "crun 1.8", reason: "start returns before startContainer hooks and the program ran",
      always: false, ids: ["config/hooks/moments"]),
    Known(
      runtime: "crun 1.8", reason: "a program that ends at once is an error", always: false,
      ids: ["runtime/kill/exit-stopped", "config/hooks/failure/poststart"]),
    Known(
      runtime: "crun 1.8", reason: "dies of SIGPIPE when a hook does not read the state",
      ids: under("config/hooks", "poststart-unread poststop-unread")),
    Known(
      runtime: "crun 1.8", reason: "hooks inside the container get a state without pid and bundle",
      ids: under("config/hooks", "createContainer-state startContainer-state")),
    Known(
      runtime: "crun 1.8", reason: "does not check hooks before it calls them",
      ids: under(
        "config/hooks",
        "prestart-timeout-zero createRuntime-timeout-zero createContainer-timeout-zero "
          + "startContainer-absolute startContainer-timeout-zero poststart-timeout-zero "
          + "poststop-absolute poststop-timeout-zero")),
    Known(
      runtime: "crun 1.8",
      reason: "calls a poststart hook with a relative path, and may die of SIGPIPE",
      always: false, ids: ["config/hooks/poststart-absolute"]),
    Known(
      runtime: "crun 1.8", reason: "start does not wait to see how startContainer hooks end",
      ids: ["config/hooks/failure/startContainer"]),
    Known(
      runtime: "crun 1.8", reason: "does not check the names of annotations",
      ids: ["config/annotations/key-empty"]),
    Known(
      runtime: "crun 1.8", reason: "its init dies on a time namespace",
      ids: ["config-linux/namespaces/time-new"]
        + under("config-linux/time-offsets", "offsets negative")),
    Known(
      runtime: "crun 1.8", reason: "ignores offsets without a time namespace",
      ids: ["config-linux/time-offsets/no-namespace"]),
    Known(
      runtime: "crun 1.8", reason: "takes the second of two namespaces of one type for the same",
      ids: ["config-linux/namespaces/duplicate"]),
    Known(
      runtime: "crun 1.8", reason: "takes whatever file is at a device's path",
      ids: ["config-linux/devices/other-file"]),
    Known(
      runtime: "crun 1.8", reason: "does not check devices: a wrong type, no numbers",
      ids: under("config-linux/devices", "type no-major")),
    Known(
      runtime: "crun 1.8", reason: "refuses, but leaves the cgroups it made",
      ids: ["config-linux/device-rules/type-unknown", "config-linux/cpu/cpus-wrong"]
        + under(
          "config-linux/other-resources",
          "blockIO-weight blockIO-weightDevice hugepageLimits hugepage-size network unified "
            + "unified-controller")),
    Known(
      runtime: "crun 1.8",
      reason: "the limit of kernel memory is gone from the kernel: not noticed",
      ids: ["config-linux/memory/kernel"]),
    Known(
      runtime: "crun 1.8", reason: "writes -1 as a number without sign",
      ids: ["config-linux/cpu/quota-unlimited"]),
    Known(
      runtime: "crun 1.8", reason: "knows cpu.burst on v2 only; ignored on v1 without a word",
      ids: ["config-linux/cpu/burst"]),
    Known(
      runtime: "crun 1.8", reason: "ignores rdma where the kernel has no such controller",
      ids: ["config-linux/other-resources/rdma"]),
    Known(
      runtime: "crun 1.8", reason: "takes rules without names",
      ids: ["config-linux/seccomp/names-one"]),
    Known(
      runtime: "crun 1.8", reason: "connects to the listener though nothing is notified",
      ids: ["config-linux/seccomp/listener/ignored"]),
    Known(
      runtime: "crun 1.8", reason: "takes metadata for a listener that is not there",
      ids: ["config-linux/seccomp/listener/metadata-alone"]),
    Known(
      runtime: "crun 1.8", reason: "makes the root's mount private first, so that nothing arrives",
      ids: under("config-linux/rootfs-propagation", "slave rslave")),
    Known(
      runtime: "crun 1.8", reason: "takes any word for a propagation",
      ids: ["config-linux/rootfs-propagation/unknown"]),
    Known(
      runtime: "crun 1.8", reason: "takes relative paths",
      ids: under("config-linux/paths", "maskedPaths-relative readonlyPaths-relative")),
    Known(
      runtime: "crun 1.8", reason: "ignores mountLabel where there is no SELinux",
      ids: ["config-linux/mount-label/mountLabel"]),
    Known(
      runtime: "crun 1.8", reason: "written before intelRdt was read: ignored without a word",
      ids: ["config-linux/mount-label/intelRdt"]),
    Known(
      runtime: "crun 1.8", reason: "ignores flags of personality",
      ids: ["config-linux/personality/flags"]),
  ]
}
