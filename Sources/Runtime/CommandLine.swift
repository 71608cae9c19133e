// drydock-runtime [global flags] COMMAND [flags] [arguments], as runc and crun have them.

internal import Linux
internal import OCI
internal import Steps

/// The program `drydock-runtime`.
public enum CommandLineTool {
  /// The version people see.
  public static let version = "0.1.0"

  private static let globals: [Flag] = [
    Flag(
      "root", .value,
      "directory for the state (/run/drydock/runtime, or in XDG_RUNTIME_DIR)"),
    Flag("log", .value, "file for errors; standard error when not given"),
    Flag("log-format", .value, "text or json"),
    Flag("debug", .switched, "more in the log"),
    Flag("systemd-cgroup", .switched, "let systemd make the cgroups: SLICE:PREFIX:NAME"),
    Flag("cgroup-manager", .value, "cgroupfs or systemd, as --systemd-cgroup"),
    Flag("rootless", .value, "accepted for runc's callers: true, false or auto"),
    Flag("version", short: "v", .switched, "print the version"),
    Flag("help", short: "h", .switched, "print this"),
  ]

  private static let watching: [Flag] = [
    Flag("explain", .switched, "tell each step in words, with evidence before and after"),
    Flag("step", .switched, "wait before each step until Enter is pressed"),
    Flag("trace", .value, "write timed steps to this file, as JSON"),
    Flag("fault", .repeated, "let a step fail: ID[#N][:ERRNO|kill]"),
    Flag("lang", .value, "language of explanations: en or zh (default from LANG)"),
  ]

  private static let creating: [Flag] = [
    Flag("bundle", short: "b", .value, "directory with config.json and rootfs (.)"),
    Flag("config", short: "f", .value, "another configuration file than BUNDLE/config.json"),
    Flag("pid-file", .value, "write init's pid to this file"),
    Flag("console-socket", .value, "unix socket that takes the terminal"),
    Flag("preserve-fds", .value, "pass this many further descriptors on"),
    Flag("no-new-keyring", .switched, "keep the caller's session keyring"),
    Flag("network", .value, "connect the container to the networks that this file lists"),
    Flag("no-pivot", .switched, "cover the host's root instead of letting it go"),
  ]

  private static let help = Flag("help", short: "h", .switched, "print this")

  /// A command; its flags are made when somebody asks, since a call needs those of one command.
  private struct Entry: Sendable {
    let name: StaticString
    let usage: StaticString
    let flags: @Sendable () -> [Flag]

    init(
      _ name: StaticString, _ usage: StaticString,
      _ flags: @autoclosure @escaping @Sendable () -> [Flag]
    ) {
      self.name = name
      self.usage = usage
      self.flags = flags
    }
  }

  private static let commands: [17 of Entry] = [
    Entry(
      "run", "[flags] ID: create a container and start it",
      creating + watching + [
        Flag("detach", short: "d", .switched, "do not wait for the program"),
        Flag("die-with-parent", .switched, "kill the program when this process dies"),
        Flag("keep", .switched, "do not delete the container when the program ended"), help,
      ]
    ),
    Entry(
      "create", "[flags] ID: make a container, up to the program", creating + watching + [help]),
    Entry("start", "ID: let a created container's program run", watching + [help]),
    Entry("state", "ID: print the state as JSON", [help]),
    Entry(
      "kill", "[flags] ID [SIGNAL]: send a signal (TERM) to init",
      watching + [Flag("all", short: "a", .switched, "to every process of the container"), help]
    ),
    Entry(
      "delete", "[flags] ID: remove a stopped container",
      watching + [
        Flag("force", short: "f", .switched, "kill it first; a missing one is fine"), help,
      ]
    ),
    Entry(
      "list", "[flags]: print all containers",
      [
        Flag("format", short: "f", .value, "table or json"),
        Flag("quiet", short: "q", .switched, "ids only"), help,
      ]
    ),
    Entry(
      "exec", "[flags] ID COMMAND…: run a program in a container",
      watching + Command.execFlags
    ),
    Entry(
      "spec", "[flags]: write a config.json to start from",
      [
        Flag("bundle", short: "b", .value, "directory to write it to (.)"),
        Flag("rootless", .switched, "for a user who is not root"), help,
      ]
    ),
    Entry("ps", "[flags] ID [ps options]: list the processes of a container", Command.psFlags),
    Entry("pause", "ID: stop all processes of a container", watching + [help]),
    Entry("resume", "ID: let them go on", watching + [help]),
    Entry("update", "[flags] ID: change a container's limits", Command.updateFlags + watching),
    Entry("events", "[flags] ID: print figures and out-of-memory kills", Command.eventsFlags),
    Entry("checkpoint", "ID: not supported", Command.checkpointFlags),
    Entry("restore", "ID: not supported", Command.checkpointFlags),
    Entry("features", ": print what this runtime honours, as JSON", [help]),
  ]

