import Foundation
import Linux
import Testing

/// A TCP server that says who it is, sends back what comes, and adds what it saw of the client when
/// that has said its end: the second part of every answer proves that half-close works.
///
///     NAME⏎  the client's bytes  ⏎ADDRESS COUNT
final class EchoServer: @unchecked Sendable {
  private let listener: InternetSocket
  private let stopped = NetworkStage.Slot<Bool>()

  init(_ stage: NetworkStage, _ place: NetworkStage.Place, _ name: String, port: UInt16) throws {
    let fd = try stage.inside(place) {
      let socket = try InternetSocket(
        .tcp, boundTo: SocketAddress(IPAddress(0, isV6: true), port), [.reuseAddress])
      try socket.listen()
      return socket.release()
    }
    listener = InternetSocket(
      owning: Descriptor(owning: fd), .tcp, named: SocketAddress(IPAddress(v4: 0), port))
    let raw = listener.raw
    Thread {
      while self.stopped.value != true {
        // The test ends with the server.
        guard (try? Events.wait([raw], milliseconds: 100)) != 0,
          let client = try? self.listener.accept()
        else { continue }
        let peer = client.named.address
        let number = client.release()
        Thread { try? EchoServer.serve(number, name, peer) }.start()
      }
    }.start()
  }

  deinit { stopped.value = true }
  func stop() { stopped.value = true }

  private static func serve(_ fd: Int32, _ name: String, _ peer: IPAddress) throws {
    let socket = Descriptor(owning: fd)
    try File.write(fd, "\(name)\n".utf8, name: "client")
    var count = 0
    while true {
      _ = try Events.wait([fd])
      let bytes = try File.readSome(fd, 65_536)
      if bytes.isEmpty { break }
      count += bytes.count
      try File.write(fd, bytes, name: "client")
    }
    try File.write(fd, "\n\(peer) \(count)".utf8, name: "client")
    _ = consume socket
  }
}

/// What a client of an echo got.
struct Echo: Equatable, Sendable {
  /// Which server it was.
  var name = ""
  /// Whom that saw.
  var peer = ""
  /// Whether all bytes came back as they were.
  var isWhole = false

  /// Sends bytes by TCP, says its end, and reads to the other's; nil when nobody answers.
  ///
  /// A connection that nothing lets through is given up after some time without news.
  static func tcp(
    _ address: String, _ port: UInt16, _ bytes: [UInt8] = [1, 2, 3],
    within milliseconds: Int32 = 8000
  ) throws -> Echo? {
    do {
      return try exchange(address, port, bytes, milliseconds)
    } catch is SystemError {
      return nil
    }
  }

  private static func exchange(
    _ address: String, _ port: UInt16, _ bytes: [UInt8], _ patience: Int32
  ) throws -> Echo? {
    let place = SocketAddress(try #require(IPAddress(address)), port)
    let socket = try InternetSocket(.tcp, connectingTo: place)
    var sent = 0
    var got = [UInt8]()
    var isShut = false
    while true {
      let interest: Events.Interest = isShut ? .readable : [.readable, .writable]
      let ready = try Events.poll([socket.raw], [interest], milliseconds: patience)[0]
      if ready.isEmpty { return nil }
      if ready.contains(.writable), !isShut {
        guard try socket.connected() else { return nil }
        if sent < bytes.count {
          sent += try socket.send(Array(bytes[sent..<min(bytes.count, sent + 65_536)]))
        } else {
          try socket.shutDown(.sending)
          isShut = true
        }
      }
      if ready != .writable, let more = try socket.receive() {
        if more.isEmpty { break }
        got += more
      }
    }
    guard let first = got.firstIndex(of: 10), let last = got.lastIndex(of: 10), first < last else {
      return nil
    }
    let tail = String(decoding: got[(last + 1)...], as: UTF8.self).split(separator: " ")
    return Echo(
      name: String(decoding: got[..<first], as: UTF8.self), peer: String(tail.first ?? ""),
      isWhole: Array(got[(first + 1)..<last]) == bytes && tail.last == "\(bytes.count)")
  }

  /// Sends a datagram, again while no answer comes, since it may get lost.
  static func udp(_ address: String, _ port: UInt16) throws -> Echo? {
    let place = SocketAddress(try #require(IPAddress(address)), port)
    let socket = try InternetSocket(.udp, connectingTo: place)
    let bytes: [UInt8] = [104, 105]
    for _ in 0..<20 {
      do throws(SystemError) { _ = try socket.send(bytes) } catch { continue }
      _ = try Events.wait([socket.raw], milliseconds: 200)
      guard let got = try? socket.receive() else { continue }
      let words = String(decoding: got, as: UTF8.self).split(separator: " ")
      return Echo(
        name: String(words.first ?? ""), peer: words.count > 1 ? String(words[1]) : "",
        isWhole: words.last == "hi")
    }
    return nil
  }
}

/// A UDP server that answers with its name, whom it sees, and what came.
final class DatagramEcho: @unchecked Sendable {
  private let socket: InternetSocket
  private let stopped = NetworkStage.Slot<Bool>()

  init(_ stage: NetworkStage, _ place: NetworkStage.Place, _ name: String, port: UInt16) throws {
    let fd = try stage.inside(place) {
      try InternetSocket(
        .udp, boundTo: SocketAddress(IPAddress(0, isV6: true), port), [.destination]
      ).release()
    }
    socket = InternetSocket(
      owning: Descriptor(owning: fd), .udp, named: SocketAddress(IPAddress(v4: 0), port))
    let raw = socket.raw
    Thread {
      while self.stopped.value != true {
        guard (try? Events.wait([raw], milliseconds: 100)) != 0,
          let got = try? self.socket.receiveDatagram()
        else { continue }
        let answer = "\(name) \(got.source.address) " + String(decoding: got.bytes, as: UTF8.self)
        _ = try? self.socket.send(Array(answer.utf8), to: got.source)
      }
    }.start()
  }

  func stop() { stopped.value = true }
}
