// A connection to a message bus: the socket, who we are, calls and signals (D-Bus Specification,
// "Authentication Protocol" and "Message Bus").
//
//   NUL, AUTH EXTERNAL <uid in hex> →    ← OK <guid>      the kernel vouches for the uid
//   BEGIN →                                               from here on messages
//   Hello →                              ← our name

internal import Linux

/// A connection to the bus of the system, or of a user who is not root.
final class DBusConnection {
  private let socket: Descriptor
  private var received: [UInt8] = []
  private var serial: UInt32 = 0
  /// Signals that came while a reply was waited for.
  private var signals: [DBusMessage] = []
  /// Seconds that any answer may take.
  private static let patience: UInt64 = 30

  /// Where the bus is: DBUS_SYSTEM_BUS_ADDRESS or the usual socket for root; for others the
  /// session's, which with systemd is the user's (`unix:path=/run/user/UID/bus`).
  static var usualPath: String {
    let isRoot = Identity.effectiveUser == 0
    let variable = isRoot ? "DBUS_SYSTEM_BUS_ADDRESS=" : "DBUS_SESSION_BUS_ADDRESS="
    for entry in Processes.environment where entry.hasPrefix(variable) {
      for address in entry.dropFirst(variable.utf8.count).split(separator: ";")
      where address.hasPrefix("unix:path=") {
        return String(address.dropFirst(10).prefix { $0 != "," })
      }
    }
    return isRoot
      ? "/run/dbus/system_bus_socket" : "/run/user/\(Identity.effectiveUser)/bus"
  }

  /// Connects and says who we are.
  init(path: String) throws(RuntimeError) {
    socket = try lookingUp { () throws(SystemError) in
      Descriptor(owning: try Channel.connect(path, messages: false).release())
    }
    let uid = String(Identity.effectiveUser).utf8.map { String($0, radix: 16) }.joined()
    try send([0] + Array("AUTH EXTERNAL \(uid)\r\n".utf8))
    let answer = try line()
    guard answer.hasPrefix("OK ") else {
      throw RuntimeError("the message bus at \(path) refused this user: \(answer)")
    }
    try send(Array("BEGIN\r\n".utf8))
    let bus = "org.freedesktop.DBus"
    _ = try call(bus, "/org/freedesktop/DBus", bus, "Hello", [])
  }

  /// Asks the bus for signals of a kind.
  func match(_ rule: String) throws(RuntimeError) {
    let bus = "org.freedesktop.DBus"
    _ = try call(bus, "/org/freedesktop/DBus", bus, "AddMatch", [.text(rule)])
  }

  /// Calls a method, and waits for its answer.
  ///
  /// - Throws: `RuntimeError` with the error the other side gave.
  func call(
    _ destination: String, _ path: String, _ interface: String, _ member: String,
    _ body: [DBusValue]
  ) throws(RuntimeError) -> [DBusValue] {
    serial += 1
    var message = DBusMessage(kind: .call)
    message.serial = serial
    message.path = path
    message.interface = interface
    message.member = member
    message.destination = destination
    message.body = body
    try send(message.encode())
    let end = Clock.now + DBusConnection.patience * 1_000_000_000
    while true {
      let answer = try next(before: end, "the answer to \(member)")
      if answer.kind == .signal { signals.append(answer) }
      guard answer.replySerial == serial else { continue }
      if answer.kind == .reply { return answer.body }
      var text = ""
      if case .text(let reason)? = answer.body.first { text = reason }
      throw RuntimeError("D-Bus \(member): \(answer.errorName): \(text)")
    }
  }

  /// The first signal that is wanted, of those that came and those that will come.
  func signal(
    _ what: String, _ isWanted: (DBusMessage) -> Bool
  ) throws(RuntimeError) -> DBusMessage {
    if let index = signals.firstIndex(where: isWanted) { return signals.remove(at: index) }
    let end = Clock.now + DBusConnection.patience * 1_000_000_000
    while true {
      let message = try next(before: end, what)
      if message.kind == .signal, isWanted(message) { return message }
    }
  }

  private func next(before end: UInt64, _ what: String) throws(RuntimeError) -> DBusMessage {
    do {
      while true {
        if let length = try DBusMessage.length(received), received.count >= length {
          let message = try DBusMessage.parse(Array(received[..<length]))
          received.removeFirst(length)
          return message
        }
        try fill(before: end, what)
      }
    } catch let error as DBusError {
      throw RuntimeError("the message bus sent \(error.message)")
    } catch let error as RuntimeError {
      throw error
    } catch { throw RuntimeError("the message bus cannot be read") }
  }

  /// A line of the talk before BEGIN.
  private func line() throws(RuntimeError) -> String {
    let end = Clock.now + DBusConnection.patience * 1_000_000_000
    while true {
      if let stop = received.firstIndex(of: 10) {
        let text = String(decoding: received[..<stop].filter { $0 != 13 }, as: UTF8.self)
        received.removeFirst(stop + 1)
        return text
      }
      guard received.count < 4096 else { throw RuntimeError("the message bus sends no lines") }
      try fill(before: end, "the answer to AUTH")
    }
  }

  private func fill(before end: UInt64, _ what: String) throws(RuntimeError) {
    let now = Clock.now
    let left = end > now ? (end - now) / 1_000_000 : 0
    let raw = socket.raw
    let ready = try lookingUp { () throws(SystemError) in
      try Linux.Events.wait([raw], milliseconds: Int32(clamping: left))
    }
    guard ready != 0 else {
      throw RuntimeError(
        "systemd did not say within \(DBusConnection.patience) s: \(what)",
        hint: "systemctl status, journalctl -b and busctl monitor tell what it does")
    }
    let bytes = try lookingUp { () throws(SystemError) in try File.readSome(raw, 4096) }
    guard !bytes.isEmpty else { throw RuntimeError("the message bus closed the connection") }
    received += bytes
  }

  private func send(_ bytes: [UInt8]) throws(RuntimeError) {
    try lookingUp { () throws(SystemError) in
      try File.write(socket.raw, bytes, name: "the message bus")
    }
  }
}