  /// Runs a command line (without the program's name) and returns the exit code.
  public static func run(_ words: [String]) -> Int32 {
    var globalWords = words[...]
    var rest: ArraySlice<String> = []
    var command = ""
    // Global flags come before the command.
    var index = words.startIndex
    while index < words.endIndex {
      let word = words[index]
      if !word.hasPrefix("-") {
        globalWords = words[..<index]
        command = word
        rest = words[(index + 1)...]
        break
      }
      let takesValue = globals.contains {
        $0.kind == .value && $0.name.equals(String(word.drop { $0 == "-" }))
      }
      index += takesValue ? 2 : 1
    }
    var log = Log()
    do throws(RuntimeError) {
      let options = try Options(globalWords, globals, command: "")
      log = try Log(options)
      if options.has("version") {
        try print(
          "drydock-runtime version \(version)\ncommit: \(version)\nspec: 1.2.0\n")
        return 0
      }
      if options.has("help") || command == "help" || command.isEmpty {
        try print(usage)
        return command.isEmpty && !options.has("help") ? 125 : 0
      }
      guard let index = commands.indices.first(where: { commands[$0].name.equals(command) }) else {
        throw RuntimeError("unknown command \"\(command)\"", hint: "drydock-runtime --help")
      }
      let entry = commands[index]
      let flags = try Options(
        rest, entry.flags(), command: command,
        stopAfter: command == "exec" || command == "ps" ? 1 : .max)
      if flags.has("help") {
        try print(usage(of: entry))
        return 0
      }
      let store = Store(root: try absolute(try Store.root(options["root"])))
      return try Command(
        store: store, options: flags, name: command, systemd: try usesSystemd(options)
      ).run()
    } catch {
      log.report(error)
      return error.exitCode
    }
  }

  /// Which driver makes the cgroups.
  private static func usesSystemd(_ options: Options) throws(RuntimeError) -> Bool {
    switch options["cgroup-manager"] ?? "cgroupfs" {
    case "cgroupfs": return options.has("systemd-cgroup")
    case "systemd": return true
    case let other:
      throw RuntimeError(
        "--cgroup-manager \(other) is not supported: every container gets its cgroups",
        hint: "cgroupfs or systemd; with podman, leave --cgroups=disabled away")
    }
  }

  private static func absolute(_ path: String) throws(RuntimeError) -> String {
    if path.hasPrefix("/") { return path }
    return try lookingUp { () throws(SystemError) in try Directory.current() + "/" + path }
  }

  private static var usage: String {
    var text = "drydock-runtime: an OCI container runtime with glass walls\n\n"
    text += "usage: drydock-runtime [flags] COMMAND [flags] [arguments]\n\ncommands:\n"
    for index in commands.indices {
      text += "  \(commands[index].name) \(commands[index].usage)\n"
    }
    return text + "\nflags:\n" + table(globals)
  }

  private static func usage(of entry: Entry) -> String {
    "usage: drydock-runtime \(entry.name) \(entry.usage)\n\nflags:\n" + table(entry.flags())
  }

  private static func table(_ flags: [Flag]) -> String {
    flags.map { flag in
      let name = "--\(flag.name)" + (flag.short.map { ", -\($0)" } ?? "")
      let padding = String(repeating: " ", count: max(1, 24 - name.utf8.count))
      return "  \(name)\(padding)\(flag.help)\n"
    }.joined()
  }

  static func print(_ text: String) throws(RuntimeError) {
    try lookingUp { () throws(SystemError) in
      try File.write(1, text.utf8, name: "standard output")
    }
  }
}

/// Where errors go: engines read the last JSON line of the `--log` file, people read stderr.
struct Log {
  private var path: String?
  private var json = false

  init() {}

  init(_ options: Options) throws(RuntimeError) {
    path = options["log"]
    switch options["log-format"] ?? "text" {
    case "text": break
    case "json": json = true
    case let other: throw RuntimeError("--log-format is text or json, not \"\(other)\"")
    }
  }

  /// Says on standard error what was ignored; the operation goes on.
  static func warn(_ text: String) {
    File.report("drydock-runtime: warning: " + printable(text) + "\n")
  }

  func report(_ error: RuntimeError) {
    var text = "drydock-runtime: " + Log.printable(error.message) + "\n"
    if !error.hint.isEmpty { text += "  " + Log.printable(error.hint) + "\n" }
    File.report(text)
    guard let path else { return }
    var line = JSONWriter()
    line.beginObject()
    line.member("level", "error")
    line.member("msg", error.message)
    line.member("time", Clock.rfc3339(Clock.wall))
    line.endObject()
    let bytes = json ? line.bytes + [10] : Array(text.utf8)
    do {
      let file = try File.open(path, [.writeOnly, .create, .append], mode: 0o600)
      try File.write(file.raw, bytes, name: path)
    } catch { File.report("drydock-runtime: the log: \(error.text)\n") }
  }

  /// Texts may quote a hostile file: no control character reaches the terminal.
  private static func printable(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars.prefix(2000) {
      result.unicodeScalars.append(
        scalar.value < 32 || (0x7f...0x9f).contains(scalar.value) ? "?" : scalar)
    }
    return result
  }
}
