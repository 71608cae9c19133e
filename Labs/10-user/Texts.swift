internal import LabKit

/// What lab 10 says.
enum Texts {
  static let title = Text(
    "b9dc58", en: "Root inside, and who that is outside", zh: "容器里的 root 在外面是谁")
  static let story = Text(
    "b442fd",
    en: """
      Two containers run the same commands as root: one without a user namespace, one with a map \
      that turns its ids into others on the host. Both make a file, whose owner we look at from \
      outside, and both try to read a file that only the host's root may read.
      """,
    zh: """
      两个容器都以 root 身份执行同样的命令：一个没有用户命名空间，另一个带有一张映射表，\
      把容器内的 ID 对应到主机上的另一段 ID。两者都创建一个文件，我们从外面看它的属主是谁；\
      两者还都尝试读取一个只有主机 root 才能读的文件。
      """)
  static let belief = Text(
    "423995", en: "\"Container root is always, or never, the host's root.\"",
    zh: "“容器里的 root 一定（或者一定不）是主机的 root。”")

  static let plainQuestion = Text(
    "040d43",
    en: "A container is started without any map. Its root makes a file. Who owns it on the host?",
    zh: "启动一个不带映射的容器，其中的 root 创建了一个文件。在主机上，它属于谁？")
  static let plainOwn = Text(
    "85fadf", en: "An id that the engine set aside for this container.", zh: "引擎专门为这个容器预留的某个 ID。")
  static let plainOwnWhy = Text(
    "029b40",
    en: """
      That is what a user namespace is for, and this container has none: engines do not make one \
      unless they are told to. Without it uid 0 is uid 0, inside and outside.
      """,
    zh: """
      这正是用户命名空间的用途，但这个容器没有：若不特别要求，引擎不会创建它。\
      没有它，uid 0 里外都是 uid 0。
      """)
  static let plainNobody = Text("ac63d9", en: "nobody, 65534.", zh: "nobody，即 65534。")
  static let plainNobodyWhy = Text(
    "bea9e7",
    en: """
      65534 stands for an id that has no counterpart in the reader's user namespace. Here both \
      share one namespace, so every id has one: its own.
      """,
    zh: """
      65534 表示某个 ID 在读取者所在的用户命名空间里没有对应。\
      而这里双方共用一个命名空间，每个 ID 都对应它自己。
      """)
  static let plainRoot = Text("fc1215", en: "root, uid 0.", zh: "root，即 uid 0。")
  static let plainRootWhy = Text(
    "8e5ea2",
    en: """
      The container shares the host's user namespace, so its root is the host's root: held back \
      by capabilities, seccomp and mounts, but not by its id. Whatever of the host it can reach, \
      such as the file that was mounted into it, it reaches as root.
      """,
    zh: """
      容器与主机共用用户命名空间，所以它的 root 就是主机的 root：约束它的是能力（capability）、\
      seccomp 和挂载，而不是它的 ID。主机上凡是它够得着的东西，比如挂载进去的那个文件，\
      它都是以 root 身份访问的。
      """)

