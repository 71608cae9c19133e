public import Linux

/// One change of the kernel's state, as data: it can be done, shown, and told as a command.
public enum Operation: Sendable {
  /// mkdir(2) of a host directory; parents exist.
  case makeDirectory(String)
  /// rmdir(2).
  case removeDirectory(String)
  /// Removes a directory of the runtime's own with what is in it.
  case removeTree(String)
  /// Writes a file of the runtime's own whole.
  case saveFile(String, [UInt8])
  /// One write(2) of a value into a file of /proc, /sys or a cgroup.
  case write(String, String)
  /// One write(2) a value into a file of a cgroup that takes one at a time.
  case writeEach(String, [String])
  /// One write(2) of a value into a file of a procfs that was verified to be one; the path is
  /// relative to /proc.
  case writeProc(String, String)
  /// clone3(2), into a v2 cgroup when the descriptor is 0 or more.
  case clone(NamespaceFlags, cgroup: Int32)
  /// unshare(2).
  case unshare(NamespaceFlags)
  /// setns(2) with an open namespace or pidfd.
  case join(Int32, NamespaceFlags, path: String)
  /// mount(2) at a path taken as it is.
  case mount(MountCall)
  /// A mount on a place beneath an open root, which is made when missing: a directory, a file, or
  /// (nil) the same as the source is.
  case mountBeneath(RootPlace, directory: Bool?, MountCall)
  /// pivot_root(2) into an open directory, both arguments `.` (pivot_root(2), NOTES).
  case pivotRoot(Int32, path: String)
  /// move_mount(2) of a copy of all mounts over `/`, and chroot(2) there.
  case stackRoot
  /// mount(2) with MS_MOVE of an open directory onto `/`, and chroot(2) there.
  case moveRoot(Int32, path: String)
  /// umount2(2) with MNT_DETACH.
  case detach(String)
  /// mknod(2) beneath a root.
  case makeNode(RootPlace, DeviceSpec)
  /// symlink(2) beneath a root.
  case symlink(RootPlace, target: String)
  /// sethostname(2).
  case hostName(String)
  /// setdomainname(2).
  case domainName(String)
  /// ioctl(2) SIOCSIFFLAGS with IFF_UP (netdevice(7)).
  case linkUp(String)
  /// keyctl(2).
  case keyring(String)
  /// prctl(2).
  case noNewPrivileges
  /// prctl(2) PR_CAPBSET_DROP for each capability of the set.
  case dropBounding(CapabilitySet)
  /// prctl(2) PR_SET_KEEPCAPS.
  case keepCapabilities
  /// capset(2).
  case setCapabilities(
    effective: CapabilitySet, permitted: CapabilitySet, inheritable: CapabilitySet)
  /// prctl(2) PR_CAP_AMBIENT_RAISE for each capability of the set.
  case raiseAmbient(CapabilitySet)
  /// setgroups(2).
  case setGroups([UInt32])
  /// setresgid(2).
  case setGroup(UInt32)
  /// setresuid(2).
  case setUser(UInt32)
  /// prlimit(2).
  case setLimit(name: String, number: Int32, soft: UInt64, hard: UInt64)
  /// Scheduling and its kin.
  case attribute(ProcessAttribute)
  /// seccomp(2) with a compiled program.
  case loadFilter([UInt8], flags: UInt32)
  /// setsid(2).
  case newSession
  /// ioctl(2) TIOCSCTTY.
  case takeTerminal(Int32)
  /// chdir(2).
  case changeDirectory(String)
  /// execve(2).
  case exec(path: String, arguments: [String], environment: [String])
  /// prctl(2) PR_SET_PDEATHSIG.
  case deathSignal(Int32)
  /// kill(2).
  case kill(Int32, signal: Int32)
  /// bpf(2): device rules for a v2 cgroup.
  case attachDeviceProgram([UInt8], cgroup: String)
  /// Something made of several calls, or by a library: a hook, a terminal, a link. Only described here.
  case described(
    call: StaticString, object: String, shell: String?, see: Evidence = Evidence(""))
}

/// A place beneath an open root.
public struct RootPlace: Sendable {
  /// The root's descriptor.
  public var root: Int32
  /// The root's path on the host, to show.
  public var rootPath: String
  /// The path inside; empty is the root itself.
  public var path: String
  /// Whether symbolic links on the way are followed, inside the root; if not, one is an error.
  public var follows: Bool
  /// Whether it may be inside a procfs, where a mount would hide the kernel's own files.
  public var mayBeProc: Bool

