// `--network FILE`: the links that connect a container's network namespace to the host's networks.
//
// The runtime makes them while init mounts, before it tells init to go on. They end with the
// namespace, so nothing of them is left by a container that dies, however it dies.

internal import Linux
internal import Networks
internal import OCI
internal import Steps

/// The endpoints that a container gets.
struct Connection {
  let endpoints: [Endpoint]
  /// A network namespace to join; nil is init's own.
  let path: String?

  /// Reads the file (Networks/EndpointFile.swift).
  ///
  /// - Throws: `RuntimeError` when it cannot be read, or the container has no network namespace.
  init(file: String, _ linux: LinuxConfig) throws(RuntimeError) {
    let bytes = try lookingUp { () throws(SystemError) in try File.read(file, limit: 1 << 20) }
    do throws(ConfigError) {
      endpoints = try EndpointFile.parse(bytes)
    } catch { throw RuntimeError("\(file): \(error.text)") }
    let network = linux.namespaces.first { $0.kind == .network }
    guard endpoints.isEmpty || network != nil else {
      throw RuntimeError("--network needs a network namespace of the container's own")
    }
    path = network?.path
  }

  /// Makes the links.
  func make(_ pid: Int32, _ glass: Glass) throws(RuntimeError) {
    guard !endpoints.isEmpty else { return }
    let namespace = try lookingUp { () throws(SystemError) in
      try File.open(path ?? "/proc/\(pid)/ns/net", .readOnly)
    }
    var made = 0
    do throws(StepFailure) {
      for endpoint in endpoints {
        try endpoint.connect(namespace.raw, pid: pid, glass)
        made += 1
      }
    } catch {
      for endpoint in endpoints[..<made].reversed() { endpoint.disconnect(glass) }
      throw RuntimeError(error)
    }
  }

  /// Takes them away when the container cannot be made.
  func undo(_ glass: Glass) {
    for endpoint in endpoints.reversed() { endpoint.disconnect(glass) }
  }
}
