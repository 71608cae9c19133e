internal import LabKit

/// What lab 14 says.
enum Texts {
  static let title = Text("cc6b3c", en: "CPU quota: a cap, even when idle", zh: "CPU 配额：空闲时也生效的上限")
  static let story = Text(
    "28f5b7",
    en: """
      First three processes that each want a CPU share --cpus 1.5. Then one process runs with \
      --cpus 0.5 while we count in how many periods the kernel stopped it.
      """,
    zh: """
      先让三个各想占满一个 CPU 的进程共用 --cpus 1.5。\
      再让一个进程在 --cpus 0.5 下运行，统计内核在多少个周期里停过它。
      """)
  static let belief = Text(
    "decddc", en: "\"Throttling only happens on a busy host.\"", zh: "“只有主机繁忙时才会发生限流。”")

  static let amountQuestion = Text(
    "8f1f1f",
    en: "Three processes that never pause run with --cpus 1.5. How much CPU do they use together?",
    zh: "三个从不停歇的进程在 --cpus 1.5 下运行。它们总共用多少 CPU？")
  static let amountAll = Text(
    "ba926a", en: "All there is: it is a limit for each process.", zh: "有多少用多少：限制是针对单个进程的。")
  static let amountAllWhy = Text(
    "3ff2c4",
    en: """
      The limit belongs to the cgroup, not to a process: {quota} µs of CPU time in every \
      {period} µs, for all of them together. {measured} was measured.
      """,
    zh: """
      限制属于整个 cgroup 而不是单个进程：每 {period} µs 里，\
      所有进程合计 {quota} µs 的 CPU 时间。实测为 {measured}。
      """)
  static let amountQuota = Text("9418d0", en: "150 % of a CPU.", zh: "一个 CPU 的 150%。")
  static let amountQuotaWhy = Text(
    "96db32",
    en: """
      The kernel holds a quota of {quota} µs in each period of {period} µs; their quotient is \
      {expected}, and {measured} was measured. It can only show when that much CPU is free.
      """,
    zh: """
      内核里的配额是每 {period} µs 周期 {quota} µs，相除得 {expected}，实测 {measured}。\
      只有空闲的 CPU 足够多时才看得出来。
      """)
  static let amountOne = Text(
    "0bf23d", en: "100 %: a container runs on one CPU at a time.", zh: "100%：容器同一时刻只在一个 CPU 上运行。")
  static let amountOneWhy = Text(
    "4242d8",
    en: """
      A container is a set of processes, and they run on as many CPUs at once as there are. The \
      quota counts time, not CPUs: {measured} was measured.
      """,
    zh: """
      容器是一组进程，有多少 CPU 就能同时在多少 CPU 上运行。\
      配额计的是时间，不是 CPU 的个数：实测 {measured}。
      """)

  static let throttleQuestion = Text(
    "6880ae",
    en: """
      One process that never pauses runs with --cpus 0.5, and the rest of the machine is idle. \
      In how many of the periods is it stopped?
      """,
    zh: """
      一个从不停歇的进程在 --cpus 0.5 下运行，机器其余部分空闲。\
      它会在多少个周期里被停下？
      """)
  static let throttleNone = Text(
    "a420e2", en: "In none: the CPU is free, nobody needs it.", zh: "一个也没有：CPU 空着，没有别人要用。")
  static let throttleNoneWhy = Text(
    "51be54",
    en: """
      A quota does not ask whether the CPU is free. When the {quota2} µs of a period are used \
      up, the cgroup is stopped until the next: {throttled} of {periods} periods here.
      """,
    zh: """
      配额不问 CPU 是否空闲。一个周期的 {quota2} µs 用完后，整个 cgroup 就停到下个周期：\
      这里是 {periods} 个周期中的 {throttled} 个。
      """)
  static let throttleHalf = Text("7acb85", en: "In about half of them.", zh: "大约一半。")
  static let throttleHalfWhy = Text(
    "d01c18",
    en: """
      It runs half of the time, but the clock starts anew in each period: after half of every \
      period it is stopped. {throttled} of {periods} periods saw that.
      """,
    zh: """
      它确实只运行一半时间，但每个周期都重新计时：每个周期过了一半它就被停下。\
      {periods} 个周期中有 {throttled} 个如此。
      """)
  static let throttleAll = Text("1fcf6a", en: "In nearly all.", zh: "几乎每一个。")
  static let throttleAllWhy = Text(
    "e89d07",
    en: """
      {throttled} of {periods} periods. The process wants the whole period and gets {quota2} µs \
      of it, over and over. That is what a service feels as sudden pauses.
      """,
    zh: """
      {periods} 个周期中的 {throttled} 个。进程想用满整个周期，却每次只得到 {quota2} µs，\
      周而复始。服务感受到的“突然卡顿”就是这样来的。
      """)

