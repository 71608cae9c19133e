internal import LabKit

/// What lab 3 says.
enum Texts {
  static let title = Text(
    "d2fdee",
    en: "PID namespaces: whose processes /proc shows",
    zh: "PID 命名空间：/proc 显示的是谁的进程")
  static let story = Text(
    "588dc6",
    en: """
      A container has a PID namespace of its own, but its /proc is the host's. It looks \
      around, mounts a new /proc over it, and looks again.
      """,
    zh: "一个容器有自己的 PID 命名空间，/proc 却是主机的。它先四处看看，再在上面挂载一个新的 /proc，然后再看一遍。")
  static let belief = Text(
    "2f39df",
    en: """
      "In a new PID namespace `ps` shows only my processes; /proc follows the namespace by \
      itself."
      """,
    zh: "“进了新的 PID 命名空间，`ps` 就只显示我的进程；/proc 会自动跟着命名空间走。”")
  static let listQuestion = Text(
    "4b204a",
    en: """
      A shell is the first process of a new PID namespace; /proc is still the host's. What \
      does `ps` list?
      """,
    zh: "一个 shell 是新 PID 命名空间里的第一个进程，而 /proc 还是主机的。`ps` 会列出什么？")
  static let listOwn = Text("041b11", en: "The shell and `ps` itself.", zh: "这个 shell 和 `ps` 自己。")
  static let listOwnWhy = Text(
    "dc2699",
    en: """
      `ps` asks no namespace; it reads the directories in /proc. This /proc was mounted in the \
      host's PID namespace, so it shows {count} processes, and 1 is {first}. The shell and \
      `ps` stand among them, under their host PIDs.
      """,
    zh: """
      `ps` 不会去问命名空间，它只读 /proc 里的目录。这个 /proc 是在主机的 PID 命名空间里挂载\
      的，所以显示 {count} 个进程，1 号是 {first}。shell 和 `ps` 也在其中，用的是主机上的 \
      PID。
      """)
  static let listHost = Text("9e2abd", en: "The host's processes.", zh: "主机的进程。")
  static let listHostWhy = Text(
    "94674f",
    en: """
      A proc filesystem shows the PID namespace of whoever mounted it, for as long as it is \
      mounted. This one showed {count} processes, this lab ({name}) among them. After the new \
      mount it was {later}.
      """,
    zh: """
      一个 proc 文件系统显示的，始终是挂载者当时所在的 PID 命名空间。这一个显示了 {count} 个进\
      程，连本实验程序（{name}）也在里面。重新挂载之后只剩 {later} 个。
      """)
  static let listNothing = Text(
    "e85024",
    en: "Nothing: the PIDs in there are not valid in the new namespace.",
    zh: "什么也没有：那些 PID 在新命名空间里无效。")
  static let listNothingWhy = Text(
    "ec4022",
    en: """
      They cannot be signalled from inside, true; `kill` only knows the numbers of its own \
      namespace. But reading is a matter of files, and the files are there: {count} processes \
      were listed.
      """,
    zh: """
      从里面确实不能给它们发信号，因为 `kill` 只认自己命名空间里的号码。但读取只是读文件，而文\
      件就在那里：列出了 {count} 个进程。
      """)
  static let selfQuestion = Text(
    "109ae4",
    en: "At the same moment, what do `echo $$` and `readlink /proc/self` print?",
    zh: "同一时刻，`echo $$` 和 `readlink /proc/self` 分别打印什么？")
  static let selfOne = Text("d3397c", en: "1 and 1.", zh: "都是 1。")
  static let selfOneWhy = Text(
    "4b957a",
    en: """
      $$ is {dollar}: getpid(2) answers in the caller's namespace. But /proc/self is a link in \
      a filesystem that belongs to another one, and gives the reader's number there: {self}.
      """,
    zh: """
      $$ 是 {dollar}：getpid(2) 按调用者所在的命名空间回答。而 /proc/self 是另一个命名空间的文\
      件系统里的链接，给出的是读者在那里的号码：{self}。
      """)
  static let selfHost = Text(
    "68294d",
    en: "The same PID, as the host numbers it.",
    zh: "同一个 PID，即主机上的编号。")
  static let selfHostWhy = Text(
    "c5d5ed",
    en: """
      /proc/self does: it read {self}. But $$ comes from the kernel and not from /proc, and in \
      the shell's own namespace the shell is {dollar}.
      """,
    zh: """
      /proc/self 确实如此，读到的是 {self}。但 $$ 来自内核，不经过 /proc；在 shell 自己的命名\
      空间里，它就是 {dollar}。
      """)
  static let selfBoth = Text("1e4d63", en: "1, and a PID of the host.", zh: "1，以及一个主机上的 PID。")
  static let selfBothWhy = Text(
    "0f9085",
    en: """
      $$ is {dollar}, from getpid(2), and /proc/self led to {self}, since this /proc counts as \
      the host does. Programs that open /proc/$$ would look at the host's PID 1, {first}.
      """,
    zh: """
      $$ 来自 getpid(2)，是 {dollar}；/proc/self 指向 {self}，因为这个 /proc 按主机的方式编\
      号。若有程序打开 /proc/$$，看到的会是主机的 1 号进程 {first}。
      """)
  static let nspidQuestion = Text(
    "955e45",
    en: "How many PIDs does the shell have?",
    zh: "这个 shell 有几个 PID？")
  static let nspidOne = Text("16547d", en: "One: the one it was born with.", zh: "一个：它出生时得到的那个。")
  static let nspidOneWhy = Text(
    "9c2595",
    en: """
      It was born with two. A PID namespace has a parent, and a process gets a number in its \
      own and in every one above: NSpid {nspid}.
      """,
    zh: "它出生时就有两个。PID 命名空间有父级，进程在自己的和所有上级命名空间里各有一个号码：NSpid 是 {nspid}。")
  static let nspidTwo = Text(
    "bc850b",
    en: "Two at once: one on the host, one inside.",
    zh: "同时有两个：主机上一个，里面一个。")
  static let nspidTwoWhy = Text(
    "e0c9f5",
    en: """
      NSpid lists them from the outside in: {nspid}. Mounting a new /proc changed neither, \
      only what can be read about them.
      """,
    zh: "NSpid 按从外到内列出：{nspid}。挂载新的 /proc 并没有改变它们，改变的只是能读到什么。")
  static let nspidSwitch = Text(
    "980c59",
    en: "One at a time: the host's until the new /proc is mounted, 1 afterwards.",
    zh: "每次只有一个：挂载新 /proc 之前是主机的号码，之后是 1。")
  static let nspidSwitchWhy = Text(
    "38a555",
    en: """
      A mount does not renumber anybody. NSpid was {nspid} before and after it; $$ was \
      {dollar} all along.
      """,
    zh: "挂载不会给任何进程重新编号。挂载前后 NSpid 都是 {nspid}；$$ 也一直是 {dollar}。")
  static let sayStart = Text(
    "dfd260",
    en: """
      A container whose /proc is the host's: -v /proc:/proc stands in for the mount that the \
      runtime would make.
      """,
    zh: "一个直接使用主机 /proc 的容器：-v /proc:/proc 顶替了运行时本来会做的挂载。")
  static let sayInside = Text(
    "8a537e",
    en: "What it reads in this /proc, and what the host reads about it.",
    zh: "它从这个 /proc 读到的，以及主机读到的关于它的内容。")
  static let sayMount = Text(
    "1fc072",
    en: "Now it mounts a new one, from inside: mount -t proc proc /proc.",
    zh: "现在它从里面挂载一个新的：mount -t proc proc /proc。")
  static let sayUsual = Text(
    "422c36",
    en: """
      And a container as it usually is: the runtime mounts /proc from inside the new \
      namespace.
      """,
    zh: "再看一个普通的容器：运行时在新命名空间里面挂载 /proc。")
  static let first = Text(
    "c2c31f",
    en: "inside: who is PID 1, going by this /proc",
    zh: "容器内：按这个 /proc，1 号进程是谁")
  static let linkSelf = Text(
    "35994c",
    en: "inside: the reader itself, as this /proc numbers it",
    zh: "容器内：读者自己在这个 /proc 里的编号")
  static let mine = Text(
    "47bf17",
    en: "inside: this lab's own process on the host",
    zh: "容器内：主机上的本实验进程")
  static let status = Text(
    "499bde",
    en: "from the host: the shell's PIDs, outermost namespace first",
    zh: "从主机看：这个 shell 的各个 PID，最外层命名空间在前")
  static let namespace = Text("92834a", en: "which PID namespace it is in", zh: "所在的 PID 命名空间")
  static let findDollar = Text(
    "562789",
    en: "$$ while /proc was the host's",
    zh: "/proc 还是主机的时候，$$ 的值")
  static let notOne = Text("64293d", en: "the shell is not PID 1", zh: "这个 shell 不是 1 号进程")
  static let findList = Text(
    "5965a2",
    en: "this lab's process ({pid}), as listed inside",
    zh: "容器内列出的本实验进程（{pid}）")
  static let notListed = Text("8ab7e4", en: "the host's processes were not listed", zh: "没有列出主机的进程")
  static let findAfter = Text("c2d4dc", en: "the same after the new mount", zh: "重新挂载之后再看")
  static let stillListed = Text("d506d4", en: "they are still listed", zh: "仍然列了出来")
  static let findSelf = Text(
    "4ae326",
    en: "$$ and /proc/self are two numbers",
    zh: "$$ 与 /proc/self 是两个不同的号码")
  static let oneNumber = Text("09b778", en: "they are the same", zh: "两者相同")
  static let findNspid = Text("505d9d", en: "NSpid of the shell", zh: "这个 shell 的 NSpid")
  static let notTwo = Text("96cc34", en: "there are not two", zh: "并不是两个")
  static let findUsual = Text(
    "705f2a",
    en: "processes listed in a usual container, `ps` and its shell",
    zh: "普通容器里列出的进程：`ps` 和它的 shell")
  static let others = Text("a7792b", en: "others are listed too", zh: "还列出了别的进程")
  static let exerciseTask = Text(
    "995e10",
    en: """
      Write procs.sh, which lists what runs in the same PID namespace as a process.
      It is called as: procs.sh PID (a PID of the host).
      One line a process: the PID it has inside, and its name; the smallest PID first. Such \
      as: 1 sh
      """,
    zh: """
      编写 procs.sh，列出与某个进程处于同一个 PID 命名空间的所有进程。
      调用方式：procs.sh PID（主机上的 PID）。
      每行一个进程：它在里面的 PID 和名字，PID 小的在前。例如：1 sh
      """)
  static let exerciseHint1 = Text(
    "de5dbf",
    en: """
      Two processes are in the same namespace when readlink /proc/PID/ns/pid prints the same \
      for both.
      """,
    zh: "若 readlink /proc/PID/ns/pid 对两个进程给出相同结果，它们就在同一个命名空间里。")
  static let exerciseHint2 = Text(
    "56e7a4",
    en: """
      Go through /proc/[0-9]*, keep those with the right link, and take Name and the last \
      number of NSpid from their status.
      """,
    zh: "遍历 /proc/[0-9]*，留下链接相同的，再从各自的 status 里取 Name 和 NSpid 的最后一个数。")
  static let exerciseHint3 = Text(
    "7f2cbc",
    en: """
      awk '/^Name:/ { name = $2 } /^NSpid:/ { print $NF, name }' /proc/PID/status prints one \
      line; sort -n puts them in order.
      """,
    zh: """
      awk '/^Name:/ { name = $2 } /^NSpid:/ { print $NF, name }' /proc/PID/status 打印一行；\
      sort -n 负责排序。
      """)
  static let hintOthers = Text(
    "c17763",
    en: """
      There is a second container. Two values in NSpid only say that a process is in some \
      namespace, not in which.
      """,
    zh: "另外还有一个容器。NSpid 有两个值，只说明它在某个命名空间里，没说是哪一个。")
  static let hintHostPID = Text(
    "008734",
    en: "Those are the host's PIDs. The inner one is the last in NSpid.",
    zh: "那些是主机上的 PID。里面的 PID 是 NSpid 的最后一个数。")
  static let hintChildren = Text(
    "66c35f",
    en: """
      Some are missing: a child's child is in the namespace too. Do not go by parents, go by \
      the link.
      """,
    zh: "漏掉了一些：子进程的子进程也在这个命名空间里。不要按父子关系找，要按链接找。")
  static let findProcs = Text(
    "b346fe",
    en: "the processes, by their inner PIDs",
    zh: "各进程，按里面的 PID 排列")
  static let wrongProcs = Text(
    "330094",
    en: "these are not the processes of that namespace",
    zh: "这些并不正好是该命名空间的进程")
  static let wrongOthers = Text(
    "485be9",
    en: "processes of other namespaces are among them",
    zh: "混进了其他命名空间的进程")
  static let wrongHostPID = Text("01c2e3", en: "those are the PIDs on the host", zh: "那些是主机上的 PID")
  static let wrongChildren = Text("d731b3", en: "some are missing", zh: "有遗漏")
  static let brokenTask = Text(
    "a01f54",
    en: """
      box.sh runs a command in a PID namespace of its own: box.sh COMMAND [ARG...]. The \
      command should be PID 1 and see only its own processes. Yet it sees all of them, it has \
      another PID, and as soon as its first child has ended it can start no more: "can't \
      fork". Repair it, and leave the machine's /proc as it is.
      The check runs it on a container that stands for the machine.
      """,
    zh: """
      box.sh 让一个命令在自己的 PID 命名空间里运行：box.sh 命令 [参数…]。该命令应当是 1 号进\
      程，并且只看到自己的进程。可是它什么进程都看得到，PID 也不是 1，而且第一个子进程一结束，\
      就再也启动不了新进程：“can't fork”。请修复，并且不要动机器的 /proc。
      检查时，用一个容器充当这台机器。
      """)
  static let brokenHint1 = Text(
    "51bfb1",
    en: """
      unshare(2) with CLONE_NEWPID does not move the caller. Who is the first in the new \
      namespace?
      """,
    zh: "带 CLONE_NEWPID 的 unshare(2) 并不会移动调用者自己。那么谁是新命名空间里的第一个进程？")
  static let brokenHint2 = Text(
    "8bb570",
    en: """
      The caller's first child becomes PID 1, and when it ends the namespace takes no new \
      processes: ENOMEM. unshare -f forks once, so that the command itself is that child.
      """,
    zh: """
      调用者的第一个子进程成为 1 号；它一结束，这个命名空间就不再接受新进程：ENOMEM。unshare \
      -f 会先 fork 一次，让命令本身成为那个子进程。
      """)
  static let brokenHint3 = Text(
    "32d437",
    en: """
      exec unshare -p -f --mount-proc "$@": --mount-proc makes a mount namespace too, and \
      mounts a new /proc only there.
      """,
    zh: "exec unshare -p -f --mount-proc \"$@\"：--mount-proc 会同时新建挂载命名空间，新的 /proc 只挂载在那里面。")
  static let hintNoFork = Text(
    "a058e2",
    en: "The command is not PID 1: it was not born in the namespace, it only made it. See -f.",
    zh: "命令不是 1 号进程：它只是创建了命名空间，却不是在里面出生的。看看 -f。")
  static let hintMachineProc = Text(
    "a7b98d",
    en: """
      The PID is right, but /proc is still the machine's: a new namespace does not change what \
      is mounted.
      """,
    zh: "PID 对了，但 /proc 还是机器的：新的命名空间不会改变已有的挂载。")
  static let hintCovered = Text(
    "5d5bee",
    en: """
      The new /proc was mounted for the whole machine. First a mount namespace, then the \
      mount.
      """,
    zh: "新的 /proc 挂载到了整台机器上。要先有挂载命名空间，再挂载。")
  static let findBoxPID = Text("0e068a", en: "the command's own PID", zh: "命令自己的 PID")
  static let notFirst = Text(
    "9bf770",
    en: "it is not the first of its namespace",
    zh: "它不是命名空间里的第一个进程")
  static let findBoxProc = Text(
    "f830f7",
    en: "PID 1 in the /proc it sees is in its own namespace",
    zh: "它看到的 /proc 里，1 号进程与它在同一个命名空间")
  static let machineProc = Text("104cc5", en: "it sees the machine's /proc", zh: "它看到的是机器的 /proc")
  static let findForks = Text(
    "a22373",
    en: "it can start one program after another",
    zh: "它能接连启动多个程序")
  static let noForks = Text("e9b91b", en: "it could not start further programs", zh: "它无法再启动别的程序")
  static let findMounts = Text("c99851", en: "mounts on the machine's /proc", zh: "机器的 /proc 上的挂载数")
  static let covered = Text("2d6bcd", en: "the machine's /proc was covered", zh: "机器的 /proc 被盖住了")
}
