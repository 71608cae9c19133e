import ArgumentParser
import Engine
import Format
import Linux

/// The version of the whole.
let drydockVersion = "0.1.0"

/// `drydock version`.
struct Version: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "version", abstract: "Show the version.")

  @ParentCommand var drydock: Drydock

  func run() throws {
    print("drydock version \(drydockVersion)")
    let runtime = try Child.run(
      drydock.engine().runtimePath, ["drydock-runtime", "--version"])
    print(String(decoding: runtime.output, as: UTF8.self), terminator: "")
  }
}

/// `drydock info`.
struct Info: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "info", abstract: "Show this engine and the machine it is on.")

  @ParentCommand var drydock: Drydock

  @Option(name: .shortAndLong, help: "A template, or json.")
  var format: String?

  func run() throws {
    let info = try drydock.engine().info()
    if let format { return print(try Template.read(format).filled(info.value)) }
    let lines: [(String, String)] = [
      ("Containers", "\(info.containers)"), (" Running", "\(info.running)"),
      (" Paused", "\(info.paused)"), (" Stopped", "\(info.stopped)"),
      ("Images", "\(info.images)"), ("Server Version", drydockVersion),
      ("Storage Driver", "overlay"), ("Logging Driver", "json-file"),
      ("Cgroup Driver", "cgroupfs"), ("Cgroup Version", info.cgroupVersion),
      ("Volume", "local"), ("Default Runtime", info.runtime),
      ("Security Options", info.security.joined(separator: " ")),
      ("Kernel Version", info.kernelVersion), ("Operating System", info.operatingSystem),
      ("OSType", "linux"), ("Architecture", info.architecture), ("CPUs", "\(info.cpus)"),
      ("Total Memory", Amount.binary(bytes: info.memory)), ("Name", info.name),
      ("Docker Root Dir", info.rootDirectory), ("Run Dir", info.runDirectory),
    ]
    for (key, value) in lines { print("\(key): \(value)") }
    for warning in info.warnings { print("WARNING: \(warning)") }
  }
}
