/// What the guide itself says, whatever the lab.
enum Words {
  static let lab = Text("a0a4c3", en: "Lab {number}: {title}", zh: "实验 {number} · {title}")
  static let belief = Text("94e5cf", en: "Many believe: {belief}", zh: "常见的误解：{belief}")
  static let predict = Text("a112b1", en: "1 Predict", zh: "1 预测")
  static let run = Text("84c190", en: "2 Run and look", zh: "2 运行与观察")
  static let explain = Text("8b4475", en: "3 Explain", zh: "3 解释")
  static let change = Text("ba2e79", en: "4 Change", zh: "4 动手")
  static let findings = Text("3fb8c3", en: "What came out", zh: "结果")
  static let answerPrompt = Text(
    "84d502", en: "Your answer ({keys}), it cannot be changed later: ",
    zh: "你的答案（{keys}），提交后不能更改：")
  static let notAnAnswer = Text("8dc85c", en: "Please type one of {keys}.", zh: "请输入 {keys} 之一。")
  static let locked = Text(
    "cba876", en: "Locked: ({key}). Now let the kernel decide.", zh: "已锁定：（{key}）。下面由内核来裁决。")
  static let nobodyAsked = Text(
    "5f24ad", en: "Nobody is asked (--yes). The kernel decides.", zh: "无人作答（--yes）。由内核来裁决。")
  static let theAnswer = Text(
    "6bf858", en: "The answer: ({key}) {answer}", zh: "答案：（{key}）{answer}")
  static let verdictOnly = Text("a675fd", en: "Verdict: {verdict}.", zh: "结论：{verdict}。")
  static let lockedBefore = Text(
    "a61834", en: "You answered ({key}) before; that answer stays.", zh: "你之前答过（{key}），以那次为准。")
  static let step = Text(
    "cc663c", en: "{shown} of the {all} steps the runtime took for it:",
    zh: "运行时为此执行了 {all} 个步骤，其中相关的 {shown} 个：")
  static let noCommand = Text(
    "ab102b", en: "(no shell command does this)", zh: "（没有对应的 shell 命令）")
  static let absent = Text("1b6c72", en: "(no such file)", zh: "（文件不存在）")
  static let before = Text("afb2be", en: "before", zh: "之前")
  static let during = Text("a27e88", en: "during", zh: "期间")
  static let after = Text("71eae9", en: "after", zh: "之后")
  static let nothing = Text("5e330a", en: "nothing", zh: "无")
  static let values = Text(
    "8a9d18", en: "expected {expected}; seen {seen}", zh: "预期 {expected}；实测 {seen}")
  static let youSaid = Text("0af687", en: "You said ({key}) {answer}", zh: "你的答案是（{key}）{answer}")
  static let right = Text("c2b471", en: "Right.", zh: "答对了。")
  static let wrong = Text("d3f072", en: "Not so.", zh: "并非如此。")
  static let undecided = Text(
    "75ae5b",
    en: """
      The kernel did not decide this time: {reason}. What follows holds on a quiet machine; its \
      figures are the disturbed ones of this run.
      """,
    zh: """
      这一次内核没有给出结论：{reason}。下面的解释在机器不受干扰时成立，\
      其中的数字则来自这次受干扰的运行。
      """)
  static let contradicted = Text(
    "680d51", en: "The kernel showed something else than the course expects: {reason}.",
    zh: "内核给出的结果与课程的预期不同：{reason}。")
  static let instead = Text("f9c8d5", en: "Instead, ({key}): {why}", zh: "正确的是（{key}）：{why}")
  static let exercise = Text("120fbb", en: "Exercise", zh: "练习")
  static let broken = Text("451695", en: "Broken state", zh: "故障修复")
  static let edit = Text("0940d3", en: "Your file: {path}", zh: "你的文件：{path}")
  static let thenCheck = Text(
    "5db695", en: "Edit it with any editor, then: {check}. Stuck: {hint}",
    zh: "用任意编辑器修改它，然后运行：{check}。没有思路时：{hint}")
  static let changePrompt = Text(
    "f41f0a", en: "Enter = check both, h = hint, q = leave: ", zh: "回车 = 检查两者，h = 提示，q = 离开：")
  static let checking = Text(
    "522cdf", en: "Checking {path} on real containers", zh: "正在用真实容器检查 {path}")
  static let unchanged = Text(
    "e7456a", en: "The script is still as it was given to you.", zh: "脚本还是最初的样子，尚未修改。")
  static let noHints = Text("b79271", en: "There is no further hint.", zh: "没有更多提示了。")
  static let hint = Text(
    "f09788", en: "Hint {number} of {all}: {text}", zh: "提示 {number}/{all}：{text}")
  static let hintForCause = Text(
    "39f520", en: "From what the last check saw: {text}", zh: "根据上次检查看到的情况：{text}")
  static let clean = Text(
    "a25813",
    en: "The host is as it was: mounts, links, namespaces, cgroups, processes, rules, sysctls.",
    zh: "主机与实验前一致：挂载、网络接口、命名空间、cgroup、进程、规则、sysctl 均无变化。")
  static let dirty = Text(
    "fd25fe",
    en: "The lab left something behind on the host:",
    zh: "实验在主机上留下了以下残留：")
  static let meanwhile = Text(
    "813f7a", en: "({count} other changes on this host meanwhile, not by this lab)",
    zh: "（期间主机上另有 {count} 处变化，与本实验无关）")
  static let pass = Text("c883f8", en: "pass", zh: "通过")
  static let fail = Text("79f92d", en: "fail", zh: "未通过")
  static let inconclusive = Text("9aa29d", en: "inconclusive", zh: "无法判定")
  static let score = Text(
    "72920d", en: "Predictions right: {right} of {all}. Verdict: {verdict}.",
    zh: "预测正确 {right}/{all}。结论：{verdict}。")
  static let interrupted = Text(
    "9c6bdc", en: "Stopped. Cleaning up …", zh: "已中断，正在清理……")
  static let resetNothing = Text("81b5f6", en: "Nothing was left behind.", zh: "没有残留。")
  static let resetAlive = Text(
    "273532", en: "{path}: its lab is still running (pid {pid}); end it first.",
    zh: "{path}：该实验仍在运行（pid {pid}），请先结束它。")
  static let resetDone = Text(
    "34b19f", en: "{path}: cleaned up.", zh: "{path}：已清理。")
  static let progressHead = Text(
    "2a0146", en: "lab|predictions|verdict|exercise|repair|hints",
    zh: "实验|预测|结论|练习|修复|提示")
  static let done = Text("fd6e91", en: "done", zh: "完成")
  static let open = Text("3670e9", en: "open", zh: "未完成")
  static let listHint = Text(
    "56b890", en: "Start one with: drydock lab start NUMBER (or its name)",
    zh: "开始某个实验：drydock lab start 编号（或名称）")
  static let startTitle = Text(
    "8d646a", en: "How the first container started", zh: "第一个容器是怎样启动的")
  static let nextLab = Text(
    "7c418f", en: "[Enter] next lab: {lab}  [q] stop: ", zh: "[回车] 下一个实验：{lab}  [q] 停止：")
  static let needRoot = Text(
    "6940fd", en: "Containers need root: try again with sudo.", zh: "容器需要 root 权限：请用 sudo 再试。")
  static let scriptTimedOut = Text(
    "93dfe5", en: "the script did not end within {seconds} s", zh: "脚本在 {seconds} 秒内没有结束")
  static let scriptFailed = Text(
    "a89c6f", en: "the script failed with exit code {code}: {complaint}",
    zh: "脚本以退出码 {code} 失败：{complaint}")
  static let scriptEnds = Text(
    "ad55f4",
    en: "the script ends with exit code 0",
    zh: "脚本以退出码 0 结束")
  static let reportTitle = Text("124305", en: "Labs", zh: "实验")
  static let reportWritten = Text("d547d0", en: "Report: {path}", zh: "报告：{path}")
}
