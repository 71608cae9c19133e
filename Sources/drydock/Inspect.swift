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
  @Option(help: "container or image; else what has the name first.") var type: String?
  @Flag(name: .shortAndLong, help: "With the bytes of its own files.") var size = false

  @Argument(help: ArgumentHelp("Names or ids.", valueName: "name")) var names: [String]

  func run() throws {
    if let type, !["container", "image"].contains(type) {
      throw EngineError(
        "\"\(type)\" is not a valid value for --type", hint: "container or image.", exitCode: 1)
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
    do {
      guard type != "image" else { return try image(engine, name) }
      return try engine.inspect(name, withSize: size)
    } catch let error as EngineError
      where type == nil && error.message.hasPrefix("No such container")
    {
      do { return try image(engine, name) } catch is EngineError {
        throw EngineError(
          "Error: No such object: \(name)", hint: "`drydock ps -a` and `drydock images` list them.",
          exitCode: 1)
      }
    }
  }

  private func image(_ engine: Engine, _ name: String) throws -> Value {
    var json = JSONWriter()
    try engine.image(name).write(to: &json)
    return try Value.json(json.bytes)
  }
}
