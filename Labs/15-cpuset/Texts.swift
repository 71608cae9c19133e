internal import LabKit

/// What lab 15 says.
enum Texts {
  static let title = Text(
    "a45cfd", en: "cpuset: which CPUs, not how much", zh: "cpuset：限定用哪些 CPU，而非用多少")
  static let story = Text(
    "0a40cc",
    en: """
      A container may only use one CPU and runs two processes that each want a whole one. We \
      count what it uses of every CPU, and read /proc/cpuinfo inside.
      """,
    zh: """
      一个容器只允许使用一个 CPU，却运行两个各想占满一个 CPU 的进程。\
      我们统计它在每个 CPU 上的用量，并在容器里读 /proc/cpuinfo。
      """)
  static let belief = Text(
    "e6baaa", en: "\"/proc/cpuinfo shows the CPUs my container has.\"",
    zh: "“/proc/cpuinfo 显示的就是我的容器拥有的 CPU。”")

  static let whereQuestion = Text(
    "6d5ec1",
    en: "Two processes that never pause run with --cpuset-cpus 0. Which CPUs do they use?",
    zh: "两个从不停歇的进程以 --cpuset-cpus 0 运行。它们会用到哪些 CPU？")
  static let whereBoth = Text("9cdbd5", en: "Two: one process each.", zh: "两个：每个进程一个。")
  static let whereBothWhy = Text(
    "0156fa",
    en: """
      The scheduler may only put them where the cpuset allows: CPU {cpu}. Of all the time they \
      used, {outside} was on other CPUs.
      """,
    zh: "调度器只能把它们放在 cpuset 允许的地方：CPU {cpu}。它们所用的全部时间中，在其他 CPU 上的占 {outside}。")
  static let whereOne = Text(
    "2998ee", en: "Only CPU 0; each gets about half of it.", zh: "只用 CPU 0，每个进程约得一半。")
  static let whereOneWhy = Text(
    "2c258b",
    en: """
      Cpus_allowed_list is {allowed} for each of the processes, and {outside} of their time was \
      on other CPUs, however idle those were. Together they got {total} of one CPU.
      """,
    zh: """
      每个进程的 Cpus_allowed_list 都是 {allowed}，在其他 CPU 上的时间占 {outside}，\
      不管那些 CPU 多么空闲。两者合起来得到一个 CPU 的 {total}。
      """)
  static let whereOverflow = Text(
    "6e9728", en: "CPU 0, and another one when 0 is full.", zh: "先用 CPU 0，满了再用别的。")
  static let whereOverflowWhy = Text(
    "c0e707",
    en: """
      A cpuset is no preference. Nothing spills over: {outside} of the time was spent on other \
      CPUs, and the two processes shared CPU {cpu}.
      """,
    zh: """
      cpuset 是硬性限定，不是偏好，满了也不会溢出：在其他 CPU 上的时间占 {outside}，\
      两个进程分享 CPU {cpu}。
      """)

  static let infoQuestion = Text(
    "2ae711", en: "How many processors does /proc/cpuinfo list inside that container?",
    zh: "在这个容器里，/proc/cpuinfo 列出几个处理器？")
  static let infoOne = Text("aa31d7", en: "One, the CPU it may use.", zh: "一个：它可以用的那个。")
  static let infoOneWhy = Text(
    "1c19d4",
    en: """
      /proc/cpuinfo describes the machine and knows no cgroup: {inside} processors. What counts \
      is sched_getaffinity(2), which `nproc` asks: {nproc}.
      """,
    zh: """
      /proc/cpuinfo 描述的是整台机器，不认识 cgroup：{inside} 个处理器。\
      真正作数的是 sched_getaffinity(2)，`nproc` 问的就是它：{nproc}。
      """)
  static let infoAll = Text("e2b2ea", en: "All that the host has.", zh: "主机的全部处理器。")
  static let infoAllWhy = Text(
    "690c10",
    en: """
      {inside} processors, as on the host. A program that starts a thread for each of them \
      starts too many; `nproc` inside says {nproc}, as it asks sched_getaffinity(2).
      """,
    zh: """
      {inside} 个，与主机相同。程序若按这个数开线程，就开多了；容器里的 `nproc` 给出 {nproc}，\
      因为它问的是 sched_getaffinity(2)。
      """)
  static let infoNone = Text("382af4", en: "None: the file is hidden.", zh: "一个也没有：该文件被隐藏了。")
  static let infoNoneWhy = Text(
    "6f2192",
    en: """
      Only a few files of /proc are masked, and this is not one of them: {inside} processors \
      are listed, all that the host has.
      """,
    zh: "/proc 里只有少数文件被遮住，它不在其中：列出了 {inside} 个处理器，即主机的全部。")