  static let mappedQuestion = Text(
    "84d128", en: "Now with --uidmap {map}. Its root makes a file. Who owns it on the host?",
    zh: "现在加上 --uidmap {map}。其中的 root 创建了一个文件。在主机上，它属于谁？"
  ).with(["map": userMap])
  static let mappedFirst = Text("4f4c18", en: "uid 100000.", zh: "主机上的 uid 100000。")
  static let mappedFirstWhy = Text(
    "443a85",
    en: """
      The map says: from 0 inside, 65536 ids are those from 100000 on outside. So 0 is {host}, \
      and 1000 is {user}. On the disk is what the host sees; the container's view of it is \
      translated with each call.
      """,
    zh: """
      映射表的意思是：容器内从 0 开始的 65536 个 ID，对应外面从 100000 开始的 ID。\
      所以 0 就是 {host}，1000 就是 {user}。磁盘上记录的是主机看到的值，\
      容器看到的值由内核在每次调用时换算。
      """)
  static let mappedRoot = Text(
    "234877", en: "root, uid 0: root is root.", zh: "root，即 uid 0：root 终归是 root。")
  static let mappedRootWhy = Text(
    "f751d3",
    en: """
      Inside it is 0, and `stat` there says so. But the process that made the file is {host} for \
      the host: root of its own user namespace, and nobody in particular outside. The host's secret it could \
      not read.
      """,
    zh: """
      在容器里确实是 0，里面的 `stat` 也这么说。但在主机看来，创建文件的进程是 {host}：\
      它只是自己那个用户命名空间的 root，出了门就是个没有特权的普通用户，读不了主机的秘密文件。
      """)
  static let mappedNobody = Text(
    "790719", en: "nobody, 65534: the host knows no such user.", zh: "nobody，即 65534：主机上没有这个用户。")
  static let mappedNobodyWhy = Text(
    "61e46f",
    en: """
      The kernel keeps numbers, not names: an id needs no line in /etc/passwd to own a file. \
      `ls -l` on the host shows the bare number {host}.
      """,
    zh: """
      内核只认数字，不认名字：一个 ID 不需要出现在 /etc/passwd 里也能拥有文件。\
      在主机上 `ls -l` 会直接显示数字 {host}。
      """)

  static let unmappedQuestion = Text(
    "6a775d",
    en: """
      In that same container: /proc/meminfo belongs to the host's root, whom no line of the map \
      mentions. Which owner does `stat` show inside?
      """,
    zh: """
      还是这个容器：/proc/meminfo 属于主机的 root，而映射表里没有这个 ID。\
      在容器里用 `stat` 看，属主是谁？
      """)
  static let unmappedRoot = Text("c4491b", en: "0, root.", zh: "0，即 root。")
  static let unmappedRootWhy = Text(
    "818efa",
    en: """
      0 inside means {host} outside, and the file is not that one's. The owner is the host's 0, \
      which is not in the map; the kernel shows {overflow} instead.
      """,
    zh: """
      容器内的 0 指的是外面的 {host}，而这个文件不属于它。\
      真正的属主是主机的 0，不在映射表里，内核便用 {overflow} 代替。
      """)
  static let unmappedOverflow = Text("f4260b", en: "65534, nobody.", zh: "65534，即 nobody。")
  static let unmappedOverflowWhy = Text(
    "489006",
    en: """
      What has no counterpart inside is shown as the number in /proc/sys/kernel/overflowuid, \
      {overflow}. It is a stand-in, not an owner: root inside cannot give such a file to anybody \
      with chown, and has no power over it.
      """,
    zh: """
      在容器里没有对应的 ID，一律显示为 /proc/sys/kernel/overflowuid 里的数字 {overflow}。\
      它只是个占位，并不是真正的属主：容器里的 root 对这样的文件没有特权，也不能用 chown 改变属主。
      """)
  static let unmappedFirst = Text("0c8f7e", en: "100000.", zh: "显示 100000。")
  static let unmappedFirstWhy = Text(
    "246ecf",
    en: """
      100000 is how the host names the container's root. Inside, numbers are looked up in the \
      other direction, from outside to inside, and there is nothing for the host's 0: {overflow}.
      """,
    zh: """
      100000 是主机对容器 root 的称呼。在容器里要反过来查：从外面的 ID 查里面的 ID，\
      而主机的 0 查不到，于是显示 {overflow}。
      """)

  static let sayBefore = Text(
    "3ecc79", en: "First the host: its user namespace, and the map of everything onto itself.",
    zh: "先看主机：它的用户命名空间，以及把所有 ID 对应到自身的映射表。")
  static let sayPlain = Text("878934", en: "A container without a map.", zh: "一个不带映射的容器。")
  static let sayMapped = Text(
    "7093ba",
    en: "The same commands with a map. Inside, /proc/self shows another namespace and its map.",
    zh: "同样的命令，加上映射。在容器里，/proc/self 显示的是另一个命名空间和它的映射表。")
  static let map = Text(
    "a2025e", en: "first id inside, first id outside, how many (user_namespaces(7))",
    zh: "内部起始 ID、外部起始 ID、个数（user_namespaces(7)）")
  static let namespace = Text("726b5c", en: "which user namespace it is in", zh: "所在的用户命名空间")
  static let status = Text(
    "1aea12", en: "real, effective, saved and filesystem uid, as the host sees them",
    zh: "主机看到的真实、有效、保存和文件系统 uid")
  static let owner = Text("527a0c", en: "its owner, as the host sees it", zh: "主机看到的属主")
  static let overflow = Text(
    "3367a6", en: "shown in place of an id that has no counterpart", zh: "ID 没有对应时用它代替显示")

