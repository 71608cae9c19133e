import ArgumentParser
import Engine
import Images

/// What `drydock rmi` and `drydock image rm` understand.
struct ImageRemovalOptions: ParsableArguments {
  @Flag(name: .shortAndLong, help: "Also with several names, or one that a container uses.")
  var force = false

  @Flag(help: "Keep untagged parents; there are none here, so nothing changes.")
  var noPrune = false

  @Argument(help: ArgumentHelp("Names or ids.", valueName: "image")) var images: [String]

  func run(_ engine: Engine) throws {
    try forEach(images, prints: false) { image in
      do {
        for removal in try engine.removeImage(image, force: force) { print(removal.text) }
      } catch let error as EngineError where force && error.message.hasPrefix("No such image") {
        // As Docker: to be gone is what was asked for.
        complain(error.message, hint: "")
      }
    }
  }
}

/// `drydock rmi`.
struct RemoveImages: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rmi", abstract: "Remove images, or names of them.")

  @ParentCommand var drydock: Drydock
  @OptionGroup var options: ImageRemovalOptions

  func run() throws { try options.run(try drydock.engine()) }
}

/// `drydock image rm`.
struct ImageRemoval: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rm", abstract: "Remove images, or names of them.", aliases: ["remove"])

  @ParentCommand var drydock: Drydock
  @OptionGroup var options: ImageRemovalOptions

  func run() throws { try options.run(try drydock.engine()) }
}
