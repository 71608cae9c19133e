import ArgumentParser
import Engine
import Images
import Linux

/// `drydock images`.
struct ListImages: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "images", abstract: "List images.")

  @ParentCommand var drydock: Drydock

  @Flag(name: .shortAndLong, help: "Ids only.")
  var quiet = false

  @Flag(help: "Whole ids.")
  var noTrunc = false

  func run() throws {
    let images = try drydock.engine().images()
    func id(_ image: ImageInfo) -> String {
      noTrunc ? "sha256:" + image.id : String(image.id.prefix(12))
    }
    if quiet {
      for image in images { print(id(image)) }
      return
    }
    let now = Clock.wall
    printTable(
      ["REPOSITORY", "TAG", "IMAGE ID", "CREATED", "SIZE"],
      images.map { image in
        let created = UInt64(max(0, image.createdNs))
        return [
          image.repository ?? "<none>", image.tag ?? "<none>", id(image),
          created == 0 ? "N/A" : "\(Amount.text(nanoseconds: now - min(now, created))) ago",
          Amount.text(bytes: image.size),
        ]
      })
  }
}

/// `drydock load`.
struct Load: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Load images from an archive of 'save', or from an OCI layout.")

  @ParentCommand var drydock: Drydock

  @Option(
    name: [.customShort("i", allowingJoined: true), .customLong("input")],
    help: "A file or a directory instead of standard input.")
  var input: String?

  @Flag(name: .shortAndLong, help: "No progress.")
  var quiet = false

  func run() throws {
    if input == nil, Terminal.isTerminal(0) {
      throw EngineError(
        "requested load from stdin, but stdin is empty", hint: "Name a file: drydock load -i FILE")
    }
    for loaded in try drydock.engine().load(input, progress: { _ in }) {
      if loaded.names.isEmpty { print("Loaded image ID: \(loaded.image.id)") }
      for name in loaded.names { print("Loaded image: \(name)") }
    }
  }
}
