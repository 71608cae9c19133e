// How an operation is told: the call, the object, the equivalent command, the evidence.

internal import Linux

/// Where the effect of a step can be seen.
public struct Evidence: Equatable, Sendable {
  /// A file of /proc or /sys; empty when nothing shows it.
  public var see: String
  /// Only lines that contain this matter; empty means all.
  public var needle: String

  /// Names a file, and the lines of it that matter.
  public init(_ see: String, _ needle: String = "") {
    self.see = see
    self.needle = needle
  }
}

extension Operation {
  /// The system call or netlink message, as the manual names it.
  public var call: String {
    switch self {
    case .makeDirectory: "mkdir(2)"
    case .removeDirectory: "rmdir(2)"
    case .removeTree: "unlink(2)"
    case .saveFile: "rename(2)"
    case .write, .writeEach, .writeProc: "write(2)"
    case .clone: "clone3(2)"
    case .unshare: "unshare(2)"
    case .join: "setns(2)"
    case .mount: "mount(2)"
    case .mountBeneath(_, _, let call): call.callNames
    case .stackRoot: "move_mount(2)"
    case .moveRoot: "mount(2)"
    case .pivotRoot: "pivot_root(2)"
    case .detach: "umount2(2)"
    case .makeNode: "mknod(2)"
    case .symlink: "symlink(2)"
    case .hostName: "sethostname(2)"
    case .domainName: "setdomainname(2)"
    case .linkUp: "ioctl(2) SIOCSIFFLAGS"
    case .keyring: "keyctl(2)"
    case .noNewPrivileges, .dropBounding, .keepCapabilities, .raiseAmbient, .deathSignal:
      "prctl(2)"
    case .setCapabilities: "capset(2)"
    case .setGroups: "setgroups(2)"
    case .setGroup: "setresgid(2)"
    case .setUser: "setresuid(2)"
    case .setLimit: "prlimit(2)"
    case .attribute(let attribute): attribute.call
    case .loadFilter: "seccomp(2)"
    case .newSession: "setsid(2)"
    case .takeTerminal: "ioctl(2)"
    case .changeDirectory: "chdir(2)"
    case .exec: "execve(2)"
    case .kill: "kill(2)"
    case .attachDeviceProgram: "bpf(2)"
    case .described(let call, _, _, _): "\(call)"
    }
  }

  /// What it acts on.
  public var object: String {
    switch self {
    case .makeDirectory(let path), .removeDirectory(let path), .removeTree(let path),
      .saveFile(let path, _), .detach(let path), .changeDirectory(let path),
      .pivotRoot(_, let path), .moveRoot(_, let path):
      path
    case .stackRoot: "/"
    case .writeProc(let path, let value): "/proc/\(path) ← \(value.trimmedLine)"
    case .write(let path, let value): "\(path) ← \(value.trimmedLine)"
    case .writeEach(let path, let values): "\(path) ← \(values.joined(separator: ", "))"
    case .clone(let flags, _), .unshare(let flags): flags.description
    case .join(_, let flags, let path): "\(path) (\(flags.description))"
    case .mount(let call), .mountBeneath(_, _, let call):
      call.object
    case .makeNode(let place, let spec):
      "\(place.shown) \(spec.type) \(spec.major):\(spec.minor)"
    case .symlink(let place, let target): "\(place.shown) → \(target)"
    case .hostName(let name), .domainName(let name), .linkUp(let name), .keyring(let name): name
    case .noNewPrivileges: "no_new_privs"
    case .dropBounding(let set), .raiseAmbient(let set): set.names.joined(separator: ",")
    case .keepCapabilities: "keep capabilities"
    case .setCapabilities(let effective, _, _): effective.names.joined(separator: ",")
    case .setGroups(let gids):
      gids.isEmpty ? "(none)" : gids.map { String($0) }.joined(separator: ",")
    case .setGroup(let id), .setUser(let id): String(id)
    case .setLimit(let name, _, let soft, let hard): "\(name) \(soft):\(hard)"
    case .attribute(let attribute): attribute.object
    case .loadFilter(let program, _), .attachDeviceProgram(let program, _):
      "\(program.count / 8) instructions"
    case .newSession: "session"
    case .takeTerminal: "controlling terminal"
    case .exec(let path, let arguments, _): ([path] + arguments.dropFirst()).joined(separator: " ")
    case .deathSignal(let signal): "when the runtime dies: \(Signal.name(signal))"
    case .kill(let pid, let signal): "process \(pid), \(Signal.name(signal))"
    case .described(_, let object, _, _): object
    }
  }

