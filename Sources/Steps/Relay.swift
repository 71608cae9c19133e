// What the container's init tells the runtime, and what the runtime answers, over one
// SOCK_SEQPACKET pair (Linux.Channel). A message is a byte for its kind and then:
//
//   init → runtime
//     B record        a step begins; init waits for G if somebody watches each step
//     E record        it ended
//     F code text     init gives up (exit code u8, text, NUL, hint)
//     P               the namespaces exist: prestart hooks may run; init waits for G
//     R               everything up to start is done; init waits for G (run) or on the start socket
//     X               execve comes next: when the channel closes now, the program was executed
//     N number        a filter with a listener is loaded next, as this descriptor of init: the
//                     runtime fetches it and hands it to the agent; init waits for G
//     C pid           (from the helper that joins a user or PID namespace) init's pid, as text
//   runtime → init
//     G               go on
//     M               the id maps are written, go on
//     J               the cgroups are ready: join them (v1), or init is in them; go on
//     D               do not do this step, let it have failed
//
// A record is: id u8 (place in StepID.allCases), side u8, errno i32, start u64, duration u64,
// then object, call, shell, see and needle, each u32 length and bytes; a missing shell has length
// 0xffff_ffff. Integers are little-endian.

internal import Linux

/// The kinds of message between init and the runtime.
public enum MessageKind: UInt8, Sendable {
  case begin = 0x42
  case end = 0x45
  case failed = 0x46
  case prestart = 0x50
  case ready = 0x52
  case executing = 0x58
  case notify = 0x4e
  case child = 0x43
  case go = 0x47
  case mapped = 0x4d
  case joined = 0x4a
  case deny = 0x44
}

extension StepRecord {
  /// The record as a message.
  public func message(_ kind: MessageKind) -> [UInt8] {
    var bytes = [UInt8]()
    bytes.reserveCapacity(256)
    bytes.append(kind.rawValue)
    bytes.append(id.index)
    bytes.append(side.rawValue)
    append(UInt64(UInt32(bitPattern: errno?.code ?? 0)), 4, to: &bytes)
    append(start, 8, to: &bytes)
    append(duration, 8, to: &bytes)
    for text in [object, call, shell, see, needle] {
      guard let text else {
        append(0xffff_ffff, 4, to: &bytes)
        continue
      }
      // A value may be long (a seccomp hook's path, an overlay of many layers): what is shown
      // of it has a limit, so that the message always fits.
      let utf8 = text.utf8.prefix(20_000)
      append(UInt64(utf8.count), 4, to: &bytes)
      bytes.append(contentsOf: utf8)
    }
    return bytes
  }

  /// Reads a message that holds a record; nil when it does not.
  public init?(message: [UInt8]) {
    guard message.count > 23, let id = StepID(index: message[1]),
      let side = Side(rawValue: message[2])
    else { return nil }
    var at = 3
    func number(_ size: Int) -> UInt64 {
      var value: UInt64 = 0
      for i in 0..<size { value |= UInt64(message[at + i]) << UInt64(8 * i) }
      at += size
      return value
    }
    let errno = Int32(bitPattern: UInt32(truncatingIfNeeded: number(4)))
    let start = number(8)
    let duration = number(8)
    var texts = [String?]()
    for _ in 0..<5 {
      guard at + 4 <= message.count else { return nil }
      let length = Int(number(4))
      if length == 0xffff_ffff {
        texts.append(nil)
        continue
      }
      guard at + length <= message.count else { return nil }
      texts.append(String(decoding: message[at..<(at + length)], as: UTF8.self))
      at += length
    }
    guard let object = texts[0], let call = texts[1], let see = texts[3], let needle = texts[4]
    else { return nil }
    self.id = id
    self.side = side
    self.object = object
    self.call = call
    self.see = see
    self.needle = needle
    self.start = start
    self.duration = duration
    shell = texts[2]
    self.errno = errno == 0 ? nil : Errno(errno)
  }
}

private func append(_ value: UInt64, _ size: Int, to bytes: inout [UInt8]) {
  for i in 0..<size { bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * i))) }
}

extension StepID {
  /// The place in `allCases`.
  var index: UInt8 {
    UInt8(StepID.allCases.firstIndex(of: self) ?? 0)
  }

  init?(index: UInt8) {
    guard Int(index) < StepID.allCases.count else { return nil }
    self = StepID.allCases[Int(index)]
  }
}

/// Init's end of the channel: what it waits for may arrive in any order.
public final class InitLine {
  /// The connected socket; whoever made it keeps it open.
  public let socket: Int32
  private var isMapped = false
  private var hasJoined = false

  /// Speaks over a connected socket.
  public init(socket: Int32) { self.socket = socket }

  /// Waits for a message.
  ///
  /// `mapped` and `joined` are said once and remembered; `go` and `deny` answer the last question.
  ///
  /// - Returns: Whether it came; false when the runtime is gone or said no.
  public func wait(for kind: MessageKind) -> Bool {
    if (kind == .mapped && isMapped) || (kind == .joined && hasJoined) { return true }
    while let first = Channel.receive(over: socket)?.first {
      switch MessageKind(rawValue: first) {
      case .mapped: isMapped = true
      case .joined: hasJoined = true
      case .deny: return false
      default: break
      }
      if first == kind.rawValue { return true }
    }
    return false
  }

  /// Says something without content.
  public func say(_ kind: MessageKind) { Channel.send([kind.rawValue], over: socket) }
}

/// Init's observer: tells the runtime of every step, over the channel.
public final class Reporter: StepObserver {
  private let line: InitLine
  private let waits: Bool
  private var faults: Faults
  /// What this process's clock is ahead of the runtime's, in nanoseconds.
  ///
  /// In a time namespace it is another clock, and the runtime puts both sides' steps in one order.
  public var shift: Int64 = 0

  /// Reports over a line.
  ///
  /// - Parameters:
  ///   - line: the connection to the runtime.
  ///   - waits: whether each step waits until the runtime has shown it.
  ///   - faults: planted failures, judged on this side.
  public init(line: InitLine, waits: Bool, faults: Faults) {
    self.line = line
    self.waits = waits
    self.faults = faults
  }

  /// Tells of a step that begins, and waits if somebody looks at each.
  public func before(_ step: StepRecord, _ operation: borrowing Operation) -> Disposition {
    let planted = faults.next(step.id)
    if case .die = planted { return planted }
    // A successful execve never ends for this process: its beginning is always told.
    if waits || step.id == .processExec {
      var begun = step
      begun.start = UInt64(bitPattern: Int64(bitPattern: Clock.now) &- shift)
      Channel.send(begun.message(.begin), over: line.socket)
    }
    if waits, planted == .proceed, !line.wait(for: .go) { return .fail(Errno(125)) }
    return planted
  }

  /// Tells of a step that ended.
  public func after(_ step: StepRecord) {
    var ended = step
    ended.start = UInt64(bitPattern: Int64(bitPattern: step.start) &- shift)
    Channel.send(ended.message(.end), over: line.socket)
  }
}
