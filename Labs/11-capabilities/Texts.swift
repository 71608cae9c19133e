internal import LabKit

/// What lab 11 says.
enum Texts {
  static let title = Text("84e13d", en: "Capabilities: what root is made of", zh: "能力：root 是由什么组成的")
  static let story = Text(
    "9f5894",
    en: """
      Three containers try to open a raw socket, as `ping` does: root with the usual \
      capabilities, root with one capability less, and a user who is not root.
      """,
    zh: """
      三个容器都尝试打开原始套接字（`ping` 就是这么做的）：一个是具有通常能力的 root，\
      一个是少了一项能力的 root，还有一个不是 root。
      """)
  static let belief = Text("238dd5", en: "\"uid 0 is all power.\"", zh: "“uid 0 就是无所不能。”")

  static let countQuestion = Text(
    "4264fb",
    en: """
      The kernel divides root's power into some 40 capabilities. How many has root in a container \
      that was started without any flags?
      """,
    zh: "内核把 root 的权力分成四十来项能力（capability）。不加任何参数启动的容器里，root 有多少项？")
  static let countAll = Text("1a5e5c", en: "All of them: it is root.", zh: "全部：它是 root。")
  static let countAllWhy = Text(
    "2a55df",
    en: """
      CapEff is {granted}: {count} bits of {known}. The rest, such as mounting, loading modules \
      or setting the clock, was taken away before the program was executed. All of them is \
      --cap-add ALL.
      """,
    zh: """
      CapEff 是 {granted}：{known} 位里只有 {count} 位为 1。其余的，如挂载、加载内核模块、\
      设置时钟，在执行程序之前就被去掉了。想要全部，得用 --cap-add ALL。
      """)
  static let countSome = Text(
    "c53299", en: "Some, about a third: what usual programs need.", zh: "一部分，约三分之一：普通程序用得着的那些。")
  static let countSomeWhy = Text(
    "87348c",
    en: """
      {count} of {known}; one bit each in CapEff, {granted}. The list is Docker's: changing \
      owners, binding low ports, raw sockets and the like, but nothing that rules the machine.
      """,
    zh: """
      {known} 项中的 {count} 项，在 CapEff（{granted}）里各占一位。这份清单沿用 Docker 的：\
      改属主、绑定低端口、原始套接字之类，但没有能左右整台机器的。
      """)
  static let countNone = Text(
    "614090", en: "None, unless it is told --privileged.", zh: "一项也没有，除非加上 --privileged。")
  static let countNoneWhy = Text(
    "ff94aa",
    en: """
      Then even `chown` or a switch to another user would fail, and package managers with them. \
      It has {count} of {known}: {granted}. None at all is --cap-drop ALL.
      """,
    zh: """
      那样连 `chown` 或切换用户都会失败，包管理器也就没法用了。\
      实际上它有 {known} 项中的 {count} 项：{granted}。一项不留要用 --cap-drop ALL。
      """)

  static let rawQuestion = Text(
    "978822",
    en: "Root in a container started with --cap-drop NET_RAW opens a raw socket. What happens?",
    zh: "容器以 --cap-drop NET_RAW 启动，其中的 root 打开原始套接字。结果如何？")
  static let rawRefused = Text(
    "85b765", en: "EPERM, although `id -u` says 0.", zh: "EPERM，尽管 `id -u` 显示 0。")
  static let rawRefusedWhy = Text(
    "b6aa27",
    en: """
      The kernel does not ask who you are, but whether bit 13 is set in CapEff, and in {left} it \
      is not. `ping` is told EPERM too and guesses wrong: "{words}".
      """,
    zh: """
      内核不问你是谁，只看 CapEff 的第 13 位是否为 1，而 {left} 里这一位是 0。\
      `ping` 同样得到 EPERM，却猜错了原因：“{words}”。
      """)
  static let rawWorks = Text(
    "7a3528", en: "It works: root is never refused.", zh: "成功：root 从不会被拒绝。")
  static let rawWorksWhy = Text(
    "665d20",
    en: """
      That was so before Linux 2.2. Since then uid 0 has no power of its own: an execve(2) by \
      root fills the masks, but only with what the bounding set still allows, and here that is {left}.
      """,
    zh: """
      Linux 2.2 之前的确如此。此后 uid 0 本身不再带有权力：root 执行 execve(2) 时会填满能力掩码，\
      但只能填上边界集（bounding set）还允许的，这里就是 {left}。
      """)
  static let rawUser = Text(
    "dafc79", en: "It fails, for it is no longer root: `id -u` says 65534.",
    zh: "失败，因为它已不是 root：`id -u` 显示 65534。")
  static let rawUserWhy = Text(
    "1edbdd",
    en: """
      Ids and capabilities are two things. Dropping a capability changes no id: `id -u` still \
      says 0, and root's files still belong to it. Only the mask is another: {left}.
      """,
    zh: """
      ID 和能力是两回事。去掉一项能力不会改变任何 ID：`id -u` 仍是 0，root 的文件仍归它所有。\
      变的只是掩码：{left}。
      """)