  /// The equivalent command; nil where none exists.
  public var shell: String? {
    switch self {
    case .makeDirectory(let path): "mkdir " + quoted(path)
    case .removeDirectory(let path): "rmdir " + quoted(path)
    case .removeTree(let path): "rm -r " + quoted(path)
    case .write(let path, let value): "echo \(quoted(value.trimmedLine)) > " + quoted(path)
    case .writeEach(let path, let values):
      "for v in \(values.map { quoted($0) }.joined(separator: " ")); do echo \"$v\" > "
        + quoted(path) + "; done"
    case .writeProc(let path, let value):
      "echo \(quoted(value.trimmedLine)) > " + quoted("/proc/" + path)
    case .clone(let flags, _): "unshare " + flags.options + " --fork sh"
    case .unshare(let flags): "unshare " + flags.options + " sh"
    case .join(_, let flags, let path): flags.joinCommand(path)
    case .mount(let call): call.command
    case .mountBeneath(let place, let directory, let call):
      // An empty path is a place that is there already.
      call.flags.contains(.remount) || place.path.isEmpty
        ? call.command
        : (call.sourceIsDirectory(directory) ? "mkdir -p" : "touch")
          + " \(quoted(place.shown)) && \(call.command)"
    case .stackRoot: "mount --rbind / / && cd /.. && exec chroot . sh"
    case .moveRoot(_, let path): "cd \(quoted(path)) && mount --move . / && exec chroot . sh"
    case .pivotRoot(_, let path): "cd \(quoted(path)) && pivot_root . ."
    case .detach(let path): "umount -l " + quoted(path)
    case .makeNode(let place, let spec):
      "mknod -m \(octal(spec.mode)) \(quoted(place.shown)) \(spec.type) "
        + (spec.type == "p" ? "" : "\(spec.major) \(spec.minor)")
    case .symlink(let place, let target): "ln -s \(quoted(target)) \(quoted(place.shown))"
    case .hostName(let name): "hostname " + quoted(name)
    case .domainName(let name): "domainname " + quoted(name)
    case .linkUp(let name): "ip link set \(name) up"
    case .setLimit(let name, _, let soft, let hard):
      "prlimit --pid $$ --\(name.dropFirst(7).lowercased())=\(soft):\(hard)"
    case .attribute(let attribute): attribute.shell
    case .changeDirectory(let path): "cd " + quoted(path)
    case .exec(let path, let arguments, let environment):
      "exec env -i " + environment.map { quoted($0) }.joined(separator: " ") + " "
        + ([path] + arguments.dropFirst()).map { quoted($0) }.joined(separator: " ")
    case .kill(let pid, let signal): "kill -\(signal) \(pid)"
    case .described(_, _, let shell, _): shell
    // A process does these to itself; a command could do them only to a program it starts.
    case .saveFile, .keyring, .noNewPrivileges, .dropBounding, .keepCapabilities, .raiseAmbient,
      .setCapabilities, .setGroups, .setGroup, .setUser, .loadFilter, .newSession, .takeTerminal,
      .attachDeviceProgram, .deathSignal:
      nil
    }
  }

