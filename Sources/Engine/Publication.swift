import Linux
import Networks

/// A container's published ports while it is being started: the engine's hold on drydock-publish.
///
/// Dropped before the container has a keeper, it takes the ports back.
final class Publication {
  private var link: PublishLink?

  /// Binds the ports on this host: nobody else can take them now.
  ///
  /// - Parameters:
  ///   - ports: what was asked for; not none.
  ///   - container: its id.
  ///   - bundle: its run directory, which is there.
  /// - Throws: `EngineError` when one is taken, or may not be bound.
  init(_ ports: [PortMapping], container: String, bundle: String) throws(EngineError) {
    let request = PortRequest(container: container, ports: ports)
    try asked("writing \(PortRequest.path(bundle))") { () throws(SystemError) in
      try File.replace(PortRequest.path(bundle), with: request.encode(), mode: 0o600)
    }
    let program = try Places(environment: Processes.environment).program(
      "drydock-publish", given: nil, variable: "DRYDOCK_PUBLISH")
    link = try published { () throws(PublishError) in
      let link = try PublishLink(program: program, directory: bundle)
      _ = try link.bound()
      return link
    }
  }

  /// Leads the ports to the container, whose address is known now.
  func serve(_ target: PublishTarget) throws(EngineError) {
    guard let link = link.take() else { return }
    try published { () throws(PublishError) in try link.serve(target) }
    self.link = consume link
  }

  /// Whose life is the container's from now on.
  ///
  /// A drydock-publish that is gone by now does not keep the container from running; `doctor` finds
  /// what it left.
  func keep(with pid: Int32) {
    guard let link = link.take() else { return }
    // One that has ended already: the publication sees that nobody holds the container.
    let mark = ProcessMark(pid: pid, startTime: Processes.startTime(pid) ?? 0)
    do throws(PublishError) { try link.keep(with: mark) } catch {
      File.report("drydock: \(error.text)\n")
    }
  }
}

/// Publishes on behalf of the engine.
func published<Result: ~Copyable>(
  _ body: () throws(PublishError) -> Result
) throws(EngineError) -> Result {
  do throws(PublishError) { return try body() } catch { throw EngineError(error) }
}

extension EngineError {
  /// Ports that cannot be published.
  fileprivate init(_ error: PublishError) { self.init(error.text, hint: error.hint) }
}