  static let secret = Text(
    "ec4d4c", en: "a file of the host's root, mode 0600, mounted into both containers",
    zh: "主机 root 的文件，权限 0600，挂载到两个容器里")
  static let findSecret = Text(
    "7bf864", en: "root inside reads the host root's file: without, with a map",
    zh: "容器里的 root 读主机 root 的文件：不带映射 → 带映射")
  static let otherSecret = Text(
    "5ed148", en: "it was read, or not read, against the file's mode", zh: "能否读取与文件权限不符")
  static let findPlain = Text(
    "84be0f", en: "without a map: the host's owner of root's file", zh: "不带映射：root 的文件在主机上的属主")
  static let findMapped = Text(
    "4d6075", en: "with a map: the host's owner of root's file", zh: "带映射：root 的文件在主机上的属主")
  static let findUser = Text(
    "e01492", en: "and of a file of uid 1000 inside", zh: "容器内 uid 1000 的文件在主机上的属主")
  static let findInside = Text(
    "d29f2f", en: "inside: `id -u`, and the owner of the same file", zh: "容器内：`id -u` 的结果和同一文件的属主")
  static let findProcess = Text("c2bd25", en: "the process's uid on the host", zh: "该进程在主机上的 uid")
  static let findUnmapped = Text(
    "9afa7b", en: "a file of the host's root, seen from inside", zh: "从容器内看，主机 root 的文件属于谁")
  static let otherOwner = Text(
    "ab6bf9", en: "the owner is not the one that uid_map gives", zh: "属主与 uid_map 给出的不一致")
  static let otherInside = Text("f1a901", en: "inside it is not root", zh: "在容器内不是 root")
  static let otherUnmapped = Text(
    "3d7f4b", en: "an unmapped owner is shown as somebody else", zh: "未映射的属主显示成了别的 ID")

  static let exerciseTask = Text(
    "b2222b",
    en: """
      Write outside.sh, which tells whom the host sees for an id inside a container.
      It is called as: outside.sh PID ID (a PID of the host, a uid inside).
      It prints the uid on the host, or none when the id has no counterpart there.
      """,
    zh: """
      编写 outside.sh，说出容器里的某个 ID 在主机上是谁。
      调用方式：outside.sh PID ID（PID 是主机上的，ID 是容器内的 uid）。
      打印主机上的 uid；如果没有对应，打印 none。
      """)
  static let exerciseHint1 = Text(
    "68cfdc", en: "The kernel shows the map of every process: look at /proc/PID/uid_map.",
    zh: "内核会显示每个进程的映射表：看看 /proc/PID/uid_map。")
  static let exerciseHint2 = Text(
    "8b230c",
    en: """
      A line is: first id inside, first id outside, how many. There may be several lines, and an \
      id may be in none of them.
      """,
    zh: "每行依次是：内部起始 ID、外部起始 ID、个数。可能有好几行，ID 也可能哪一行都不在。")
  static let exerciseHint3 = Text(
    "758cfa",
    en: """
      while read -r inside outside count; do … done < /proc/PID/uid_map. The line is the right one \
      when id ≥ inside and id - inside < count; then the answer is outside + id - inside.
      """,
    zh: """
      while read -r inside outside count; do … done < /proc/PID/uid_map。\
      当 id ≥ inside 且 id - inside < count 时就是这一行，答案是 outside + id - inside。
      """)
  static let hintIdentity = Text(
    "a25dc8", en: "You print the id inside. With a map it is another one outside: read uid_map.",
    zh: "你打印的是容器内的 ID。有映射时外面是另一个：请读 uid_map。")
  static let hintFirstLine = Text(
    "46a20b", en: "This map has two lines, and the id is in the second.",
    zh: "这张映射表有两行，要找的 ID 在第二行。")
  static let hintLength = Text(
    "79cc56",
    en: "A range ends. The third number says after how many ids; beyond, the answer is none.",
    zh: "范围是有尽头的：第三个数说明一共多少个 ID，超出的部分应回答 none。")
  static let kindPlain = Text("242048", en: "no map", zh: "不带映射")
  static let kindMapped = Text("62947c", en: "--uidmap {maps}", zh: "--uidmap {maps}")
  static let findOutside = Text(
    "eb3810", en: "the host's id for {id} inside ({kind})", zh: "容器内的 {id} 在主机上的 ID（{kind}）")
  static let wrongOutside = Text("d03345", en: "uid_map says something else", zh: "与 uid_map 不符")

