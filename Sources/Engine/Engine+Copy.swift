// `drydock cp`: files between a container and the host.
//
// A path in a container is resolved by the kernel as if the container's root were `/`
// (openat2(2), RESOLVE_IN_ROOT), on /proc/PID/root while it lives, else on a mount of its layers that
// is attached nowhere. So a link in it, also one that is made while we look, leads nowhere else.

import Images
import Linux
import OCI

/// How `drydock cp` copies.
public struct CopyOptions: Sendable {
  /// `-a`: owners stay what they are.
  public var keepsOwners = false
  /// `-L`: a link named as the source stands for what it points to.
  public var followsLink = false

  /// As Docker does it.
  public init() {}
}

extension Engine {
  /// Copies a file or directory between a container and the host.
  ///
  /// - Parameters:
  ///   - source: `PATH`, or `CONTAINER:PATH`.
  ///   - target: likewise; one of both is in a container.
  ///   - options: owners and links.
  /// - Throws: `EngineError` when there is no such container or path, or it cannot be copied.
  public func copy(
    _ source: String, to target: String, _ options: CopyOptions
  ) throws(EngineError) {
    switch (CopyPath(source), CopyPath(target)) {
    case (.container(let name, let path), .host(let place)):
      let root = try openRoot(store.find(name), writable: false)
      let from = try CopySource(path, in: root.raw, options)
      let to = try CopyTarget(place, in: nil, for: from)
      try transfer(from, to, owner: options.keepsOwners ? nil : Engine.caller)
    case (.host(let place), .container(let name, let path)):
      let record = try store.find(name)
      let root = try openRoot(record, writable: true)
      let from = try CopySource(place, in: nil, options)
      let to = try CopyTarget(path, in: root.raw, for: from)
      try transfer(from, to, owner: options.keepsOwners ? nil : try rootOutside(record))
    case (.container, .container):
      throw EngineError("copying between containers is not supported", exitCode: 1)
    case (.host, .host):
      throw EngineError(
        "must specify at least one container source", hint: "CONTAINER:PATH names one.",
        exitCode: 1)
    }
  }

  private static var caller: (uid: UInt32, gid: UInt32) {
    (Identity.effectiveUser, Identity.effectiveGroup)
  }

  /// Who the container's root is on the host.
  private func rootOutside(_ record: Record) throws(EngineError) -> (uid: UInt32, gid: UInt32) {
    let linux = try configuration(record).linux
    func outside(_ maps: [IDMapping]) -> UInt32 {
      maps.first { $0.containerID == 0 }?.hostID ?? 0
    }
    return (outside(linux.uidMappings), outside(linux.gidMappings))
  }

  private func transfer(
    _ from: borrowing CopySource, _ to: borrowing CopyTarget, owner: (uid: UInt32, gid: UInt32)?
  ) throws(EngineError) {
    try asked("copying \(from.path)") { () throws(SystemError) in
      try TreeMerge.copy(
        from.name, from: from.directory.raw, to: to.directory.raw, as: to.name, owner: owner)
    }
  }

  /// A handle on a container's root.
  private func openRoot(_ record: Record, writable: Bool) throws(EngineError) -> Descriptor {
    if let pid = try store.status(record).pid {
      return try asked("opening the files of \(record.name)") { () throws(SystemError) in
        try File.open("/proc/\(pid)/root", [.path, .directory])
      }
    }
    let overlay = try configuration(record).mounts.first { $0.type == "overlay" }?.options ?? []
    func option(_ name: String) -> String {
      overlay.first { $0.hasPrefix(name + "=") }.map { String($0.dropFirst(name.count + 1)) } ?? ""
    }
    return try asked("opening the files of \(record.name)") { () throws(SystemError) in
      // By short names: a value of fsconfig(2) is shorter than 256 bytes.
      var held = [Int32]()
      defer { for fd in held { Descriptors.close(fd) } }
      func short(_ path: String) throws(SystemError) -> String {
        let fd = try File.open(path, [.path, .directory]).release()
        held.append(fd)
        return "/proc/self/fd/\(fd)"
      }
      var lower = [String]()
      for layer in option("lowerdir").split(separator: ":") {
        lower.append(try short(String(layer)))
      }
      let upper = try short(option("upperdir"))
      var data = "lowerdir=" + ([writable ? [] : [upper], lower].joined()).joined(separator: ":")
      if writable { data += ",upperdir=\(upper),workdir=\(try short(option("workdir")))" }
      if overlay.contains("userxattr") { data += ",userxattr" }
      let mount = try DetachedMount.make(
        "overlay", source: "overlay", writable ? [] : .readOnly, data: data)
      return Descriptor(owning: mount.release())
    }
  }
}

