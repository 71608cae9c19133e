// `drydock cp`: files between a container and the host.
//
// A path in a container is resolved by the kernel as if the container's root were `/`
// (ContainerView.swift), so that a link in it leads nowhere else. `-` is a tar stream.

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
    case (.container(let name, let path), .stream):
      let record = try store.find(name)
      let view = try view(record, writable: false)
      let from = try CopySource(path, in: view, options)
      let owners = try owners(record)
      try storing(exitCode: 1) { () throws(ImageError) in
        try FileArchive.write(
          from.name, in: from.directory.raw, as: from.isContent ? "." : from.title,
          owners: owners.inside, to: 1)
      }
    case (.stream, .container(let name, let path)):
      let record = try store.find(name)
      let view = try view(record, writable: true)
      let (root, place) = try view.locate(path, followsLast: true, writes: true)
      let owners = try owners(record)
      let directory = try Engine.destination(place, in: root, named: "\(name):\(path)")
      try storing(exitCode: 1) { () throws(ImageError) in
        try FileArchive.extract(
          0, name: "standard input", beneath: directory.raw, owners: owners.outside)
      }
    case (.container(let name, let path), .host(let place)):
      let view = try view(store.find(name), writable: false)
      let from = try CopySource(path, in: view, options)
      let to = try CopyTarget(place, in: nil, for: from)
      try transfer(from, to, owner: options.keepsOwners ? nil : Engine.caller)
    case (.host(let place), .container(let name, let path)):
      let record = try store.find(name)
      let view = try view(record, writable: true)
      let from = try CopySource(place, options)
      let located = try view.locate(path, followsLast: true, writes: true)
      let to = try CopyTarget(located.path, in: located.root, for: from)
      try transfer(from, to, owner: options.keepsOwners ? nil : try rootOutside(record))
    case (.container, .container):
      throw EngineError("copying between containers is not supported", exitCode: 1)
    default:
      throw EngineError(
        "must specify at least one container source", hint: "CONTAINER:PATH names one.",
        exitCode: 1)
    }
  }

  private static func destination(
    _ path: String, in root: Int32, named name: String
  ) throws(EngineError) -> Descriptor {
    do throws(SystemError) {
      return try File.open(path, inRoot: root, [.readOnly, .directory])
    } catch {
      throw EngineError(
        "destination \"\(name)\" must be a directory: \(error.errno.message)", exitCode: 1)
    }
  }

  private static var caller: (uid: UInt32, gid: UInt32) {
    (Identity.effectiveUser, Identity.effectiveGroup)
  }

  /// Who the container's root is on the host.
  private func rootOutside(_ record: Record) throws(EngineError) -> (uid: UInt32, gid: UInt32) {
    let outside = try owners(record).outside
    return (outside.uid(0) ?? 0, outside.gid(0) ?? 0)
  }

  /// Which ids inside are which outside, and the other way round.
  private func owners(
    _ record: Record
  ) throws(EngineError) -> (inside: FileArchive.Owners, outside: FileArchive.Owners) {
    let linux = try configuration(record).linux
    var (inside, outside) = (FileArchive.Owners(), FileArchive.Owners())
    guard !linux.uidMappings.isEmpty else { return (inside, outside) }
    let (uids, gids) = (linux.uidMappings, linux.gidMappings)
    inside.uid = { Engine.inside($0, uids) }
    inside.gid = { Engine.inside($0, gids) }
    outside.uid = { Engine.outside($0, uids) }
    outside.gid = { Engine.outside($0, gids) }
    return (inside, outside)
  }

  private static func outside(_ id: UInt32, _ maps: [IDMapping]) -> UInt32? {
    for map in maps where id >= map.containerID && id - map.containerID < map.size {
      return map.hostID + (id - map.containerID)
    }
    return nil
  }

  private func transfer(
    _ from: borrowing CopySource, _ to: borrowing CopyTarget, owner: (uid: UInt32, gid: UInt32)?
  ) throws(EngineError) {
    do throws(SystemError) {
      try TreeMerge.copy(
        from.name, from: from.directory.raw, to: to.directory.raw, as: to.name, owner: owner)
    } catch {
      throw EngineError("copying \(from.path): \(error.text)", exitCode: 1)
    }
  }

  /// A container's files.
  private func view(_ record: Record, writable: Bool) throws(EngineError) -> ContainerView {
    let pid = try store.status(record).pid
    let config = try configuration(record)
    let mounts = pid == nil ? try volumeStore.mounts(of: record.id) : []
    return try asked("opening the files of \(record.name)") { () throws(SystemError) in
      if let pid { return try ContainerView(pid: pid) }
      return try ContainerView(config, mounts: mounts, writable: writable)
    }
  }
}

/// One side of `drydock cp`.
private enum CopyPath {
  case host(String)
  case container(String, String)
  /// Standard input or standard output.
  case stream

  /// `CONTAINER:PATH`; what begins with `/` or `.` is the host's, whatever colons are in it.
  init(_ text: String) {
    guard text != "-" else {
      self = .stream
      return
    }
    guard let colon = text.firstIndex(of: ":"), !text.hasPrefix("/"), !text.hasPrefix("."),
      colon > text.startIndex
    else {
      self = .host(text)
      return
    }
    let path = String(text[text.index(after: colon)...])
    self = .container(String(text[..<colon]), path.hasPrefix("/") ? path : "/" + path)
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
  /// What it is called where it goes: a link that is followed keeps its name.
  let title: String
  let isDirectory: Bool
  /// `DIRECTORY/.`: what is in it, not itself.
  let isContent: Bool

  /// Of a container.
  init(
    _ path: String, in view: ContainerView, _ options: CopyOptions
  ) throws(EngineError) {
    let (root, place) = try view.locate(
      path, followsLast: options.followsLink || path.hasSuffix("/"), writes: false)
    try self.init(path, at: place, in: root, options)
  }

  /// Of the host.
  init(_ path: String, _ options: CopyOptions) throws(EngineError) {
    try self.init(path, at: path, in: nil, options)
  }

  private init(
    _ path: String, at located: String, in root: Int32?, _ options: CopyOptions
  ) throws(EngineError) {
    self.path = path
    isContent = path.hasSuffix("/.")
    title = split(path).name
    var place = split(located)
    do throws(SystemError) {
      var folder = try open(place.directory, in: root, [.path, .directory])
      if options.followsLink || path.hasSuffix("/"), place.name != "." {
        // What it points to, by its own name: a directory is opened as such, a file by its link.
        var links = 0
        while true {
          let status = try File.status(place.name, follow: false, at: folder.raw)
          guard status.isLink, place.name != "." else { break }
          links += 1
          guard links <= 40 else { throw SystemError("openat2(2)", .loop, path) }
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
      name = source.isContent ? "." : source.title
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
