// Limits beside use. The files, by version:
//
//               v1                                       v2
//   memory      memory.limit_in_bytes, .usage_in_bytes   memory.max, memory.current
//   swap        memory.memsw.limit_in_bytes (and memory) memory.swap.max (alone)
//   CPU quota   cpu.cfs_quota_us, cpu.cfs_period_us      cpu.max
//   CPU share   cpu.shares                               cpu.weight
//   CPU used    cpuacct.usage (ns)                       cpu.stat: usage_usec
//   throttling  cpu.stat: throttled_time (ns)            cpu.stat: throttled_usec
//   processes   pids.max, pids.current                   the same
//   CPUs        cpuset.cpus                              cpuset.cpus.effective
//   disk        blkio.throttle.*_device                  io.max
//
// A limit binds whatever is below it, so the tightest of the cgroup and its parents is in force.

internal import Linux
internal import Measure
internal import Report

/// What a container may use, beside what it uses.
struct CgroupView: SectionContent {
  static let id = "cgroups"
  static let title = Bilingual(en: "Limits and use", zh: "限制与用量")

  /// One limit with its use.
  struct Row: Equatable, Sendable {
    /// `memory`, `cpu`, `pids` and so on.
    let id: String
    /// What it is.
    let what: Bilingual
    /// The limit as text; nil when nothing limits it.
    let limit: Bilingual?
    /// What is used, as text.
    let use: Bilingual?
    /// Limit and use in one unit (bytes, CPUs, processes), where both have one.
    let amounts: Amount?
    /// Whether it only tells what happened: nothing to limit.
    var isFact = false
    /// The files it was read from.
    let files: [String]
  }

  /// A limit and its use as numbers of the same unit.
  struct Amount: Equatable, Sendable {
    /// nil: no limit.
    let limit: Double?
    /// What is used now.
    let use: Double
  }

  /// `v1`, `hybrid` or `v2`.
  let mode: String
  /// The cgroup's directory in each tree, by the tree's controllers.
  let directories: [String: String]
  /// The limits.
  let rows: [Row]

  init?(_ subject: Subject, _ notes: inout Notes) {
    guard let text = subject.text("cgroup", &notes) else { return nil }
    let mounts =
      notes.reading("/proc/self/mountinfo (cgroup)") { () throws(SystemError) in
        try MountInfo.list().filter { $0.type == "cgroup" || $0.type == "cgroup2" }
      } ?? []
    let paths = CgroupPaths.parse(text)
    var places: [String: CgroupFiles.Place] = [:]
    for (tree, path) in paths {
      guard let found = CgroupPaths.directory(tree: tree, path: path, mounts: mounts) else {
        notes.problem(
          "\(tree.isEmpty ? "cgroup2" : tree):\(path)",
          Bilingual(en: "no mount here shows this cgroup", zh: "此处没有挂载能看到这个 cgroup"))
        continue
      }
      places[tree] = CgroupFiles.Place(
        directory: found.directory, root: found.root, isUnified: tree.isEmpty)
    }
    // Hybrid: a v2 tree beside v1 trees.
    let hasV1 = paths.keys.contains { !$0.isEmpty && !$0.hasPrefix("name=") }
    mode = !hasV1 ? "v2" : paths[""] != nil && places[""] != nil ? "hybrid" : "v1"
    directories = places.mapValues { $0.directory }
    let files = CgroupFiles(places: places)
    rows = CgroupView.rows(files, &notes)
  }

  var blocks: [Block] {
    let none = Bilingual(en: "none", zh: "无")
    var blocks: [Block] = [
      .table(
        head: [
          Bilingual(en: "what", zh: "项目"), Bilingual(en: "limit", zh: "限制"),
          Bilingual(en: "use", zh: "用量"), Bilingual(en: "file", zh: "文件"),
        ],
        rows: rows.map { row in
          [
            row.what, row.limit ?? (row.isFact ? Bilingual("–") : none),
            row.use ?? Bilingual("–"),
            Bilingual(String(row.files.first?.split(separator: "/").last ?? "")),
          ]
        })
    ]
    let name = Bilingual(en: "directories", zh: "目录")
    blocks.append(
      .facts(
        Sources.collapsed(directories.values.sorted()).enumerated().map {
          ($0.offset == 0 ? name : Bilingual(""), Bilingual($0.element))
        }))
    return blocks
  }

  var json: JSON {
    .object([
      "mode": .string(mode), "directories": .object(directories.mapValues { .string($0) }),
      "limits": .array(
        rows.map { row in
          .object([
            "id": .string(row.id), "limit": .text(row.limit?.en), "use": .text(row.use?.en),
            "limit_value": row.amounts?.limit.map { .number(Decimals.short($0)) } ?? .null,
            "use_value": row.amounts.map { .number(Decimals.short($0.use)) } ?? .null,
            "files": .texts(row.files),
          ])
        }),
    ])
  }
}
