internal import LabKit

/// What lab 6 says.
enum Texts {
  static let title = Text("1bf6fe", en: "A root that cannot be left", zh: "出不去的根目录")
  static let story = Text(
    "e0ce19",
    en: """
      Root sits in a jail made by chroot, and tries a few ordinary commands to get out. Then \
      it tries the same in a container's own root, which the runtime made by pivot_root. Last, \
      the runtime is given a shared root to pivot on.
      """,
    zh: """
      root 被关在用 chroot 做的牢笼里，试着用几条普通命令出来。随后在容器自己的根里再试一遍，\
      那个根是运行时用 pivot_root 建立的。最后，让运行时在共享的根上做 pivot_root。
      """)
  static let belief = Text(
    "a21bf8",
    en: "\"A container's root is a chroot with some extras.\"",
    zh: "“容器的根就是 chroot，外加一些修饰。”")
  static let chrootQuestion = Text(
    "3a042b",
    en: """
      In a container, root runs a shell below chroot /jail. Can it get out, with nothing but \
      the rights it has?
      """,
    zh: "在容器里，root 用 chroot /jail 运行一个 shell。单凭它已有的权限，能出来吗？")
  static let chrootNo = Text(
    "6622b1",
    en: "No: in / the name .. leads to / again.",
    zh: "不能：在 / 里，.. 仍然指向 /。")
  static let chrootNoWhy = Text(
    "3e43af",
    en: """
      That holds on the way down to /, and only there: `cd ../..` led to {climb}, the jail. A \
      second chroot moves / below the working directory, and from there .. never meets / any \
      more: {seen}, the container's root.
      """,
    zh: """
      这只在经过 / 的时候成立：`cd ../..` 到的是 {climb}，还是牢笼。再做一次 chroot，把 / 移到\
      当前目录下面，此后 .. 一路向上就再也遇不到 / 了：到了 {seen}，即容器的根。
      """)
  static let chrootYes = Text("0042df", en: "Yes, by ordinary system calls.", zh: "能，用普通的系统调用就行。")
  static let chrootYesWhy = Text(
    "c25ebd",
    en: """
      chroot(2) changes where a path that begins with / starts, and nothing else: not the \
      working directory, not open files. Root made a second one, stood outside of it, went up \
      and saw {seen}: the container's root, no longer {jail}.
      """,
    zh: """
      chroot(2) 只改变以 / 开头的路径从哪里开始，别的都不变：当前目录不变，打开的文件也不变。\
      root 又做了一次 chroot，自己站在它外面，一路向上，看到的是 {seen}：容器的根，而不再是 \
      {jail}。
      """)
  static let chrootBug = Text("521dd0", en: "Only through a bug in the kernel.", zh: "除非内核有漏洞。")
  static let chrootBugWhy = Text(
    "6f7394",
    en: """
      chroot(2) says itself that root can leave it; it was never made to hold anybody. Four \
      ordinary commands led from {jail} to {seen}.
      """,
    zh: "chroot(2) 的手册自己就写着 root 可以离开；它本来就不是用来关人的。四条普通命令就从 {jail} 走到了 {seen}。")
  static let pivotQuestion = Text(
    "aacd3b",
    en: "The same commands in the container's own root, not in the jail. Where do they lead?",
    zh: "在容器自己的根里（不在牢笼里）运行同样的命令，会到哪里？")
  static let pivotHost = Text("bbf05b", en: "To the host's root.", zh: "到主机的根。")
  static let pivotHostWhy = Text(
    "09ffd5",
    en: """
      The host's root is {host}, and {stay} was seen. pivot_root put the container's root at \
      the top of its mount namespace, and the old root was detached: above there is nothing \
      that .. could lead to.
      """,
    zh: """
      主机的根是 {host}，看到的却是 {stay}。pivot_root 把容器的根放到了挂载命名空间的最顶端，\
      旧的根已被卸下：上面再没有什么可供 .. 到达。
      """)
  static let pivotRefused = Text(
    "a6c487",
    en: "Nowhere: chroot is refused in a container.",
    zh: "哪儿也去不了：容器里不允许 chroot。")
  static let pivotRefusedWhy = Text(
    "f1fe1f",
    en: """
      CAP_SYS_CHROOT is among the usual capabilities, and every command ran without an error. \
      They led back to where they began, {stay}.
      """,
    zh: "CAP_SYS_CHROOT 属于默认权能，每条命令都没有报错。它们只是回到了出发的地方：{stay}。")
  static let pivotStay = Text("74c24b", en: "Back to the container's root.", zh: "还是回到容器的根。")
  static let pivotStayWhy = Text(
    "f6909a",
    en: """
      The working directory was outside the new /, as before, and .. went up as far as there \
      is anything: to the root of the mount, {stay}. Nor does its mountinfo have the host's \
      root directory ({device}).
      """,
    zh: """
      当前目录同样在新的 / 之外，.. 也一路走到了尽头：挂载的根，{stay}。它的 mountinfo 里也找\
      不到主机的根目录（{device}）。
      """)
  static let sharedQuestion = Text(
    "bdb9d0",
    en: """
      The runtime is about to call pivot_root(2), and the mount that the new root lies on is \
      shared. What happens?
      """,
    zh: "运行时即将调用 pivot_root(2)，而新根所在的那个挂载是共享的。会发生什么？")
  static let sharedWorks = Text(
    "cd427e",
    en: "It works, and the host gets a new root too.",
    zh: "成功，而且主机的根也跟着换了。")
  static let sharedWorksWhy = Text(
    "f78609",
    en: """
      That is what would have to happen: a shared mount passes on what is done to it. Since \
      nobody wants that, the kernel refuses: {error}.
      """,
    zh: "按共享的含义，本该如此：共享挂载会把对它做的事传播出去。谁也不想要这种结果，所以内核拒绝：{error}。")
  static let sharedEINVAL = Text("425a59", en: "It is refused: EINVAL.", zh: "被拒绝：EINVAL。")
  static let sharedEINVALWhy = Text(
    "afd06d",
    en: """
      pivot_root(2) demands that neither the parent of the new root nor that of the old one is \
      shared, or the turn would spread: {error}. So runtimes make their copy of the tree a \
      slave first, the step mount.propagation.
      """,
    zh: """
      pivot_root(2) 要求新根和旧根的父挂载都不是共享的，否则换根会传播出去：{error}。所以运行\
      时会先把自己那份挂载树设为 slave，即步骤 mount.propagation。
      """)
  static let sharedEBUSY = Text(
    "73c815",
    en: "It is refused: EBUSY, the root is in use.",
    zh: "被拒绝：EBUSY，根正在使用中。")
  static let sharedEBUSYWhy = Text(
    "20b9a0",
    en: """
      Every root is in use, and that does not matter: pivot_root(2) moves the processes along. \
      EBUSY comes when the new root is no mount of its own but lies on the current one. Here \
      it was {error}.
      """,
    zh: """
      任何根都在使用中，这没有关系：pivot_root(2) 会把进程一起移过去。EBUSY 出现在新根自己不是\
      挂载点、只是当前根上的一个目录的时候。而这里的回答是 {error}。
      """)
  static let sayScripts = Text(
    "fd8593",
    en: """
      Two scripts for the container. The first builds the jail, the second one tries to leave.
      """,
    zh: "给容器用的两个脚本：第一个建造牢笼，第二个设法离开。")
  static let sayJail = Text(
    "87474e",
    en: "The jail. Each root is shown by device and inode, as `stat -c %d:%i` prints them.",
    zh: "进入牢笼。每个根都用设备号和 inode 表示，即 `stat -c %d:%i` 打印的内容。")
  static let sayOut = Text("89bcb9", en: "Now it tries to leave.", zh: "现在它设法离开。")
  static let sayPivot = Text(
    "7c5b05",
    en: "The same in the container's own root.",
    zh: "在容器自己的根里再试一遍。")
  static let sayShared = Text(
    "eb976b",
    en: "And a hook that makes / shared again, right before the runtime pivots.",
    zh: "最后，用一个钩子在运行时换根之前，把 / 重新设为共享。")
  static let sayRefused = Text("f596fa", en: "The runtime says: {error}", zh: "运行时说：{error}")
  static let jailScript = Text(
    "ae3fba",
    en: "builds the jail, goes in, and waits for SIGUSR1",
    zh: "建造牢笼，进去，等待 SIGUSR1")
  static let leaveScript = Text(
    "e5f2b2",
    en: "a second chroot, of which it stands outside; then upwards",
    zh: "再做一次 chroot，自己站在外面，然后一路向上")
  static let rootLink = Text("112516", en: "its / as the host sees it", zh: "从主机看，它的 / 在哪里")
  static let cwdLink = Text(
    "12ceaf",
    en: "its working directory as the host sees it",
    zh: "从主机看，它的当前目录")
  static let findClimb = Text(
    "cf0bed",
    en: "where `..` alone leads from the jail",
    zh: "在牢笼里只用 `..` 能到的地方")
  static let climbed = Text("ff3306", en: "it is not the jail", zh: "不是牢笼")
  static let findChroot = Text(
    "62a00a",
    en: "the root seen after leaving the jail",
    zh: "离开牢笼之后看到的根")
  static let notOut = Text("d4c339", en: "it is not the container's root", zh: "不是容器的根")
  static let findPivot = Text(
    "c82e18",
    en: "the root seen after trying to leave the container's",
    zh: "试图离开容器的根之后看到的根")
  static let escaped = Text("4e5821", en: "it left the container's root", zh: "它离开了容器的根")
  static let findDevice = Text(
    "297b01",
    en: "mounts of the host's root directory, {device}, in the container",
    zh: "容器中主机根目录（{device}）的挂载数")
  static let oldRoot = Text("f38199", en: "the old root is still there", zh: "旧的根还在")
  static let findShared = Text(
    "7dd79b",
    en: "pivot_root(2) with a shared parent",
    zh: "父挂载共享时的 pivot_root(2)")
  static let notRefused = Text("1dfe53", en: "it was not refused with EINVAL", zh: "没有以 EINVAL 拒绝")
  static let exerciseTask = Text(
    "15c8d3",
    en: """
      Write enter.sh, which runs a command in a root of its own: enter.sh ROOT COMMAND \
      [ARG...].
      It makes a mount namespace, turns to the new root with pivot_root, and lets the old one \
      go, so that root cannot leave it. The machine's own mounts stay as they are.
      The check runs it on a container that stands for the machine.
      """,
    zh: """
      编写 enter.sh，让命令在自己的根里运行：enter.sh ROOT 命令 [参数…]。
      它新建挂载命名空间，用 pivot_root 换到新的根，再卸下旧的根，使 root 也无法离开。机器自己\
      的挂载保持原样。
      检查时，用一个容器充当这台机器。
      """)
  static let exerciseHint1 = Text(
    "155f21",
    en: """
      pivot_root NEW OLD wants a mount as NEW. A directory becomes one by mount --bind DIR \
      DIR.
      """,
    zh: "pivot_root NEW OLD 要求 NEW 是一个挂载点。目录可以用 mount --bind DIR DIR 变成挂载点。")
  static let exerciseHint2 = Text(
    "6551e3",
    en: """
      In unshare -m: bind ROOT on itself, cd into it, mkdir -p old, pivot_root . old, umount \
      -l /old.
      """,
    zh: "在 unshare -m 里：把 ROOT 绑定到自身，cd 进去，mkdir -p old，pivot_root . old，umount -l /old。")
  static let exerciseHint3 = Text(
    "bc00ef",
    en: """
      exec unshare -m sh -c 'root=$1; shift; mount --bind "$root" "$root"; cd "$root"; mkdir \
      -p old; pivot_root . old; umount -l /old; exec "$@"' sh "$@"
      """,
    zh: """
      exec unshare -m sh -c 'root=$1; shift; mount --bind "$root" "$root"; cd "$root"; mkdir \
      -p old; pivot_root . old; umount -l /old; exec "$@"' sh "$@"
      """)
  static let hintChroot = Text(
    "21f5f8",
    en: "The command got out: a chroot only changes where / is. Use pivot_root.",
    zh: "命令跑出去了：chroot 只改变 / 的位置。要用 pivot_root。")
  static let hintOldRoot = Text(
    "a2a398",
    en: "The old root is still mounted inside, and with it the whole machine: umount -l it.",
    zh: "旧的根还挂载在里面，整台机器都在其中：用 umount -l 卸下它。")
  static let hintNoNamespace = Text(
    "67e822",
    en: """
      The machine itself was turned: without a mount namespace pivot_root moves everybody. \
      unshare -m first.
      """,
    zh: "整台机器都换了根：没有挂载命名空间，pivot_root 会带走所有进程。先 unshare -m。")
  static let findInside = Text(
    "3f1e90",
    en: "the root that the command sees after trying to leave",
    zh: "命令试图离开之后看到的根")
  static let leftJail = Text("c2c34d", en: "it has left its root", zh: "它离开了自己的根")
  static let noCommand = Text("3e7941", en: "the command did not run: {said}", zh: "命令没有运行：{said}")
  static let findOld = Text(
    "436cbc",
    en: "mounts in the command's namespace that belong to the machine",
    zh: "命令的命名空间中属于机器的挂载数")
  static let machineMounts = Text(
    "441959",
    en: "the machine's mounts are still there",
    zh: "机器的挂载还在里面")
  static let findMachineRoot = Text("178e79", en: "the machine's root", zh: "机器的根")
  static let machineTurned = Text("f78e03", en: "it is another one now", zh: "已经换成了另一个")
  static let brokenTask = Text(
    "920eb1",
    en: """
      turn.sh runs a command in a root of its own: turn.sh ROOT COMMAND [ARG...]. It worked \
      until / became shared, as systemd makes it; since then: pivot_root: Invalid argument. \
      Repair it. It must stay a pivot_root, and the machine's / must stay shared.
      The check runs it on a container that stands for the machine.
      """,
    zh: """
      turn.sh 让命令在自己的根里运行：turn.sh ROOT 命令 [参数…]。它一直好用，直到 / 变成共享的\
      （systemd 就是这样设置的）；此后报错：pivot_root: Invalid argument。请修复：仍然要用 \
      pivot_root，机器的 / 也要保持共享。
      检查时，用一个容器充当这台机器。
      """)
  static let brokenHint1 = Text(
    "ce1315",
    en: "pivot_root(2), ERRORS, EINVAL: which mounts must not be shared?",
    zh: "看 pivot_root(2) 的 ERRORS 一节的 EINVAL：哪些挂载不能是共享的？")
  static let brokenHint2 = Text(
    "8b73b3",
    en: """
      It is the parent of the new root: the mount that ROOT lies on, here /. In the new \
      namespace it can be made private without touching the machine's.
      """,
    zh: "是新根的父挂载，即 ROOT 所在的挂载，这里就是 /。在新的命名空间里把它设为私有，不会影响机器的那个。")
  static let brokenHint3 = Text(
    "9ac83d",
    en: """
      mount --make-rprivate / as the first command inside the unshare; or leave out \
      --propagation shared, which keeps unshare from doing just that.
      """,
    zh: "在 unshare 里面先运行 mount --make-rprivate /；或者去掉 --propagation shared，正是它让 unshare 不这么做。")
  static let hintParent = Text(
    "adc8a7",
    en: "Still EINVAL: the new root itself is not what matters, its parent is.",
    zh: "还是 EINVAL：关键不在新根本身，而在它的父挂载。")
  static let hintMachine = Text(
    "52bf84",
    en: "The machine's own / is no longer shared. Change it inside the new namespace only.",
    zh: "机器自己的 / 不再共享了。只能在新的命名空间里改。")
  static let findTurn = Text("3dd150", en: "pivot_root", zh: "pivot_root")
  static let refused = Text("b93a5c", en: "it was refused: {said}", zh: "被拒绝：{said}")
  static let findMachine = Text("5655da", en: "the machine's /", zh: "机器的 /")
  static let notShared = Text("400029", en: "it is not shared any more", zh: "不再是共享的了")
}
