internal import Linux
internal import OCI

/// drydock-publish's side of its channel to the engine.
///
/// What is said to an engine that is gone is lost; the next request is `closed` then.
public final class PublishChannel: Sendable {
  private let socket: Int32

  /// What the engine asks.
  public enum Request: Sendable {
    /// To serve a container.
    case serve(PublishTarget)
    /// To serve as long as a process lives.
    case keeper(ProcessMark)
    /// Nothing more: it is gone.
    case closed
    /// Something that is none of these.
    case unknown(String)
  }

  /// Takes over the inherited socket.
  public init(owning fd: Int32) { socket = fd }

  deinit { Descriptors.close(socket) }

  /// Readable when there is a request.
  public var raw: Int32 { socket }

  /// All ports are bound.
  ///
  /// - Throws: `PublishError` when they are too many for a message.
  public func tell(bound bindings: [PortBinding]) throws(PublishError) {
    let content = Array(PortBinding.lines(bindings).utf8)
    guard content.count < Channel.limit else {
      throw PublishError(
        "publishing ports: \(bindings.count) are too many",
        hint: "Each container has a network of its own: publish fewer, or use --network host.")
    }
    Channel.send([PublishMessage.bound.rawValue] + content, over: socket)
  }

  /// The rules are there.
  public func tellReady() { Channel.send([PublishMessage.ready.rawValue], over: socket) }

  /// It did not work.
  public func tell(_ error: PublishError) {
    Channel.send([PublishMessage.failed.rawValue] + error.content, over: socket)
  }

  /// The next request, for which it waits.
  public func next() -> Request {
    guard let message = Channel.receive(over: socket), let kind = message.first else {
      return .closed
    }
    let content = Array(message.dropFirst())
    switch PublishMessage(rawValue: kind) {
    case .serve:
      do throws(ConfigError) { return .serve(try PublishTarget.parse(content)) } catch {
        return .unknown(error.text)
      }
    case .keeper:
      let mark = ProcessMark(String(decoding: content, as: UTF8.self))
      return mark.map { .keeper($0) } ?? .unknown("a keeper that is no process")
    default: return .unknown("kind \(kind)")
    }
  }
}
