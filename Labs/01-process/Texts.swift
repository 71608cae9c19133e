internal import LabKit

/// What lab 1 says.
enum Texts {
  static let title = Text("6e18ef", en: "A container is a process", zh: "容器就是进程")
  static let story = Text(
    "2775d3",
    en: """
      A container starts, prints the kernel's release and its own PID, and then sleeps. \
      Meanwhile we look at it from outside.
      """,
    zh: """
      启动一个容器，让它打印内核版本和自己的 PID，然后睡眠。\
      与此同时，我们从外面观察它。
      """)
  static let belief = Text(
    "9d3cda", en: "\"A container is a small, cheap virtual machine.\"", zh: "“容器是一种轻量、便宜的虚拟机。”")

  static let kernelQuestion = Text(
    "a5ef4b", en: "Inside the container `uname -r` is run. What does it print?",
    zh: "在容器里运行 `uname -r`，会打印什么？")
  static let kernelImage = Text(
    "8607dc", en: "The release of the kernel that is in the image.", zh: "镜像里自带的内核的版本。")
  static let kernelImageWhy = Text(
    "189973",
    en: """
      There is no kernel in an image, only files for programs. A virtual machine boots a kernel \
      of its own; a container asks the one that is already running, {release}.
      """,
    zh: """
      镜像里没有内核，只有程序要用的文件。虚拟机会启动自己的内核；\
      容器使用的是已经在运行的那个内核：{release}。
      """)
  static let kernelSame = Text("231eb0", en: "The same as on the host.", zh: "与主机上的相同。")
  static let kernelSameWhy = Text(
    "6bb1db",
    en: """
      There is only one kernel, {release}, and the system call uname(2) of a process in the \
      container reaches it as that of any other process does.
      """,
    zh: """
      内核只有一个：{release}。容器里的进程发出 uname(2) 系统调用，\
      和其他任何进程一样，由这个内核来应答。
      """)
  static let kernelNone = Text(
    "558f76", en: "An error: there is no kernel inside.", zh: "报错：容器里没有内核。")
  static let kernelNoneWhy = Text(
    "79cd9b",
    en: """
      True, no kernel is inside. But a process never carries a kernel; it calls the one it runs \
      on, and that one answers: {release}.
      """,
    zh: """
      容器里确实没有内核。但进程从来不自带内核，它调用的是承载它的那个内核，\
      而那个内核会应答：{release}。
      """)

  static let pidQuestion = Text(
    "57b9f1",
    en: "The program inside says: my PID is 1. What does the host see at the same time?",
    zh: "容器里的程序说：我的 PID 是 1。此时主机看到的是什么？")
  static let pidHidden = Text(
    "0bd915", en: "Nothing: the process is hidden in the container.", zh: "什么也看不到：进程藏在容器里。")
  static let pidHiddenWhy = Text(
    "4c9e8a",
    en: """
      A PID namespace only hides in one direction: those inside do not see out. The host sees \
      the process as {pid}, in `ps` and in /proc, and may send it signals.
      """,
    zh: """
      PID 命名空间只在一个方向上遮挡：里面看不到外面。\
      主机则能在 `ps` 和 /proc 里看到这个进程，PID 是 {pid}，也能向它发信号。
      """)
  static let pidOther = Text(
    "d17a8b", en: "An ordinary process, under another PID.", zh: "一个普通进程，只是 PID 不同。")
  static let pidOtherWhy = Text(
    "e6e78d",
    en: """
      One process, one PID for each nested namespace it is in. The line NSpid shows them all, \
      from the outermost to the innermost: {nspid}.
      """,
    zh: """
      进程只有一个，但它所在的每一层 PID 命名空间都给它编了一个 PID。\
      NSpid 这一行按从外到内的顺序全部列出：{nspid}。
      """)
  static let pidOne = Text(
    "46babf", en: "The same PID 1, beside the host's own.", zh: "同样是 PID 1，与主机自己的 1 号进程并存。")
  static let pidOneWhy = Text(
    "503e84",
    en: """
      Within one namespace a PID is unique, and 1 is taken by the host's init. So the host gave \
      it the next free number, {pid}; 1 is its number in the inner namespace only.
      """,
    zh: """
      同一个命名空间内 PID 不会重复，而主机的 1 号已被 init 占用。\
      所以主机给它分配了下一个空闲号码 {pid}；只有在内层命名空间里它才是 1 号。
      """)

