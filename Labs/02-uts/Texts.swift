internal import LabKit

/// What lab 2 says.
enum Texts {
  static let title = Text("0fa95e", en: "UTS: a host name of one's own", zh: "UTS 命名空间：自己的主机名")
  static let story = Text(
    "4af488",
    en: """
      A container is given a host name when it starts, and then root changes it from inside. A \
      second one shares the host's UTS namespace, and a third one tries with ordinary rights.
      """,
    zh: """
      一个容器在启动时得到主机名，随后 root 在里面把它改掉。第二个容器与主机共用 UTS 命名空\
      间，第三个则只有普通权限。
      """)
  static let belief = Text(
    "ff1473",
    en: "\"One flag isolates everything: whatever is in a container is cut off from the host.\"",
    zh: "“一个开关就隔离了一切：容器里的东西都与主机隔开。”")
  static let nameQuestion = Text(
    "058538",
    en: """
      A container is started with --hostname web. Inside, root runs `hostname inside`. What is \
      the host's name afterwards?
      """,
    zh: "用 --hostname web 启动一个容器，里面的 root 再运行 `hostname inside`。此后主机叫什么名字？")
  static let nameInside = Text(
    "7e68b7",
    en: "inside: there is one kernel, and it has one name.",
    zh: "inside：内核只有一个，名字也只有一个。")
  static let nameInsideWhy = Text(
    "d9b947",
    en: """
      One kernel, but it keeps a name for each UTS namespace, and sethostname(2) changes the \
      one the caller is in. The host's was {host} before and {after} after.
      """,
    zh: """
      内核只有一个，但它为每个 UTS 命名空间各存一份名字，sethostname(2) 改的只是调用者所在的那\
      一份。主机的名字之前是 {host}，之后是 {after}。
      """)
  static let nameWeb = Text(
    "711637",
    en: "web: --hostname is set from outside.",
    zh: "web：--hostname 是从外面设置的。")
  static let nameWebWhy = Text(
    "5bbc20",
    en: """
      The option comes from outside, but the call was made inside: the runtime's init was \
      already in the new namespace when it called sethostname(2) (the step uts.sethostname). \
      The host is still {after}.
      """,
    zh: """
      选项来自外面，调用却发生在里面：运行时的 init 进程先进入新的命名空间，再调用 \
      sethostname(2)（即步骤 uts.sethostname）。主机仍叫 {after}。
      """)
  static let nameSame = Text("b41b0d", en: "The same as before.", zh: "和原来一样。")
  static let nameSameWhy = Text(
    "3237f5",
    en: """
      clone3 with CLONE_NEWUTS gave the container a copy of the name, and both changes went \
      into the copy. /proc/PID/ns/uts shows the two namespaces: {outer} on the host, {inner} \
      in the container.
      """,
    zh: """
      带 CLONE_NEWUTS 的 clone3 给了容器一份名字的副本，两次修改都只改了副本。/proc/PID/ns/uts \
      显示这是两个命名空间：主机是 {outer}，容器是 {inner}。
      """)
  static let sharedQuestion = Text(
    "0ac4c7",
    en: """
      A second container is started with --uts host; its processes, mounts and network are its \
      own. What does `hostname` print in it?
      """,
    zh: "第二个容器用 --uts host 启动，进程、挂载和网络都是它自己的。在里面运行 `hostname`，会打印什么？")
  static let sharedId = Text("c7fac9", en: "Its id, as in every container.", zh: "它的 ID，和其他容器一样。")
  static let sharedIdWhy = Text(
    "87da48",
    en: """
      The engine uses the id as a name only when there is a UTS namespace to hold it. This \
      container has none of its own, and the runtime must not rename the host: it printed \
      {shared}.
      """,
    zh: """
      只有在容器有自己的 UTS 命名空间时，引擎才会拿 ID 当名字。这个容器没有，而运行时又不能给\
      主机改名，所以打印的是 {shared}。
      """)
  static let sharedHost = Text("fc2f17", en: "The host's name.", zh: "主机的名字。")
  static let sharedHostWhy = Text(
    "a723c2",
    en: """
      Each kind of namespace has a flag of its own, and this one was left out. Of its own the \
      container has {own}; its uts link is the host's, {outer}, and so is the name.
      """,
    zh: """
      每种命名空间各有一个标志，而这里唯独没给 UTS 的。容器自己拥有的是 {own}；它的 uts 链接就\
      是主机的 {outer}，名字自然也是主机的。
      """)
  static let sharedNone = Text(
    "9fe0c0",
    en: "Nothing: without a UTS namespace there is no name.",
    zh: "什么也没有：没有 UTS 命名空间就没有名字。")
  static let sharedNoneWhy = Text(
    "ed2ab0",
    en: """
      There is no process without one. Whoever gets no new namespace stays in its parent's, \
      here the host's, {outer}, and reads the name there: {shared}.
      """,
    zh: """
      没有哪个进程不在 UTS 命名空间里。不给它新的，它就留在父进程的那个里，这里就是主机的 \
      {outer}，读到的名字是 {shared}。
      """)
  static let plainQuestion = Text(
    "bfa98e",
    en: """
      A third container has a UTS namespace of its own and Docker's usual rights. Its root \
      runs `hostname inside`. What happens?
      """,
    zh: """
      第三个容器有自己的 UTS 命名空间，权限与 Docker 的默认权限相同。里面的 root 运行 \
      `hostname inside`，结果如何？
      """)
  static let plainWorks = Text(
    "88b99c",
    en: "It works: the namespace is its own.",
    zh: "成功：命名空间是它自己的。")
  static let plainWorksWhy = Text(
    "3bb5eb",
    en: """
      A namespace of one's own is one thing, power over it another. sethostname(2) asks for \
      CAP_SYS_ADMIN in the user namespace that owns the UTS namespace, and a container's root \
      usually lacks it: {refusal}.
      """,
    zh: """
      拥有自己的命名空间是一回事，有没有权力改动它是另一回事。sethostname(2) 要求在拥有该 UTS \
      命名空间的用户命名空间中具有 CAP_SYS_ADMIN，而容器里的 root 通常没有：{refusal}。
      """)
  static let plainEPERM = Text(
    "f68344",
    en: "It is refused: Operation not permitted.",
    zh: "被拒绝：Operation not permitted。")
  static let plainEPERMWhy = Text(
    "581896",
    en: """
      The name would be its own, but CAP_SYS_ADMIN is not among the capabilities a container \
      gets: {refusal}. The first container could do it because of --cap-add SYS_ADMIN.
      """,
    zh: """
      名字虽是它自己的，但 CAP_SYS_ADMIN 不在容器默认获得的权能之中：{refusal}。第一个容器能\
      改，是因为加了 --cap-add SYS_ADMIN。
      """)
  static let plainHost = Text(
    "9911ba",
    en: "It works, and the host is renamed.",
    zh: "成功，而且主机也跟着改名。")
  static let plainHostWhy = Text(
    "56f24d",
    en: """
      Neither of the two. The call was refused ({refusal}), and had it not been, only the \
      container's own copy of the name would have changed: the host's was {after} all the \
      time.
      """,
    zh: "两样都没有发生。调用被拒绝了（{refusal}）；即使成功，变的也只是容器自己那份名字：主机一直叫 {after}。")
  static let sayBefore = Text(
    "f6dd8c",
    en: "First the host: its name, and the UTS namespace that holds it.",
    zh: "先看主机：它的名字，以及保存这个名字的 UTS 命名空间。")
  static let sayFirst = Text(
    "7392b0",
    en: "A container with a name of its own, which root changes from inside.",
    zh: "一个有自己名字的容器，root 在里面改名。")
  static let sayAfter = Text(
    "e1fbd7",
    en: "Both changes are made. The host again.",
    zh: "两次改名都已完成。再看主机。")
  static let sayShared = Text(
    "7e1abe",
    en: "The same without a UTS namespace.",
    zh: "同样的容器，但没有自己的 UTS 命名空间。")
  static let sayPlain = Text(
    "658a2c",
    en: "And with the usual rights: the same command, without --cap-add.",
    zh: "再用默认权限试一次：同样的命令，但不加 --cap-add。")
  static let hostName = Text("5c9b43", en: "the host's name", zh: "主机的名字")
  static let insideName = Text(
    "fc9bb0",
    en: "the same file, read inside the container",
    zh: "同一个文件，在容器里读到的内容")
  static let namespace = Text("cd84a3", en: "which UTS namespace it is in", zh: "所在的 UTS 命名空间")
  static let findHost = Text("e25575", en: "the host's name after both changes", zh: "两次改名之后主机的名字")
  static let hostRenamed = Text("1c2eb1", en: "the host was renamed", zh: "主机被改名了")
  static let findInside = Text(
    "da281e",
    en: "the name inside, before and after the change",
    zh: "容器里的名字：修改前与修改后")
  static let notRenamed = Text(
    "5afd26",
    en: "the name inside did not change as told",
    zh: "容器里的名字没有按要求改变")
  static let findNamespace = Text(
    "23a66e",
    en: "the container's UTS namespace is not the host's",
    zh: "容器的 UTS 命名空间与主机的不同")
  static let sameNamespace = Text("f2a3fd", en: "it is the host's", zh: "它就是主机的那个")
  static let findShared = Text(
    "c81cec",
    en: "the name in the container with --uts host",
    zh: "使用 --uts host 的容器里的名字")
  static let notShared = Text("3ba088", en: "it has another name than the host", zh: "它的名字与主机不同")
  static let findOwn = Text("555617", en: "that container's own namespaces", zh: "该容器自己的命名空间")
  static let otherOwn = Text(
    "7f4fe0",
    en: "these are not the ones that were asked for",
    zh: "与所要求的不一致")
  static let findPlain = Text(
    "12b4d4",
    en: "`hostname inside` without CAP_SYS_ADMIN",
    zh: "没有 CAP_SYS_ADMIN 时的 `hostname inside`")
  static let notRefused = Text("81c260", en: "it was not refused", zh: "没有被拒绝")
  static let exerciseTask = Text(
    "d2c1d5",
    en: """
      Write name.sh, which prints the host name that a process has.
      It is called as: name.sh PID (a PID of the host).
      What /etc/hostname or the environment say was written down once and may be out of date. \
      Ask the kernel.
      """,
    zh: """
      编写 name.sh，打印某个进程所看到的主机名。
      调用方式：name.sh PID（主机上的 PID）。
      /etc/hostname 和环境变量里的名字只是当初写下的，可能早已过时。请直接问内核。
      """)
  static let exerciseHint1 = Text(
    "2ef415",
    en: """
      The name belongs to a UTS namespace. Which one is the process in, and who can ask there?
      """,
    zh: "名字属于 UTS 命名空间。这个进程在哪一个里？谁能在那里询问？")
  static let exerciseHint2 = Text(
    "22e8b7",
    en: """
      /proc/PID/ns/uts is a door to it: setns(2) goes through. The command for this is \
      nsenter(1).
      """,
    zh: "/proc/PID/ns/uts 是通往它的门，setns(2) 可以走进去。对应的命令是 nsenter(1)。")
  static let exerciseHint3 = Text(
    "a5bd0b",
    en: """
      nsenter -t PID -u COMMAND runs a command in the UTS namespace of PID and leaves \
      everything else as it is. The command is hostname.
      """,
    zh: "nsenter -t PID -u 命令：在 PID 的 UTS 命名空间里运行该命令，其余一切不变。这里要运行的命令是 hostname。")
  static let hintFile = Text(
    "19c3cf",
    en: """
      That is what /etc/hostname says: the engine wrote it before the start. The name was \
      changed since.
      """,
    zh: "那是 /etc/hostname 的内容，引擎在启动之前写下的。后来名字改过。")
  static let hintEnvironment = Text(
    "4ed554",
    en: """
      That is the variable HOSTNAME. Anybody may set it to anything; the kernel does not know \
      it.
      """,
    zh: "那是环境变量 HOSTNAME。谁都可以随意设置它，内核并不知道它的存在。")
  static let hintHost = Text(
    "74709b",
    en: """
      That is the host's name. /proc/sys/kernel/hostname answers for the process that reads \
      it, by whatever path it is reached.
      """,
    zh: "那是主机的名字。/proc/sys/kernel/hostname 反映的是读它的进程，无论从哪条路径打开都一样。")
  static let findName = Text("f8716d", en: "the name, {kind}", zh: "名字，{kind}")
  static let kindRenamed = Text(
    "b150c0",
    en: "in a container that renamed itself",
    zh: "在自行改过名的容器里")
  static let kindShared = Text(
    "1dffac",
    en: "in a container with --uts host",
    zh: "在使用 --uts host 的容器里")
  static let wrongName = Text("1538a2", en: "that is not its name", zh: "这不是它的名字")
  static let wrongFile = Text(
    "f6ae8f",
    en: "that is what /etc/hostname says",
    zh: "那是 /etc/hostname 里的")
  static let wrongEnvironment = Text(
    "5bd059",
    en: "that is what HOSTNAME says",
    zh: "那是环境变量 HOSTNAME 的值")
  static let wrongHost = Text("a5dd98", en: "that is the host's name", zh: "那是主机的名字")
  static let brokenTask = Text(
    "750f6f",
    en: """
      launch.sh starts a service under a host name of its own: launch.sh NAME. The service has \
      a UTS namespace and the name, but the machine is called NAME too from then on. Repair \
      it: the service has its name, the machine keeps its own.
      The check runs it on a container that stands for the machine. If you try it yourself, \
      your machine will be renamed.
      """,
    zh: """
      launch.sh 以专用的主机名启动一个服务：launch.sh NAME。服务有了自己的 UTS 命名空间，也有\
      了名字，可是机器从此也改叫 NAME 了。请修复：服务用它的名字，机器保留原名。
      检查时，用一个容器充当这台机器。如果你自己直接运行它，被改名的就是你的机器。
      """)
  static let brokenHint1 = Text(
    "c7ec5d",
    en: """
      A new UTS namespace begins as a copy of the old one. At which moment is the name set \
      here?
      """,
    zh: "新的 UTS 命名空间是旧的那个的副本。这里是在什么时候设置名字的？")
  static let brokenHint2 = Text(
    "0b596c",
    en: """
      First the namespace, then the name: `hostname` must run after `unshare -u`, and inside \
      of it.
      """,
    zh: "先有命名空间，再设名字：`hostname` 必须在 `unshare -u` 之后、在它里面运行。")
  static let brokenHint3 = Text(
    "f49b45",
    en: "unshare -u sh -c 'hostname \"$1\"; exec sleep 60' sh \"$name\" &",
    zh: "unshare -u sh -c 'hostname \"$1\"; exec sleep 60' sh \"$name\" &")
  static let hintRenamed = Text(
    "1b6f5e",
    en: """
      The machine was renamed: `hostname` ran while the script was still in the machine's \
      namespace.
      """,
    zh: "机器被改名了：运行 `hostname` 时，脚本还在机器的命名空间里。")
  static let hintNoNamespace = Text(
    "828608",
    en: "The service shares the machine's UTS namespace: a name of its own needs unshare -u.",
    zh: "服务与机器共用 UTS 命名空间：要有自己的名字，就需要 unshare -u。")
  static let hintNoName = Text(
    "c60f55",
    en: """
      The service has a namespace, and in it the machine's name, which was copied: nobody set \
      another.
      """,
    zh: "服务有了命名空间，里面却还是复制来的机器名：没有人设置新的名字。")
  static let findMachine = Text("fef78a", en: "the machine's name", zh: "机器的名字")
  static let findServiceSpace = Text(
    "0df74c",
    en: "the service has a UTS namespace of its own",
    zh: "服务有自己的 UTS 命名空间")
  static let findService = Text("e601d0", en: "the service's name", zh: "服务的名字")
  static let machineRenamed = Text("35c2de", en: "the machine was renamed", zh: "机器被改名了")
  static let noSpace = Text("3ad56b", en: "it is in the machine's", zh: "它在机器的命名空间里")
  static let noService = Text("21b725", en: "no service was started", zh: "没有启动服务")
  static let otherService = Text("f81073", en: "the service has another name", zh: "服务的名字不对")
}
