internal import LabKit

/// What lab 13 says.
enum Texts {
  static let title = Text(
    "15d4be", en: "CPU shares: a weight, not a cap", zh: "CPU shares：是权重，不是上限")
  static let story = Text(
    "fae0e0",
    en: """
      Two containers, each with one process that wants a whole CPU. One has --cpu-shares 1024, \
      the other 512. First both are put on one CPU, then each gets a CPU of its own.
      """,
    zh: """
      两个容器，各有一个想占满整个 CPU 的进程。一个设 --cpu-shares 1024，另一个设 512。\
      先把两者放在同一个 CPU 上，再让它们各占一个 CPU。
      """)
  static let belief = Text(
    "7c3b99", en: "\"--cpu-shares 512 limits a container to half a CPU.\"",
    zh: "“--cpu-shares 512 就是把容器限制在半个 CPU 以内。”")

  static let splitQuestion = Text(
    "d51dfd", en: "Both want one CPU, with shares 1024 and 512. How is its time divided?",
    zh: "两者都要用同一个 CPU，shares 分别为 1024 和 512。它的时间怎样分配？")
  static let splitEqual = Text(
    "942984", en: "Equally: the scheduler is fair to processes.", zh: "平分：调度器对进程是公平的。")
  static let splitEqualWhy = Text(
    "0437c7",
    en: """
      The scheduler is fair first between cgroups, by their weights, and only then between the \
      processes within one. The kernel holds {wa} and {wb}, that is {ratio}.
      """,
    zh: """
      调度器先按权重在 cgroup 之间分配，然后才在每个 cgroup 内部的进程之间分配。\
      内核里的权重是 {wa} 和 {wb}，也就是 {ratio}。
      """)
  static let splitWeights = Text(
    "f89b8f", en: "In proportion to the weights the kernel holds.", zh: "按内核中记录的权重成比例分配。")
  static let splitWeightsWhy = Text(
    "f7496d",
    en: """
      The kernel holds {wa} and {wb}: {wa} / ({wa} + {wb}) is {expected}, and {measured} was \
      measured. On cgroup v1 the shares are the weights. On v2 the runtime translates: today \
      1024 and 512 become {todayA} and {todayB} ({today}); older runtimes used a straight line, \
      {linearA} and {linearB} ({linear}).
      """,
    zh: """
      内核里的权重是 {wa} 和 {wb}：{wa} / ({wa} + {wb}) 为 {expected}，实测 {measured}。\
      在 cgroup v1 上 shares 就是权重。在 v2 上由运行时换算：现在 1024 和 512 换算成 {todayA} \
      和 {todayB}（{today}）；旧版运行时用线性公式，得到 {linearA} 和 {linearB}（{linear}）。
      """)
  static let splitAll = Text(
    "c5d255", en: "The 1024 one takes nearly all, the 512 one what is left.",
    zh: "1024 的几乎全占，512 的只能捡剩下的。")
  static let splitAllWhy = Text(
    "efe651",
    en: """
      A weight is no priority: nobody starves. In every stretch of time each gets its part, \
      here {ratio}.
      """,
    zh: "权重不是优先级，谁也不会饿死。在每一小段时间里双方都得到自己的一份，这里是 {ratio}。")

