// Every kind of step: its stable id, phase, manual page, undoing step, and what it means, in both
// languages. The table in Notes/steps.md is printed from this one.

/// The stable id of a step.
public enum StepID: String, CaseIterable, Sendable {
  case stateCreate = "state.create"
  case stateSave = "state.save"
  case cgroupCreate = "cgroup.create"
  case cgroupDelegate = "cgroup.delegate"
  case cgroupInherit = "cgroup.inherit"
  case cgroupLimit = "cgroup.limit"
  case cgroupDevices = "cgroup.devices"
  case cgroupJoin = "cgroup.join"
  case processClone = "process.clone"
  case nsJoin = "ns.join"
  case nsCgroupUnshare = "ns.cgroup.unshare"
  case nsTime = "ns.time"
  case userSetgroups = "user.setgroups"
  case userMapUid = "user.map.uid"
  case userMapGid = "user.map.gid"
  case utsSethostname = "uts.sethostname"
  case utsSetdomainname = "uts.setdomainname"
  case processOomScore = "process.oom-score"
  case mountPropagation = "mount.propagation"
  case rootfsStack = "rootfs.stack"
  case rootfsBind = "rootfs.bind"
  case rootfsOverlay = "rootfs.overlay"
  case mountPrepare = "mount.prepare"
  case mountAttach = "mount.attach"
  case mountBind = "mount.bind"
  case mountRestrict = "mount.restrict"
  case mountSpread = "mount.spread"
  case devNode = "dev.node"
  case devBind = "dev.bind"
  case devLink = "dev.link"
  case rootfsMask = "rootfs.mask"
  case rootfsReadonlyPath = "rootfs.readonly-path"
  case rootfsPivot = "rootfs.pivot"
  case rootfsDetach = "rootfs.detach"
  case rootfsReadonly = "rootfs.readonly"
  case sysctlWrite = "sysctl.write"
  case netLoUp = "net.lo.up"
  case netDeviceMove = "net.device.move"
  case netDeviceUp = "net.device.up"
  case netBridgeCreate = "net.bridge.create"
  case netVxlanCreate = "net.vxlan.create"
  case netVxlanAttach = "net.vxlan.attach"
  case netVethCreate = "net.veth.create"
  case netVethAttach = "net.veth.attach"
  case netVethIsolate = "net.veth.isolate"
  case netSysctl = "net.sysctl"
  case netAddressAdd = "net.address.add"
  case netLinkUp = "net.link.up"
  case netRouteAdd = "net.route.add"
  case netRulesAdd = "net.rules.add"
  case hookRun = "hook.run"
  case ttyOpen = "tty.open"
  case ttyControl = "tty.control"
  case processSession = "process.session"
  case keyringJoin = "keyring.join"
  case processAffinity = "process.affinity"
  case processScheduler = "process.scheduler"
  case processIOPriority = "process.io-priority"
  case processMemoryPolicy = "process.memory-policy"
  case processPersonality = "process.personality"
  case processLabel = "process.label"
  case processRlimit = "process.rlimit"
  case capsBounding = "caps.bounding"
  case capsKeep = "caps.keep"
  case processStreams = "process.streams"
  case processGroups = "process.groups"
  case processGid = "process.gid"
  case processUid = "process.uid"
  case processUmask = "process.umask"
  case capsSet = "caps.set"
  case capsAmbient = "caps.ambient"
  case processNoNewPrivs = "process.no-new-privs"
  case seccompLoad = "seccomp.load"
  case seccompNotify = "seccomp.notify"
  case processDeathSignal = "process.death-signal"
  case processCwd = "process.cwd"
  case processExec = "process.exec"
  case processKill = "process.kill"
  case cgroupKill = "cgroup.kill"
  case cgroupFreeze = "cgroup.freeze"
  case cgroupThaw = "cgroup.thaw"
  case netDeviceReturn = "net.device.return"
  case netVethDelete = "net.veth.delete"
  case netRulesRemove = "net.rules.remove"
  case netLinkDelete = "net.link.delete"
  case systemdStart = "systemd.start"
  case systemdSet = "systemd.set"
  case systemdStop = "systemd.stop"
  case cgroupRemove = "cgroup.remove"
  case stateRemove = "state.remove"
}

