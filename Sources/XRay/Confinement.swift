internal import Measure
internal import Report

/// What else keeps the process within bounds: seccomp(2), no_new_privs, a security module, and what
/// the kernel will do when memory runs out.
struct Confinement: SectionContent {
  static let id = "confinement"
  static let title = Bilingual(en: "Confinement", zh: "约束")

  /// 0 none, 1 strict, 2 filters (proc_pid_status(5)).
  let seccompMode: Int64?
  /// How many filters are asked at each system call.
  let seccompFilters: Int64?
  /// Whether execve(2) can give no privileges any more.
  let noNewPrivileges: Bool?
  /// AppArmor's profile or SELinux's context; nil without a module.
  let label: String?
  /// Who dies first when memory runs out, -1000 never … 1000 first.
  let oomScoreAdjust: Int?
  /// The kernel's own figure of that.
  let oomScore: Int?

  init?(_ subject: Subject, _ notes: inout Notes) {
    guard let text = subject.text("status", &notes, limit: 1 << 20) else { return nil }
    let status = Status(text)
    seccompMode = status.numbers("Seccomp").first
    seccompFilters = status.numbers("Seccomp_filters").first
    noNewPrivileges = status.numbers("NoNewPrivs").first.map { $0 != 0 }
    // EINVAL without a security module.
    label = Confinement.label(subject, &notes)
    oomScoreAdjust = subject.text("oom_score_adj", &notes).flatMap { Int($0.trimmed) }
    oomScore = subject.text("oom_score", &notes).flatMap { Int($0.trimmed) }
  }

  private static func label(_ subject: Subject, _ notes: inout Notes) -> String? {
    var own = Notes()
    guard let text = subject.text("attr/current", &own, limit: 4096) else { return nil }
    for source in own.sources { notes.add(source: source) }
    let label = text.split { $0 == "\n" || $0 == "\0" }.first.map { String($0) }
    return label
  }

  var blocks: [Block] {
    let unknown = Bilingual(en: "unknown", zh: "未知")
    func yes(_ value: Bool?) -> Bilingual {
      value.map { $0 ? Bilingual(en: "yes", zh: "是") : Bilingual(en: "no", zh: "否") } ?? unknown
    }
    let count = seccompFilters.map { "\($0)" } ?? "?"
    let seccomp =
      switch seccompMode {
      case 0: Bilingual(en: "none: every system call", zh: "无：可用所有系统调用")
      case 1: Bilingual(en: "strict: read, write, exit", zh: "严格模式：只有 read、write、exit")
      case 2: Bilingual(en: "filters: \(count)", zh: "过滤器：\(count) 个")
      default: unknown
      }
    return [
      .facts([
        (Bilingual("seccomp"), seccomp), (Bilingual("no_new_privs"), yes(noNewPrivileges)),
        (
          Bilingual(en: "security module", zh: "安全模块"),
          label.map { Bilingual($0) } ?? Bilingual(en: "no label", zh: "无标签")
        ),
        (
          Bilingual("oom_score_adj"),
          oomScoreAdjust.map {
            Bilingual("\($0)" + (oomScore.map { " (oom_score \($0))" } ?? ""))
          } ?? unknown
        ),
      ])
    ]
  }

  var json: JSON {
    .object([
      "seccomp_mode": .int(seccompMode), "seccomp_filters": .int(seccompFilters),
      "no_new_privs": noNewPrivileges.map { .bool($0) } ?? .null, "label": .text(label),
      "oom_score_adj": .int(oomScoreAdjust), "oom_score": .int(oomScore),
    ])
  }
}

extension String {
  /// Without blanks and line feeds at the ends.
  var trimmed: String {
    var text = self[...]
    while let last = text.last, last.isWhitespace { text.removeLast() }
    while let first = text.first, first.isWhitespace { text.removeFirst() }
    return String(text)
  }
}