  static let userQuestion = Text(
    "3431c3",
    en: """
      Now --user 1000, with nothing dropped: NET_RAW is granted to the container. The user opens \
      a raw socket. What happens?
      """,
    zh: "现在用 --user 1000，不去掉任何能力：容器仍被授予 NET_RAW。这个用户打开原始套接字，结果如何？")
  static let userWorks = Text(
    "958c8b", en: "It works: the container has the capability.", zh: "成功：容器有这项能力。")
  static let userWorksWhy = Text(
    "a3e42e",
    en: """
      A container has no capabilities, processes have. What was granted is an upper bound, CapBnd \
      {bound}. A process that is not root executes its program with empty masks, unless the \
      program's file brings some (setcap(8)).
      """,
    zh: """
      拥有能力的是进程，不是容器。授予的只是上限，即 CapBnd {bound}。\
      非 root 的进程执行程序时掩码是空的，除非程序文件自带能力（setcap(8)）。
      """)
  static let userStart = Text(
    "9c970c", en: "The container does not start: only root may be granted capabilities.",
    zh: "容器无法启动：能力只能授予 root。")
  static let userStartWhy = Text(
    "e66c20",
    en: """
      It starts. The bounding set may hold {bound} for anybody; it only says what a process could \
      get by executing a file with capabilities. Nothing was gained by it here.
      """,
    zh: """
      能启动。谁的边界集都可以是 {bound}；它只说明进程通过执行带能力的文件最多能得到什么。\
      这里它什么也没换来。
      """)
  static let userRefused = Text(
    "ff7f48", en: "EPERM: for this user the mask is empty.", zh: "EPERM：对这个用户来说掩码是空的。")
  static let userRefusedWhy = Text(
    "17af53",
    en: """
      CapBnd is still {bound}, CapEff is 0: what may be had, and what is had. When a process goes \
      from uid 0 to another, the kernel clears the masks (capabilities(7)). That is why \
      --cap-add alone does not help a server that is not root.
      """,
    zh: """
      CapBnd 仍是 {bound}，CapEff 却是 0：一个是“最多能有”，一个是“现在就有”。\
      进程从 uid 0 换成其他 uid 时，内核会清空掩码（capabilities(7)）。\
      所以对非 root 的服务来说，只加 --cap-add 是没用的。
      """)

  static let sayRoot = Text(
    "3f922b",
    en: "Root with the usual capabilities. Its sockets are listed in its network namespace.",
    zh: "具有通常能力的 root。它的套接字会列在它的网络命名空间里。")
  static let sayDropped = Text("d4714d", en: "Root with one bit less.", zh: "少了一位的 root。")
  static let sayPing = Text(
    "dabb57", en: "`ping` asks: \"{words}\" And `id -u` answers: {uid}.",
    zh: "`ping` 问：“{words}”，而 `id -u` 的回答是 {uid}。")
  static let sayUser = Text(
    "fb9aab", en: "Not root, but nothing dropped either.", zh: "不是 root，但也没有去掉任何能力。")
  static let last = Text(
    "738bb3", en: "the highest capability this kernel knows", zh: "这个内核认识的最大能力编号")
  static let sockets = Text(
    "cdbca3", en: "the raw sockets of the container's network namespace (raw(7))",
    zh: "容器网络命名空间里的原始套接字（raw(7)）")
  static let status = Text(
    "c20767", en: "each container's PID 1: who it is, what it has, what it could get",
    zh: "各容器的 1 号进程：是谁、现有什么能力、最多能有什么能力")

  static let findCount = Text(
    "667081", en: "capabilities the runtime set, and bits in CapEff",
    zh: "运行时设置的能力数，与 CapEff 中为 1 的位数")
  static let findGranted = Text(
    "2ce7f6", en: "with bit 13 set: a raw socket", zh: "第 13 位为 1：打开原始套接字")
  static let findListed = Text(
    "1cbd8b", en: "raw sockets the kernel lists while ping runs", zh: "ping 运行时内核列出的原始套接字数")
  static let findMask = Text(
    "537b14", en: "CapEff after --cap-drop NET_RAW: the same without bit 13",
    zh: "--cap-drop NET_RAW 之后的 CapEff：只少第 13 位")
  static let findRaw = Text(
    "6101aa", en: "root without bit 13: a raw socket", zh: "没有第 13 位的 root：打开原始套接字")
  static let findUser = Text(
    "234475", en: "uid 1000, nothing dropped: a raw socket", zh: "uid 1000、未去掉能力：打开原始套接字")
  static let otherCount = Text(
    "0cc8c8", en: "CapEff is not what the runtime set", zh: "CapEff 与运行时设置的不一致")
  static let otherAnswer = Text(
    "623139", en: "the kernel answered something else", zh: "内核的应答与此不同")
  static let notListed = Text("6abdae", en: "no socket is listed", zh: "没有列出任何套接字")
  static let otherMask = Text("0f7d0f", en: "the mask is another one", zh: "掩码与此不同")