  static let sayBefore = Text("7d8eef", en: "First the host, before.", zh: "先看启动之前的主机。")
  static let sayStart = Text("76d01f", en: "Now the container.", zh: "现在启动容器。")
  static let sayOutside = Text("7b4728", en: "The same process from outside.", zh: "从外面看同一个进程。")
  static let sayEnd = Text(
    "ed2e98", en: "We end it from the host, with an ordinary kill {pid}.",
    zh: "从主机上用普通的 kill {pid} 结束它。")
  static let release = Text("63b7f2", en: "the kernel's release", zh: "内核版本")
  static let loadavg = Text(
    "bd0be3",
    en: "the last number is the PID assigned last (proc_loadavg(5))",
    zh: "最后一个数字是最近分配的 PID（proc_loadavg(5)）")
  static let status = Text(
    "74ad62", en: "its PIDs, from the outermost namespace to the innermost",
    zh: "它的各层 PID，从最外层命名空间到最内层")
  static let namespace = Text(
    "92834a",
    en: "which PID namespace it is in",
    zh: "所在的 PID 命名空间")

  static let findKernel = Text(
    "0303cb", en: "the release that `uname -r` printed inside", zh: "容器内 `uname -r` 打印的版本")
  static let findPID = Text(
    "c35d07", en: "NSpid: one process, a PID for each namespace", zh: "NSpid：一个进程，每层命名空间各有一个 PID")
  static let findNamespaces = Text(
    "73bc8e", en: "namespaces that are its own", zh: "它独有的命名空间")
  static let findGone = Text(
    "dc4158", en: "after the kill the process is gone from the host", zh: "kill 之后，主机上不再有这个进程")
  static let otherKernel = Text(
    "f896a8", en: "the container reports another kernel", zh: "容器报告的内核不同")
  static let otherPID = Text(
    "f551b4", en: "NSpid is not what the runtime reported", zh: "NSpid 与运行时报告的不一致")
  static let otherNamespaces = Text(
    "ac3bc7", en: "the namespaces are not those that were asked for", zh: "命名空间与所要求的不一致")
  static let notGone = Text("f29c38", en: "it is still there", zh: "它还在")

  static let exerciseTask = Text(
    "1ab803",
    en: """
      Write whois.sh, which tells who a process in a container is.
      It is called as: whois.sh PID (a PID of the host).
      First line: the PID by which the process knows itself.
      Then, one per line, the namespaces it does not share with the host, named as in \
      /proc/PID/ns: cgroup, ipc, mnt, net, pid, user, uts, time.
      """,
    zh: """
      编写 whois.sh，说明容器里的某个进程是谁。
      调用方式：whois.sh PID（主机上的 PID）。
      第一行：这个进程自己看到的 PID。
      之后每行一个：它不与主机共享的命名空间，名字与 /proc/PID/ns 中相同：cgroup、ipc、mnt、\
      net、pid、user、uts、time。
      """)
  static let exerciseHint1 = Text(
    "f2988d", en: "Everything is in /proc/PID: look at status and at ns.",
    zh: "需要的都在 /proc/PID 里：看看 status 和 ns。")
  static let exerciseHint2 = Text(
    "98c3b1",
    en: "The last number of the line NSpid is the inner PID. ns holds links: readlink them.",
    zh: "NSpid 行的最后一个数就是内层 PID。ns 里都是符号链接：用 readlink 读。")
  static let exerciseHint3 = Text(
    "735b11",
    en: """
      awk '/^NSpid:/ { print $NF }' prints the first line. Two processes share a namespace when \
      readlink prints the same for both; compare with /proc/self/ns/NAME.
      """,
    zh: """
      awk '/^NSpid:/ { print $NF }' 可以打印第一行。若 readlink 对两个进程给出相同结果，\
      它们就共享该命名空间；与 /proc/self/ns/名字 比较即可。
      """)
  static let hintHostPID = Text(
    "9d4ce7", en: "You print the host's PID. The process itself does not know that number.",
    zh: "你打印的是主机上的 PID，而进程自己并不知道这个号码。")
  static let hintNamespaces = Text(
    "662b04",
    en: "One of the containers was started with --network host. Compare, do not assume.",
    zh: "有一个容器是用 --network host 启动的。要比较，不要想当然。")
  static let findInner = Text(
    "b73913", en: "the PID inside, for {command}", zh: "容器内的 PID（{command}）")
  static let findOwn = Text(
    "59a168", en: "the namespaces not shared, for {command}", zh: "不共享的命名空间（{command}）")
  static let wrongInner = Text(
    "d7224d", en: "that is not the PID inside", zh: "这不是容器内的 PID")
  static let wrongHostPID = Text(
    "7eefee", en: "that is the PID on the host", zh: "这是主机上的 PID")
  static let wrongOwn = Text(
    "89de91",
    en: "these are not the namespaces in which it differs from the host",
    zh: "它与主机不同的命名空间并不正好是这些")