  static let sayAmount = Text(
    "e4efca",
    en: "Three hogs and 1.5 CPUs.",
    zh: "三个想占满 CPU 的进程，1.5 个 CPU。")
  static let sayThrottle = Text(
    "33cc40",
    en: "One hog and half a CPU; we watch the counters of the quota.",
    zh: "一个想占满 CPU 的进程，半个 CPU；观察配额的计数器。")
  static let quota = Text(
    "9531e2", en: "CPU time allowed in a period, in µs", zh: "每个周期允许的 CPU 时间（µs）")
  static let usage = Text("a7e18f", en: "CPU time used", zh: "已用的 CPU 时间")
  static let stat = Text(
    "7cd8ac", en: "periods, and periods in which the quota ran out", zh: "周期数，以及配额用尽的周期数")
  static let findAmount = Text(
    "89592b",
    en: "CPU used by three hogs under --cpus 1.5",
    zh: "--cpus 1.5 下三个进程合计所用的 CPU")
  static let findHalf = Text(
    "bef259", en: "CPU used by one hog under --cpus 0.5", zh: "--cpus 0.5 下一个进程所用的 CPU")
  static let findThrottled = Text(
    "8809c3", en: "part of the periods in which it was stopped", zh: "被停下的周期所占比例")
  static let timeline = Text("9493a9", en: "One hog under --cpus 0.5", zh: "--cpus 0.5 下的一个进程")

  static let exerciseTask = Text(
    "605944",
    en: """
      Write throttled.sh, which tells whether a container is being throttled right now.
      It is called as: throttled.sh GROUP SECONDS, with the directory of its cpu cgroup. It \
      watches for SECONDS and prints one whole number: the percentage of the periods in that \
      time in which the quota ran out; 0 for a container that does nothing.
      """,
    zh: """
      编写 throttled.sh，判断一个容器此刻是否正被限流。
      调用方式：throttled.sh GROUP SECONDS，GROUP 是它的 cpu cgroup 目录。\
      脚本观察 SECONDS 秒，打印一个整数：这段时间里配额用尽的周期所占百分比；\
      容器什么也不做时打印 0。
      """)
  static let exerciseHint1 = Text(
    "fb64ac",
    en: "cpu.stat in that directory counts since the cgroup was made. What did it say before?",
    zh: "目录里的 cpu.stat 从 cgroup 建立起累计。观察之前它是多少？")
  static let exerciseHint2 = Text(
    "6efa79",
    en: "Read nr_periods and nr_throttled, sleep, read again; the differences are what counts.",
    zh: "读 nr_periods 和 nr_throttled，sleep，再读一次；要用的是两次之差。")
  static let exerciseHint3 = Text(
    "e60f4f",
    en: """
      100 * (throttled2 - throttled1) / (periods2 - periods1), and print 0 when no period went \
      by. awk '$1 == "nr_periods" { print $2 }' reads one counter.
      """,
    zh: """
      100 * (throttled2 - throttled1) / (periods2 - periods1)，若没有经过任何周期就打印 0。\
      awk '$1 == "nr_periods" { print $2 }' 可读出一个计数器。
      """)
  static let hintLifetime = Text(
    "849050",
    en: "One container was throttled once and now rests: do not count from its beginning.",
    zh: "有个容器曾被限流，现在空闲：不要从头累计。")
  static let hintCount = Text(
    "b67bb6", en: "You print a number of periods; a percentage needs the other counter too.",
    zh: "你打印的是周期个数；百分比还需要另一个计数器。")
  static let hintZero = Text(
    "685eee", en: "An idle container has no periods at all: what does your division do then?",
    zh: "空闲的容器一个周期也没有：这时你的除法会怎样？")
  static let findBusy = Text(
    "850aab",
    en: "the percentage, for a container that is being throttled",
    zh: "百分比（正被限流的容器）")
  static let findIdle = Text(
    "0ead16",
    en: "the percentage, for one that was throttled before and rests now",
    zh: "百分比（曾被限流、现已空闲的容器）")
  static let wrongPercent = Text(
    "a05fd4", en: "the kernel's counters say something else", zh: "与内核计数器不符")
  static let isCount = Text("e2a242", en: "that is a count, not a percentage", zh: "这是个数，不是百分比")
  static let isLifetime = Text(
    "acbbbc", en: "that is what happened since the container began", zh: "这是自容器启动以来的累计")
  static let divided = Text(
    "724b12",
    en: "the script failed for an idle container: {complaint}",
    zh: "容器空闲时脚本失败：{complaint}")
  static let neverIdle = Text(
    "9d77c7", en: "the container's counters did not come to rest", zh: "容器的计数器没有静止下来")

