internal import Measure
internal import Report

/// Who the process is, outside and inside (user_namespaces(7)).
struct IDMapping: SectionContent {
  static let id = "ids"
  static let title = Bilingual(en: "Users and groups", zh: "用户与组")

  /// One line of /proc/PID/uid_map.
  struct Range: Equatable, Sendable {
    /// The first id inside.
    let inside: UInt32
    /// What it is in the reader's user namespace.
    let outside: UInt32
    /// How many in a row.
    let count: UInt32
  }

  /// uid: real, effective, saved, filesystem, as the host sees them.
  let users: [Int64]
  /// gid: the same.
  let groups: [Int64]
  /// Supplementary groups.
  let supplementary: [Int64]
  /// The maps of its user namespace.
  let userMap: [Range]
  /// The same for groups.
  let groupMap: [Range]
  /// `allow` or `deny`.
  let setgroups: String?

  init?(_ subject: Subject, _ notes: inout Notes) {
    guard let text = subject.text("status", &notes, limit: 1 << 20) else { return nil }
    let status = Status(text)
    users = status.numbers("Uid")
    groups = status.numbers("Gid")
    supplementary = status.numbers("Groups")
    userMap = IDMapping.map(subject.text("uid_map", &notes) ?? "")
    groupMap = IDMapping.map(subject.text("gid_map", &notes) ?? "")
    setgroups = subject.text("setgroups", &notes)?.trimmed
  }

  /// Three numbers a line; anything else is left out.
  static func map(_ text: String) -> [Range] {
    text.split(separator: "\n").compactMap { line in
      let numbers = line.split(separator: " ").compactMap { UInt32($0) }
      guard numbers.count == 3 else { return nil }
      return Range(inside: numbers[0], outside: numbers[1], count: numbers[2])
    }
  }

  /// Whether ids are the same inside and outside: no user namespace of its own.
  var isIdentity: Bool {
    userMap == [Range(inside: 0, outside: 0, count: .max)]
  }

  /// The id inside for one outside; nil when nothing maps to it.
  static func inside(_ id: Int64, _ map: [Range]) -> Int64? {
    for range in map {
      let offset = id - Int64(range.outside)
      if offset >= 0 && offset < Int64(range.count) { return Int64(range.inside) + offset }
    }
    return nil
  }

  var blocks: [Block] {
    func text(_ ids: [Int64], _ map: [Range]) -> Bilingual {
      guard let id = ids.dropFirst().first else { return Bilingual("?") }
      guard !isIdentity else { return Bilingual("\(id)") }
      let inner = IDMapping.inside(id, map).map { "\($0)" } ?? "65534 (overflow)"
      return Bilingual(en: "\(id), inside \(inner)", zh: "\(id)，容器内为 \(inner)")
    }
    func list(_ map: [Range]) -> Bilingual {
      guard !isIdentity else { return Bilingual(en: "as on the host", zh: "与宿主机相同") }
      guard !map.isEmpty else { return Bilingual(en: "none written", zh: "尚未写入") }
      return Bilingual(
        map.map { "\($0.inside)→\($0.outside) ×\($0.count)" }.joined(separator: ", "))
    }
    var facts = [
      (Bilingual(en: "user", zh: "用户"), text(users, userMap)),
      (Bilingual(en: "group", zh: "组"), text(groups, groupMap)),
    ]
    if !supplementary.isEmpty {
      facts.append(
        (
          Bilingual(en: "more groups", zh: "附加组"),
          Bilingual(supplementary.prefix(64).map { "\($0)" }.joined(separator: ", "))
        ))
    }
    facts += [
      (Bilingual("uid_map"), list(userMap)), (Bilingual("gid_map"), list(groupMap)),
      (Bilingual("setgroups"), Bilingual(setgroups ?? "?")),
    ]
    return [.facts(facts)]
  }

  var json: JSON {
    func list(_ ids: [Int64]) -> JSON { .array(ids.map { .int($0) }) }
    func list(_ map: [Range]) -> JSON {
      .array(
        map.map {
          .object([
            "inside": .int($0.inside), "outside": .int($0.outside), "count": .int($0.count),
          ])
        })
    }
    return .object([
      "uid": list(users), "gid": list(groups), "groups": list(supplementary),
      "uid_map": list(userMap), "gid_map": list(groupMap), "setgroups": .text(setgroups),
    ])
  }
}