  static let exerciseTask = Text(
    "2bc06a",
    en: """
      Write can.sh, which tells whether a process may use a capability at this moment.
      It is called as: can.sh PID NUMBER (a PID of the host; 13 is NET_RAW, 12 NET_ADMIN).
      It prints yes or no.
      """,
    zh: """
      编写 can.sh，判断某个进程此刻能否使用某项能力。
      调用方式：can.sh PID 编号（PID 是主机上的；13 是 NET_RAW，12 是 NET_ADMIN）。
      打印 yes 或 no。
      """)
  static let exerciseHint1 = Text(
    "3641a0", en: "/proc/PID/status has five lines that begin with Cap.",
    zh: "/proc/PID/status 里有五行以 Cap 开头。")
  static let exerciseHint2 = Text(
    "7ac58c",
    en: """
      Each is a mask in hexadecimal, one bit a capability. The one that the kernel asks when \
      something is attempted is the effective one, CapEff.
      """,
    zh: "每一行都是十六进制掩码，一位对应一项能力。真正做事时内核检查的是有效集 CapEff。")
  static let exerciseHint3 = Text(
    "f8cac6",
    en: """
      mask=$(awk '/^CapEff:/ { print $2 }' /proc/PID/status), then shift it to the right: \
      $((0x$mask >> number & 1)) is 1 or 0.
      """,
    zh: """
      mask=$(awk '/^CapEff:/ { print $2 }' /proc/PID/status)，再右移：\
      $((0x$mask >> number & 1)) 就是 1 或 0。
      """)
  static let hintUid = Text(
    "65d8cc",
    en: "You said yes for a root whose bit was dropped. Do not ask for the uid: read the mask.",
    zh: "某个 root 的这一位已被去掉，你却回答了 yes。别看 uid，要看掩码。")
  static let hintBounding = Text(
    "a0a8bf",
    en: """
      CapBnd is what a process could get at most. uid 1000 has the bit there, and no raw socket. \
      Which line tells what it has now?
      """,
    zh: "CapBnd 是进程最多能得到的。uid 1000 在那里有这一位，却打不开原始套接字。哪一行说的是现在有的？")
  static let findCan = Text(
    "b4f0a5", en: "capability {number} under {command}", zh: "{command} 下的能力 {number}")
  static let wrongCan = Text("af571c", en: "CapEff says otherwise", zh: "与 CapEff 不符")

  static let brokenTask = Text(
    "72c1d5",
    en: """
      serve.sh starts a web server in a container that has NET_BIND_SERVICE, SETUID and SETGID \
      and nothing else. It must listen on port 80, and the server must not be root: it shall be \
      www-data, 33. As it stands: "bind: Permission denied". Repair it.
      """,
    zh: """
      serve.sh 在一个容器里启动 Web 服务器，容器只有 NET_BIND_SERVICE、SETUID 和 SETGID 三项能力。\
      服务器必须监听 80 端口，而且不能是 root，应为 www-data（33）。\
      现在它报错：“bind: Permission denied”。请修复。
      """)
  static let brokenHint1 = Text(
    "91590c", en: "Who may bind port 80, and who is it when the server tries?",
    zh: "谁可以绑定 80 端口？服务器尝试绑定时，它又是谁？")
  static let brokenHint2 = Text(
    "771bb5",
    en: """
      Going from uid 0 to another clears the masks. So what needs a capability must come before \
      the change, in the same process.
      """,
    zh: "从 uid 0 换成其他 uid 会清空掩码。所以需要能力的事必须在换用户之前、由同一个进程做完。")
  static let brokenHint3 = Text(
    "d55717",
    en: "httpd can change its user itself, after it has bound its port: see `httpd --help`, -u.",
    zh: "httpd 可以在绑定端口之后自己换用户：看看 `httpd --help` 里的 -u。")
  static let hintRoot = Text(
    "c962a8",
    en: "The port is bound, but the server is still root: let it change its user afterwards.",
    zh: "端口绑定了，但服务器仍是 root：让它绑定之后再换用户。")
  static let hintPort = Text(
    "9994dd",
    en: """
      Nothing listens on port 80. `su` came first, and with uid 33 CapEff is 0, whatever was \
      granted to the container.
      """,
    zh: "80 端口上没有人监听。因为先执行了 `su`，而 uid 变成 33 后，不管容器被授予了什么，CapEff 都是 0。")
  static let findPort = Text("61154d", en: "ports that are listened on", zh: "正在监听的端口")
  static let findServer = Text("f85387", en: "the server's uid", zh: "服务器的 uid")
  static let noPort = Text("8b3846", en: "nothing listens on port 80", zh: "80 端口上没有监听")
  static let noServer = Text("bf3be0", en: "no httpd runs", zh: "没有运行中的 httpd")
  static let stillRoot = Text("b83b8a", en: "the server is not www-data", zh: "服务器不是 www-data")
}