  static let capQuestion = Text(
    "ccaead",
    en: "Now each has a CPU of its own that nobody else wants. What does the 512 one get?",
    zh: "现在两者各有一个无人争用的 CPU。512 的那个能得到多少？")
  static let capHalf = Text(
    "889225", en: "Half of its CPU: 512 of 1024.", zh: "它那个 CPU 的一半：512/1024。")
  static let capHalfWhy = Text(
    "fe7e2b",
    en: """
      That would be a cap, and shares are none: they only say how to divide what several want. \
      Here nobody else wanted the CPU, and it got {alone}. A cap is --cpus (lab 14).
      """,
    zh: """
      那就成了上限，而 shares 不是上限：它只规定多方争用时怎么分。\
      这里没有别人要用这个 CPU，它得到了 {alone}。要设上限，用 --cpus（实验 14）。
      """)
  static let capWhole = Text("219785", en: "The whole CPU.", zh: "整个 CPU。")
  static let capWholeWhy = Text(
    "2f7535",
    en: """
      It got {alone} of its CPU. Weights divide only what is contended; a CPU that would be idle \
      is given away whole.
      """,
    zh: """
      它得到了自己那个 CPU 的 {alone}。权重只分配被争用的时间；\
      否则就会闲着的 CPU 可以整个拿去用。
      """)
  static let capThird = Text(
    "86349c",
    en: "Its part of the shared CPU, as before.",
    zh: "与共用一个 CPU 时的份额相同。")
  static let capThirdWhy = Text(
    "d7e3da",
    en: """
      That was its part while two wanted the same CPU, divided {ratio}. Each CPU has its own run \
      queue, and on its own one it has no competitor: it got {alone}.
      """,
    zh: """
      那是两方争用同一个 CPU（按 {ratio} 分配）时它的份额。每个 CPU 有自己的运行队列，\
      在它独占的 CPU 上没有竞争者：它得到了 {alone}。
      """)

  static let sayContended = Text(
    "3490a8", en: "Two containers on CPU {cpu}; each wants all of it.",
    zh: "两个容器都放在 CPU {cpu} 上，都想独占它。")
  static let sayWatch = Text(
    "2d46cf", en: "We let them run and count their CPU time for {seconds} seconds.",
    zh: "让它们运行，统计 {seconds} 秒内各自的 CPU 时间。")
  static let sayAlone = Text(
    "c9b11b", en: "The same two, each on a CPU of its own: {first} and {second}.",
    zh: "同样两个容器，各占一个 CPU：{first} 和 {second}。")
  static let weight = Text("bcc8ca", en: "the weight the kernel holds", zh: "内核中记录的权重")
  static let usage = Text(
    "b775f7", en: "CPU time used, in nanoseconds (cpuacct.usage) or microseconds (cpu.stat)",
    zh: "已用 CPU 时间，cpuacct.usage 为纳秒，cpu.stat 为微秒")
  static let findWeights = Text(
    "643909", en: "the weights written for 1024 and 512", zh: "为 1024 和 512 写入的权重")
  static let wrongWeights = Text(
    "9a6a83", en: "the kernel holds other weights than were asked for", zh: "内核中的权重与所要求的不同")
  static let findSplit = Text(
    "c0397e", en: "the 1024 container's part of the CPU both want", zh: "争用时 1024 的容器所占份额")
  static let findCap = Text(
    "e5f3c3", en: "what the 512 container gets of a CPU of its own", zh: "独占 CPU 时 512 的容器所得")
  static let findHalves = Text(
    "34f202", en: "the 1024 container's part when each has its own CPU",
    zh: "各占一个 CPU 时 1024 的容器所占份额")
  static let titleContended = Text("75ffea", en: "Both want one CPU", zh: "两者争用一个 CPU")
  static let titleAlone = Text("07ce2a", en: "A CPU for each", zh: "各占一个 CPU")

