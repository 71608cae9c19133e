// What the steps mean that give a process its attributes, its devices and its agent; the ids are in
// Catalog.swift.

extension StepInfo {
  static let affinity = StepInfo(
    .security, "sched_setaffinity(2)",
    en: "On which CPUs the process may run, within those of its cgroup.",
    zh: "进程可以在哪些 CPU 上运行，不超出其 cgroup 的范围。")

  static let scheduler = StepInfo(
    .security, "sched_setattr(2)",
    en: """
      The scheduling class and what belongs to it: niceness for ordinary processes, a priority \
      for real-time ones, a budget for those with deadlines.
      """,
    zh: "调度类及其参数：普通进程用 nice 值，实时进程用优先级，截止期进程用时间预算。")

  static let ioPriority = StepInfo(
    .security, "ioprio_set(2)",
    en: "How early its requests reach the disk, where the I/O scheduler honours priorities.",
    zh: "在支持优先级的 I/O 调度器下，它的磁盘请求有多优先。")

  static let personality = StepInfo(
    .security, "personality(2)",
    en: "The program sees the machine as a 32-bit one: uname(2) answers so.",
    zh: "程序看到的是一台 32 位机器：uname(2) 会这样回答。")

  static let memoryPolicy = StepInfo(
    .security, "set_mempolicy(2)",
    en: "From which memory nodes its pages are taken.",
    zh: "它的内存页从哪些内存节点分配。")

  static let label = StepInfo(
    .security, "proc_pid_attr(5)",
    en: "The security module is told which profile the next execve(2) of this process gets.",
    zh: "告诉安全模块，这个进程下一次 execve(2) 时换上哪个配置。")

  static let umask = StepInfo(
    .security, "umask(2)",
    en: "The permissions that new files of the program do not get.",
    zh: "程序新建的文件不会得到的那些权限。")

  static let notify = StepInfo(
    .security, "seccomp_unotify(2)",
    en: """
      The agent that answers for some system calls gets the descriptor on which the kernel asks \
      it.
      """,
    zh: "由代理进程来答复某些系统调用：把内核向它提问用的描述符交给它。")

  static let deviceMove = StepInfo(
    .network, "rtnetlink(7)", undo: .netDeviceReturn,
    en: """
      A link of the host goes into the container's network namespace, and is gone from the \
      host's.
      """,
    zh: "把主机的一个网络接口移入容器的网络命名空间，主机上就看不到它了。")

  static let deviceUp = StepInfo(
    .network, "rtnetlink(7)",
    en: "On its way the link lost its addresses and went down: both are put right inside.",
    zh: "接口在移动途中丢了地址、也被停用：在容器里把两者恢复。")

  static let deviceReturn = StepInfo(
    .teardown, "rtnetlink(7)",
    en: "The container could not be made: its link goes back to the host, under its old name.",
    zh: "容器没能建成：网络接口以原来的名字回到主机。")
}
