// The terminal or the pipes of this process, joined to a container's by its monitor.
//
// Both directions at once and neither waits for the other: a program that fills its output while
// its input is full would otherwise hang, and so would we.

import Linux
import Monitor
import OCI

/// How somebody is joined to a container.
public struct Attach: Sendable {
  /// Whether standard input is the container's.
  public var givesInput = true
  /// Whether signals are passed on (`--sig-proxy`).
  public var passesSignals = true
  /// What ends it while the container goes on; only with a terminal.
  public var detachKeys: [UInt8] = [16, 17]
  /// The terminal's size; nil without one.
  var size: TerminalSize?
  /// Whether it is a program of `exec`, not the container itself.
  var isExec = false

  /// As `docker attach` does it.
  public init() {}

  /// Reads `--detach-keys`: `ctrl-p,ctrl-q`, or characters.
  ///
  /// - Throws: `EngineError` for a key that there is not.
  public init(detachKeys text: String?) throws(EngineError) {
    guard let text else { return }
    detachKeys = []
    for key in text.split(separator: ",", omittingEmptySubsequences: false) {
      let bytes = Array(key.utf8)
      if bytes.count == 1 {
        detachKeys.append(bytes[0])
      } else if key.hasPrefix("ctrl-"), bytes.count == 6,
        let code = Attach.control(bytes[5])
      {
        detachKeys.append(code)
      } else {
        throw EngineError(
          "Invalid escape keys (\(text)) provided", hint: "Such as ctrl-p,ctrl-q or ctrl-a,d.")
      }
    }
  }

  /// What a key gives with Ctrl (ascii(7)).
  private static func control(_ key: UInt8) -> UInt8? {
    switch key {
    case 97...122: key - 96
    case 64, 91...95: key - 64
    default: nil
    }
  }
}

/// How being attached ended.
public enum AttachEnd: Equatable, Sendable {
  /// The container ended, with this code.
  case ended(code: Int32)
  /// The keys were typed; it goes on.
  case detached
}

extension Engine {
  /// Makes and starts a container under a monitor, joined to this process's streams.
  ///
  /// - Throws: `EngineError` for what kept it from being started.
  public func runAttached(_ options: RunOptions, _ attach: Attach) throws(EngineError) -> AttachEnd
  {
    // As Docker: output to a terminal of its own wants none here, input does.
    if options.tty && options.interactive { try Engine.needTerminal() }
    let prepared = try prepare(options, isKept: true)
    let record = prepared.record
    var attach = attach
    attach.givesInput = record.input
    if record.terminal { attach.size = Terminal.size(0) }
    let publication = prepared.publication
    let link = try launch(
      record, prepared.takeAlive(), publication, attach: attach, glass: options.glass)
    return try follow(link, record, attach, isStarting: true)
  }

  /// Starts a container joined to this process's streams.
  ///
  /// - Throws: `EngineError` when there is none or it cannot be started.
  public func start(_ container: String, _ attach: Attach) throws(EngineError) -> AttachEnd {
    let record = try store.find(container)
    var attach = attach
    attach.givesInput = attach.givesInput && record.input
    if record.terminal {
      if attach.givesInput { try Engine.needTerminal() }
      attach.size = Terminal.size(0)
    }
    guard let link = try begin(record, attach: attach) else {
      return try self.attach(container, attach)
    }
    return try follow(link, record, attach, isStarting: true)
  }

  /// Joins this process's streams to a living container's.
  ///
  /// - Throws: `EngineError` when there is no such living container.
  public func attach(_ container: String, _ attach: Attach) throws(EngineError) -> AttachEnd {
    let record = try store.find(container)
    switch try store.status(record) {
    case .running: break
    case .paused:
      throw EngineError(
        "You cannot attach to a paused container, unpause it first",
        hint: "drydock unpause \(record.name)", exitCode: 1)
    case .restarting:
      throw EngineError(
        "You cannot attach to a restarting container, wait until it is running", exitCode: 1)
    default:
      throw EngineError(
        "You cannot attach to a stopped container, start it first",
        hint: "drydock start -ai \(record.name)", exitCode: 1)
    }
    guard let link = try MonitorLink.connect(store.bundle(record.id)) else {
      throw EngineError(
        "\(record.name) belongs to another command's terminal",
        hint: "Only containers that were started with -d, -t, or `drydock start` can be attached.",
        exitCode: 1)
    }
    var attach = attach
    attach.givesInput = attach.givesInput && record.input
    if record.terminal && attach.givesInput { try Engine.needTerminal() }
    link.send(.attach, [attach.givesInput ? 1 : 0])
    if record.terminal { attach.size = Terminal.size(0) }
    return try follow(link, record, attach, isStarting: false)
  }

