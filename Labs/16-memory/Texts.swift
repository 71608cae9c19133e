internal import LabKit

/// What lab 16 says.
enum Texts {
  static let title = Text("365e9a", en: "Memory: reserved is not used", zh: "内存：预留不等于使用")
  static let story = Text(
    "3a58ee",
    en: """
      Under a limit of 64 MiB the same program asks for 150 MiB twice: once it writes to all of \
      it, once it only reserves it.
      """,
    zh: "在 64 MiB 的限制下，同一个程序两次申请 150 MiB 内存：一次全部写入，一次只预留。")
  static let belief = Text(
    "ef4401", en: "\"Beyond the limit malloc fails, and `free` shows my limit.\"",
    zh: "“超过限制时 malloc 会失败，而 `free` 显示的就是我的限制。”")

  static let touchedQuestion = Text(
    "50d6ac", en: "A program asks for 150 MiB under -m 64m and writes to every page. What happens?",
    zh: "程序在 -m 64m 下申请 150 MiB，并写入每一页。会发生什么？")
  static let touchedNull = Text(
    "8caac4", en: "It gets an error from malloc and can react.", zh: "malloc 返回错误，程序可以自行处理。")
  static let touchedNullWhy = Text(
    "0b95c2",
    en: """
      malloc only reserves addresses, and the limit does not count those. It counts pages when \
      they are first written, and then there is nobody left to give an error to: SIGKILL, exit \
      code {code}.
      """,
    zh: """
      malloc 只预留地址，而限制并不计算地址，只在页面首次写入时才计数；\
      那时已经没有谁可以接收错误了，只能 SIGKILL，退出码 {code}。
      """)
  static let touchedKill = Text(
    "549e2e", en: "It is killed with SIGKILL: exit code 137.", zh: "被 SIGKILL 杀死：退出码 137。")
  static let touchedKillWhy = Text(
    "fd5b31",
    en: """
      At {peak} the next page could not be charged, nothing could be reclaimed, and the kernel \
      killed the largest process of the cgroup: oom_kill {kills}, exit code {code} = 128 + 9.
      """,
    zh: """
      用到 {peak} 时，下一页已无法计入，也没有可回收的内存，于是内核杀死了该 cgroup 中最大的进程：\
      oom_kill {kills}，退出码 {code} = 128 + 9。
      """)
  static let touchedSlow = Text(
    "27bbd5",
    en: "It gets slow, because it swaps, but it ends well.",
    zh: "因为使用交换空间而变慢，但最终正常结束。")
  static let touchedSlowWhy = Text(
    "eae5c9",
    en: """
      It might, were swap open. With the memory limit the runtime closed swap too: {swap} of it \
      may be used. So nothing can be moved out of the way, and the process is killed: {code}.
      """,
    zh: """
      若能用交换空间，倒有可能。但运行时在限制内存的同时也关闭了交换空间：可用 {swap}。\
      没有内存可以腾出来，进程就被杀死：{code}。
      """)

  static let reservedQuestion = Text(
    "0ca0e6", en: "The same program, the same 150 MiB, but it never writes to them. And now?",
    zh: "同一个程序，同样的 150 MiB，但从不写入。结果呢？")
  static let reservedKilled = Text(
    "e5ffbc", en: "Killed as well: 150 is more than 64.", zh: "同样被杀：150 大于 64。")
  static let reservedKilledWhy = Text(
    "9e0591",
    en: """
      VmSize was {size}, far above the limit, and nothing happened: exit code {exit}. Only what \
      is resident is charged, VmRSS was {rss}.
      """,
    zh: """
      VmSize 达到 {size}，远超限制，却什么也没发生：退出码 {exit}。只有驻留的内存才计入，\
      VmRSS 是 {rss}。
      """)
  static let reservedFine = Text("776b73", en: "Nothing: it ends with 0.", zh: "什么也不会发生：以 0 结束。")
  static let reservedFineWhy = Text(
    "094d5a",
    en: """
      Reserving makes an entry in the list of mappings, no page: VmSize {size}, VmRSS {rss}. \
      Memory is given, and charged, one page at a time when it is first written. Exit code \
      {exit}.
      """,
    zh: """
      预留只是记下一段地址映射，不分配任何页面：VmSize {size}，VmRSS {rss}。首次写入时，\
      内核才逐页给出内存并计入。退出码 {exit}。
      """)
  static let reservedRefused = Text(
    "5364ce", en: "The reservation is refused: malloc returns NULL.", zh: "预留被拒绝：malloc 返回 NULL。")
  static let reservedRefusedWhy = Text(
    "8eea9e",
    en: """
      A cgroup limit knows nothing of reservations (RLIMIT_AS or vm.overcommit_memory=2 would). \
      VmSize was {size} and the program ended with {exit}.
      """,
    zh: """
      cgroup 的限制不管预留（RLIMIT_AS 或 vm.overcommit_memory=2 才管）。\
      VmSize 是 {size}，程序以 {exit} 结束。
      """)

