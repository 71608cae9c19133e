import ArgumentParser
import Engine
import Format
import Images
import Linux
import OCI

/// `drydock image …`.
struct ImageCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "image", abstract: "Images: list, remove, inspect, load, save and more.",
    subcommands: [
      ImageList.self, ImageRemoval.self, InspectImages.self, ImageHistory.self,
      PruneImages.self, TagImage.self, Save.self, Load.self, Import.self,
    ])
}

/// What `drydock images` and `drydock image ls` understand.
struct ImageListOptions: ParsableArguments {
  @Flag(name: .shortAndLong, help: "All; there are no hidden ones.")
  var all = false

  @Flag(name: .shortAndLong, help: "Ids only.")
  var quiet = false

  @Flag(help: "Whole ids.")
  var noTrunc = false

  @Flag(help: "The digests of manifests.")
  var digests = false

  @Option(
    name: .shortAndLong, parsing: .unconditionalSingleValue,
    help: "dangling=true|false, label=KEY[=VALUE], reference=PATTERN, before=IMAGE or since=IMAGE.")
  var filter: [String] = []

  @Option(help: "A Go template, or json.")
  var format: String?

  @Argument(help: ArgumentHelp("Only these.", valueName: "repository[:tag]"))
  var repository: String?

  func run(_ engine: Engine) throws {
    let images = try ImageFilter(filter, repository, engine).apply(try engine.images(), engine)
    func id(_ image: ImageInfo) -> String {
      noTrunc ? "sha256:" + image.id : String(image.id.prefix(12))
    }
    if quiet, format == nil {
      for image in images { print(id(image)) }
      return
    }
    let now = Clock.wall
    let rows = images.map { image -> Value in
      let created = UInt64(max(0, image.createdNs))
      let since = "\(Amount.text(nanoseconds: now - min(now, created))) ago"
      return [
        "Repository": .string(image.repository ?? "<none>"), "Tag": .string(image.tag ?? "<none>"),
        "Digest": .string(image.digest), "ID": .string(id(image)),
        "CreatedSince": .string(created == 0 ? "N/A" : since),
        "CreatedAt": .string(created == 0 ? "N/A" : Timestamp.text(nanoseconds: created)),
        "Size": .string(Amount.text(bytes: image.size)),
      ]
    }
    let all: [Listing.Column] = [
      ("Repository", "REPOSITORY"), ("Tag", "TAG"), ("Digest", "DIGEST"), ("ID", "IMAGE ID"),
      ("CreatedSince", "CREATED"), ("Size", "SIZE"),
    ]
    let columns = digests ? all : all.filter { $0.field != "Digest" }
    try printList(format, columns, [("Digest", "DIGEST"), ("CreatedAt", "CREATED AT")], rows)
  }
}

/// `drydock images`.
struct ListImages: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "images", abstract: "List images.")

  @ParentCommand var drydock: Drydock
  @OptionGroup var options: ImageListOptions

  func run() throws { try options.run(try drydock.engine()) }
}

/// `drydock image ls`.
struct ImageList: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ls", abstract: "List images.", aliases: ["list"])

  @ParentCommand var drydock: Drydock
  @OptionGroup var options: ImageListOptions

  func run() throws { try options.run(try drydock.engine()) }
}

/// `drydock tag`.
struct TagImage: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tag", abstract: "Give an image one more name.")

  @ParentCommand var drydock: Drydock
  @Argument(help: ArgumentHelp("A name or id.", valueName: "image")) var source: String
  @Argument(help: ArgumentHelp("The new name.", valueName: "name[:tag]")) var target: String

  func run() throws { try drydock.engine().tag(source, as: target) }
}

/// `drydock history`.
struct ImageHistory: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "history", abstract: "Show how an image came about.",
    helpNames: [.customLong("help")])

  @ParentCommand var drydock: Drydock
  @Flag(name: .shortAndLong, help: "Ids only.") var quiet = false
  @Flag(help: "Whole ids and commands.") var noTrunc = false
  @Flag(
    name: [.customShort("H"), .customLong("human")], inversion: .prefixedNo,
    help: "Sizes and times as people say them.")
  var human = true
  @Option(help: "A Go template, or json.") var format: String?
  @Argument(help: ArgumentHelp("A name or id.", valueName: "image")) var image: String

  func run() throws {
    let lines = try drydock.engine().image(image).history
    let now = Clock.wall
    func id(_ line: ImageDetails.Line) -> String {
      guard let id = line.id else { return "<missing>" }
      return noTrunc ? "\(id)" : id.short
    }
    if quiet {
      for line in lines { print(id(line)) }
      return
    }
    let rows = lines.map { line -> Value in
      let created = line.entry.created.flatMap { Timestamp.nanoseconds($0) }
        .map { UInt64(max(0, $0)) }
      var by = line.entry.createdBy
      if !noTrunc, by.count > 45 { by = by.prefix(44) + "…" }
      let since = created.map { "\(Amount.text(nanoseconds: now - min(now, $0))) ago" } ?? "N/A"
      return [
        "ID": .string(id(line)), "CreatedSince": .string(since),
        "CreatedAt": .string(line.entry.created ?? "N/A"), "CreatedBy": .string(by),
        "Size": .string(human ? Amount.text(bytes: line.size) : "\(line.size)"),
        "Comment": .string(line.entry.comment),
      ]
    }
    let columns: [Listing.Column] = [
      ("ID", "IMAGE"), human ? ("CreatedSince", "CREATED") : ("CreatedAt", "CREATED AT"),
      ("CreatedBy", "CREATED BY"), ("Size", "SIZE"), ("Comment", "COMMENT"),
    ]
    try printList(format, columns, [], rows)
  }
}

/// `drydock image inspect`.
struct InspectImages: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect", abstract: "Show everything about images, as JSON.")

  @ParentCommand var drydock: Drydock
  @Option(name: .shortAndLong, help: "A Go template, or json.") var format: String?
  @Argument(help: ArgumentHelp("Names or ids.", valueName: "image")) var images: [String]

  func run() throws {
    let engine = try drydock.engine()
    let template = try format.map { try Template.read($0) }
    var found = [Value]()
    var failed = false
    for image in images {
      do throws(EngineError) {
        var json = JSONWriter()
        try engine.image(image).write(to: &json)
        found.append(try Value.json(json.bytes))
      } catch {
        complain(error.message, hint: error.hint)
        failed = true
      }
    }
    if let template {
      for value in found { print(try template.filled(value)) }
    } else {
      print(Value.list(found).json(pretty: true))
    }
    if failed { throw ExitCode(1) }
  }
}
