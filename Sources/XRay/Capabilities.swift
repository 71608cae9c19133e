internal import Linux
internal import Measure
internal import Report

/// What the process may do beyond its ids (capabilities(7)).
struct Capabilities: SectionContent {
  static let id = "capabilities"
  static let title = Bilingual(en: "Capabilities", zh: "权能")

  /// The sets by their names in JSON, as names such as `CAP_CHOWN`.
  let sets: [String: [String]]
  /// How many there are on this kernel.
  let last: Int?

  /// The sets, from what can ever be had to what is had now, with their lines in
  /// /proc/PID/status.
  static let kinds: [(id: String, line: String, letter: String)] = [
    ("bounding", "CapBnd", "B"), ("permitted", "CapPrm", "P"), ("effective", "CapEff", "E"),
    ("inheritable", "CapInh", "I"), ("ambient", "CapAmb", "A"),
  ]

  init?(_ subject: Subject, _ notes: inout Notes) {
    guard let text = subject.text("status", &notes, limit: 1 << 20) else { return nil }
    last = notes.optional("/proc/sys/kernel/cap_last_cap").flatMap {
      Int($0.split(separator: "\n").first ?? "")
    }
    let status = Status(text)
    var sets: [String: [String]] = [:]
    for kind in Capabilities.kinds {
      guard let word = status[kind.line], let mask = UInt64(word, radix: 16) else {
        notes.problem(
          "/proc/\(subject.pid)/status",
          Bilingual(en: "it has no readable line \(kind.line)", zh: "没有可读的 \(kind.line) 行"))
        continue
      }
      sets[kind.id] = Capabilities.names(mask: mask)
    }
    self.sets = sets
  }

  /// The names in a mask; a bit beyond what libcap knows keeps its number.
  static func names(mask: UInt64) -> [String] { CapabilitySet(mask: mask).names }

  var blocks: [Block] {
    // One line for each combination of sets: most capabilities are in the same ones.
    var order = [String]()
    var groups: [String: [String]] = [:]
    var all = [String]()
    for kind in Capabilities.kinds {
      for name in sets[kind.id] ?? [] where !all.contains(name) { all.append(name) }
    }
    for name in all {
      let letters = Capabilities.kinds.filter { sets[$0.id]?.contains(name) == true }
        .map { $0.letter }.joined()
      if groups[letters] == nil { order.append(letters) }
      groups[letters, default: []].append(String(name.dropFirst(4)).lowercased())
    }
    let rows = order.map { [Bilingual($0), Bilingual((groups[$0] ?? []).joined(separator: " "))] }
    let counts = Capabilities.kinds.map { "\($0.letter) \(sets[$0.id]?.count ?? 0)" }
      .joined(separator: ", ")
    let of = last.map { " / \($0 + 1)" } ?? ""
    let meaning: Block = .note(
      Bilingual(
        en: "B bounding, P permitted, E effective, I inheritable, A ambient: \(counts)\(of).",
        zh: "B 界限集，P 许可集，E 有效集，I 可继承集，A 环境集：\(counts)\(of)。"))
    guard !rows.isEmpty else {
      return [.note(Bilingual(en: "None at all.", zh: "一个也没有。")), meaning]
    }
    return [
      .table(
        head: [Bilingual(en: "sets", zh: "集合"), Bilingual(en: "capabilities", zh: "权能")],
        rows: rows), meaning,
    ]
  }

  var json: JSON {
    .object([
      "sets": .object(sets.mapValues { .texts($0) }), "known": .int(last.map { $0 + 1 }),
    ])
  }
}