  static let brokenTask = Text(
    "5d7f02",
    en: """
      range.sh prints the --uidmap of the container with a given number: 0, 1, 2 and so on. It \
      gives out overlapping ranges: root of one container is a user of another, and may read its \
      files and kill its processes. Repair it: every container needs 65536 ids (nobody is 65534) \
      that belong to no other container and are none of the host's own first 65536.
      """,
    zh: """
      range.sh 按编号（0、1、2……）打印每个容器的 --uidmap 参数。但它给出的范围互相重叠：\
      一个容器的 root 成了另一个容器里的用户，可以读对方的文件、杀对方的进程。\
      请修复：每个容器需要 65536 个 ID（nobody 是 65534），\
      既不能与其他容器重复，也不能占用主机自己的前 65536 个 ID。
      """)
  static let brokenHint1 = Text(
    "558f92", en: "Write down, for two neighbours, the first and the last id outside.",
    zh: "写下相邻两个容器在主机上的第一个和最后一个 ID，对比一下。")
  static let brokenHint2 = Text(
    "7ef880", en: "A range of 65536 ids takes 65536 numbers: where may the next one begin?",
    zh: "65536 个 ID 就要占 65536 个号码：下一段最早能从哪里开始？")
  static let brokenHint3 = Text(
    "7d9b15", en: "Multiply the container's number by the size of a range, and add 100000.",
    zh: "用容器编号乘以每段的大小，再加上 100000。")
  static let hintSmall = Text(
    "fa021c",
    en: """
      Small ranges do not overlap, but ids beyond them do not exist inside: chown to nobody, \
      65534, would fail with EINVAL.
      """,
    zh: "范围变小确实不重叠了，但超出的 ID 在容器内就不存在：chown 给 nobody（65534）会以 EINVAL 失败。")
  static let hintHost = Text(
    "b2522a", en: "The first container's root would be the host's root again. Stay above 65535.",
    zh: "这样第一个容器的 root 又成了主机的 root。请用 65535 以上的 ID。")
  static let hintOverlap = Text(
    "c6aeeb",
    en: """
      Neighbouring ranges still share ids. The first id of one must be at least the first of the \
      previous one plus 65536.
      """,
    zh: "相邻的范围仍有共同的 ID。后一段的第一个 ID 至少要是前一段的第一个加 65536。")
  static let findForm = Text("0fa4c4", en: "a map that drydock run takes", zh: "drydock run 能接受的映射")
  static let findHost = Text(
    "e1dd69", en: "the lowest id of the host that a container gets", zh: "分给容器的最小主机 ID")
  static let findSmall = Text("571ef5", en: "ids in the smallest range", zh: "最小的一段有多少个 ID")
  static let findOverlap = Text(
    "640a87", en: "overlapping ranges among three containers (first+count)",
    zh: "三个容器之间重叠的范围（起始+个数）")
  static let hostTaken = Text(
    "790b73", en: "a container has ids of the host's own users", zh: "有容器占用了主机自己的用户 ID")
  static let tooSmall = Text("fd7b84", en: "nobody, 65534, is not in it", zh: "其中没有 nobody（65534）")
  static let overlapping = Text(
    "313c48", en: "an id outside stands for two containers", zh: "同一个主机 ID 属于两个容器")
}
