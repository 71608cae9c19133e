internal import LabKit

/// What lab 12 says.
enum Texts {
  static let title = Text(
    "e7dbbf", en: "Seccomp: a list of calls, not of deeds", zh: "seccomp：管的是调用，不是行为")
  static let story = Text(
    "bc6493",
    en: """
      A filter forbids the system call mkdir. In a container under it we try to make directories: \
      by that call, by its sibling mkdirat, and without any call of such a name.
      """,
    zh: """
      一个过滤器禁止了系统调用 mkdir。我们在受它约束的容器里尝试创建目录：用这个调用，\
      用它的兄弟 mkdirat，再用一种根本不叫这个名字的办法。
      """)
  static let belief = Text(
    "7b4cd4", en: "\"A list of forbidden calls is safe.\"", zh: "“列出禁止的调用就安全了。”")

  static let otherQuestion = Text(
    "d10cba",
    en: "The filter denies mkdir and allows the rest. A program calls mkdirat(2). What happens?",
    zh: "过滤器只禁止 mkdir，其余放行。程序改用 mkdirat(2)。会发生什么？")
  static let otherDenied = Text(
    "4ecb39", en: "EPERM: the kernel knows that it is the same thing.", zh: "EPERM：内核知道这是同一件事。")
  static let otherDeniedWhy = Text(
    "195ec5",
    en: """
      A filter sees a number and six arguments, not what they are for: mkdir is 83 on x86-64, \
      mkdirat 258. What came back: {mkdirat}
      """,
    zh: """
      过滤器看到的只是一个编号和六个参数，并不知道要做什么：在 x86-64 上 mkdir 是 83，\
      mkdirat 是 258。实际返回：{mkdirat}
      """)
  static let otherKilled = Text(
    "8a52d6", en: "The process is killed: it tried to get around the filter.", zh: "进程被杀死：它企图绕过过滤器。"
  )
  static let otherKilledWhy = Text(
    "29a583",
    en: """
      Each rule says what a match costs, an errno here, and only the call that it names can match. \
      To try another one is nothing unusual: {mkdirat}
      """,
    zh: """
      每条规则写明匹配后如何处置，这里是返回一个 errno；而且只有规则点名的调用才会匹配。\
      换一个调用并没有什么异常：{mkdirat}
      """)
  static let otherMade = Text("05b8dc", en: "The directory is made.", zh: "目录创建成功。")
  static let otherMadeWhy = Text(
    "de70e5",
    en: """
      {mkdir} and {mkdirat}: two numbers, one deed. On some machines there is no mkdir at all, \
      and libraries change from the old call to the new one between two versions.
      """,
    zh: """
      {mkdir}，而 {mkdirat}：编号不同，做的事一样。有些机器上根本没有 mkdir，\
      而库在升级时也会从旧调用换成新调用。
      """)

  static let rootQuestion = Text(
    "c0d264", en: "The same filter, but root has every capability (--cap-add ALL). mkdir?",
    zh: "同样的过滤器，但 root 拥有全部能力（--cap-add ALL）。mkdir 的结果是？")
  static let rootDenied = Text("b2f856", en: "EPERM all the same.", zh: "照样是 EPERM。")
  static let rootDeniedWhy = Text(
    "a1b4c1",
    en: """
      The filter is asked at the entrance of the kernel, before anybody looks at ids or \
      capabilities ({capabilities} here). It is inherited by every child, and there is no way to \
      take it off.
      """,
    zh: """
      过滤器在内核入口处就生效，早于对 ID 和能力的任何检查（这里是 {capabilities}）。\
      它会传给每个子进程，而且无法卸下。
      """)
  static let rootAllowed = Text(
    "5edc31", en: "It works: capabilities outweigh the filter.", zh: "成功：能力优先于过滤器。")
  static let rootAllowedWhy = Text(
    "02992c",
    en: """
      A call must pass both, and the filter comes first. CapEff was {capabilities}, and still the \
      call never reached the code that would have asked for it.
      """,
    zh: """
      一次调用两关都要过，而过滤器是第一关。CapEff 是 {capabilities}，\
      可调用根本没走到检查能力的那段代码。
      """)
  static let rootRemoves = Text(
    "468d7e", en: "EPERM, until root removes the filter with CAP_SYS_ADMIN.",
    zh: "EPERM，除非 root 用 CAP_SYS_ADMIN 先把过滤器卸掉。")
  static let rootRemovesWhy = Text(
    "4dbed6",
    en: """
      Filters can be added, never removed: seccomp(2) has no operation for it. CAP_SYS_ADMIN only \
      allows to add one without no_new_privs. Seccomp stays {mode} until the process ends.
      """,
    zh: """
      过滤器只能加，不能减：seccomp(2) 没有卸除操作。CAP_SYS_ADMIN 只是允许在没有 \
      no_new_privs 时再加一个。Seccomp 一直是 {mode}，直到进程结束。
      """)