  static let brokenTask = Text(
    "ce6e2a",
    en: """
      cpus.sh should limit a container as --cpus does. It is called as: cpus.sh GROUP CPUS, with \
      the directory of its cpu cgroup and a number such as 0.5. It ends without an error, yet \
      the container goes on using all it can get. Repair it.
      """,
    zh: """
      cpus.sh 应像 --cpus 那样限制容器。调用方式：cpus.sh GROUP CPUS，\
      参数是它的 cpu cgroup 目录和 0.5 这样的数。它执行时没有报错，可容器照样能用多少用多少。\
      请修复。
      """)
  static let brokenHint1 = Text(
    "9655d5", en: "Read back what the kernel holds after the script ran. Did the write succeed?",
    zh: "脚本执行后，把内核里的值读回来看看。写入成功了吗？")
  static let brokenHint2 = Text(
    "6b2a9d", en: "Take 2>/dev/null away, and print the number before it is written.",
    zh: "去掉 2>/dev/null，并在写入前把数字打印出来。")
  static let brokenHint3 = Text(
    "f2f3ae",
    en: """
      awk's %.3g writes 50000 as 5e+04, and the kernel refuses that (EINVAL). %d or %.0f writes \
      a plain whole number.
      """,
    zh: """
      awk 的 %.3g 把 50000 写成 5e+04，内核会拒绝（EINVAL）。\
      用 %d 或 %.0f 才是普通整数。
      """)
  static let hintUnlimited = Text(
    "4aed1e",
    en: "The kernel holds no limit at all: the write was refused, and the error thrown away.",
    zh: "内核里根本没有限制：写入被拒绝了，而错误被丢掉了。")
  static let hintWrong = Text(
    "b9e586", en: "The limit is quota ÷ period: look at both numbers that the kernel holds.",
    zh: "限制等于配额 ÷ 周期：内核里的两个数都要看。")
  static let findLimit = Text(
    "1b7b23", en: "quota ÷ period for {cpus} CPUs", zh: "{cpus} 个 CPU 的配额 ÷ 周期")
  static let noLimit = Text("44fe21", en: "there is no limit", zh: "没有限制")
  static let wrongLimit = Text("53c722", en: "the limit is another one", zh: "限制值不对")
  static let findEffect = Text("75ad2a", en: "CPU that the container uses now", zh: "容器现在所用的 CPU")
}