  /// Where the effect can be seen, before and after.
  public var evidence: Evidence {
    switch self {
    case .makeDirectory(let path), .removeDirectory(let path), .removeTree(let path),
      .saveFile(let path, _):
      Evidence(path)
    case .write(let path, _), .writeEach(let path, _):
      // These two can only be written; a third file shows what came of it.
      path.hasSuffix("/devices.allow") || path.hasSuffix("/devices.deny")
        ? Evidence(path[..<(path.lastIndex(of: "/") ?? path.startIndex)] + "/devices.list")
        : Evidence(path)
    case .clone: Evidence("/proc/self/status", "NSpid")
    case .unshare(let flags), .join(_, let flags, _): Evidence("/proc/self/ns/" + flags.fileName)
    case .mount(let call), .mountBeneath(_, _, let call):
      // Fields 4 and 5 are the root within the filesystem and the mount point.
      Evidence("/proc/self/mountinfo", call.target == "/" ? " / / " : " \(call.target) ")
    case .writeProc(let path, _): Evidence("/proc/" + path)
    case .pivotRoot, .detach, .stackRoot, .moveRoot: Evidence("/proc/self/mountinfo", " / / ")
    case .makeNode(let place, _), .symlink(let place, _): Evidence(place.shown)
    case .hostName: Evidence("/proc/sys/kernel/hostname")
    case .domainName: Evidence("/proc/sys/kernel/domainname")
    case .linkUp: Evidence("/proc/self/net/fib_trie", "127.0.0.1")
    case .keyring: Evidence("/proc/keys")
    case .noNewPrivileges: Evidence("/proc/self/status", "NoNewPrivs")
    case .dropBounding: Evidence("/proc/self/status", "CapBnd")
    case .setCapabilities: Evidence("/proc/self/status", "CapEff")
    case .raiseAmbient: Evidence("/proc/self/status", "CapAmb")
    case .keepCapabilities: Evidence("/proc/self/status", "CapPrm")
    case .setGroups: Evidence("/proc/self/status", "Groups")
    case .setGroup: Evidence("/proc/self/status", "Gid")
    case .setUser: Evidence("/proc/self/status", "Uid")
    case .setLimit: Evidence("/proc/self/limits")
    case .attribute(let attribute): attribute.evidence
    case .loadFilter: Evidence("/proc/self/status", "Seccomp:")
    case .newSession: Evidence("/proc/self/status", "NSsid")
    case .takeTerminal: Evidence("/proc/self/stat")
    case .changeDirectory: Evidence("/proc/self/cwd")
    case .exec: Evidence("/proc/self/comm")
    case .deathSignal: Evidence("")
    case .kill(let pid, _): Evidence("/proc/\(pid)/status", "State")
    case .attachDeviceProgram(_, let cgroup): Evidence(cgroup)
    case .described(_, _, _, let see): see
    }
  }
}

extension NamespaceFlags {
  /// `--mount --uts`: the options of unshare(1) and nsenter(1).
  var options: String {
    NamespaceFlags.kinds.filter { contains($0.flag) }.map { "\($0.option)" }
      .joined(separator: " ")
  }

  func joinCommand(_ path: String) -> String {
    let options = NamespaceFlags.kinds.filter { contains($0.flag) }
      .map { "\($0.option)=" + quoted(path) }
    return "nsenter \(options.joined(separator: " ")) sh"
  }
}

/// A word as a shell takes it.
func quoted(_ word: String) -> String {
  let plain = word.utf8.allSatisfy { byte in
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "."),
      UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: ","), UInt8(ascii: "="),
      UInt8(ascii: ":"), UInt8(ascii: "+"), UInt8(ascii: "@"), UInt8(ascii: "%"):
      true
    default: false
    }
  }
  if plain && !word.isEmpty { return word }
  return "'"
    + word.split(separator: "'", omittingEmptySubsequences: false)
    .joined(separator: "'\\''") + "'"
}

/// As chmod(1) and umask(1) take it: `0755`.
func octal(_ mode: UInt32) -> String { "0" + String(mode, radix: 8) }