  /// Names a place.
  public init(
    root: Int32, rootPath: String, path: String, follows: Bool = true, mayBeProc: Bool = true
  ) {
    self.root = root
    self.rootPath = rootPath
    self.path = path
    self.follows = follows
    self.mayBeProc = mayBeProc
  }

  /// The place as the host names it.
  public var shown: String {
    rootPath + (path == "/" || path.isEmpty ? "" : path.hasPrefix("/") ? path : "/" + path)
  }
}

/// A device node to make.
public struct DeviceSpec: Sendable {
  /// `c`, `b`, `u` or `p`.
  public var type: String
  /// Device number.
  public var major: UInt32
  /// Device number.
  public var minor: UInt32
  /// Permission bits.
  public var mode: UInt32
  /// Owner.
  public var uid: UInt32
  /// Group.
  public var gid: UInt32

  /// Describes a node.
  public init(
    type: String, major: UInt32, minor: UInt32, mode: UInt32, uid: UInt32 = 0, gid: UInt32 = 0
  ) {
    self.type = type
    self.major = major
    self.minor = minor
    self.mode = mode
    self.uid = uid
    self.gid = gid
  }
}

extension Operation {
  /// Does it.
  ///
  /// - Returns: A pid for `clone`, a descriptor for `loadFilter` with a listener, else 0.
  /// - Throws: `SystemError` of the call.
  func perform() throws(SystemError) -> Int {
    switch self {
    case .makeDirectory(let path): try File.makeDirectory(path)
    case .removeDirectory(let path): try File.removeDirectory(path)
    case .removeTree(let path): try File.removeTree(path)
    case .saveFile(let path, let bytes): try File.replace(path, with: bytes, mode: 0o600)
    case .write(let path, let value): try File.set(path, value)
    case .writeEach(let path, let values): try File.set(path, each: values)
    case .writeProc(let path, let value): try Procfs.set(path, value)
    case .clone(let flags, let cgroup): return Int(try Processes.clone(flags, cgroup: cgroup))
    case .unshare(let flags): try Processes.unshare(flags)
    case .join(let fd, let flags, let path): try Processes.join(fd, flags, name: path)
    case .mount(let call): try call.perform(on: call.target)
    case .mountBeneath(let place, let directory, let call):
      return try call.perform(at: place, directory: directory)
    case .stackRoot: try Mounts.stackRoot()
    case .moveRoot(let fd, _): try Mounts.move(ontoRoot: fd)
    case .pivotRoot(let fd, _): try Mounts.pivot(into: fd)
    case .detach(let path): try Mounts.unmount(path, detached: true)
    case .makeNode(let place, let spec):
      try Nodes.make(
        place.path, beneath: place.root, type: spec.type, major: spec.major, minor: spec.minor,
        mode: spec.mode, uid: spec.uid, gid: spec.gid)
    case .symlink(let place, let target):
      try Nodes.link(place.path, beneath: place.root, to: target)
    case .hostName(let name): try HostName.set(name)
    case .domainName(let name): try HostName.setDomain(name)
    case .linkUp(let name): try Link.setUp(name)
    case .keyring(let name): try Identity.joinSessionKeyring(name)
    case .noNewPrivileges: try Identity.noNewPrivileges()
    case .dropBounding(let set): try set.forEach(Identity.dropBounding)
    case .keepCapabilities: try Identity.keepCapabilities()
    case .setCapabilities(let effective, let permitted, let inheritable):
      try Identity.set(effective: effective, permitted: permitted, inheritable: inheritable)
    case .raiseAmbient(let set): try set.forEach(Identity.raiseAmbient)
    case .setGroups(let gids): try Identity.setGroups(gids)
    case .setGroup(let gid): try Identity.setGroup(gid)
    case .setUser(let uid): try Identity.setUser(uid)
    case .setLimit(_, let number, let soft, let hard):
      try Identity.setLimit(number, soft: soft, hard: hard)
    case .attribute(let attribute): try attribute.perform()
    case .loadFilter(let program, let flags):
      return Int(try Identity.loadFilter(program, flags: flags))
    case .newSession: try Terminal.newSession()
    case .takeTerminal(let fd): try Terminal.takeControl(fd)
    case .changeDirectory(let path): try Directory.change(path)
    case .exec(let path, let arguments, let environment):
      try Processes.exec(path, arguments, environment)
    case .deathSignal(let signal): try Identity.dieWithParent(signal)
    case .kill(let pid, let signal): try Processes.kill(pid, signal)
    case .attachDeviceProgram(let program, let cgroup):
      try DeviceProgram.attach(program, cgroup: cgroup)
    case .described: break
    }
    return 0
  }
}
