public import OCI

internal import Linux

/// Whose namespaces a container joins.
///
/// config.json notes the other container's id as an annotation, such as `drydock.pid`; a path in
/// /proc holds only as long as that container's first process, so each start looks anew.
public enum Joins {
  /// The annotation, the namespace, and its file in /proc/PID/ns.
  public static let all: [(key: String, kind: NamespaceKind, file: String)] = [
    ("drydock.pid", .pid, "pid"), ("drydock.ipc", .ipc, "ipc"),
    ("drydock.network", .network, "net"),
  ]

  /// Whether a config.json joins anybody, without reading all of it.
  public static func isThere(in bytes: [UInt8]) -> Bool {
    String(decoding: bytes, as: UTF8.self).contains("\"drydock.")
  }

  /// Gives a configuration the paths of the namespaces that it joins.
  ///
  /// - Parameters:
  ///   - config: what the annotations and the namespaces are in.
  ///   - pid: the first process of the container with this id.
  /// - Throws: what `pid` throws.
  public static func resolve<Failure: Error>(
    _ config: inout Config, pid: (_ id: String, _ file: String) throws(Failure) -> Int32
  ) throws(Failure) {
    for join in all {
      guard let donor = config.annotations.first(where: { $0.key == join.key })?.value else {
        continue
      }
      let process = try pid(donor, join.file)
      for index in config.linux.namespaces.indices
      where config.linux.namespaces[index].kind == join.kind {
        config.linux.namespaces[index].path = "/proc/\(process)/ns/\(join.file)"
      }
    }
  }
}

extension Monitor {
  /// Looks anew for the namespaces that are joined: their containers may have been started again
  /// since.
  func joinAnew() throws(StartFailure) {
    let path = config.bundle + "/config.json"
    do {
      let bytes = try File.read(path)
      guard Joins.isThere(in: bytes) else { return }
      var bundle = try Config.parse(bytes)
      try Joins.resolve(&bundle) { (id, file) throws(StartFailure) in
        guard let pid = living(id) else {
          throw StartFailure(
            "cannot join \(file.uppercased()) of a non running container: \(id)", mayPass: true)
        }
        return pid
      }
      try File.replace(path, with: bundle.encode(), mode: 0o600)
    } catch let error as StartFailure {
      throw error
    } catch let error as SystemError {
      throw StartFailure(error)
    } catch let error as ConfigError {
      throw StartFailure("\(path): \(error.text)")
    } catch { throw StartFailure("\(path) cannot be used") }
  }

  /// A container's first process, when it lives (Runtime/Store.swift: `ID/pid` is "PID STARTTIME").
  private func living(_ id: String) -> Int32? {
    guard let text = try? File.text("\(config.runtimeRoot)/\(id)/pid") else { return nil }
    let words = text.trimmedLine.split(separator: " ")
    guard words.count == 2, let pid = Int32(words[0]), let started = UInt64(words[1]),
      Processes.startTime(pid) == started
    else { return nil }
    return pid
  }
}
