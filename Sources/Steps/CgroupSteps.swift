// The steps on cgroups, and on the scopes that systemd makes of them.

extension StepID {
  enum Cgroups {
    static var create: StepInfo {
      StepInfo(
        .cgroup, "cgroups(7)", undo: .cgroupRemove,
        en: """
          A cgroup is a directory: making it makes the group of processes that limits apply \
          to.
          """,
        zh: "cgroup 就是一个目录：建目录就是建立一个可以设限的进程组。")
    }
    static var delegate: StepInfo {
      StepInfo(
        .cgroup, "cgroups(7)",
        en: "On cgroup v2 a parent must hand a controller down before its children can use it.",
        zh: "在 cgroup v2 中，父组必须先把控制器下放，子组才能使用它。")
    }
    static var inherit: StepInfo {
      StepInfo(
        .cgroup, "cpuset(7)",
        en: """
          A new v1 cpuset is empty, and no process may enter it until it has CPUs and memory \
          nodes.
          """,
        zh: "v1 的新 cpuset 是空的，没有 CPU 和内存节点之前任何进程都进不去。")
    }
    static var limit: StepInfo {
      StepInfo(
        .cgroup, "cgroups(7)",
        en: "A limit is a number written into a file; the kernel enforces it from that moment.",
        zh: "限制就是写进文件的一个数字，从写入那一刻起由内核执行。")
    }
    static var devices: StepInfo {
      StepInfo(
        .cgroup, "cgroups(7)",
        en: """
          Which device nodes may be made and opened is a rule of the cgroup; the file's \
          permissions alone do not suffice.
          """,
        zh: "能创建和打开哪些设备节点由 cgroup 的规则决定，光有文件权限还不够。")
    }
    static var join: StepInfo {
      StepInfo(
        .cgroup, "cgroups(7)",
        en: """
          The container's first process is moved into the cgroup; all its children will be \
          born there.
          """,
        zh: "容器的第一个进程被移入 cgroup，它的所有子进程都会在其中出生。")
    }
    static var kill: StepInfo {
      StepInfo(
        .teardown, "cgroups(7)",
        en: "One write kills every process of a v2 cgroup; none can fork its way out.",
        zh: "一次写入就杀死 v2 cgroup 里的所有进程，靠 fork 也逃不掉。")
    }
    static var freeze: StepInfo {
      StepInfo(
        .cgroup, "cgroups(7)", undo: .cgroupThaw,
        en: "Every process of the cgroup stops where it is and keeps all it has.",
        zh: "cgroup 里的每个进程都停在原处，占有的东西一样不少。")
    }
    static var thaw: StepInfo {
      StepInfo(
        .teardown, "cgroups(7)",
        en: "The frozen processes go on as if nothing had happened.",
        zh: "被冻结的进程继续运行，好像什么都没发生过。")
    }
    static var remove: StepInfo {
      StepInfo(
        .teardown, "cgroups(7)",
        en: """
          An empty cgroup is removed as a directory; while a process is in it the kernel \
          refuses.
          """,
        zh: "删除空的 cgroup 就是删除目录；里面还有进程时内核会拒绝。")
    }
    static var systemdStart: StepInfo {
      StepInfo(
        .cgroup, "systemd.scope(5)", undo: .systemdStop,
        en: "systemd is asked to make a cgroup around the process, and to answer when it is there.",
        zh: "请 systemd 为这个进程建立 cgroup，建好后由它答复。")
    }
    static var systemdSet: StepInfo {
      StepInfo(
        .cgroup, "systemd.resource-control(5)",
        en: "systemd hears of new limits, or it would put the old ones back when it reloads.",
        zh: "把新的限制告诉 systemd，否则它重新加载时会恢复旧的限制。")
    }
    static var systemdStop: StepInfo {
      StepInfo(
        .teardown, "systemd.scope(5)",
        en: "systemd ends the scope and removes those of its cgroups that it made.",
        zh: "systemd 结束这个 scope，并删除由它建立的 cgroup。")
    }
  }
}
