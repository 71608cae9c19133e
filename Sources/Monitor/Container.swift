internal import Linux
internal import OCI

/// Why a container could not be started.
struct StartFailure: Error {
  let code: Int32
  let text: String
  /// Whether it is worth trying again: what is missing may come.
  let mayPass: Bool

  init(code: Int32 = 125, _ text: String, mayPass: Bool = false) {
    self.code = code
    self.text = text
    self.mayPass = mayPass
  }

  init(_ error: SystemError) { self.init(error.text) }
}

/// The living container: its first process, and our ends of its streams.
struct Container: ~Copyable {
  let pid: Int32
  /// Standard output and standard error to read from; -1 when they have ended.
  ///
  /// A terminal is the first of them.
  var outputs: [Int32]
  /// Where its input goes; -1 for nowhere.
  ///
  /// A terminal's is the same number as its output.
  var input: Int32
  let isTerminal: Bool

  /// Makes it and starts it by the OCI runtime, and returns when its program was executed.
  ///
  /// The runtime ends then, and init is adopted by this process (prctl(2),
  /// PR_SET_CHILD_SUBREAPER).
  static func start(_ config: MonitorConfig) throws(StartFailure) -> Container {
    do {
      return config.terminal ? try withTerminal(config) : try withPipes(config)
    } catch let error as SystemError {
      throw StartFailure(error)
    } catch let error as StartFailure {
      throw error
    } catch { throw StartFailure("cannot be started") }
  }

  private static func withPipes(_ config: MonitorConfig) throws -> Container {
    let out = try Pipe.make()
    let output = Descriptor(owning: out.read)
    let outputEnd = Descriptor(owning: out.write)
    let err = try Pipe.make()
    let error = Descriptor(owning: err.read)
    let errorEnd = Descriptor(owning: err.write)
    var input: Int32 = -1
    let source: Descriptor
    if config.input {
      let pipe = try Pipe.make()
      source = Descriptor(owning: pipe.read)
      input = pipe.write
    } else {
      source = try File.open("/dev/null", .readOnly)
    }
    do {
      try run(config, [], source.raw, outputEnd.raw, errorEnd.raw, errors: error.raw)
    } catch {
      if input >= 0 { Descriptors.close(input) }
      throw error
    }
    let pid = try pid(config)
    for fd in [output.raw, error.raw, input] where fd >= 0 { try Descriptors.doNotWait(fd) }
    return Container(
      pid: pid, outputs: [output.release(), error.release()], input: input, isTerminal: false)
  }

  private static func withTerminal(_ config: MonitorConfig) throws -> Container {
    let place = config.bundle + "/console"
    try File.removeTree(place)
    let listener = try Channel.listen(place, messages: false)
    let err = try Pipe.make()
    let error = Descriptor(owning: err.read)
    let errorEnd = Descriptor(owning: err.write)
    let null = try File.open("/dev/null", .readWrite)
    let socket = listener.raw
    var raw: Int32 = -1
    do {
      try run(
        config, ["--console-socket", place], null.raw, null.raw, errorEnd.raw, errors: error.raw
      ) { ended in
        // Not when the runtime has ended: the program may ask for its size first of all.
        guard
          try !Events.poll([socket, ended], [.readable, .readable], milliseconds: -1)[0].isEmpty
        else { return }
        let connection = Descriptor(owning: try Channel.accept(socket))
        do throws(SystemError) {
          raw = try Channel.receiveDescriptor(over: connection.raw).release()
        } catch {
          return  // It connected and failed then: what it says is the reason.
        }
        guard config.rows > 0 else { return }
        try Terminal.resize(raw, TerminalSize(rows: config.rows, columns: config.columns))
      }
      try File.remove(place)
      guard raw >= 0 else { throw StartFailure("the runtime gave no terminal") }
      try Descriptors.doNotWait(raw)
      return Container(
        pid: try pid(config), outputs: [raw, -1], input: raw, isTerminal: true)
    } catch {
      if raw >= 0 { Descriptors.close(raw) }
      throw error
    }
  }

  /// The runtime, to its end; `meanwhile` is given what becomes readable then.
  private static func run(
    _ config: MonitorConfig, _ flags: [String], _ input: Int32, _ output: Int32, _ error: Int32,
    errors: Int32, meanwhile: (Int32) throws -> Void = { _ in }
  ) throws {
    let isExec = !config.exec.isEmpty
    var words = ["drydock-runtime", "--root", config.runtimeRoot, isExec ? "exec" : "run"]
    // Written by the engine, and the same at every start (EndpointFile.swift of the module Networks).
    let network = config.bundle + "/network.json"
    if !isExec, File.exists(network) { words += ["--network", network] }
    words += ["--detach", "--pid-file", config.bundle + "/pid"] + flags + config.glass
    words += isExec ? config.exec : ["--bundle", config.bundle, config.id]
    let child = try Child(config.runtime, words, input: input, output: output, error: error)
    try meanwhile(child.pidfd)
    let status = try child.wait()
    guard status.code != 0 else { return }
    try Descriptors.doNotWait(errors)
    var said = [UInt8]()
    if let bytes = try? File.readSome(errors, 16 << 10) { said = bytes }
    throw StartFailure(code: status.code, String(decoding: said, as: UTF8.self))
  }

  private static func pid(_ config: MonitorConfig) throws -> Int32 {
    let path = config.bundle + "/pid"
    let text = try File.text(path)
    guard let pid = Int32(text.trimmedLine), pid > 0 else {
      throw StartFailure("\(path) says \(text)")
    }
    return pid
  }

  // MARK: input

  /// Gives as much of the input as goes now.
  mutating func type(_ pending: inout [UInt8]) {
    guard input >= 0 else { return pending.removeAll() }
    do throws(SystemError) {
      pending.removeFirst(try File.writeSome(input, pending, name: "input"))
    } catch {
      if error.errno == .again { return }
      // It has closed its input: what is typed goes nowhere.
      pending.removeAll()
      if !isTerminal { endInput() }
    }
  }

  /// No more input; a terminal has none of its own end.
  mutating func endInput() {
    guard !isTerminal, input >= 0 else { return }
    Descriptors.close(input)
    input = -1
  }

  /// Closes what is left when it has ended.
  mutating func close() {
    for fd in outputs where fd >= 0 { Descriptors.close(fd) }
    if !isTerminal, input >= 0 { Descriptors.close(input) }
    outputs = [-1, -1]
    input = -1
  }
}
