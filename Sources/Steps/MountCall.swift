// One mount, as a value. Three ways lead to it, by what is asked:
//
//   a bind, or anything configured    open_tree(2) or fsopen(2) → mount_setattr(2) while it is
//                                     attached nowhere → move_mount(2) onto the place's descriptor
//   options of more than a page       fsopen(2), since mount(2) takes one page
//   a plain new filesystem            mount(2) onto the place's descriptor: fewer calls, measured
//                                     faster, and nothing is left to configure
//   a mount that is there already     mount_setattr(2) of what the place's descriptor holds
//
// Where the first way's calls do not exist (ENOSYS: an older kernel, or a sandbox that hides them),
// mount(2) does it, and what is configured is looked up again.

public import Linux

/// The arguments of a mount.
public struct MountCall: Sendable {
  /// Device, directory or name.
  public var source: String?
  /// An open descriptor of what `source` names, which then is only shown: a path could lead
  /// elsewhere than it did when it was looked up.
  public var sourceDescriptor: Int32?
  /// Path; for `mountBeneath` the path shown.
  public var target: String
  /// Filesystem type.
  public var type: String?
  /// MS_ flags.
  public var flags: MountFlags
  /// The filesystem's own options.
  public var data: String?
  /// What is configured before it is attached.
  public var changes: [MountChange] = []
  /// Whether what is at the place is copied into it first (`tmpcopyup`).
  public var copiesUp = false
  /// Whether the operation yields a descriptor of the mount, for the caller to close.
  public var keeps = false
  /// A mount that was made before and is attached nowhere; it is attached and its descriptor closed.
  public var prepared: Int32?
  /// The id maps of the mount, to show.
  public var maps = ""

  /// Collects the arguments.
  public init(
    _ source: String?, on target: String, type: String? = nil, _ flags: MountFlags = [],
    data: String? = nil, held sourceDescriptor: Int32? = nil
  ) {
    self.source = source
    self.sourceDescriptor = sourceDescriptor
    self.target = target
    self.type = type
    self.flags = flags
    self.data = data
  }
}

extension MountCall {
  /// Whether it is a second mount of something that is mounted already.
  var isCopy: Bool { flags.contains(.bind) && !flags.contains(.remount) }

  private var isDetachedFirst: Bool {
    isCopy || keeps || copiesUp || !changes.isEmpty || prepared != nil
  }

  /// mount(2) takes no more than a page of options; fsconfig(2) takes them one by one.
  private var isLong: Bool { (data?.utf8.count ?? 0) >= 4096 }

  /// mount(2) at a path taken as it is; fsopen(2) and move_mount(2) where that takes too little.
  func perform(on path: String) throws(SystemError) {
    do throws(SystemError) {
      if isLong, !isCopy {
        let mount = try makeDetached()
        let place = try File.open(path, [.path, .directory])
        return try mount.attach(to: place.raw, name: path)
      }
      try Mounts.mount(sourcePath, on: path, type: type, flags, data: data)
    } catch { throw told(error) }
  }

  /// Mounts at a place.
  ///
  /// - Returns: A descriptor of the mount when `keeps` is set, else 0.
  func perform(at place: RootPlace, directory: Bool?) throws(SystemError) -> Int {
    do throws(SystemError) {
      if flags.contains([.bind, .remount]) {
        let target = try place.open(directory: directory ?? true)
        try restrict(target.fd)
        return 0
      }
      guard isDetachedFirst else {
        let target = try place.open(directory: directory ?? true)
        try perform(on: "/proc/self/fd/\(target.fd)")
        return 0
      }
      do throws(SystemError) {
        return try attachDetached(at: place, directory)
      } catch {
        guard error.errno == .notImplemented || error.errno.code == 7, prepared == nil
        else { throw error }
        return try attachByMount(at: place, directory)
      }
    } catch { throw told(error) }
  }

  /// The descriptor's path says nothing to people.
  private func told(_ error: SystemError) -> SystemError {
    if error.call.text == "openat2(2)" || error.object.hasPrefix(target) { return error }
    let what = [type, source == type ? nil : source].compactMap { $0 }.joined(separator: " ")
    return error.about("\(what.isEmpty ? "" : what + " ")on \(target)")
  }

  private var sourcePath: String? { sourceDescriptor.map { "/proc/self/fd/\($0)" } ?? source }

