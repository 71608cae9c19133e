internal import Measure
internal import Report

/// What one process may take, whatever its cgroup allows (getrlimit(2)).
struct ResourceLimits: SectionContent {
  static let id = "rlimits"
  static let title = Bilingual(en: "Resource limits", zh: "资源限制")

  /// One line of /proc/PID/limits.
  struct Entry: Equatable, Sendable {
    /// `Max open files`.
    let name: String
    /// What is in force; nil for unlimited.
    let soft: UInt64?
    /// How far the process may raise it; nil for unlimited.
    let hard: UInt64?
    /// `files`, `bytes` and so on; empty for some.
    let unit: String
  }

  /// In the kernel's order.
  let entries: [Entry]

  init?(_ subject: Subject, _ notes: inout Notes) {
    guard let text = subject.text("limits", &notes, limit: 1 << 16) else { return nil }
    entries = ResourceLimits.parse(text)
    if entries.isEmpty {
      notes.problem(
        "/proc/\(subject.pid)/limits",
        Bilingual(en: "no line is as expected", zh: "没有一行符合预期格式"))
    }
  }

  /// Names have blanks, so fields count from the first that is a number or `unlimited`.
  static func parse(_ text: String) -> [Entry] {
    text.split(separator: "\n").dropFirst().compactMap { line in
      let words = line.split(separator: " ")
      func isValue(_ word: Substring) -> Bool { word == "unlimited" || UInt64(word) != nil }
      guard let first = words.firstIndex(where: isValue), first > 0, words.count > first + 1,
        isValue(words[first + 1])
      else { return nil }
      return Entry(
        name: words[..<first].joined(separator: " "), soft: UInt64(words[first]),
        hard: UInt64(words[first + 1]),
        unit: words.count > first + 2 ? String(words[first + 2]) : "")
    }
  }

  var blocks: [Block] {
    func text(_ value: UInt64?) -> Bilingual {
      value.map { Bilingual("\($0)") } ?? Bilingual(en: "unlimited", zh: "不限")
    }
    return [
      .table(
        head: [
          Bilingual(en: "limit", zh: "限制"), Bilingual(en: "soft", zh: "软"),
          Bilingual(en: "hard", zh: "硬"), Bilingual(en: "unit", zh: "单位"),
        ],
        rows: entries.map {
          [Bilingual($0.name), text($0.soft), text($0.hard), Bilingual($0.unit)]
        },
        numbers: [1, 2])
    ]
  }

  var json: JSON {
    .array(
      entries.map {
        .object([
          "name": .string($0.name), "soft": .int($0.soft), "hard": .int($0.hard),
          "unit": .string($0.unit),
        ])
      })
  }
}
