import Linux
import Monitor

/// A connection to a container's monitor (Monitor/Message.swift).
struct MonitorLink: ~Copyable {
  let channel: Channel

  /// The monitor that keeps a container; nil when nobody does.
  static func connect(_ bundle: String) throws(EngineError) -> MonitorLink? {
    do throws(SystemError) {
      let socket = try Channel.connect(MonitorConfig.socket(bundle), messages: true)
      return MonitorLink(channel: Channel(owning: socket.release()))
    } catch {
      // None, or one that was killed.
      if error.errno == .noEntry || error.errno.code == 111 { return nil }
      throw EngineError("connecting to the monitor", error)
    }
  }

  /// Tells a container's monitor something and waits until it has heard; nobody there is fine.
  static func tell(
    _ bundle: String, _ request: Request, _ content: [UInt8] = []
  ) throws(EngineError) {
    guard let link = try connect(bundle) else { return }
    link.send(request, content)
    while let (reply, _) = try link.receive(), reply != .done {}
  }

  /// Waits until nobody keeps a container any more.
  static func waitUntilLetGo(_ store: ContainerStore, _ id: String) throws(EngineError) {
    var pause: UInt64 = 200_000
    while try store.isHeld(id) {
      Clock.sleep(pause)
      pause = min(pause * 2, 10_000_000)
    }
  }

  /// Sends a request; a monitor that is gone is noticed by the next `receive`.
  func send(_ request: Request, _ content: [UInt8] = []) {
    Channel.send([request.rawValue] + content, over: channel.raw)
  }

  /// The next message; nil when the monitor is gone.
  func receive() throws(EngineError) -> (Reply, [UInt8])? {
    do throws(SystemError) {
      guard let message = try channel.receive(), let first = message.first else { return nil }
      guard let reply = Reply(rawValue: first) else {
        throw SystemError("recv(2)", .invalid, "the monitor's message \(first)")
      }
      return (reply, Array(message.dropFirst()))
    } catch { throw EngineError("hearing from the monitor", error) }
  }

  /// The code in a message of the end.
  static func code(_ content: [UInt8]) -> Int32 {
    Int32(String(decoding: content, as: UTF8.self)) ?? 255
  }
}