extension StepID {
  /// What is always true of this step.
  public var info: StepInfo {
    switch self {
    case .stateCreate:
      StepInfo(
        .config, "mkdir(2)", undo: .stateRemove,
        en: """
          The container gets a directory of its own under the runtime's root; whoever asks \
          about it later looks there.
          """,
        zh: "容器在运行时的根目录下得到自己的目录，以后查询它的状态都看这里。")
    case .stateSave:
      StepInfo(
        .config, "rename(2)", undo: .stateRemove,
        en: """
          What the container is made of is written down before it is made, so that a crash can \
          be cleaned up.
          """,
        zh: "先写下容器由什么构成，再去创建它；这样中途崩溃也能清理干净。")
    case .cgroupCreate: Cgroups.create
    case .cgroupDelegate: Cgroups.delegate
    case .cgroupInherit: Cgroups.inherit
    case .cgroupLimit: Cgroups.limit
    case .cgroupDevices: Cgroups.devices
    case .cgroupJoin: Cgroups.join
    case .processClone:
      StepInfo(
        .namespaces, "clone(2)", undo: .processKill,
        en: """
          One system call makes the container's first process together with its new \
          namespaces.
          """,
        zh: "一次系统调用就同时创建了容器的第一个进程和它的新命名空间。")
    case .nsJoin:
      StepInfo(
        .namespaces, "setns(2)",
        en: "Instead of making a namespace, the process enters one that exists.",
        zh: "进程不新建命名空间，而是进入一个已有的命名空间。")
    case .nsCgroupUnshare:
      StepInfo(
        .namespaces, "cgroup_namespaces(7)",
        en: """
          Only now, inside its cgroup, the process gets a cgroup namespace: its root is where \
          it stands.
          """,
        zh: "进入 cgroup 之后才新建 cgroup 命名空间：此刻所在的位置就是它看到的根。")
    case .nsTime:
      StepInfo(
        .namespaces, "time_namespaces(7)",
        en: """
          A time namespace shifts the monotonic and the boot clock. It begins with the next \
          child, so that the offsets can be written before anybody lives in it.
          """,
        zh: """
          时间命名空间让单调时钟和启动时钟偏移一段时间。它从下一个子进程开始生效，\
          这样可以在有进程进入之前写好偏移量。
          """)
    case .userSetgroups:
      StepInfo(
        .namespaces, "user_namespaces(7)",
        en: "Without privilege outside, groups may be mapped only when setgroups(2) is denied.",
        zh: "在外层没有特权时，必须先禁止 setgroups(2) 才能映射组。")
    case .userMapUid:
      StepInfo(
        .namespaces, "user_namespaces(7)",
        en: "Each line says which user inside is which user outside.",
        zh: "每一行说明容器内的哪个用户对应外部的哪个用户。")
    case .userMapGid:
      StepInfo(
        .namespaces, "user_namespaces(7)",
        en: "Each line says which group inside is which group outside.",
        zh: "每一行说明容器内的哪个组对应外部的哪个组。")
    case .utsSethostname:
      StepInfo(
        .namespaces, "sethostname(2)",
        en: "The name changes in this UTS namespace only; the host keeps its own.",
        zh: "名字只在这个 UTS 命名空间里改变，主机的名字不变。")
    case .utsSetdomainname:
      StepInfo(
        .namespaces, "setdomainname(2)",
        en: "The NIS domain name of this UTS namespace.",
        zh: "这个 UTS 命名空间的 NIS 域名。")
    case .processOomScore:
      StepInfo(
        .namespaces, "proc_pid_oom_score_adj(5)",
        en: "How early the kernel picks this process when memory runs out.",
        zh: "内存耗尽时，这个进程有多容易被内核选中杀死。")
    case .mountPropagation:
      StepInfo(
        .rootfs, "mount_namespaces(7)",
        en: """
          A new mount namespace is a copy that may still be tied to its origin: without this \
          step a mount inside would appear outside.
          """,
        zh: """
          新的挂载命名空间是一份副本，但可能仍与原来的互相传播：\
          没有这一步，里面的挂载会出现在外面。
          """)
    case .rootfsStack:
      StepInfo(
        .rootfs, "pivot_root(2)",
        en: """
          An initramfs is the first root of all, and pivot_root cannot replace it: a copy of all \
          mounts is put over it, and that one can be replaced.
          """,
        zh: """
          initramfs 是最初的根，pivot_root 无法替换它：\
          在上面叠一份全部挂载的副本，这份副本就可以替换了。
          """)
    case .rootfsBind:
      StepInfo(
        .rootfs, "pivot_root(2)",
        en: """
          pivot_root wants the new root to be a mount point: the directory is mounted on \
          itself.
          """,
        zh: "pivot_root 要求新的根是挂载点：把目录挂载到它自己上面。")
    case .rootfsOverlay:
      StepInfo(
        .rootfs, "overlayfs: kernel Documentation/filesystems/overlayfs.rst",
        en: """
          The image's layers below, read-only, and an empty layer on top that takes all \
          writes.
          """,
        zh: "下面是镜像的只读层，最上面是一个接收所有写入的空层。")
    case .mountPrepare:
      StepInfo(
        .rootfs, "mount_setattr(2)",
        en: """
          The source of a bind mount is copied with the host's rights, attached nowhere yet; with \
          id maps its files will appear to belong to other users.
          """,
        zh: """
          以主机的权限复制绑定挂载的来源，暂时不挂到任何地方；\
          若有 ID 映射，其中的文件看起来就属于别的用户。
          """)
    case .mountAttach:
      StepInfo(
        .rootfs, "mount(2)",
        en: "A filesystem becomes visible at a place beneath the container's root.",
        zh: "一个文件系统出现在容器根目录下的某个位置。")
    case .mountBind:
      StepInfo(
        .rootfs, "mount(2)",
        en: """
          A directory or file of the host becomes visible at a second place, inside; what \
          restricts it (read-only, nosuid, …) is set before anybody can see it there.
          """,
        zh: """
          主机上的目录或文件在容器内的另一个位置也能看到；\
          对它的限制（只读、nosuid 等）在别人看到它之前就已设好。
          """)
    case .mountRestrict:
      StepInfo(
        .rootfs, "mount(2)",
        en: "A mount that is there already gets restrictions (read-only, nosuid, …).",
        zh: "给已有的挂载加上限制（只读、nosuid 等）。")
    case .mountSpread:
      StepInfo(
        .rootfs, "mount_namespaces(7)",
        en: "Says whether mounts made here later are seen by others, and the other way round.",
        zh: "决定此处今后的挂载别处能否看到，以及别处的挂载此处能否看到。")
    case .devNode:
      StepInfo(
        .rootfs, "mknod(2)",
        en: "A device node is a number pair with a name; the driver behind it is the host's.",
        zh: "设备节点就是带名字的一对数字，背后的驱动是主机的。")
    case .devBind:
      StepInfo(
        .rootfs, "mount(2)",
        en: """
          Where nodes may not be made (in a user namespace), the host's node is mounted \
          instead.
          """,
        zh: "在不能创建节点的地方（用户命名空间中），改为绑定挂载主机的节点。")
    case .devLink:
      StepInfo(
        .rootfs, "symlink(2)",
        en: """
          /dev/fd, /dev/stdin and their kin are links into /proc; /dev/ptmx leads to the \
          container's own terminals.
          """,
        zh: """
          /dev/fd、/dev/stdin 等是指向 /proc 的链接；\
          /dev/ptmx 指向容器自己的终端。
          """)
    case .rootfsMask:
      StepInfo(
        .rootfs, "mount(2)",
        en: "A path that would tell too much of the host is covered with something empty.",
        zh: "会泄露主机信息的路径，用空文件或空目录盖住。")
    case .rootfsReadonlyPath:
      StepInfo(
        .rootfs, "mount(2)",
        en: "A path that would let the container change the host is made read-only.",
        zh: "会让容器改动主机的路径，设为只读。")
    case .rootfsPivot:
      StepInfo(
        .rootfs, "pivot_root(2)",
        en: """
          The container's root becomes / of this mount namespace, and the host's root a mount \
          below it. Unlike chroot, nothing of the old tree stays reachable once that is gone.
          """,
        zh: """
          容器的根成为这个挂载命名空间的 /，主机的根变成它下面的一个挂载。\
          与 chroot 不同，旧的目录树一旦卸下就再也够不着。
          """)
    case .rootfsDetach:
      StepInfo(
        .rootfs, "umount(2)",
        en: "The host's root is let go: from here on no path leads out.",
        zh: "卸下主机的根：从此没有任何路径通向外面。")
    case .rootfsReadonly:
      StepInfo(
        .rootfs, "mount(2)",
        en: "The root itself is made read-only; what must be written goes to other mounts.",
        zh: "根目录本身设为只读，需要写入的内容放到别的挂载上。")
    case .sysctlWrite:
      StepInfo(
        .rootfs, "sysctl(8)",
        en: """
          Some kernel settings belong to a namespace: this changes the container's, not the \
          host's.
          """,
        zh: "有些内核参数属于命名空间：这里改的是容器的，不是主机的。")
    case .netLoUp:
      StepInfo(
        .network, "netdevice(7)",
        en: """
          A new network namespace has nothing but a loopback link, and that is down: it is \
          brought up.
          """,
        zh: "新的网络命名空间里只有一个未启用的回环接口：把它启用。")
    case .netDeviceMove: .deviceMove
    case .netDeviceUp: .deviceUp
    case .netDeviceReturn: .deviceReturn
    case .netBridgeCreate: .bridgeCreate
    case .netVethCreate: .vethCreate
    case .netVethAttach: .vethAttach
    case .netVxlanCreate: .vxlanCreate
    case .netVxlanAttach: .vxlanAttach
    case .netVethIsolate: .vethIsolate
    case .netSysctl: .netSysctl
    case .netAddressAdd: .addressAdd
    case .netLinkUp: .linkUp
    case .netRouteAdd: .routeAdd
    case .netRulesAdd: .rulesAdd
    case .netRulesRemove: .rulesRemove
    case .netVethDelete: .vethDelete
    case .netLinkDelete: .linkDelete
    case .processAffinity: .affinity
    case .processScheduler: .scheduler
    case .processIOPriority: .ioPriority
    case .processMemoryPolicy: .memoryPolicy
    case .processPersonality: .personality
    case .processLabel: .label
    case .processUmask: .umask
    case .seccompNotify: .notify
    case .hookRun:
      StepInfo(
        .exec, "runtime-spec config.md",
        en: """
          A program of whoever ordered the container gets its chance, with the container's \
          state on stdin.
          """,
        zh: "要求创建容器的一方可在此运行自己的程序，容器的状态从标准输入传入。")
    case .ttyOpen:
      StepInfo(
        .security, "pty(7)",
        en: "A terminal is a pair: the container gets one end, whoever watches holds the other.",
        zh: "伪终端是成对的：容器拿一端，观察者握着另一端。")
    case .ttyControl:
      StepInfo(
        .security, "ioctl_tty(2)",
        en: "The session gets its terminal: from now on Ctrl-C reaches it.",
        zh: "会话得到自己的控制终端：从此按 Ctrl-C 才有作用。")
    case .processSession:
      StepInfo(
        .security, "setsid(2)",
        en: "The process leads a session of its own and loses the caller's terminal.",
        zh: "进程成为新会话的首进程，并脱离调用者的终端。")
    case .keyringJoin:
      StepInfo(
        .security, "session-keyring(7)",
        en: "A fresh keyring: the caller's keys are not inherited.",
        zh: "全新的密钥环：不继承调用者的密钥。")
    case .processRlimit:
      StepInfo(
        .security, "getrlimit(2)",
        en: "A limit of the process itself, older than cgroups.",
        zh: "针对进程自身的限制，比 cgroup 出现得早。")
    case .capsBounding:
      StepInfo(
        .security, "capabilities(7)",
        en: "What is dropped from the bounding set can never be gained again, not even by root.",
        zh: "从边界集中去掉的权能，即使是 root 也拿不回来。")
    case .capsKeep:
      StepInfo(
        .security, "capabilities(7)",
        en: "Without this, changing the user id would drop every capability.",
        zh: "没有这一步，切换用户就会丢掉所有权能。")
    case .processStreams:
      StepInfo(
        .security, "chown(2)",
        en: "Whoever the program becomes must be able to open /dev/stdout and /dev/stderr anew.",
        zh: "程序变成的用户必须能重新打开 /dev/stdout 和 /dev/stderr。")
    case .processGroups:
      StepInfo(
        .security, "setgroups(2)",
        en: "The caller's groups are replaced by the container's.",
        zh: "调用者的附加组换成容器的附加组。")
    case .processGid:
      StepInfo(
        .security, "setresgid(2)",
        en: "Real, effective and saved group id alike.",
        zh: "真实、有效和保存的组 ID 一并设置。")
    case .processUid:
      StepInfo(
        .security, "setresuid(2)",
        en: "Real, effective and saved user id alike: without CAP_SETUID there is no way back.",
        zh: "真实、有效和保存的用户 ID 一并设置：没有 CAP_SETUID 就再也改不回去。")
    case .capsSet:
      StepInfo(
        .security, "capabilities(7)",
        en: "root in the container is uid 0 with only these powers.",
        zh: "容器里的 root 是只有这些权能的 uid 0。")
    case .capsAmbient:
      StepInfo(
        .security, "capabilities(7)",
        en: "Ambient capabilities survive execve(2) for users other than root.",
        zh: "环境权能在非 root 用户执行 execve(2) 之后仍然保留。")
    case .processNoNewPrivs:
      StepInfo(
        .security, "prctl(2)",
        en: "From here on no set-uid program can raise privileges.",
        zh: "从此任何 set-uid 程序都不能提升特权。")
    case .seccompLoad:
      StepInfo(
        .security, "seccomp(2)",
        en: """
          A small program in the kernel now judges every system call; it can never be taken \
          off.
          """,
        zh: "内核中的一小段程序从此审查每个系统调用，并且再也去不掉。")
    case .processDeathSignal:
      StepInfo(
        .security, "prctl(2)",
        en: "If the runtime that waits for this program dies, the program is killed too.",
        zh: "等待这个程序的运行时一旦结束，程序也随之被杀死。")
    case .processCwd:
      StepInfo(
        .exec, "chdir(2)",
        en: "The program starts in its working directory.",
        zh: "程序从它的工作目录启动。")
    case .processExec:
      StepInfo(
        .exec, "execve(2)",
        en: "The process becomes the container's program; all that was built stays around it.",
        zh: "进程变成容器的程序，之前搭好的环境都保留下来。")
    case .processKill:
      StepInfo(
        .teardown, "kill(2)",
        en: """
          A signal to the container's first process; when that one ends, the kernel ends all \
          others of its PID namespace.
          """,
        zh: "给容器的第一个进程发信号；它一结束，内核就杀死其 PID 命名空间里的其余进程。")
    case .cgroupKill: Cgroups.kill
    case .cgroupFreeze: Cgroups.freeze
    case .cgroupThaw: Cgroups.thaw
    case .systemdStart: Cgroups.systemdStart
    case .systemdSet: Cgroups.systemdSet
    case .systemdStop: Cgroups.systemdStop
    case .cgroupRemove: Cgroups.remove
    case .stateRemove:
      StepInfo(
        .teardown, "rmdir(2)",
        en: "The container's directory goes last: until then a crash can still be cleaned up.",
        zh: "最后才删除容器的目录：在此之前即使崩溃也能清理。")
    }
  }
}
