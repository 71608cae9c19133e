import Linux
import OCI

/// `-v SOURCE:TARGET[:OPTIONS]`: a directory or file of the host, bound into the container.
struct Volume {
  /// On the host, absolute.
  let source: String
  /// In the container, absolute.
  let target: String
  /// `ro` or `rw`.
  private(set) var isReadOnly = false
  /// How mounts below it spread (mount_namespaces(7), "SHARED SUBTREES"); Docker's default.
  private(set) var propagation = "rprivate"

  private static let propagations = [
    "private", "rprivate", "shared", "rshared", "slave", "rslave",
  ]

  /// Reads one, in Docker's words when it cannot be read.
  init(_ text: String) throws(EngineError) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { String($0) }
    guard (2...3).contains(parts.count) else {
      throw EngineError("invalid volume specification: '\(text)'", hint: "SOURCE:TARGET[:OPTIONS]")
    }
    source = Volume.plain(parts[0])
    target = Volume.plain(parts[1])
    guard source.hasPrefix("/") else {
      throw EngineError(
        "invalid volume specification: '\(text)': '\(parts[0])' is no absolute path",
        hint: "There are no named volumes; name a directory or file of the host.")
    }
    guard target.hasPrefix("/"), target != "/", !target.split(separator: "/").contains("..") else {
      throw EngineError(
        "invalid volume specification: '\(text)': the target must be an absolute path, not '/'")
    }
    for option in parts.count < 3 ? [] : parts[2].split(separator: ",").map({ String($0) }) {
      if Volume.propagations.contains(option) {
        propagation = option
      } else if option == "ro" || option == "rw" {
        isReadOnly = option == "ro"
      } else {
        throw EngineError(
          "invalid mode: \(parts[2])",
          hint: "ro, rw, and one of \(Volume.propagations.joined(separator: ", ")).")
      }
    }
  }

  /// The path without a slash at its end.
  private static func plain(_ path: String) -> String {
    path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
  }

  /// Whether mounts made inside reach the host.
  var isShared: Bool { propagation.hasSuffix("shared") }

  /// As config.json has it.
  var mount: Mount {
    Mount(
      destination: target, type: "bind", source: source,
      options: ["rbind", isReadOnly ? "ro" : "rw", propagation])
  }

  /// `linux.rootfsPropagation`: nothing reaches the host from a tree that was made a slave, so a
  /// shared volume needs a shared root (as Docker does it).
  static func rootPropagation(_ texts: [String]) throws(EngineError) -> String? {
    for text in texts where try Volume(text).isShared { return "shared" }
    return nil
  }

  /// Checks it against the host.
  func check() throws(EngineError) {
    guard File.exists(source) else {
      throw EngineError("invalid mount config: bind source path does not exist: \(source)")
    }
    let isSlave = propagation.hasSuffix("slave")
    guard isShared || isSlave else { return }
    let mount = try asked("looking for the mount of \(source)") { () throws(SystemError) in
      let place = try File.open(source, .path)
      return try MountInfo.holding(try File.link(place.procPath))
    }
    let (point, spread) = (mount?.target ?? "/", mount?.propagation ?? "")
    guard spread.contains("shared:") || (isSlave && spread.contains("master:")) else {
      throw EngineError(
        "path \(source) is mounted on \(point) but it is not a shared\(isSlave ? " or slave" : "")"
          + " mount",
        hint: "mount --make-shared \(point)")
    }
  }
}
