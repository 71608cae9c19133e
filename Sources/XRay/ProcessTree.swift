internal import Linux
internal import Measure
internal import Report

/// The container's processes: parents before children, each with its pid outside and inside.
struct ProcessTree: SectionContent {
  static let id = "processes"
  static let title = Bilingual(en: "Processes", zh: "进程")

  /// One process.
  struct Entry: Equatable, Sendable {
    /// Its pid as the host sees it.
    let pid: Int32
    /// Its parent's.
    let parent: Int32
    /// Its pids in the namespaces below the host's, the innermost last; empty in the host's own.
    let inside: [Int64]
    /// The effective uid as the host sees it.
    let uid: Int64
    /// `R`, `S`, `D`, `Z` and so on (proc_pid_status(5)).
    let state: String
    /// Its command line; its name in brackets where it has none.
    let command: String
    /// How deep in the tree, from 0.
    let depth: Int
  }

  /// More are counted, not listed.
  static let most = 500

  /// The processes, at most `most`.
  let entries: [Entry]
  /// How many there are.
  let count: Int

  init?(_ members: [HostProcess], _ notes: inout Notes) {
    guard !members.isEmpty else { return nil }
    let ordered = ProcessTree.ordered(members)
    count = ordered.count
    notes.add(source: "/proc/PID/status (PPid, NSpid, Uid)")
    notes.add(source: "/proc/PID/cmdline")
    entries = ordered.prefix(ProcessTree.most).map { process, depth in
      Entry(
        pid: process.pid, parent: process.parent, inside: Array(process.pids.dropFirst()),
        uid: process.uid, state: process.state, command: ProcessTree.command(of: process),
        depth: depth)
    }
  }

  /// Depth first, by pid; a loop, which only a pid used again during the look can make, is cut.
  static func ordered(_ members: [HostProcess]) -> [(HostProcess, Int)] {
    let pids = Set(members.map { $0.pid })
    let children = Dictionary(grouping: members) { $0.parent }
    var result = [(HostProcess, Int)]()
    var seen = Set<Int32>()
    var stack = members.filter { !pids.contains($0.parent) || $0.parent == $0.pid }
      .sorted { $0.pid > $1.pid }.map { ($0, 0) }
    while let (process, depth) = stack.popLast() {
      guard seen.insert(process.pid).inserted else { continue }
      result.append((process, depth))
      let below = (children[process.pid] ?? []).sorted { $0.pid > $1.pid }
      stack += below.map { ($0, min(depth + 1, 50)) }
    }
    return result + members.filter { !seen.contains($0.pid) }.map { ($0, 0) }
  }

  private static func command(of process: HostProcess) -> String {
    // It may have ended since; then its name is all there is.
    guard let bytes = try? File.read("/proc/\(process.pid)/cmdline", limit: 1 << 22),
      !bytes.isEmpty
    else { return "[\(process.name)]" }
    let words = bytes.prefix(400).split(separator: 0)
      .map { String(decoding: $0, as: UTF8.self) }
    return words.joined(separator: " ")
  }

  var blocks: [Block] {
    let rows = entries.map { entry in
      [
        "\(entry.pid)",
        entry.inside.isEmpty ? "–" : entry.inside.map { "\($0)" }.joined(separator: "→"),
        "\(entry.uid)", entry.state,
        String(repeating: "  ", count: entry.depth) + entry.command,
      ].map { Bilingual($0) }
    }
    var blocks: [Block] = [
      .table(
        head: [
          Bilingual(en: "PID on host", zh: "宿主机 PID"), Bilingual(en: "inside", zh: "容器内"),
          Bilingual("UID"), Bilingual(en: "state", zh: "状态"), Bilingual(en: "command", zh: "命令"),
        ], rows: rows, numbers: [0, 1, 2])
    ]
    if count > entries.count {
      blocks.append(
        .note(
          Bilingual(
            en: "\(entries.count) of \(count) processes are listed.",
            zh: "共 \(count) 个进程，列出 \(entries.count) 个。")))
    }
    return blocks
  }

  var json: JSON {
    .object([
      "count": .int(count),
      "list": .array(
        entries.map { entry in
          .object([
            "pid": .int(entry.pid), "ppid": .int(entry.parent),
            "inside": .array(entry.inside.map { .int($0) }), "uid": .int(entry.uid),
            "state": .string(entry.state), "command": .string(entry.command),
            "depth": .int(entry.depth),
          ])
        }),
    ])
  }
}
