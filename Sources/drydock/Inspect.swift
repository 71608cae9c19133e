import ArgumentParser
import Engine
import Format
import Images
import OCI

/// `drydock inspect`.
struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect", abstract: "Show everything about containers or images, as JSON.")

  @ParentCommand var drydock: Drydock

  @Option(name: .shortAndLong, help: "A template, or json.") var format: String?
  @Option(help: "container, image or volume; else what has the name first.") var type: String?
  @Flag(name: .shortAndLong, help: "With the bytes of its own files.") var size = false

  @Argument(help: ArgumentHelp("Names or ids.", valueName: "name")) var names: [String]

  func run() throws {
    if let type, !["container", "image", "volume"].contains(type) {
      throw EngineError(
        "\"\(type)\" is not a valid value for --type", hint: "container, image or volume.",
        exitCode: 1)
    }
    let engine = try drydock.engine()
    let template = try format.map { try Template.read($0) }
    var found = [Value]()
    var failed = false
    for name in names {
      do {
        let value = try look(engine, name)
        if let template { print(try template.filled(value)) } else { found.append(value) }
      } catch let error as EngineError {
        complain(error.message, hint: error.hint)
        failed = true
      }
    }
    if template == nil { print(Value.list(found).json(pretty: true)) }
    if failed { throw ExitCode(1) }
  }

  private func look(_ engine: Engine, _ name: String) throws -> Value {
    switch type {
    case "container": return try engine.inspect(name, withSize: size)
    case "image": return try image(engine, name)
    case "volume": return try engine.volume(name).value
    default: break
    }
    do throws(EngineError) { return try engine.inspect(name, withSize: size) } catch {
      guard error.message.hasPrefix("No such container") else { throw error }
    }
    if let image = try? image(engine, name) { return image }
    if let volume = try? engine.volume(name) { return volume.value }
    throw EngineError(
      "Error: No such object: \(name)",
      hint: "`drydock ps -a`, `drydock images` and `drydock volume ls` list them.", exitCode: 1)
  }

  private func image(_ engine: Engine, _ name: String) throws -> Value {
    var json = JSONWriter()
    try engine.image(name).write(to: &json)
    return try Value.json(json.bytes)
  }
}