  static let ringQuestion = Text(
    "fd1e38",
    en: """
      Now mkdir and mkdirat are both denied. Is there a way left to make a directory, without \
      any special power?
      """,
    zh: "现在 mkdir 和 mkdirat 都被禁止。不靠任何特权，还有办法创建目录吗？")
  static let ringNone = Text(
    "af3c64", en: "No: no other system call makes directories.", zh: "没有：再没有别的系统调用能创建目录。")
  static let ringNoneWhy = Text(
    "accd65",
    en: """
      True, no other call. But a request put into an io_uring makes the kernel do it with no \
      system call of that name: {ring}. Filters never see requests.
      """,
    zh: """
      别的系统调用确实没有。但把请求放进 io_uring，内核就会代为执行，根本不经过叫这个名字的系统调用：\
      {ring}。过滤器看不到这些请求。
      """)
  static let ringMade = Text(
    "6eb712", en: "Yes: by asking the kernel without a call of that name.",
    zh: "有：不通过这个名字的调用，也能让内核去做。")
  static let ringMadeWhy = Text(
    "11aeb2",
    en: """
      {ring}. Whoever wrote the list before Linux 5.15 could not know it. A list of what is \
      forbidden ages with every kernel; a list of what is allowed, such as Docker's default, \
      refuses what is new. Docker's leaves io_uring out.
      """,
    zh: """
      {ring}。在 Linux 5.15 之前写清单的人不可能知道它。禁止清单会随着每个新内核而过时；\
      允许清单（如 Docker 的默认规则）则会拒绝一切新东西。Docker 的清单里就没有 io_uring。
      """)
  static let ringRoot = Text(
    "81a8d4", en: "Only for the host's root, with mount or mknod.",
    zh: "只有主机的 root 可以，用 mount 或 mknod。")
  static let ringRootWhy = Text(
    "5c2441",
    en: """
      mknod(2) makes no directories, and no power was needed: any process may set up an io_uring \
      where the kernel has it. {ring}
      """,
    zh: """
      mknod(2) 不能创建目录；而且也不需要特权：只要内核支持，任何进程都能建立 io_uring。{ring}
      """)

  static let sayFree = Text("0b247b", en: "First without any filter.", zh: "先不加任何过滤器。")
  static let sayDenied = Text(
    "5a3e0d", en: "Now a filter that names one call, and the same commands.",
    zh: "现在加上只点名一个调用的过滤器，命令不变。")
  static let sayRoot = Text(
    "769c3e", en: "The same filter, and every capability.", zh: "同样的过滤器，加上全部能力。")
  static let sayRing = Text("fd6e0e", en: "Both names on the list.", zh: "把两个名字都列进去。")
  static let sayLines = Text("e5ea4c", en: "Inside:\n{lines}", zh: "容器内的结果：\n{lines}")
  static let profile = Text(
    "cac1fb", en: "the rules, in the form of the OCI specification", zh: "规则，采用 OCI 规范的格式")
  static let folder = Text(
    "bf2617", en: "what is in /tmp of the container, seen from the host", zh: "从主机看到的容器 /tmp 的内容")
  static let status = Text(
    "10aa14", en: "PID 1 of the container: 0 no filter, 2 filtered; how many (proc_pid_status(5))",
    zh: "容器的 1 号进程：0 无过滤器，2 有过滤器；以及个数（proc_pid_status(5)）")