  static let sayTouched = Text(
    "aa7f79",
    en: "150 MiB, all written: dd reads zeros into a buffer of that size.",
    zh: "150 MiB 全部写入：dd 把零读进一个同样大的缓冲区。")
  static let sayFirst = Text(
    "5c932b", en: "Again, with dd as the container's first process: its end is the container's.",
    zh: "再来一次，让 dd 作为容器的第一个进程：它结束，容器就结束。")
  static let sayReserved = Text(
    "42f9f3", en: "150 MiB, only reserved: the same dd, but nothing comes to be read.",
    zh: "150 MiB 只预留：同样的 dd，但没有数据可读。")
  static let limit = Text("c86827", en: "the limit", zh: "内存限制")
  static let swap = Text(
    "75053b",
    en: "the limit on swap (v2), or on memory and swap together (v1)",
    zh: "交换空间的限制（v2），或内存加交换空间的限制（v1）")
  static let oom = Text("0dc3e5", en: "processes killed for lack of memory", zh: "因内存不足被杀的进程数")
  static let peak = Text(
    "1eee1b", en: "the most that was ever charged, in bytes", zh: "曾经计入的最大值（字节）")
  static let status = Text(
    "06f192", en: "addresses reserved (VmSize), pages resident (VmRSS)",
    zh: "预留的地址（VmSize）与驻留的页面（VmRSS）")
  static let findSwap = Text("8efddc", en: "swap that may be used", zh: "可用的交换空间")
  static let swapOpen = Text("abdaa2", en: "swap is open", zh: "交换空间没有关闭")
  static let noSwapCount = Text(
    "a69fc8",
    en: "this kernel does not account swap",
    zh: "此内核不统计交换空间")
  static let findKills = Text("113bb4", en: "oom_kill, counted by the kernel", zh: "内核统计的 oom_kill")
  static let noKill = Text("e86b74", en: "nobody was killed", zh: "没有进程被杀")
  static let findPeak = Text("9cec52", en: "the most memory ever charged", zh: "曾经计入的最大内存")
  static let noPeak = Text(
    "d82d0a", en: "this kernel does not count the peak on cgroup v2 (Linux 5.19 and later do)",
    zh: "此内核在 cgroup v2 上不记录峰值（Linux 5.19 起才有）")
  static let findCode = Text(
    "d5b47a", en: "exit code of the container that touched", zh: "写入内存的容器的退出码")
  static let otherCode = Text("473ff3", en: "it did not end by SIGKILL", zh: "它不是因 SIGKILL 结束的")
  static let findReserved = Text(
    "525506", en: "exit code of the container that only reserved", zh: "只预留的容器的退出码")
  static let reservedFailed = Text("3c04fb", en: "it did not end well", zh: "它没有正常结束")
  static let findSize = Text(
    "e044aa", en: "it had reserved more than the limit, and used less", zh: "它预留的超过限制，而使用的不到限制")
  static let notReserved = Text("c064bd", en: "the reservation was not seen", zh: "没有观察到这笔预留")
  static let timeline = Text("508533", en: "150 MiB written under -m 64m", zh: "-m 64m 下写入 150 MiB")

