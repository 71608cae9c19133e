internal import Linux
internal import OCI

/// The engine's side of a drydock-publish that it started (PublishMessage.swift has the picture).
///
/// Dropped before `serve`, the process ends and nothing is left of it.
public struct PublishLink: ~Copyable {
  /// The process.
  public let pid: Int32
  private let channel: Channel

  /// Starts the process, which begins to bind the ports of DIRECTORY/ports.json.
  ///
  /// - Parameters:
  ///   - program: drydock-publish's path.
  ///   - directory: the container's run directory, absolute.
  /// - Throws: `PublishError` when it cannot be started.
  public init(program: String, directory: String) throws(PublishError) {
    let started: (socket: Int32, pid: Int32)
    do throws(SystemError) { started = try PublishLink.start(program, directory) } catch {
      throw PublishError(
        "publishing ports: \(error.text)",
        hint: error.errno == .noEntry ? "drydock-publish belongs beside drydock." : "")
    }
    channel = Channel(owning: started.socket)
    pid = started.pid
  }

  private static func start(
    _ program: String, _ directory: String
  ) throws(SystemError) -> (Int32, Int32) {
    let (ours, theirs) = try Channel.pair()
    let here = Descriptor(owning: ours)
    let there = Descriptor(owning: theirs)
    let null = try File.open("/dev/null", .readWrite)
    let child = try Child(
      program, ["drydock-publish", directory, "\(theirs)"], input: null.raw, output: null.raw,
      error: null.raw, inherit: there.raw)
    let pid = child.pid
    child.letGo()
    return (here.release(), pid)
  }

  /// Waits until all ports are bound: nobody else can take them now.
  ///
  /// - Throws: `PublishError`, such as `Bind for 0.0.0.0:8080 failed: port is already allocated`.
  public func bound() throws(PublishError) -> [PortBinding] {
    let content = try answer(.bound)
    guard let bindings = PortBinding.parse(lines: String(decoding: content, as: UTF8.self)) else {
      throw PublishError("drydock-publish says something unknown: is it of another version?")
    }
    return bindings
  }

  /// Lets it serve; returns when the kernel's rules and the proxy do.
  ///
  /// - Throws: `PublishError` with what could not be done.
  public func serve(_ target: PublishTarget) throws(PublishError) {
    try send(.serve, target.encode())
    _ = try answer(.ready)
  }

  /// Tells the process whose life is the container's: it serves as long as that lives.
  ///
  /// - Throws: `PublishError` when drydock-publish is gone.
  public consuming func keep(with keeper: ProcessMark) throws(PublishError) {
    try send(.keeper, Array("\(keeper)".utf8))
  }

  private func send(_ kind: PublishMessage, _ content: [UInt8]) throws(PublishError) {
    do throws(SystemError) { try channel.send([kind.rawValue] + content) } catch {
      throw PublishError("drydock-publish (process \(pid)) is gone: \(error.text)")
    }
  }

  private func answer(_ wanted: PublishMessage) throws(PublishError) -> [UInt8] {
    let message: [UInt8]?
    do throws(SystemError) { message = try channel.receive() } catch {
      throw PublishError("drydock-publish (process \(pid)): \(error.text)")
    }
    guard let message, let kind = message.first else {
      throw PublishError("drydock-publish (process \(pid)) ended without a word")
    }
    let content = Array(message.dropFirst())
    if kind == wanted.rawValue { return content }
    guard kind == PublishMessage.failed.rawValue else {
      throw PublishError("drydock-publish says something unknown: is it of another version?")
    }
    throw PublishError(content: content)
  }
}

/// Ports that cannot be published.
public struct PublishError: Error, Equatable, Sendable {
  /// What happened.
  public let text: String
  /// The likely cause or what to try; empty when there is nothing useful to say.
  public let hint: String

  /// Makes an error.
  public init(_ text: String, hint: String = "") {
    self.text = text
    self.hint = hint
  }

  init(content: [UInt8]) {
    let parts = String(decoding: content, as: UTF8.self).parts("\0", limit: 2)
    self.init(parts[0], hint: parts.count > 1 ? parts[1] : "")
  }

  var content: [UInt8] { Array("\(text)\0\(hint)".utf8) }
}
