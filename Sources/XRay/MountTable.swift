internal import Linux
internal import Measure
internal import Report

/// What a process sees mounted, with what each mount forbids (proc_pid_mountinfo(5)).
struct MountTable: SectionContent {
  static let id = "mounts"
  static let title = Bilingual(en: "Mounts", zh: "挂载")

  /// One mount.
  struct Entry: Equatable, Sendable {
    /// Where.
    let target: String
    /// Filesystem type.
    let type: String
    /// The device or name, and the part of it that is mounted.
    let source: String
    /// `ro`, `nosuid` and so on.
    let options: [String]
    /// `private`, `shared:1`, `master:2`, `unbindable`.
    let propagation: String
    /// Whether it is there to hide what is under it.
    let isMask: Bool
    /// Whether the mount or its filesystem is read-only.
    let isReadOnly: Bool
  }

  /// More are counted, not listed.
  static let most = 1000

  /// In the kernel's order, at most `most`.
  let entries: [Entry]
  /// How many there are.
  let count: Int

  init?(_ subject: Subject, _ notes: inout Notes) {
    guard let text = subject.text("mountinfo", &notes, limit: 64 << 20) else { return nil }
    self.init(mountinfo: text)
  }

  init(mountinfo text: String) {
    let lines = text.split(separator: "\n")
    count = lines.count
    let mounts = lines.prefix(MountTable.most).compactMap { MountInfo($0) }
    // A directory that others are mounted in is no mask.
    let parents = Set(mounts.map { mount in mount.line.split(separator: " ")[1] })
    entries = mounts.map { mount in
      Entry(mount, isParent: parents.contains(mount.line.split(separator: " ")[0]))
    }
  }

  var blocks: [Block] {
    let rows = entries.map { entry -> [Bilingual] in
      let flags = entry.options.filter { $0 != "rw" && $0 != "relatime" }.joined(separator: ",")
      var what = entry.isMask ? Bilingual(en: "masked", zh: "遮蔽") : Bilingual(flags)
      if entry.propagation != "private" {
        what.en += (what.en.isEmpty ? "" : " ") + entry.propagation
        what.zh += (what.zh.isEmpty ? "" : " ") + entry.propagation
      }
      return [Bilingual(entry.target), Bilingual(entry.type), what, Bilingual(entry.source)]
    }
    var blocks: [Block] = [
      .table(
        head: [
          Bilingual(en: "target", zh: "挂载点"), Bilingual(en: "type", zh: "类型"),
          Bilingual(en: "options", zh: "选项"), Bilingual(en: "source", zh: "来源"),
        ], rows: rows)
    ]
    if count > entries.count {
      blocks.append(
        .note(
          Bilingual(
            en: "\(entries.count) of \(count) lines are shown.",
            zh: "共 \(count) 行，显示 \(entries.count) 行。")))
    }
    return blocks
  }

  var json: JSON {
    .object([
      "count": .int(count),
      "list": .array(
        entries.map { entry in
          .object([
            "target": .string(entry.target), "type": .string(entry.type),
            "source": .string(entry.source), "options": .texts(entry.options),
            "propagation": .string(entry.propagation), "masked": .bool(entry.isMask),
            "read_only": .bool(entry.isReadOnly),
          ])
        }),
    ])
  }
}

extension MountTable.Entry {
  /// Reads one line.
  ///
  /// A mask is /dev/null bound onto a file (the root of that mount is `/null`), or a read-only tmpfs
  /// on a directory of /proc or /sys: what every runtime puts on maskedPaths
  /// (OCI config-linux.md).
  init(_ mount: MountInfo, isParent: Bool) {
    target = mount.target
    type = mount.type
    source = mount.root == "/" ? mount.source : "\(mount.source)[\(mount.root)]"
    options = mount.options.split(separator: ",").map { String($0) }
    let tags = mount.propagation
    propagation = tags.isEmpty ? "private" : tags
    let isKernels = ["/proc/", "/sys/"].contains { mount.target.hasPrefix($0) }
    let isEmptied =
      mount.type == "tmpfs" && isKernels && !isParent
      && (options.contains("ro") || mount.superOptions.split(separator: ",").contains("ro"))
    let isNull = mount.root == "/null" || mount.root == "/dev/null"
    isMask = isEmptied || (isNull && mount.target != "/dev/null")
    isReadOnly =
      options.contains("ro") || mount.superOptions.split(separator: ",").contains("ro")
  }
}