  static let exerciseTask = Text(
    "119357",
    en: """
      Write limit.sh, which prints the memory limit that holds for a process.
      It is called as: limit.sh PID (a PID of the host), and prints the number of bytes, or max \
      when there is no limit. A limit may stand on any cgroup between the process and the root, \
      and the smallest one holds.
      """,
    zh: """
      编写 limit.sh，打印对某个进程生效的内存限制。
      调用方式：limit.sh PID（主机上的 PID），打印字节数；没有限制时打印 max。\
      限制可能设在从进程到根之间的任何一级 cgroup 上，最小的那个生效。
      """)
  static let exerciseHint1 = Text(
    "c3d58b", en: "/proc/PID/cgroup names the cgroup; its files are under /sys/fs/cgroup.",
    zh: "/proc/PID/cgroup 给出 cgroup 的名字；它的文件在 /sys/fs/cgroup 之下。")
  static let exerciseHint2 = Text(
    "2baa46",
    en: """
      v1: the line with :memory:, and memory.limit_in_bytes. v2: the line with 0::, and \
      memory.max. v1 says "no limit" with a huge number.
      """,
    zh: """
      v1：含 :memory: 的行，以及 memory.limit_in_bytes。v2：以 0:: 开头的行，以及 memory.max。\
      v1 用一个巨大的数表示“没有限制”。
      """)
  static let exerciseHint3 = Text(
    "4e070a",
    en: """
      Loop: read the file, keep the smallest, cut the last part of the path with ${path%/*}, \
      until the path is empty. Numbers of 4611686018427387904 (2^62) and more mean max.
      """,
    zh: """
      循环：读文件，保留最小值，用 ${path%/*} 去掉路径最后一段，直到路径为空。\
      达到 4611686018427387904（2^62）的数就是 max。
      """)
  static let hintTotal = Text(
    "d7bd69",
    en: "That is the memory of the machine, as `free` shows it. The limit is the cgroup's.",
    zh: "那是整台机器的内存，也就是 `free` 显示的。限制在 cgroup 上。")
  static let hintLeaf = Text(
    "a545e4",
    en: "One process sits in a cgroup without a limit, below one that has a limit: walk upwards.",
    zh: "有个进程所在的 cgroup 没有限制，但它的上级有：要向上走。")
  static let hintHuge = Text(
    "8c846a",
    en: "That number, close to 2^63, is how v1 says that there is no limit: print max.",
    zh: "那个接近 2^63 的数是 v1 表示“没有限制”的方式：应打印 max。")
  static let findLimit = Text("a3e224", en: "the limit that holds, {kind}", zh: "生效的限制，{kind}")
  static let kindPlain = Text("92e918", en: "with -m 64m", zh: "使用 -m 64m")
  static let kindNone = Text("c5c56b", en: "without a limit", zh: "没有限制")
  static let kindNested = Text(
    "ca4f7f", en: "one cgroup deeper, with -m 96m above", zh: "再深一级，上级为 -m 96m")
  static let wrongLimit = Text("cf0592", en: "that limit does not hold", zh: "生效的不是这个值")
  static let isTotal = Text("d7e9d5", en: "that is the memory of the machine", zh: "那是整台机器的内存")
  static let isLeaf = Text("a79ee7", en: "that leaves out the cgroups above", zh: "忽略了上级 cgroup")
  static let isHuge = Text("da300d", en: "that is v1's number for no limit", zh: "那是 v1 表示“没有限制”的数")

  static let brokenTask = Text(
    "34031f",
    en: """
      cap.sh should limit the memory of a running container. It is called as: cap.sh GROUP \
      BYTES, with the directory of its memory cgroup. The limit is in force, yet on a machine \
      with swap the container goes on growing, only slowly. Repair it: the container must not \
      get more than BYTES of memory, and no swap.
      """,
    zh: """
      cap.sh 应限制一个运行中容器的内存。调用方式：cap.sh GROUP BYTES，\
      GROUP 是它的 memory cgroup 目录。限制已经生效，可在有交换空间的机器上，容器仍在增长，\
      只是慢一些。请修复：容器的内存不得超过 BYTES，也不得使用交换空间。
      """)
  static let brokenHint1 = Text(
    "04a51e",
    en: "Where can memory go when the limit is reached and swap is open?",
    zh: "达到限制时，如果还能用交换空间，内存会到哪里去？")
  static let brokenHint2 = Text(
    "7e1797",
    en: """
      v1 limits memory and swap together in memory.memsw.limit_in_bytes; v2 limits swap alone in \
      memory.swap.max.
      """,
    zh: """
      v1 用 memory.memsw.limit_in_bytes 限制内存与交换空间之和；\
      v2 用 memory.swap.max 单独限制交换空间。
      """)
  static let brokenHint3 = Text(
    "6efa58",
    en: """
      v1: write BYTES to memory.limit_in_bytes and then to memory.memsw.limit_in_bytes (it must \
      never be the smaller one). v2: write 0 to memory.swap.max.
      """,
    zh: """
      v1：先把 BYTES 写入 memory.limit_in_bytes，再写入 memory.memsw.limit_in_bytes\
      （后者任何时候都不能更小）。v2：向 memory.swap.max 写 0。
      """)
  static let hintSwap = Text(
    "2066c0",
    en: "The memory limit holds. The swap limit beside it does not.",
    zh: "内存限制已经生效，旁边的交换空间限制还没有。")
  static let hintNoLimit = Text(
    "d6db27",
    en: """
      The memory limit itself is not what was asked for. On v1 the order matters too: memory and \
      swap together may not be less than memory alone.
      """,
    zh: "内存限制本身就不对。v1 上还要注意顺序：内存与交换空间之和不能小于内存本身。")
  static let findMemory = Text("7a182a", en: "the memory limit the kernel holds", zh: "内核中的内存限制")
  static let noMemory = Text("79192f", en: "the memory limit is another one", zh: "内存限制值不对")
}