  static let sayStart = Text(
    "e1ef97",
    en: "Two hogs, and CPU {cpu} alone for them.",
    zh: "两个想占满 CPU 的进程，只许用 CPU {cpu}。")
  static let sayInside = Text(
    "28a58e", en: "And what a program inside is told:", zh: "再看容器里的程序得到的信息：")
  static let allowed = Text("141f85", en: "the CPUs it may run on", zh: "允许它运行的 CPU")
  static let set = Text("9d43a1", en: "the CPUs of the cgroup", zh: "该 cgroup 的 CPU")
  static let perCPU = Text(
    "c908b6", en: "CPU time the container used, by CPU, in ns", zh: "容器在各 CPU 上用去的时间（ns）")
  static let total = Text("ae8acf", en: "CPU time the container used", zh: "容器用去的 CPU 时间")
  static let stat = Text(
    "c02c5c", en: "ticks of every CPU: user, nice, system, idle, …",
    zh: "各 CPU 的时钟滴答：user、nice、system、idle……")
  static let inside = Text(
    "056bcf", en: "read by a program inside the container", zh: "由容器内的程序读取")
  static let findOnly = Text(
    "659d0a", en: "part of its time that was spent on other CPUs", zh: "在其他 CPU 上用去的时间所占比例")
  static let findAllowed = Text(
    "7086b5", en: "Cpus_allowed_list of every process in it", zh: "其中每个进程的 Cpus_allowed_list")
  static let findTotal = Text(
    "40d9fb", en: "CPU that both processes use together", zh: "两个进程合计所用的 CPU")
  static let findInfo = Text(
    "287769", en: "processors in /proc/cpuinfo inside the container",
    zh: "容器内 /proc/cpuinfo 列出的处理器数")
  static let otherAllowed = Text("f11eed", en: "some may run elsewhere", zh: "有进程可以在别处运行")
  static let otherInfo = Text("4ea1a4", en: "it differs from the host's", zh: "与主机不同")
  static let title1 = Text("180b13", en: "Two hogs on one CPU", zh: "一个 CPU 上的两个进程")

  static let exerciseTask = Text(
    "a394b5",
    en: """
      Write cpus.sh, which prints on how many CPUs a process may run.
      It is called as: cpus.sh PID (a PID of the host), and prints one number. \
      The process is in a container; some containers have a cpuset, some have none.
      """,
    zh: """
      编写 cpus.sh，打印一个进程可以在多少个 CPU 上运行。
      调用方式：cpus.sh PID（主机上的 PID），打印一个数。\
      该进程在容器里；有的容器设了 cpuset，有的没有。
      """)
  static let exerciseHint1 = Text(
    "f28bbb",
    en: "The kernel tells it for each process. Which file of /proc/PID?",
    zh: "内核为每个进程都给出了这个信息。在 /proc/PID 的哪个文件里？")
  static let exerciseHint2 = Text(
    "279fb6",
    en: "Cpus_allowed_list in /proc/PID/status is a list such as 0-2,5: ranges and commas.",
    zh: "/proc/PID/status 的 Cpus_allowed_list 是 0-2,5 这样的列表：有区间，也有逗号。")
  static let exerciseHint3 = Text(
    "1f18d1",
    en: """
      Split at commas; a part a-b counts b − a + 1, any other 1. awk -F'[ \\t,]+' splits; \
      split($i, ends, "-") takes a part apart.
      """,
    zh: """
      按逗号拆开；形如 a-b 的部分计 b − a + 1，其余计 1。\
      awk -F'[ \\t,]+' 可拆分，split($i, ends, "-") 可拆开一个区间。
      """)
  static let hintInfo = Text(
    "4fffbe",
    en: "That is the number of the host's CPUs. cpuinfo and nproc do not ask about that process.",
    zh: "那是主机的 CPU 数。cpuinfo 和 nproc 问的都不是那个进程。")
  static let hintRanges = Text(
    "482e5a", en: "You count the parts of the list; 0-1 is one part and two CPUs.",
    zh: "你数的是列表有几段；0-1 是一段，却是两个 CPU。")
  static let findCount = Text(
    "940dc8", en: "CPUs for Cpus_allowed_list {list}", zh: "Cpus_allowed_list 为 {list} 时的 CPU 数")
  static let wrongCount = Text("37956b", en: "that is not the number", zh: "数目不对")
  static let isHost = Text("ccecf5", en: "that is what the host has", zh: "那是主机的数目")
  static let isParts = Text("b5cdf3", en: "that is the number of parts in the list", zh: "那是列表的段数")