  static let findMode = Text(
    "2a6323", en: "Seccomp and Seccomp_filters under the filter",
    zh: "加过滤器后的 Seccomp 和 Seccomp_filters")
  static let findMkdir = Text(
    "33b78a", en: "mkdir, without and with the filter", zh: "mkdir：无过滤器 → 有过滤器")
  static let findMkdirat = Text(
    "03d4d2", en: "mkdirat under the filter, and the directory the host sees",
    zh: "过滤器下的 mkdirat，以及主机看到的目录")
  static let findRoot = Text(
    "356076", en: "with every capability: Seccomp, and mkdir", zh: "拥有全部能力时：Seccomp 和 mkdir")
  static let findRing = Text(
    "78a39f", en: "both denied: mkdirat, io_uring, and the directory the host sees",
    zh: "两者都禁止：mkdirat、io_uring，以及主机看到的目录")
  static let notFiltered = Text("add055", en: "the filter is not there", zh: "过滤器不在")
  static let otherAnswer = Text("623139", en: "the kernel answered something else", zh: "内核的应答与此不同")
  static let noMkdir = Text(
    "38dc5f", en: "this kind of CPU has no mkdir(2) in Linux, only mkdirat(2)",
    zh: "在这种 CPU 上 Linux 没有 mkdir(2)，只有 mkdirat(2)")
  static let noRing = Text(
    "7b8768", en: "io_uring is switched off on this machine (kernel.io_uring_disabled)",
    zh: "这台机器关闭了 io_uring（kernel.io_uring_disabled）")

  static let exerciseTask = Text(
    "0d24e9",
    en: """
      Write deny.sh, which prints a seccomp profile as JSON, in the form the lab showed. Under it \
      no directory can be made, by any of the three ways of this lab, but programs start and \
      files can be made. Try it: sh deny.sh > p.json, then \
      drydock run --rm --security-opt seccomp=p.json probe probe mkdirat /tmp/x
      """,
    zh: """
      编写 deny.sh，以 JSON 打印一份 seccomp 规则，格式与实验中显示的相同。\
      在它之下，本实验的三种办法都不能创建目录，但程序能启动，文件能创建。\
      试一试：sh deny.sh > p.json，然后 \
      drydock run --rm --security-opt seccomp=p.json probe probe mkdirat /tmp/x
      """)
  static let exerciseHint1 = Text(
    "91a345",
    en: "Names go into \"names\" of one entry of \"syscalls\"; which calls did the lab use?",
    zh: "名字写在 \"syscalls\" 某一项的 \"names\" 里；实验用到了哪些调用？")
  static let exerciseHint2 = Text(
    "84b787",
    en: """
      A request in an io_uring cannot be filtered, but the call that makes the ring can. \
      strace shows its name; so does man 7 io_uring.
      """,
    zh: """
      io_uring 里的请求无法过滤，但建立它的那个系统调用可以。\
      用 strace 能看到它的名字，man 7 io_uring 里也有。
      """)
  static let exerciseHint3 = Text(
    "655ddb",
    en: "\"names\": [\"mkdir\", \"mkdirat\", \"io_uring_setup\"], \"action\": \"SCMP_ACT_ERRNO\"",
    zh:
      "照这样写：\"names\": [\"mkdir\", \"mkdirat\", \"io_uring_setup\"], \"action\": \"SCMP_ACT_ERRNO\""
  )
  static let hintMkdirat = Text(
    "05a780", en: "mkdirat still works. A rule covers the names it lists and no others.",
    zh: "mkdirat 仍然可用。规则只管它列出的名字，别的一概不管。")
  static let hintRing = Text(
    "9ce7c1", en: "A directory was still made through io_uring. Deny the call that sets a ring up.",
    zh: "仍有目录通过 io_uring 创建出来了。请禁止建立 io_uring 的那个调用。")
  static let hintTooMuch = Text(
    "0c5a87",
    en: """
      Now nothing works: even execve(2) and open(2) pass the filter. Keep the default action \
      SCMP_ACT_ALLOW and deny what makes directories.
      """,
    zh: """
      现在什么都做不了：execve(2)、open(2) 同样要过这道过滤器。\
      保留默认动作 SCMP_ACT_ALLOW，只禁止创建目录的调用。
      """)
  static let findStart = Text(
    "a2cf0b", en: "the container starts under this profile", zh: "容器能在这份规则下启动")
  static let findWay = Text("03cfbb", en: "a directory made by {call}", zh: "通过 {call} 创建的目录")
  static let findFile = Text("4647e5", en: "a file that touch made", zh: "touch 创建的文件")
  static let wasMade = Text(
    "10276a", en: "the host sees it in the container's /tmp", zh: "主机在容器的 /tmp 里看到了它")
  static let noFile = Text("869930", en: "files cannot be made any more", zh: "连文件也创建不了了")
  static let noWay = Text(
    "6237eb", en: "{call} makes no directory on this machine even without a filter",
    zh: "在这台机器上，不加过滤器时 {call} 也不能创建目录")

