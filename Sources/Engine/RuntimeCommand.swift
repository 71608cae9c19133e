import Linux
import OCI

/// The OCI runtime as a command: `drydock-runtime --root RUNROOT/runtime …`.
struct RuntimeCommand: Sendable {
  /// The executable.
  let path: String
  /// Where it keeps its state, one directory a container.
  let root: String
  /// Whether it is told `--debug`.
  var debug = false

  /// What `state ID` tells.
  struct State: Equatable {
    /// creating, created, running, paused or stopped.
    var status = ""
    /// Init's pid as the host sees it; 0 when it has ended.
    var pid: Int32 = 0
    /// Controllers, joined by commas, and the directory with their files; no controllers means
    /// all of them (v2).
    var cgroups: [(controllers: String, path: String)] = []

    /// Whether the container's first process lives.
    var isAlive: Bool { status != "stopped" && pid > 0 }

    static func == (a: State, b: State) -> Bool {
      a.status == b.status && a.pid == b.pid && a.cgroups.elementsEqual(b.cgroups, by: ==)
    }
  }

  /// The whole argv for a command.
  func arguments(_ words: [String]) -> [String] {
    [path.split(separator: "/").last.map { String($0) } ?? path, "--root", root]
      + (debug ? ["--debug"] : []) + words
  }

  /// Starts a command; the caller waits for it.
  func start(
    _ words: [String], input: Int32, output: Int32, error: Int32, inherit: Int32 = -1,
    deathSignal: Int32 = 0
  ) throws(EngineError) -> Child {
    do throws(SystemError) {
      return try Child(
        path, arguments(words), input: input, output: output, error: error, inherit: inherit,
        deathSignal: deathSignal)
    } catch {
      throw EngineError(
        "starting the runtime", error,
        hint: "It is looked for beside drydock, or where DRYDOCK_RUNTIME says.")
    }
  }

  /// Runs a command to its end and returns its standard output.
  ///
  /// - Throws: `EngineError` with what it wrote to standard error when it failed.
  func run(_ words: [String]) throws(EngineError) -> [UInt8] {
    let result = try collect(words)
    guard result.code == 0 else {
      let said = String(decoding: result.error, as: UTF8.self).split(separator: "\n")
      let first = said.first.map { String($0) } ?? "exit code \(result.code)"
      throw EngineError(
        "\(words[0]) of the runtime failed: \(first)",
        hint: said.dropFirst().map { String($0) }.joined(separator: "\n"))
    }
    return result.output
  }

  /// A container's state; nil when the runtime does not know it.
  func state(_ id: String) throws(EngineError) -> State? {
    let directory = "\(root)/\(id)"
    guard File.exists(directory) else { return nil }
    do throws(EngineError) {
      let output = try run(["state", id])
      return try JSONText.parsed(output, name: "the runtime's state of \(id)", RuntimeCommand.state)
    } catch {
      // It may have been deleted between the two looks.
      if !File.exists(directory) { return nil }
      throw error
    }
  }

  /// Ends whatever is left of a container. Nothing being left is fine.
  func delete(_ id: String) throws(EngineError) {
    guard File.exists("\(root)/\(id)") else { return }
    _ = try run(["delete", "--force", id])
  }

  private static func state(_ json: inout JSONReader) throws(ConfigError) -> State {
    var state = State()
    try json.beginObject()
    while try json.nextKey() {
      if json.keyIs("status") {
        state.status = try json.string()
      } else if json.keyIs("pid") {
        state.pid = Int32(truncatingIfNeeded: try json.signed(0...Int64(Int32.max)))
      } else if json.keyIs("cgroups") {
        try json.beginArray()
        while try json.nextElement() {
          var entry = (controllers: "", path: "")
          try json.beginObject()
          while try json.nextKey() {
            if json.keyIs("controllers") {
              entry.controllers = try json.string()
            } else if json.keyIs("path") {
              entry.path = try json.string()
            } else {
              try json.skip()
            }
          }
          state.cgroups.append(entry)
        }
      } else {
        try json.skip()
      }
    }
    return state
  }

  /// Output and errors go through files without a name (memfd_create(2) would do; O_TMPFILE needs
  /// a directory): two pipes could fill up while only one is read.
  private func collect(
    _ words: [String]
  ) throws(EngineError) -> (code: Int32, output: [UInt8], error: [UInt8]) {
    let null: Descriptor
    let ends: (reading: Int32, writing: Int32)
    let errors: Descriptor
    do throws(SystemError) {
      null = try File.open("/dev/null", .readWrite)
      errors = try File.memory("runtime errors")
      ends = try Descriptor.pipe()
    } catch {
      throw EngineError("starting the runtime", error)
    }
    let reading = Descriptor(owning: ends.reading)
    let writing = Descriptor(owning: ends.writing)
    let child = try start(words, input: null.raw, output: writing.raw, error: errors.raw)
    _ = consume writing
    do throws(SystemError) {
      let output = try File.read(reading.raw, limit: 16 << 20, name: path)
      let code = try child.wait().code
      return (code, output, try File.read(errors.procPath, limit: 1 << 20))
    } catch {
      throw EngineError("waiting for the runtime", error)
    }
  }
}