  func follow(
    _ link: borrowing MonitorLink, _ record: Record, _ attach: Attach, isStarting: Bool
  ) throws(EngineError) -> AttachEnd {
    if isStarting { try Engine.started(link) }
    do {
      let signals = try BlockedSignals()
      var session = AttachSession(
        engine: self, record: record, attach: attach, line: link.channel.raw)
      if let size = attach.size { session.tell(size) }
      if record.terminal, attach.givesInput, Terminal.isTerminal(0) {
        let raw = try RawTerminal(0)
        let end = try session.relay(link, signals)
        _ = consume raw
        return end
      }
      return try session.relay(link, signals)
    } catch let error as SystemError {
      throw EngineError("relaying the container's streams", error)
    } catch let error as EngineError {
      throw error
    } catch { throw EngineError("relaying the container's streams: \(error)") }
  }
}

/// The two directions between this process and a monitor.
private struct AttachSession {
  let engine: Engine
  let record: Record
  let attach: Attach
  let line: Int32
  /// Messages for which the monitor had no room.
  private var pending: [[UInt8]] = []
  private var input: Int32
  /// How many of the detach keys have been typed.
  private var matched = 0

  init(engine: Engine, record: Record, attach: Attach, line: Int32) {
    self.engine = engine
    self.record = record
    self.attach = attach
    self.line = line
    input = attach.givesInput ? 0 : -1
  }

  mutating func tell(_ size: TerminalSize) {
    let bytes = [size.rows, size.columns].flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
    pending.append([Request.resize.rawValue] + bytes)
  }

  mutating func relay(
    _ link: borrowing MonitorLink, _ signals: borrowing BlockedSignals
  ) throws -> AttachEnd {
    while true {
      var interest = Events.Interest.readable
      if !pending.isEmpty { interest.insert(.writable) }
      let ready = try Events.poll(
        [signals.descriptor.raw, line, pending.isEmpty ? input : -1],
        [.readable, interest, .readable], milliseconds: -1)
      if ready[1].contains(.readable) {
        guard let (reply, content) = try link.receive() else { return try lost() }
        switch reply {
        case .output: try File.write(1, content, name: "standard output")
        case .error: try File.write(2, content, name: "standard error")
        case .ended: return .ended(code: MonitorLink.code(content))
        case .started, .failed, .done: break
        }
      } else if !ready[1].isDisjoint(with: .gone) {
        return try lost()
      }
      if ready[1].contains(.writable) { send() }
      if !ready[2].isEmpty, try type() { return .detached }
      if !ready[0].isEmpty, let code = try pass(try signals.next().signal) {
        return .ended(code: code)
      }
    }
  }

  /// The monitor was killed: what it kept goes on, or has ended unseen.
  private func lost() throws -> AttachEnd {
    if attach.isExec { throw EngineError("the monitor of the program is gone") }
    if case .exited(let code?) = try engine.store.status(record) { return .ended(code: code) }
    throw EngineError(
      "the monitor of \(record.name) is gone",
      hint: "`drydock ps -a` shows whether the container lives.")
  }

  private mutating func send() {
    while let message = pending.first {
      switch Channel.sendNow(message, over: line) {
      case .sent: pending.removeFirst()
      case .full, .gone: return
      }
    }
  }

  /// Takes what was typed; true when the detach keys were.
  private mutating func type() throws(SystemError) -> Bool {
    let bytes = try File.readSome(input, 16 << 10)
    guard !bytes.isEmpty else {
      pending.append([Request.inputEnds.rawValue])
      input = -1
      send()
      return false
    }
    var typed = [UInt8]()
    for byte in bytes {
      guard record.terminal, !attach.detachKeys.isEmpty else {
        typed.append(byte)
        continue
      }
      if byte == attach.detachKeys[matched] {
        matched += 1
        if matched == attach.detachKeys.count { return true }
      } else {
        // What looked like the keys was meant for the program.
        typed += attach.detachKeys[..<matched]
        matched = byte == attach.detachKeys[0] ? 1 : 0
        if matched == 0 { typed.append(byte) }
      }
    }
    if !typed.isEmpty {
      pending.append([Request.input.rawValue] + typed)
      send()
    }
    return false
  }

  /// Passes a signal on; when it is meant for this process alone, the code to end with.
  private mutating func pass(_ signal: Int32) throws -> Int32? {
    switch signal {
    case Signal.windowChanged:
      if record.terminal, let size = Terminal.size(0) {
        tell(size)
        send()
      }
    case Signal.child, 13, 18, 20, 21, 22, 23: break  // of this process alone
    default:
      // Not at once: a terminal in raw mode would stay so.
      guard attach.passesSignals else { return 128 + signal }
      do throws(EngineError) {
        _ = try engine.runtime.run(["kill", record.id, "\(signal)"])
      } catch {
        // It has ended; how comes from the monitor.
        if try engine.store.status(record).pid != nil { throw error }
      }
    }
    return nil
  }
}