  static let brokenTask = Text(
    "50a2b1",
    en: """
      profile.sh prints a profile that forbids clone3(2): its flags lie in memory, where a filter \
      cannot look, and with the wrong ones it makes namespaces. Since then programs with a newer \
      glibc cannot start others: awk reads nothing from its command. Repair it: clone3 stays \
      forbidden, and awk works.
      """,
    zh: """
      profile.sh 打印的规则禁止 clone3(2)：它的标志位放在内存里，过滤器看不到，\
      而某些标志位可以用来创建命名空间。但这样一来，使用较新 glibc 的程序就无法启动别的程序：\
      awk 从它的命令里什么也读不到。请修复：仍然禁止 clone3，而 awk 要能工作。
      """)
  static let brokenHint1 = Text(
    "9ca6b8", en: "glibc tries the new call first and has the old one, clone(2), in reserve.",
    zh: "glibc 先试新调用，同时留着旧调用 clone(2) 备用。")
  static let brokenHint2 = Text(
    "b14dc7",
    en: """
      It only turns to the old one when it is told that this kernel has no such call. Which errno \
      says that? (errno(3))
      """,
    zh: "只有得知“这个内核没有这个调用”时，它才会改用旧的。哪个 errno 表示这个意思？（errno(3)）")
  static let brokenHint3 = Text(
    "a31549",
    en: "Beside \"action\" there may be \"errnoRet\": the number to return. ENOSYS is 38.",
    zh: "\"action\" 旁边可以写 \"errnoRet\"，即要返回的数字。ENOSYS 是 38。")
  static let hintErrno = Text(
    "a42a73",
    en: """
      This errno is taken for the last word: \"you may not\". A call that programs can do without \
      should be answered as an older kernel would: ENOSYS, 38.
      """,
    zh: "这个 errno 会被当成最终答复：“不允许”。程序可以绕开的调用，应当像旧内核那样回答：ENOSYS，即 38。")
  static let hintAllowed = Text(
    "be8730", en: "awk works, but so does clone3. It must stay forbidden.",
    zh: "awk 能用了，但 clone3 也放行了。它必须仍然被禁止。")
  static let hintKilled = Text(
    "76940f", en: "SIGSYS ends the program that only tried. Answer it instead, with an errno.",
    zh: "程序只是试一下就被 SIGSYS 结束了。请改为返回一个 errno。")
  static let findClone = Text("cb5db6", en: "what clone3 is told", zh: "clone3 得到的答复")
  static let findAwk = Text("e5339b", en: "what awk reads from a command", zh: "awk 从命令中读到的内容")
  static let otherClone = Text("513d22", en: "it is not ENOSYS", zh: "不是 ENOSYS")
  static let notStarted = Text("71e9d1", en: "awk could not start its command", zh: "awk 无法启动它的命令")
}