  private func makeDetached() throws(SystemError) -> DetachedMount {
    if let prepared { return DetachedMount(owning: prepared) }
    guard isCopy else {
      // fsconfig(2) takes values of less than 256 bytes.
      for option in (data ?? "").parts(",") where option.utf8.count > 250 {
        throw SystemError("fsconfig(2)", Errno(7), option)
      }
      return try .make(type ?? "", source: source, flags, data: data)
    }
    let recursive = flags.contains(.recursive)
    guard let sourceDescriptor else { return try .copy(of: source ?? "", recursive: recursive) }
    return try .copy(of: sourceDescriptor, name: source ?? "", recursive: recursive)
  }

  private func attachDetached(at place: RootPlace, _ directory: Bool?) throws(SystemError) -> Int {
    let mount = try makeDetached()
    for change in changes { try change.apply(to: mount.raw, name: source ?? target) }
    let isDirectory: Bool
    if let directory {
      isDirectory = directory
    } else {
      isDirectory = try File.status(of: mount.raw, name: source ?? target).isDirectory
    }
    let place = try place.open(directory: isDirectory)
    if copiesUp { try copyUp(from: place.fd, to: mount.raw) }
    try mount.attach(to: place.fd, name: target)
    return keeps ? Int(mount.release()) : 0
  }

  private func attachByMount(at place: RootPlace, _ directory: Bool?) throws(SystemError) -> Int {
    let isDirectory: Bool
    if let directory {
      isDirectory = directory
    } else {
      isDirectory = try File.status(sourcePath ?? "").isDirectory
    }
    let beneath = try place.open(directory: isDirectory)
    try Mounts.mount(
      sourcePath, on: "/proc/self/fd/\(beneath.fd)", type: type, flags, data: data)
    guard keeps || copiesUp || !changes.isEmpty else { return 0 }
    let mount = try covering(beneath.fd, place)
    for change in changes { try Mounts.change(mount.raw, change, name: target) }
    if copiesUp { try copyUp(from: beneath.fd, to: mount.raw) }
    return keeps ? Int(mount.release()) : 0
  }

  /// What was mounted a moment ago on the place that a descriptor holds.
  ///
  /// A directory's is found from the descriptor alone: `..` of a root is that root with what is
  /// mounted on it (openat2(2), RESOLVE_IN_ROOT). A file has no `..`: its path is looked up again,
  /// and what is there must be the file that was bound, or it was exchanged meanwhile.
  private func covering(_ fd: Int32, _ place: RootPlace) throws(SystemError) -> Descriptor {
    if try File.status(of: fd, name: target).isDirectory {
      return try File.open("..", inRoot: fd, .path)
    }
    let found =
      place.path.isEmpty
      ? try File.open(place.shown, .path)
      : try File.open(place.path, inRoot: place.root, .path)
    let (bound, status) = (
      try File.status(sourcePath ?? ""), try File.status(of: found.raw, name: target)
    )
    guard status.inode == bound.inode, status.device == bound.device else {
      throw SystemError("mount(2)", .busy, "\(target), where something else is now")
    }
    return found
  }

  private func restrict(_ fd: Int32) throws(SystemError) {
    if !flags.isDisjoint(with: .changeable) {
      let change = MountChange(set: flags.intersection(.changeable))
      try Mounts.change(fd, change, name: target)
    }
    for change in changes { try Mounts.change(fd, change, name: target) }
  }

  /// The directory's own mode and owner come along unless the options say otherwise.
  private func copyUp(from beneath: Int32, to mount: Int32) throws(SystemError) {
    try File.copyTree(from: beneath, to: mount)
    let status = try File.status(of: beneath, name: target)
    let options = (data ?? "").parts(",")
    if !options.contains(where: { $0.hasPrefix("uid=") || $0.hasPrefix("gid=") }) {
      try File.setOwner(".", uid: status.uid, gid: status.gid, at: mount)
    }
    if !options.contains(where: { $0.hasPrefix("mode=") }) {
      try File.setMode(".", status.mode & 0o7777, at: mount)
    }
  }
}

/// A place's descriptor: looked up and owned, or held by somebody else.
private struct OpenPlace: ~Copyable {
  let fd: Int32
  private let isOwned: Bool

  init(owning descriptor: consuming Descriptor) {
    fd = descriptor.release()
    isOwned = true
  }

  init(held fd: Int32) {
    self.fd = fd
    isOwned = false
  }

  deinit { if isOwned { Descriptors.close(fd) } }
}

extension RootPlace {
  fileprivate func open(directory: Bool) throws(SystemError) -> OpenPlace {
    if path.isEmpty { return OpenPlace(held: root) }
    let found = try Mounts.place(path, beneath: root, directory: directory, follow: follows)
    if !mayBeProc, try FileSystem.magic(of: found.raw, name: path) == FileSystem.proc {
      throw SystemError("openat2(2)", .perm, "\(shown) is inside /proc")
    }
    return OpenPlace(owning: found)
  }
}
