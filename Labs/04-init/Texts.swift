internal import LabKit

/// What lab 4 says.
enum Texts {
  static let title = Text(
    "696b77",
    en: "PID 1: deaf, and everybody's parent",
    zh: "1 号进程：听不见信号，却是所有孤儿的父进程")
  static let story = Text(
    "831467",
    en: """
      We send signals to a container's PID 1 from inside, leave it three orphans, and stop it: \
      without an init, with one, and with a handler for SIGTERM.
      """,
    zh: """
      我们从容器里面给 1 号进程发信号，丢给它三个孤儿进程，再停止它：分别是没有 init、有 \
      init、以及自己处理 SIGTERM 三种情况。
      """)
  static let belief = Text(
    "6a0106",
    en: "\"If `docker stop` takes ten seconds, the engine is slow.\"",
    zh: "“`docker stop` 要等十秒，是引擎太慢。”")
  static let killQuestion = Text(
    "22d6f4",
    en: "Inside a container, root runs `kill -9 1`. What happens?",
    zh: "在容器里，root 运行 `kill -9 1`。会发生什么？")
  static let killEnds = Text(
    "35e2ea",
    en: "The container ends at once, with 137.",
    zh: "容器立即结束，退出码 137。")
  static let killEndsWhy = Text(
    "abce64",
    en: """
      It does when the signal comes from outside. From inside, PID 1 is protected: signals for \
      which it has no handler are dropped, and SIGKILL cannot have one. It went on as process \
      {pid}.
      """,
    zh: """
      信号若来自外面，确实如此。而在里面，1 号进程受到保护：没有处理函数的信号都会被丢弃，\
      SIGKILL 又不可能有处理函数。它照常运行，主机上的 PID 是 {pid}。
      """)
  static let killNothing = Text("3a3da2", en: "Nothing at all.", zh: "什么也不会发生。")
  static let killNothingWhy = Text(
    "fcbcd3",
    en: """
      kill(2) even says that it worked (exit code {code}); the kernel dropped SIGKILL and then \
      SIGTERM, since PID 1 handled neither. Once it had a handler for SIGTERM, SIGTERM reached \
      it from inside too.
      """,
    zh: """
      kill(2) 甚至报告成功（退出码 {code}）；但 1 号进程对这两个信号都没有处理函数，内核就把 \
      SIGKILL 和 SIGTERM 先后丢弃了。等它有了 SIGTERM 的处理函数，从里面发的 SIGTERM 也能收\
      到。
      """)
  static let killDenied = Text(
    "4d55a8",
    en: "kill fails: Operation not permitted.",
    zh: "kill 失败：Operation not permitted。")
  static let killDeniedWhy = Text(
    "a3ec43",
    en: """
      Root inside may send signals to every process inside, and `kill` ended with {code}. The \
      signal was not refused, it was dropped on its way: PID 1 of a namespace gets only what \
      it handles.
      """,
    zh: """
      里面的 root 有权给里面的任何进程发信号，`kill` 的退出码是 {code}。信号没有被拒绝，而是在\
      途中被丢弃了：命名空间的 1 号进程只会收到它自己处理的信号。
      """)
  static let orphanQuestion = Text(
    "db50b2",
    en: """
      A script starts three helpers whose parents leave at once, and then becomes `sleep 60` \
      (exec). The helpers end after a second. What does the host's ps show of them?
      """,
    zh: """
      脚本启动三个辅助进程，它们的父进程立刻退出；随后脚本用 exec 变成 `sleep 60`。一秒后辅助\
      进程结束。主机的 ps 会怎样显示它们？
      """)
  static let orphanNone = Text("9bda2a", en: "Nothing: ended is ended.", zh: "什么也没有：结束了就是结束了。")
  static let orphanNoneWhy = Text(
    "69a17c",
    en: """
      A process that has ended stays, as a zombie, until its parent has fetched its exit code \
      with wait(2). The new parent is PID 1, and `sleep` never waits: {zombies} zombies.
      """,
    zh: """
      进程结束后会以僵尸的形式留下，直到父进程用 wait(2) 取走它的退出码。新的父进程是 1 号进\
      程，而 `sleep` 从不 wait：{zombies} 个僵尸。
      """)
  static let orphanThree = Text(
    "bdc2e4",
    en: "Three zombies, until the container ends.",
    zh: "三个僵尸，直到容器结束。")
  static let orphanThreeWhy = Text(
    "52cf24",
    en: """
      Orphans go to PID 1 of their namespace, and here that is `sleep`, which never calls \
      wait(2): {zombies}. With --init PID 1 does little else, and there were {reaped}.
      """,
    zh: """
      孤儿进程归命名空间的 1 号进程所有，这里就是从不调用 wait(2) 的 `sleep`：{zombies} 个。用\
      了 --init，1 号进程专做这件事，结果是 {reaped} 个。
      """)
  static let orphanHost = Text(
    "2895b9",
    en: "Nothing: the host's init takes them over and reaps them.",
    zh: "什么也没有：主机的 init 会接管并回收它们。")
  static let orphanHostWhy = Text(
    "f7b029",
    en: """
      It would, were they orphans of the host's namespace. But a PID namespace has its own PID \
      1, and orphans do not leave the namespace: their new parent was {parent}, `sleep`.
      """,
    zh: """
      如果它们是主机命名空间里的孤儿，确实会这样。但每个 PID 命名空间有自己的 1 号进程，孤儿不\
      会离开命名空间：它们的新父进程是 {parent}，也就是 `sleep`。
      """)
  static let stopQuestion = Text(
    "eefbea",
    en: """
      `drydock stop -t 2` sends SIGTERM, and SIGKILL two seconds later to what still lives. \
      The container runs `sleep 60`. How long does it take?
      """,
    zh: "`drydock stop -t 2` 先发 SIGTERM，两秒后若还活着就发 SIGKILL。容器里运行的是 `sleep 60`。停止要多久？")
  static let stopQuick = Text(
    "2aaebd",
    en: "No time: SIGTERM ends sleep.",
    zh: "一瞬间：SIGTERM 会结束 sleep。")
  static let stopQuickWhy = Text(
    "cd8304",
    en: """
      Anywhere else it would. As PID 1 it has no handler, and even from outside SIGTERM is \
      dropped then; only SIGKILL and SIGSTOP are certain. It took {slow}, and the code was \
      {slowCode}.
      """,
    zh: """
      换个地方就会。但作为 1 号进程，它没有处理函数，SIGTERM 即使来自外面也会被丢弃；从外面只\
      有 SIGKILL 和 SIGSTOP 一定有效。结果用了 {slow}，退出码 {slowCode}。
      """)
  static let stopWhole = Text("12d2ee", en: "Two seconds, the whole grace.", zh: "两秒，等满整个宽限期。")
  static let stopWholeWhy = Text(
    "b81130",
    en: """
      SIGTERM was dropped, and the engine waited as it was told: {slow}, code {slowCode}. A \
      script with a handler ended in {quick} with {quickCode}, and with --init the same \
      `sleep` in {init} with {initCode}.
      """,
    zh: """
      SIGTERM 被丢弃，引擎按要求等待：{slow}，退出码 {slowCode}。有处理函数的脚本 {quick} 就以 \
      {quickCode} 结束；同样的 `sleep` 加上 --init，{init} 就以 {initCode} 结束。
      """)
  static let stopSixty = Text(
    "af96dd",
    en: "Up to a minute, until sleep ends by itself.",
    zh: "最多一分钟，等 sleep 自己结束。")
  static let stopSixtyWhy = Text(
    "198f90",
    en: """
      After the grace comes SIGKILL, and from outside nobody can ignore that, PID 1 included: \
      {slow}, code {slowCode} = 128 + 9.
      """,
    zh: """
      宽限期一过就是 SIGKILL。来自外面的 SIGKILL 谁也躲不掉，1 号进程也一样：{slow}，退出码 \
      {slowCode} = 128 + 9。
      """)
  static let saySignals = Text(
    "b62057",
    en: "Signals from inside: SIGKILL and SIGTERM to PID 1, first without a handler.",
    zh: "从里面给 1 号进程发 SIGKILL 和 SIGTERM，先是没有处理函数的情况。")
  static let sayHandled = Text(
    "ca8559",
    en: "Now it sets a handler for SIGTERM and is sent one from inside.",
    zh: "现在它为 SIGTERM 设置处理函数，再从里面给它发一个。")
  static let sayOrphans = Text(
    "5f10ea",
    en: "Three orphans, and a PID 1 that does not wait.",
    zh: "三个孤儿进程，和一个从不 wait 的 1 号进程。")
  static let sayInit = Text("382128", en: "The same with --init.", zh: "同样的情况，加上 --init。")
  static let sayStop = Text(
    "778aa1",
    en: "Stopping, with a grace of two seconds: first `sleep` as PID 1.",
    zh: "停止容器，宽限期两秒：先看 `sleep` 作为 1 号进程。")
  static let sayTrap = Text(
    "9b8b9e",
    en: "Then a shell that handles SIGTERM.",
    zh: "再看一个处理 SIGTERM 的 shell。")
  static let sayStopInit = Text(
    "77bc8c",
    en: "And `sleep` again, this time below an init, which passes the signal on.",
    zh: "还是 `sleep`，但这次上面有 init，由它转交信号。")
  static let handlers = Text(
    "362c27",
    en: "signals with a handler, as bits; SIGTERM is 4000",
    zh: "有处理函数的信号（按位表示）；SIGTERM 对应 4000")
  static let helper = Text(
    "cbb4e4",
    en: "one of the helpers: its state and its parent",
    zh: "其中一个辅助进程：状态与父进程")
  static let findKill = Text(
    "b3c91d",
    en: "PID 1 after `kill -9 1` and `kill -15 1` from inside",
    zh: "从里面 `kill -9 1` 和 `kill -15 1` 之后的 1 号进程")
  static let killed = Text("57e484", en: "it has ended", zh: "它结束了")
  static let findHandled = Text(
    "407212",
    en: "exit code, from the handler, after SIGTERM from inside",
    zh: "从里面发 SIGTERM 后，处理函数给出的退出码")
  static let notHandled = Text("3ade61", en: "the handler did not run", zh: "处理函数没有运行")
  static let findZombies = Text("45a73b", en: "zombies without an init", zh: "没有 init 时的僵尸数")
  static let otherZombies = Text("38fcc6", en: "there are not three", zh: "不是三个")
  static let findReaped = Text("c3d4f0", en: "zombies with --init", zh: "有 --init 时的僵尸数")
  static let notReaped = Text("3af106", en: "they were not reaped", zh: "没有被回收")
  static let findSlow = Text(
    "ccb6cd",
    en: "stopping `sleep` as PID 1: time and exit code",
    zh: "停止作为 1 号进程的 `sleep`：用时与退出码")
  static let otherSlow = Text("b5436c", en: "SIGTERM alone ended it", zh: "SIGTERM 就把它结束了")
  static let findQuick = Text("e2412b", en: "stopping a shell with a handler", zh: "停止有处理函数的 shell")
  static let otherQuick = Text("637666", en: "the handler did not end it", zh: "处理函数没有使它结束")
  static let findInit = Text(
    "0eccaa",
    en: "stopping `sleep` below an init",
    zh: "停止 init 之下的 `sleep`")
  static let otherInit = Text("a204e8", en: "SIGTERM did not reach it", zh: "SIGTERM 没有送到它那里")
  static let exerciseTask = Text(
    "d5361c",
    en: """
      Write entry.sh, a PID 1 for any server: entry.sh COMMAND [ARG...] is what the container \
      runs.
      It starts the command as its child, passes SIGTERM on to it, waits until the command has \
      really ended, and ends with the command's exit code.
      """,
    zh: """
      编写 entry.sh，一个适用于任何服务的 1 号进程：容器运行的就是 entry.sh 命令 [参数…]。
      它把该命令作为子进程启动，把 SIGTERM 转交给它，等它真正结束，再以它的退出码结束。
      """)
  static let exerciseHint1 = Text(
    "83f88a",
    en: "Who is PID 1 after exec? And which signals does PID 1 get?",
    zh: "exec 之后谁是 1 号进程？1 号进程又能收到哪些信号？")
  static let exerciseHint2 = Text(
    "03a2f0",
    en: """
      Start the command with &, remember $!, set a trap that sends it TERM, and wait. A signal \
      that comes during `wait` makes `wait` return early.
      """,
    zh: """
      用 & 启动命令，记下 $!，设置一个向它发 TERM 的 trap，然后 wait。`wait` 期间若有信号到\
      来，`wait` 会提前返回。
      """)
  static let exerciseHint3 = Text(
    "cf2b50",
    en: """
      trap 'kill -TERM "$child"' TERM; "$@" & child=$!; wait "$child"; code=$?; and while kill \
      -0 "$child" succeeds, wait again and take the code again; exit $code.
      """,
    zh: """
      trap 'kill -TERM "$child"' TERM; "$@" & child=$!; wait "$child"; code=$?；然后只要 kill \
      -0 "$child" 还成功，就再 wait 一次并重取退出码；最后 exit $code。
      """)
  static let hintExec = Text(
    "a82588",
    en: "The command itself became PID 1: it has no handler for SIGTERM, so SIGTERM is dropped.",
    zh: "命令自己成了 1 号进程：它没有 SIGTERM 的处理函数，SIGTERM 就被丢弃了。")
  static let hintNoHandler = Text(
    "1efa2e",
    en: "PID 1 is your shell, and it has no handler for SIGTERM (see SigCgt): use trap.",
    zh: "1 号进程是你的 shell，而它没有 SIGTERM 的处理函数（见 SigCgt）：用 trap。")
  static let hintNotTold = Text(
    "cc0fff",
    en: """
      Your script ended and the command was killed with it: it heard nothing of SIGTERM and \
      could not save anything.
      """,
    zh: "你的脚本结束了，命令随之被杀：它根本没收到 SIGTERM，来不及保存任何东西。")
  static let hintCode = Text(
    "c3ac7d",
    en: """
      `wait` was interrupted by the signal and said 143 (128 + 15), while the command was \
      still saving. Wait again, until it is gone.
      """,
    zh: "`wait` 被信号打断，返回 143（128 + 15），而命令还在保存。要再 wait，直到它真正结束。")
  static let findServer = Text(
    "6e594c",
    en: "the server ran below an entry.sh that handles SIGTERM",
    zh: "服务运行在处理 SIGTERM 的 entry.sh 之下")
  static let findPlain = Text(
    "9a8b65",
    en: "stopping a server without a handler: exit code",
    zh: "停止没有处理函数的服务：退出码")
  static let findSaving = Text(
    "2f39a1",
    en: "stopping a server that saves first: what it wrote, and the code",
    zh: "停止一个先保存再退出的服务：它的输出与退出码")
  static let isExec = Text("b656c8", en: "the command is PID 1 itself", zh: "命令自己成了 1 号进程")
  static let noHandler = Text(
    "eea558",
    en: "PID 1 has no handler for SIGTERM",
    zh: "1 号进程没有 SIGTERM 的处理函数")
  static let notTold = Text("841636", en: "the command was not told", zh: "命令没有得到通知")
  static let tooEarly = Text(
    "1995c9",
    en: "entry.sh ended before the command",
    zh: "entry.sh 比命令先结束")
  static let otherCode = Text("7587a0", en: "that is not the command's exit code", zh: "这不是命令的退出码")
  static let brokenTask = Text(
    "a927e8",
    en: """
      serve.sh is PID 1 of a container. It has a handler that saves and ends with 0, and yet \
      every stop takes the whole grace, ends with 137, and nothing is saved. Repair it: at \
      SIGTERM it must print "saved" and end with 0 at once; until then it must go on running.
      """,
    zh: """
      serve.sh 是某个容器的 1 号进程。它有一个会保存并以 0 结束的处理函数，可每次停止都要等满\
      宽限期，退出码是 137，什么也没保存。请修复：收到 SIGTERM 时必须打印 “saved” 并立即以 0 \
      结束；在此之前要一直运行。
      """)
  static let brokenHint1 = Text(
    "17665a",
    en: """
      The handler is set: SigCgt in /proc/PID/status shows it. So when does a shell run a \
      handler?
      """,
    zh: "处理函数已经设置：/proc/PID/status 的 SigCgt 里看得到。那么 shell 会在什么时候运行处理函数？")
  static let brokenHint2 = Text(
    "2d268a",
    en: """
      A shell runs a trap when the command in the foreground has ended. Here that takes a \
      thousand seconds.
      """,
    zh: "shell 要等前台命令结束后才执行 trap。在这里，那要一千秒。")
  static let brokenHint3 = Text(
    "0422d9",
    en: """
      `wait` is interrupted by signals, a command in the foreground is not: sleep 1000 & wait
      """,
    zh: "`wait` 会被信号打断，前台命令不会：sleep 1000 & wait")
  static let hintLate = Text(
    "4ec139",
    en: """
      SIGTERM has arrived, but the shell is still waiting for its command. What can it wait \
      with that a signal interrupts?
      """,
    zh: "SIGTERM 已经送达，但 shell 还在等它的前台命令。有什么等待方式能被信号打断？")
  static let hintLost = Text(
    "cf4dc5",
    en: "There is no handler any more: exec replaced the shell, and its traps went with it.",
    zh: "处理函数已经没有了：exec 替换了 shell，它的 trap 也随之消失。")
  static let hintIgnored = Text(
    "0b7fee",
    en: "SIGTERM is ignored now (SigIgn): that is the opposite of handling it.",
    zh: "现在 SIGTERM 被忽略了（SigIgn）：这与处理它恰恰相反。")
  static let findReady = Text("3de094", en: "it runs until it is stopped", zh: "它一直运行到被停止")
  static let ended = Text("06fee8", en: "it ended by itself", zh: "它自己结束了")
  static let findSaved = Text(
    "5ddfe0",
    en: "at SIGTERM: what it wrote, and the exit code",
    zh: "收到 SIGTERM 时：它的输出与退出码")
  static let late = Text("242a19", en: "the handler did not run in time", zh: "处理函数没有及时运行")
  static let lost = Text("0bba03", en: "it has no handler", zh: "它没有处理函数")
  static let ignored = Text("291294", en: "it ignores SIGTERM", zh: "它忽略 SIGTERM")
}