  static let brokenTask = Text(
    "66ad4e",
    en: """
      pin.sh should make a new cgroup, give it one CPU and move a process there. It is called \
      as: pin.sh GROUP PID CPU; GROUP does not exist yet, its parent does. It ends with "No \
      space left on device" (v1) or "Permission denied" (v2), though the disk is not full and \
      you are root. Repair it.
      """,
    zh: """
      pin.sh 应新建一个 cgroup，给它一个 CPU，并把进程移进去。调用方式：pin.sh GROUP PID CPU；\
      GROUP 尚不存在，其父目录存在。它报错“No space left on device”（v1）或“Permission denied”\
      （v2），可磁盘并没有满，你也是 root。请修复。
      """)
  static let brokenHint1 = Text(
    "e6897d",
    en: """
      Look at the cpuset files of the new group, right after mkdir. Which are empty, or missing?
      """,
    zh: "mkdir 之后立刻看看新组里的 cpuset 文件：哪些是空的，或者根本没有？")
  static let brokenHint2 = Text(
    "7e77fe",
    en: """
      v1: a process also needs memory nodes, and cpuset.mems of a new group is empty. v2: a file \
      that is not there cannot be created either; the parent's cgroup.subtree_control must hand \
      the controller down.
      """,
    zh: """
      v1：进程还需要内存节点，而新组的 cpuset.mems 是空的。v2：文件不存在，也不能自己创建；\
      必须由父目录的 cgroup.subtree_control 把控制器交给下级。
      """)
  static let brokenHint3 = Text(
    "a9957a",
    en: """
      Before moving the process: cat "$parent/cpuset.mems" > "$group/cpuset.mems" on v1; \
      echo +cpuset > "$parent/cgroup.subtree_control" before the rest on v2.
      """,
    zh: """
      移动进程之前：v1 上 cat "$parent/cpuset.mems" > "$group/cpuset.mems"；\
      v2 上先执行 echo +cpuset > "$parent/cgroup.subtree_control"。
      """)
  static let hintAttach = Text(
    "f05e38",
    en: """
      The process was refused: the group lacks something, but neither disk space nor your \
      permission.
      """,
    zh: "进程被拒之门外：这个组缺了东西，但缺的不是磁盘空间，也不是你的权限。")
  static let hintOutside = Text(
    "05de06",
    en: "Pinning the process alone is not enough: the group must exist, and the process be in it.",
    zh: "只限定这个进程还不够：组必须建立起来，进程也必须在组里。")
  static let findGroup = Text(
    "882ee1", en: "the process is in the new cgroup", zh: "进程在新的 cgroup 里")
  static let findPinned = Text("141f85", en: "the CPUs it may run on", zh: "允许它运行的 CPU")
  static let refused = Text(
    "84d7d4", en: "it is not: {complaint}", zh: "不在：{complaint}")
  static let outside = Text("6b65e2", en: "it is still in its old cgroup", zh: "它仍在原来的 cgroup 里")
  static let wrongCPUs = Text("d03dc0", en: "these are not the CPUs asked for", zh: "不是所要求的 CPU")
}
