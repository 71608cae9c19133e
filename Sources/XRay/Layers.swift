internal import Linux
internal import Measure
internal import Report

/// What the container's root is made of: an overlay's layers, or one filesystem.
struct Layers: SectionContent {
  static let id = "layers"
  static let title = Bilingual(en: "Root and layers", zh: "根与层")

  /// Which part a layer plays.
  enum Role: String, Sendable {
    /// Where changes go: the container's own.
    case upper
    /// Read only, of the image.
    case lower
    /// Only holds data of files above.
    case data
  }

  /// One layer.
  struct Layer: Equatable, Sendable {
    /// Which part it plays.
    let role: Role
    /// As the mount names it.
    let path: String
    /// Where that leads, when it is a link.
    let place: String?
    /// nil when it could not be opened.
    let content: LayerContent?
  }

  /// The root's filesystem type.
  let type: String
  /// Device or name.
  let source: String
  /// Whether the root is mounted read-only.
  let isReadOnly: Bool
  /// From the top down; empty when the root is no overlay.
  let layers: [Layer]
  /// The overlay's workdir.
  let work: String?

  init?(_ subject: Subject, _ notes: inout Notes) {
    guard let text = subject.text("mountinfo", &notes, limit: 64 << 20) else { return nil }
    // The last mount on / lies on top.
    let mounts = text.split(separator: "\n").compactMap { MountInfo($0) }
    guard let root = mounts.last(where: { $0.target == "/" }) else {
      notes.problem(
        "/proc/\(subject.pid)/mountinfo",
        Bilingual(
          en: "no mount on /: its root is a part of another mount, as chroot(2) leaves it",
          zh: "没有挂载在 / 上：它的根是另一个挂载的一部分，如 chroot(2) 所留"))
      return nil
    }
    type = root.type
    source = root.source
    isReadOnly = root.options.split(separator: ",").contains("ro")
    guard type == "overlay" || type == "fuse.fuse-overlayfs" else {
      (layers, work) = ([], nil)
      return
    }
    let options = OverlayOptions(root.superOptions)
    work = options.work
    var walk = LayerWalk()
    var layers = [Layer]()
    let all =
      [(Role.upper, options.upper)].compactMap { role, path in path.map { (role, $0) } }
      + options.lower.map { (Role.lower, $0) } + options.data.map { (Role.data, $0) }
    for (role, path) in all {
      layers.append(Layers.look(at: path, as: role, &walk, &notes))
    }
    self.layers = layers
    if Identity.effectiveUser != 0 {
      notes.problem(
        "trusted.overlay.opaque",
        Bilingual(
          en: "only root is shown it: opaque directories may be missing",
          zh: "只有 root 能看到此属性：不透明目录可能缺失"))
    }
  }

  private static func look(
    at path: String, as role: Role, _ walk: inout LayerWalk, _ notes: inout Notes
  ) -> Layer {
    guard path.hasPrefix("/") else {
      notes.problem(
        path,
        Bilingual(
          en: "relative to a directory that the kernel does not name: it was the engine's own",
          zh: "相对路径，内核不记录其起点：它是引擎当时的工作目录"))
      return Layer(role: role, path: path, place: nil, content: nil)
    }
    let content = notes.reading(path) { () throws(SystemError) in try walk.count(path) }
    if let failure = content?.failure {
      notes.problem(path, Bilingual(en: "counted in part: \(failure)", zh: "只统计了一部分：\(failure)"))
    } else if content?.isComplete == false {
      notes.problem(
        path, Bilingual(en: "too much to count all", zh: "内容过多，未全部统计"))
    }
    var place: String?
    if let opened = try? File.open(path, [.path, .directory]),
      let real = try? File.link(opened.procPath), real != path
    {
      place = real
    }
    return Layer(role: role, path: path, place: place, content: content)
  }

  var blocks: [Block] {
    var facts: [(Bilingual, Bilingual)] = [
      (Bilingual(en: "root", zh: "根"), Bilingual(isReadOnly ? "\(type), ro" : "\(type), rw"))
    ]
    guard !layers.isEmpty else {
      facts.append((Bilingual(en: "from", zh: "来自"), Bilingual(source)))
      return [
        .facts(facts),
        .note(Bilingual(en: "No overlay: there are no layers.", zh: "不是 overlay：没有层。")),
      ]
    }
    let rows = layers.map { layer in
      guard let content = layer.content else {
        return [layer.role.word, "?", "?", "?", "?", "?"].map { Bilingual($0) }
      }
      let least = content.isComplete ? "" : "≥ "
      return [
        layer.role.word, least + "\(content.files)", Amounts.bytes(content.bytes),
        "\(content.visibleFiles)", "\(content.whiteouts)", "\(content.opaque)",
      ].map { Bilingual($0) }
    }
    for (index, layer) in layers.enumerated() {
      facts.append(
        (
          Bilingual(index == 0 && layer.role == .upper ? "upper" : "\(index)"),
          Bilingual(layer.place ?? layer.path)
        ))
    }
    if let work { facts.append((Bilingual("work"), Bilingual(work))) }
    let numbered = rows.enumerated().map { [Bilingual("\($0.offset)")] + $0.element }
    return [
      .table(
        head: [
          Bilingual("#"), Bilingual(en: "layer", zh: "层"), Bilingual(en: "files", zh: "文件"),
          Bilingual(en: "bytes", zh: "字节"), Bilingual(en: "visible", zh: "可见"),
          Bilingual(en: "whiteouts", zh: "whiteout"), Bilingual(en: "opaque", zh: "不透明"),
        ], rows: numbered, numbers: [2, 3, 4, 5, 6]),
      .facts(facts),
    ]
  }

  var json: JSON {
    .object([
      "type": .string(type), "source": .string(source), "read_only": .bool(isReadOnly),
      "work": .text(work),
      "layers": .array(
        layers.map { layer in
          .object([
            "role": .string(layer.role.rawValue), "path": .string(layer.path),
            "place": .text(layer.place), "content": layer.content.map { $0.json } ?? .null,
          ])
        }),
    ])
  }
}

extension Layers.Role {
  /// The word of mount(8), the same in both languages.
  var word: String { rawValue }
}

extension LayerContent {
  var json: JSON {
    .object([
      "files": .int(files), "directories": .int(directories), "others": .int(others),
      "whiteouts": .int(whiteouts), "opaque": .int(opaque), "bytes": .int(bytes),
      "visible_files": .int(visibleFiles), "visible_bytes": .int(visibleBytes),
      "complete": .bool(isComplete),
    ])
  }
}
