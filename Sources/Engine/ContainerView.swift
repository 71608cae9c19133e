// A container's files, to copy from and to.
//
//     while it lives   /proc/PID/root: its own mounts, looked up by the kernel
//     else             its layers in an overlay that is attached nowhere, and beside it the volumes
//                      and directories of the host that it has mounted
//
// In both cases every lookup is openat2(2) with RESOLVE_IN_ROOT in one of these: a link, also one that
// is made while we look, leads nowhere else. Between the overlay and the volumes links are followed by
// hand, which nobody can race: no program of the container runs.

import Linux
import OCI
import State

/// The files of one container.
final class ContainerView {
  /// Its root, a handle.
  let root: Descriptor
  private var mounts: [Place] = []
  /// Why nothing may be written to the root; empty when it may.
  private var refusal = ""

  /// One mount of a container that does not live.
  private struct Place {
    /// Where it is inside, without links.
    let parts: [String]
    /// The directory on the host; nil when there is one only while the container lives.
    let directory: SharedDescriptor?
    /// The file in it; nil for the whole directory.
    let file: String?
    let isReadOnly: Bool
  }

  /// A descriptor that is closed with its last owner.
  private final class SharedDescriptor {
    let descriptor: Descriptor
    init(_ descriptor: consuming Descriptor) { self.descriptor = descriptor }
  }

  /// A container that lives.
  init(pid: Int32) throws(SystemError) {
    root = try File.open("/proc/\(pid)/root", [.path, .directory])
  }

  /// A container that does not.
  init(_ config: Config, mounts records: [MountRecord], writable: Bool) throws(SystemError) {
    root = try ContainerView.overlay(config, writable: writable)
    if config.root.readonly { refusal = "container rootfs is marked read-only" }
    for record in records where record.kind != "shm" {
      var directory: SharedDescriptor?
      var file: String?
      if record.type == "bind", File.exists(record.source) {
        let isDirectory = try File.status(record.source).isDirectory
        let parts = record.source.split(separator: "/")
        if !isDirectory { file = parts.last.map { String($0) } }
        let path = isDirectory ? record.source : "/" + parts.dropLast().joined(separator: "/")
        directory = SharedDescriptor(try File.open(path, [.path, .directory]))
      }
      mounts.append(
        Place(
          parts: try resolved(record.target, followsLast: true), directory: directory, file: file,
          isReadOnly: record.options.contains("ro")))
    }
  }

  private static func overlay(
    _ config: Config, writable: Bool
  ) throws(SystemError) -> Descriptor {
    let overlay = config.mounts.first { $0.type == "overlay" }?.options ?? []
    func option(_ name: String) -> String {
      overlay.first { $0.hasPrefix(name + "=") }.map { String($0.dropFirst(name.count + 1)) } ?? ""
    }
    // By short names: a value of fsconfig(2) is shorter than 256 bytes.
    var held = [Int32]()
    defer { for fd in held { Descriptors.close(fd) } }
    func short(_ path: String) throws(SystemError) -> String {
      let fd = try File.open(path, [.path, .directory]).release()
      held.append(fd)
      return "/proc/self/fd/\(fd)"
    }
    var lower = [String]()
    let layers = option("lowerdir").split(separator: ":").map { String($0) }
    let added = overlay.filter { $0.hasPrefix("lowerdir+=") }.map { String($0.dropFirst(10)) }
    for layer in layers + added { lower.append(try short(layer)) }
    let upper = try short(option("upperdir"))
    var data = "lowerdir=" + ([writable ? [] : [upper], lower].joined()).joined(separator: ":")
    if writable { data += ",upperdir=\(upper),workdir=\(try short(option("workdir")))" }
    if overlay.contains("userxattr") { data += ",userxattr" }
    return Descriptor(
      owning: try DetachedMount.make(
        "overlay", source: "overlay", writable ? [] : .readOnly, data: data
      ).release())
  }

  // MARK: Where a path is

  /// The open directory beneath which a path of the container is, and the path there.
  ///
  /// - Parameters:
  ///   - path: in the container; a slash or `/.` at its end stays.
  ///   - followsLast: whether a link at the end stands for what it points to.
  ///   - writes: whether something is to be written there.
  /// - Returns: a descriptor that is the view's, and a path that begins with a slash.
  /// - Throws: `EngineError` when nobody is there to look at, or it is read-only.
  func locate(
    _ path: String, followsLast: Bool, writes: Bool
  ) throws(EngineError) -> (root: Int32, path: String) {
    guard !mounts.isEmpty else {
      if writes, !refusal.isEmpty { throw EngineError(refusal, exitCode: 1) }
      return (root.raw, path)
    }
    let end = path.hasSuffix("/.") ? "/." : path.hasSuffix("/") ? "/" : ""
    let parts = try asked("looking for \(path)") { () throws(SystemError) in
      try resolved(path, followsLast: followsLast || !end.isEmpty)
    }
    let mount = mount(of: parts)
    guard let mount else {
      if writes, !refusal.isEmpty { throw EngineError(refusal, exitCode: 1) }
      return (root.raw, "/" + parts.joined(separator: "/") + end)
    }
    guard let directory = mount.directory else {
      throw EngineError(
        "/\(mount.parts.joined(separator: "/")) is there only while the container lives",
        hint: "Start it first.", exitCode: 1)
    }
    if writes, mount.isReadOnly {
      throw EngineError("mounted volume is marked read-only", exitCode: 1)
    }
    let rest = ([mount.file].compactMap { $0 } + parts.dropFirst(mount.parts.count))
      .joined(separator: "/")
    return (directory.descriptor.raw, "/" + rest + end)
  }

  /// The innermost mount that a path without links is in; the last one where there are several.
  private func mount(of parts: [String]) -> Place? {
    var best: Place?
    for mount in mounts where parts.starts(with: mount.parts) {
      if mount.parts.count >= best?.parts.count ?? 0 { best = mount }
    }
    return best
  }

  /// A path's parts with all links followed, across the mounts.
  private func resolved(_ path: String, followsLast: Bool) throws(SystemError) -> [String] {
    var pending = [String](path.split(separator: "/").map { String($0) }.reversed())
    var done = [String]()
    var links = 0
    while let part = pending.popLast() {
      if part == "." { continue }
      if part == ".." {
        _ = done.popLast()
        continue
      }
      done.append(part)
      guard followsLast || !pending.isEmpty, let target = link(at: done) else { continue }
      links += 1
      guard links <= 40 else { throw SystemError("openat2(2)", .loop, path) }
      if target.hasPrefix("/") { done = [] } else { done.removeLast() }
      pending += target.split(separator: "/").map { String($0) }.reversed()
    }
    return done
  }

  /// What a link says; nil for what is none, or not there.
  private func link(at parts: [String]) -> String? {
    var directory = root.raw
    var rest = parts
    if let mount = mount(of: parts) {
      // A mount point is no link, and neither is a file that is one.
      guard let place = mount.directory, mount.file == nil, mount.parts.count < parts.count else {
        return nil
      }
      directory = place.descriptor.raw
      rest = Array(parts.dropFirst(mount.parts.count))
    }
    let path = "/" + rest.joined(separator: "/")
    guard let handle = try? File.open(path, inRoot: directory, [.path, .noFollow]),
      let status = try? File.status(of: handle.raw, name: path), status.isLink
    else { return nil }
    return try? File.link("", at: handle.raw)
  }
}
