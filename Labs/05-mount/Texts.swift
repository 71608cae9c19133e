internal import LabKit

/// What lab 5 says.
enum Texts {
  static let title = Text("9c5975", en: "Mounts: who sees them", zh: "挂载：谁看得见")
  static let story = Text(
    "3f38f2",
    en: """
      A directory of the host is a mount of its own. Two containers get it with -v, first as \
      Docker does it by default, then shared, and root mounts a tmpfs in it from inside. We \
      look from the host.
      """,
    zh: """
      主机上有一个目录，本身就是一个挂载点。两个容器先后用 -v 得到它：第一次按 Docker 的默认方\
      式，第二次以共享方式；容器里的 root 再在其中挂载一个 tmpfs。我们从主机上观察。
      """)
  static let belief = Text(
    "37a0ed",
    en: "\"A mount namespace is private: what is mounted inside stays inside.\"",
    zh: "“挂载命名空间是私有的：在里面挂载的，就留在里面。”")
  static let privateQuestion = Text(
    "b4001b",
    en: """
      With -v DIR:/mnt, root inside runs mkdir /mnt/in, mounts a tmpfs on it and writes a file \
      there. What does the host find in DIR/in?
      """,
    zh: """
      使用 -v DIR:/mnt，容器里的 root 运行 mkdir /mnt/in，在上面挂载 tmpfs，并写入一个文件。主\
      机在 DIR/in 里能看到什么？
      """)
  static let privateFile = Text("ec4349", en: "The tmpfs with the file.", zh: "tmpfs 以及里面的文件。")
  static let privateFileWhy = Text(
    "315230",
    en: """
      Both look at the same directory, but each through its own table of mounts. The runtime \
      made the bind mount private, so the new entry was made in the container's table only: on \
      the host {hostPrivate} mount at DIR, the old one.
      """,
    zh: """
      双方看的是同一个目录，但各用各的挂载表。运行时把这个绑定挂载设成了私有，新的一项只进了容\
      器的表：主机上 DIR 处的挂载数仍是 {hostPrivate}，即原来那个。
      """)
  static let privateEmpty = Text("c68b02", en: "An empty directory.", zh: "一个空目录。")
  static let privateEmptyWhy = Text(
    "6ac464",
    en: """
      mkdir changed the filesystem, which both share; mount changed the container's table of \
      mounts, which is its own. So the directory is there, and what lies on it inside does not \
      show.
      """,
    zh: """
      mkdir 改变的是双方共用的文件系统；mount 改变的是容器自己的挂载表。所以目录在，而容器在它\
      上面挂载的东西却看不见。
      """)
  static let privateNothing = Text(
    "b31d89",
    en: "No such directory: the container has its own files.",
    zh: "没有这个目录：容器有自己的文件。")
  static let privateNothingWhy = Text(
    "5fee5a",
    en: """
      Its own files are in its root. Below /mnt it has the host's directory, bound: the same \
      inodes. The directory `in` was on the host the moment it was made.
      """,
    zh: "它自己的文件在它的根里。/mnt 下面是绑定进来的主机目录，inode 都是同一批。目录 in 一建立，主机上就有了。")
  static let sharedQuestion = Text(
    "593589",
    en: "The same with -v DIR:/mnt:rshared. What does the host find in DIR/in now?",
    zh: "同样的操作，但用 -v DIR:/mnt:rshared。这次主机在 DIR/in 里能看到什么？")
  static let sharedEmpty = Text(
    "5193b6",
    en: "The same empty directory: a mount namespace keeps mounts in.",
    zh: "同样是空目录：挂载命名空间会把挂载留在里面。")
  static let sharedEmptyWhy = Text(
    "19bd27",
    en: """
      A mount namespace is only a table. Whether a new entry is copied into other tables is a \
      property of the mount it is made on, and this one is in a peer group with the host's, \
      {peers}: the host had {hostShared} mounts there.
      """,
    zh: """
      挂载命名空间只是一张表。新的一项会不会复制到别的表里，取决于它所在的那个挂载的属性；而这\
      个挂载与主机的同在一个对等组 {peers}，于是主机在那里有了 {hostShared} 个挂载。
      """)
  static let sharedFile = Text("ec4349", en: "The tmpfs with the file.", zh: "tmpfs 以及里面的文件。")
  static let sharedFileWhy = Text(
    "ccc93a",
    en: """
      The two mounts are peers ({peers} in both mountinfo files), and whatever is mounted on \
      one is mounted on the other. The host read the file: {content}.
      """,
    zh: """
      这两个挂载是对等的（双方的 mountinfo 里都是 {peers}），在一个上面挂载，另一个上面也会出\
      现。主机读到了文件内容：{content}。
      """)
  static let sharedRefused = Text(
    "94adc1",
    en: "Nothing: mount is refused inside.",
    zh: "什么也没有：容器里不允许 mount。")
  static let sharedRefusedWhy = Text(
    "3edb4f",
    en: """
      In a usual container it would be, for want of CAP_SYS_ADMIN. This one has it, as many \
      privileged tools do, and the mount reached the host: {hostShared} mounts.
      """,
    zh: """
      在普通容器里确实不行，因为没有 CAP_SYS_ADMIN。但这个容器有（许多特权工具也有），挂载就传\
      到了主机：共 {hostShared} 个挂载。
      """)
  static let leftQuestion = Text(
    "adc9a6",
    en: "The second container ends. What becomes of the tmpfs in DIR/in on the host?",
    zh: "第二个容器结束了。主机 DIR/in 上的那个 tmpfs 会怎样？")
  static let leftGone = Text("30c8c8", en: "It goes with the container.", zh: "随容器一起消失。")
  static let leftGoneWhy = Text(
    "2666fc",
    en: """
      The container's table went, and its entries with it. That is no umount: nothing is \
      passed on to the peers, and the host's entry is the host's. Still {hostLeft} mounts.
      """,
    zh: """
      消失的是容器的挂载表以及其中各项。这不算 umount，不会通知对等的挂载；主机的那一项归主机\
      所有。仍有 {hostLeft} 个挂载。
      """)
  static let leftEmpty = Text("6ad0a2", en: "It stays, but empty.", zh: "还在，但变空了。")
  static let leftEmptyWhy = Text(
    "34dc68",
    en: """
      A tmpfs lives as long as anything refers to it, and the host's mount does. The file is \
      there: {left}.
      """,
    zh: "只要还有谁引用它，tmpfs 就一直在，而主机的挂载就引用着它。文件还在：{left}。")
  static let leftStays = Text(
    "cb454e",
    en: "It stays, with the file, until the host unmounts it.",
    zh: "连同文件一起留下，直到主机把它卸载。")
  static let leftStaysWhy = Text(
    "d62dbc",
    en: """
      This is how mounts leak: {hostLeft} mounts are left, the file in it still reads {left}, \
      and as long as it is there DIR cannot be unmounted. Only umount on the host ends it.
      """,
    zh: """
      挂载就是这样泄漏的：还剩 {hostLeft} 个挂载，里面的文件仍能读出 {left}；只要它在，DIR 就\
      无法卸载。只有在主机上 umount 才能结束它。
      """)
  static let sayPrepare = Text(
    "07ba8b",
    en: "On the host: a directory that is a mount of its own, and shared.",
    zh: "在主机上：准备一个本身就是挂载点、并且共享的目录。")
  static let sayPrivate = Text(
    "e46bb3",
    en: "The default: -v DIR:/mnt, which is rprivate.",
    zh: "默认方式：-v DIR:/mnt，即 rprivate。")
  static let sayShared = Text("b1e805", en: "The same with rshared.", zh: "同样的操作，改用 rshared。")
  static let sayInside = Text(
    "5d477c",
    en: "Inside, the tmpfs is mounted now.",
    zh: "现在，容器里挂载好了 tmpfs。")
  static let sayEnd = Text("d0c113", en: "The container ends.", zh: "容器结束。")
  static let sayClean = Text(
    "8c9395",
    en: "The host has to unmount what it did not mount.",
    zh: "主机只好卸载一个并非自己挂载的东西。")
  static let hostMounts = Text(
    "eb3f00",
    en: "the host's mounts at DIR and below",
    zh: "主机在 DIR 及其下的挂载")
  static let insideMounts = Text(
    "80207c",
    en: "the container's mounts at /mnt and below",
    zh: "容器在 /mnt 及其下的挂载")
  static let findPrivate = Text(
    "409950",
    en: "-v DIR:/mnt: mounts the host has at DIR and below",
    zh: "-v DIR:/mnt：主机在 DIR 及其下的挂载数")
  static let reached = Text("0c8378", en: "the mount inside reached the host", zh: "容器里的挂载传到了主机")
  static let findDirectory = Text("85ca3e", en: "DIR/in on the host", zh: "主机上的 DIR/in")
  static let otherDirectory = Text("f76f52", en: "it is not an empty directory", zh: "它不是一个空目录")
  static let findShared = Text(
    "e4f261",
    en: "-v DIR:/mnt:rshared: mounts the host has at DIR and below",
    zh: "-v DIR:/mnt:rshared：主机在 DIR 及其下的挂载数")
  static let notReached = Text(
    "dd43ff",
    en: "the mount inside did not reach the host",
    zh: "容器里的挂载没有传到主机")
  static let findContent = Text(
    "1c00f0",
    en: "the file in DIR/in, read on the host",
    zh: "在主机上读到的 DIR/in 中的文件")
  static let otherContent = Text("2c7e17", en: "it is not the container's file", zh: "不是容器写的那个文件")
  static let findLeft = Text(
    "650891",
    en: "mounts left when the container had ended, and the file",
    zh: "容器结束后留下的挂载数，以及文件")
  static let notLeft = Text("2c73c7", en: "the mount went with the container", zh: "挂载随容器一起消失了")
  static let findClean = Text(
    "4ac2c3",
    en: "mounts after umount on the host",
    zh: "主机 umount 之后的挂载数")
  static let notClean = Text("f29c38", en: "it is still there", zh: "它还在")
  static let exerciseTask = Text(
    "4d9d18",
    en: """
      Write spread.sh, which tells how a mount spreads, as a process sees it.
      It is called as: spread.sh PID PATH (a PID of the host; PATH is a mount point for that \
      process).
      It prints one word: private, shared (both ways), or slave (it receives and does not \
      send).
      """,
    zh: """
      编写 spread.sh，说明从某个进程看来，一个挂载是怎样传播的。
      调用方式：spread.sh PID 路径（PID 是主机上的，路径是该进程看到的挂载点）。
      打印一个词：private（私有）、shared（双向共享）或 slave（只接收，不发送）。
      """)
  static let exerciseHint1 = Text(
    "ae5a19",
    en: """
      Every process has its own table of mounts: /proc/PID/mountinfo. The fifth field is the \
      mount point.
      """,
    zh: "每个进程都有自己的挂载表：/proc/PID/mountinfo。第五个字段是挂载点。")
  static let exerciseHint2 = Text(
    "b9b553",
    en: """
      From the seventh field up to a lone - there are the optional fields: shared:N, master:N, \
      or none.
      """,
    zh: "从第七个字段到单独的 - 之间是可选字段：shared:N、master:N，或者没有。")
  static let exerciseHint3 = Text(
    "23c348",
    en: """
      awk -v path="$2" '$5 == path { … }' "/proc/$1/mountinfo", with for (i = 7; $i != "-"; \
      i++): shared: means shared, else master: means slave, else private.
      """,
    zh: """
      awk -v path="$2" '$5 == path { … }' "/proc/$1/mountinfo"，里面用 for (i = 7; $i != "-"; \
      i++)：有 shared: 就是 shared，否则有 master: 就是 slave，再否则就是 private。
      """)
  static let hintSlave = Text(
    "d3df8e",
    en: "A slave has no shared: field, but it is not private: it has master:.",
    zh: "slave 没有 shared: 字段，但它并不是私有的：它有 master:。")
  static let hintOwn = Text(
    "63e345",
    en: """
      You looked at your own mounts. Each process has a table of its own; the PID says whose.
      """,
    zh: "你看的是自己的挂载表。每个进程各有一张，要看 PID 指定的那张。")
  static let hintSwapped = Text(
    "8d4b32",
    en: """
      The fifth field is where it is mounted; the fourth is which part of the filesystem is \
      mounted there.
      """,
    zh: "第五个字段是挂载在哪里；第四个字段是挂载了文件系统的哪一部分。")
  static let findSpread = Text(
    "420b99",
    en: "how {path} spreads in the container",
    zh: "容器里 {path} 的传播方式")
  static let wrongSpread = Text(
    "5ea672",
    en: "that is not what its mountinfo says",
    zh: "与它的 mountinfo 不符")
  static let wrongSlave = Text(
    "1640b0",
    en: "it receives mounts from its master",
    zh: "它会从 master 接收挂载")
  static let wrongOwn = Text(
    "10c703",
    en: "that is how it looks in the table of the script itself",
    zh: "那是脚本自己的挂载表里的样子")
  static let brokenTask = Text(
    "126001",
    en: """
      job.sh runs a command with a /tmp of its own: job.sh COMMAND [ARG...]. It makes a mount \
      namespace and mounts a tmpfs on /tmp there, and yet the machine's /tmp is covered while \
      the job runs, and afterwards too. On this machine / is shared, as systemd makes it. \
      Repair job.sh; the machine's own mounts stay shared.
      The check runs it on a container that stands for the machine.
      """,
    zh: """
      job.sh 让一个命令使用自己的 /tmp：job.sh 命令 [参数…]。它新建挂载命名空间，并在里面把 \
      tmpfs 挂载到 /tmp；可是任务运行期间，机器的 /tmp 也被盖住了，任务结束后依然如此。这台机\
      器的 / 是共享的，systemd 就是这样设置的。请修复 job.sh；机器自己的挂载要保持共享。
      检查时，用一个容器充当这台机器。
      """)
  static let brokenHint1 = Text(
    "a3c320",
    en: """
      A new mount namespace is a copy of the table, and the copies of shared mounts are peers \
      of the originals.
      """,
    zh: "新的挂载命名空间是挂载表的一份副本，而共享挂载的副本与原来的挂载是对等的。")
  static let brokenHint2 = Text(
    "66ffff",
    en: """
      Before anything is mounted in the copy, its ties must be cut, in the copy only: mount \
      --make-rprivate or --make-rslave.
      """,
    zh: "在副本里挂载任何东西之前，要先断开联系，而且只在副本里断：mount --make-rprivate 或 --make-rslave。")
  static let brokenHint3 = Text(
    "7f55a9",
    en: "unshare does that by itself unless told otherwise: look at --propagation shared.",
    zh: "unshare 本来就会这么做，除非你让它不做：看看 --propagation shared。")
  static let hintLeak = Text(
    "705ad9",
    en: """
      The tmpfs is in the machine's table too: when it was mounted, / was still a peer of the \
      machine's.
      """,
    zh: "机器的挂载表里也有这个 tmpfs：挂载它的时候，/ 与机器的 / 还是对等的。")
  static let hintMachine = Text(
    "b4421d",
    en: """
      The machine's own / is no longer shared. Change the propagation in the new namespace, \
      not outside.
      """,
    zh: "机器自己的 / 不再共享了。要在新的命名空间里改传播方式，不要在外面改。")
  static let hintNoTmpfs = Text(
    "8ce825",
    en: "The command wrote into the machine's /tmp: it needs a tmpfs there.",
    zh: "命令写进了机器的 /tmp：它需要自己的 tmpfs。")
  static let findJob = Text(
    "11dbd3",
    en: "mounts on /tmp that the command sees",
    zh: "命令看到的 /tmp 上的挂载数")
  static let noTmpfs = Text("8fa6ca", en: "it has no /tmp of its own", zh: "它没有自己的 /tmp")
  static let findLeak = Text(
    "72e689",
    en: "mounts on the machine's /tmp, while the command runs and afterwards",
    zh: "机器的 /tmp 上的挂载数：命令运行期间与结束之后")
  static let leak = Text("0100ef", en: "the machine's /tmp is covered", zh: "机器的 /tmp 被盖住了")
  static let findMachine = Text("5655da", en: "the machine's /", zh: "机器的 /")
  static let notShared = Text("400029", en: "it is not shared any more", zh: "不再是共享的了")
}