  static let brokenTask = Text(
    "9a30fe",
    en: """
      init.sh is what a container runs as PID 1: it starts three helpers, whose parents leave at \
      once, and then the server. The helpers end after a second, yet ps on the host keeps \
      showing them as <defunct>. Repair it: helpers and server must still run, no zombie may stay.
      """,
    zh: """
      init.sh 是某个容器的 1 号进程：它启动三个辅助进程（其父进程立刻退出），再启动服务进程。\
      辅助进程一秒后就结束了，可主机上的 ps 一直把它们显示为 <defunct>。\
      请修复：辅助进程和服务进程都要照常运行，但不能留下僵尸进程。
      """)
  static let brokenHint1 = Text(
    "c43d3b", en: "When a parent leaves, its children get a new parent. Which one, in a container?",
    zh: "父进程退出后，子进程会得到新的父进程。在容器里是谁？")
  static let brokenHint2 = Text(
    "c90b7a",
    en:
      "A zombie waits for its parent to call wait(2). PID 1 is the parent now; does `sleep` wait?",
    zh: "僵尸进程在等父进程调用 wait(2)。现在父进程是 1 号进程；`sleep` 会调用 wait 吗？")
  static let brokenHint3 = Text(
    "7bcc8c",
    en: "A shell waits, sleep does not. So let the shell stay PID 1: do not replace it with exec.",
    zh: "shell 会调用 wait，sleep 不会。所以让 shell 继续当 1 号进程：不要用 exec 把它替换掉。")
  static let hintZombies = Text(
    "2dea23",
    en: """
      The zombies' parent is PID 1, and PID 1 is `sleep`: the program exec'ed last inherits the \
      orphans and the duty to wait for them.
      """,
    zh: """
      这些僵尸的父进程是 1 号进程，而 1 号进程是 `sleep`：最后被 exec 的程序接手了孤儿进程，\
      回收它们（wait）也就成了它的责任。
      """)
  static let hintNoHelpers = Text(
    "ee8651", en: "No helpers, no zombies, but the server needs them: keep the loop.",
    zh: "没有辅助进程自然没有僵尸，但服务需要它们：请保留那个循环。")
  static let findHelpers = Text("a8ccf6", en: "helpers that ran", zh: "运行过的辅助进程数")
  static let findServer = Text("1ecc65", en: "the server still runs", zh: "服务进程仍在运行")
  static let findZombies = Text(
    "399298", en: "zombies whose parent is the container's PID 1", zh: "以容器 1 号进程为父进程的僵尸数")
  static let noHelpers = Text(
    "b9c536", en: "the helpers were not started", zh: "辅助进程没有启动")
  static let noServer = Text("2d8d4b", en: "the container has ended", zh: "容器已经结束")
  static let zombies = Text(
    "3ee43b", en: "PID 1 does not reap its adopted children", zh: "1 号进程没有回收它收养的子进程")
}
