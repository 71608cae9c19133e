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
      throw notStarted(error)
    }
  }

  /// Waits for a command that was started and tells its exit code.
  static func wait(for child: consuming Child) throws(EngineError) -> Int32 {
    do throws(SystemError) {
      return try child.wait().code
    } catch {
      throw EngineError("waiting for the runtime", error)
    }
  }

  private func notStarted(_ error: SystemError) -> EngineError {
    EngineError(
      "starting the runtime", error,
      hint: "It is looked for beside drydock, or where DRYDOCK_RUNTIME says.")
  }

  /// Runs a command to its end and returns its standard output.
  ///
  /// - Throws: `EngineError` with what it wrote to standard error when it failed.
  func run(_ words: [String]) throws(EngineError) -> [UInt8] {
    let result: Child.Result
    do throws(SystemError) {
      result = try Child.run(path, arguments(words))
    } catch {
      throw notStarted(error)
    }
    guard result.status == .exited(0) else {
      let said = String(decoding: result.error, as: UTF8.self).split(separator: "\n")
      let first = said.first.map { String($0) } ?? "exit code \(result.status.code)"
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
      do throws(ConfigError) {
        return try State.parse(output)
      } catch {
        throw EngineError("the runtime's state of \(id): \(error.text)")
      }
    } catch {
      // It may have been deleted between the two looks.
      if !File.exists(directory) { return nil }
      throw error
    }
  }

  /// A container's first process, when it lives: read from the runtime's own file, as its `state`
  /// does (Runtime/Store.swift: `ID/pid` is "PID STARTTIME").
  func living(_ id: String) throws(EngineError) -> Int32? {
    let text: String
    do throws(SystemError) {
      text = try File.text("\(root)/\(id)/pid")
    } catch {
      if error.errno == .noEntry || error.errno == .notDirectory { return nil }
      throw EngineError("looking for the container's process", error)
    }
    let words = text.trimmedLine.split(separator: " ")
    guard words.count == 2, let pid = Int32(words[0]), let started = UInt64(words[1]) else {
      return nil
    }
    return Processes.startTime(pid) == started ? pid : nil
  }

  /// Ends whatever is left of a container; nothing being left is fine.
  func delete(_ id: String) throws(EngineError) {
    // A runtime in the foreground deletes its container too when that is killed: the one that
    // comes second fails on what is gone already. That is no failure once all is gone.
    var attempts = 0
    while File.exists("\(root)/\(id)") {
      do throws(EngineError) {
        _ = try run(["delete", "--force", id])
        return
      } catch {
        attempts += 1
        if attempts == 5 && File.exists("\(root)/\(id)") { throw error }
        Clock.sleep(10_000_000)
      }
    }
  }
}