/// One side of `drydock cp`.
private enum CopyPath {
  case host(String)
  case container(String, String)

  /// `CONTAINER:PATH`; what begins with `/` or `.` is the host's, whatever colons are in it.
  init(_ text: String) {
    guard let colon = text.firstIndex(of: ":"), !text.hasPrefix("/"), !text.hasPrefix("."),
      colon > text.startIndex
    else {
      self = .host(text)
      return
    }
    self = .container(String(text[..<colon]), "/" + text[text.index(after: colon)...])
  }
}

/// The directory part and the last name of a path.
private func split(_ path: String) -> (directory: String, name: String) {
  let parts = path.split(separator: "/").filter { $0 != "." }
  let isAbsolute = path.hasPrefix("/")
  guard let last = parts.last, last != ".." else { return (path, ".") }
  let directory = parts.dropLast().joined(separator: "/")
  return (isAbsolute ? "/" + directory : directory.isEmpty ? "." : directory, String(last))
}

private func open(
  _ path: String, in root: Int32?, _ flags: OpenFlags
) throws(SystemError) -> Descriptor {
  guard let root else { return try File.open(path, flags) }
  return try File.open(path, inRoot: root, flags)
}

/// What is copied.
private struct CopySource: ~Copyable {
  /// As it was named.
  let path: String
  /// The directory it is in.
  let directory: Descriptor
  let name: String
  let isDirectory: Bool
  /// `DIRECTORY/.`: what is in it, not itself.
  let isContent: Bool

  init(_ path: String, in root: Int32?, _ options: CopyOptions) throws(EngineError) {
    self.path = path
    isContent = path.hasSuffix("/.")
    var place = split(path)
    do throws(SystemError) {
      var folder = try open(place.directory, in: root, [.path, .directory])
      if options.followsLink || path.hasSuffix("/"), place.name != "." {
        // What it points to, by its own name: a directory is opened as such, a file by its link.
        let status = try File.status(place.name, follow: false, at: folder.raw)
        if status.isLink {
          let target = try File.link(place.name, at: folder.raw)
          let joined = target.hasPrefix("/") ? target : place.directory + "/" + target
          place = split(joined)
          folder = try open(place.directory, in: root, [.path, .directory])
        }
      }
      isDirectory = try File.status(place.name, follow: false, at: folder.raw).isDirectory
      directory = folder
      name = place.name
    } catch {
      throw EngineError(
        "Could not find the file \(path): \(error.errno.message)", exitCode: 1)
    }
  }
}

/// Where it goes.
private struct CopyTarget: ~Copyable {
  let directory: Descriptor
  let name: String

  init(_ path: String, in root: Int32?, for source: borrowing CopySource) throws(EngineError) {
    do throws(SystemError) {
      directory = try open(path, in: root, [.readOnly, .directory])
      name = source.isContent ? "." : source.name
      return
    } catch {
      guard error.errno == .noEntry || error.errno == .notDirectory else {
        throw EngineError("copying to \(path)", error)
      }
    }
    let place = split(path)
    guard source.isDirectory || !path.hasSuffix("/") else {
      throw EngineError("the destination directory must exist: \(path)", exitCode: 1)
    }
    do throws(SystemError) {
      directory = try open(place.directory, in: root, [.readOnly, .directory])
    } catch {
      throw EngineError(
        "Could not find the directory \(place.directory): \(error.errno.message)", exitCode: 1)
    }
    name = place.name
  }
}