  static let exerciseTask = Text(
    "614553",
    en: """
      Write weights.sh, which divides a CPU that two containers want.
      It is called as: weights.sh GROUP_A GROUP_B PERCENT, with the directories of both cgroups. \
      A should get PERCENT of the CPU, B the rest, but only under contention: no cap. It should \
      work on cgroup v1 and v2.
      """,
    zh: """
      编写 weights.sh，为两个争用 CPU 的容器分配时间。
      调用方式：weights.sh GROUP_A GROUP_B PERCENT，前两个参数是两者的 cgroup 目录。\
      A 应得到 PERCENT% 的 CPU，其余归 B，但只在争用时如此：不得设上限。\
      应同时适用于 cgroup v1 和 v2。
      """)
  static let exerciseHint1 = Text(
    "8fe596", en: "Look into one of the directories: which file holds a weight?",
    zh: "看看目录里有什么：哪个文件记录权重？")
  static let exerciseHint2 = Text(
    "3e2350",
    en: "cpu.shares on v1, cpu.weight on v2. Only the ratio of the two numbers counts.",
    zh: "v1 上是 cpu.shares，v2 上是 cpu.weight。起作用的只是两个数之比。")
  static let exerciseHint3 = Text(
    "524450",
    en: """
      Write PERCENT × 10 for A and (100 − PERCENT) × 10 for B: \
      echo $((percent * 10)) > "$a/cpu.shares", and cpu.weight where that file exists.
      """,
    zh: """
      给 A 写 PERCENT × 10，给 B 写 (100 − PERCENT) × 10：\
      echo $((percent * 10)) > "$a/cpu.shares"；若存在 cpu.weight 则写它。
      """)
  static let hintQuota = Text(
    "a4997e", en: "You set a quota. It holds the container back even when the CPU is free: lab 14.",
    zh: "你设置的是配额。即使 CPU 空闲，它也会限制容器：那是实验 14 的内容。")
  static let hintSwapped = Text(
    "bc0313",
    en: "A got what B should have: look at which number goes into which group.",
    zh: "A 和 B 弄反了：看看哪个数写进了哪个组。")
  static let hintRatio = Text(
    "d17231",
    en: """
      A gets A / (A + B) of the CPU. Write both weights and compare this with what was asked \
      for.
      """,
    zh: "A 得到 CPU 的 A / (A + B)。两个权重都要写，再把这个值与要求的比较。")
  static let findRatio = Text(
    "3fcd00", en: "A / (A + B) of the weights for {percent} %", zh: "要求 {percent}% 时权重的 A / (A + B)"
  )
  static let findNoQuota = Text("7734f2", en: "no quota is set", zh: "没有设置配额")
  static let quotaSet = Text(
    "a526ee", en: "a quota is set: that is a cap", zh: "设置了配额：那是上限")
  static let findReal = Text(
    "a67559", en: "A's part of the CPU, measured", zh: "实测 A 所占的 CPU 份额")

  static let brokenTask = Text(
    "ddca79",
    en: """
      half.sh should give container B half the weight of container A. It is called as: half.sh \
      GROUP_A GROUP_B, with the directories of both cgroups. It ends without an error, yet the \
      CPU is still shared 50:50. Repair it.
      """,
    zh: """
      half.sh 应让容器 B 的权重是容器 A 的一半。调用方式：half.sh GROUP_A GROUP_B，\
      参数是两者的 cgroup 目录。它执行时没有报错，可 CPU 仍然是 50:50 平分。请修复。
      """)
  static let brokenHint1 = Text(
    "6e8c79", en: "A weight is compared with whom? Draw the tree of cgroups after the script ran.",
    zh: "权重是和谁比较的？画出脚本执行后的 cgroup 树。")
  static let brokenHint2 = Text(
    "f57f6e",
    en: """
      Weights divide between siblings. GROUP_A and GROUP_B are siblings; a group inside GROUP_B \
      is not GROUP_A's sibling. (On v2 it has no cpu.weight at all: subtree_control is missing.)
      """,
    zh: """
      权重只在兄弟之间起作用。GROUP_A 与 GROUP_B 是兄弟；GROUP_B 里面的组不是 GROUP_A 的兄弟。\
      （在 v2 上它甚至没有 cpu.weight：缺少 subtree_control。）
      """)
  static let brokenHint3 = Text(
    "2077da",
    en: "Remove the inner group from the script and write the weight into \"$b/$file\" itself.",
    zh: "从脚本中去掉内层的组，把权重直接写进 \"$b/$file\"。")
  static let hintNested = Text(
    "a7b285",
    en: """
      B's processes sit one group too deep: the weight of that group only counts against its \
      siblings there, and it has none.
      """,
    zh: "B 的进程在更深一层的组里：这个组的权重只与同层的兄弟比较，而它没有兄弟。")
  static let findHalf = Text(
    "9fc0a3", en: "A / (A + B) of the weights that compete", zh: "相互竞争的两个权重的 A / (A + B)")
  static let findInside = Text(
    "35ab5d", en: "B's processes are in B's own cgroup", zh: "B 的进程就在 B 自己的 cgroup 里")
  static let nested = Text(
    "285197", en: "they are one level deeper, where the weight has nobody to compete with",
    zh: "它们在更深一层，那里的权重没有竞争对象")
}
