internal import Engine
internal import LabKit
internal import Linux
internal import Measure

/// A command that a learner's script should have put into a root of its own.
struct Turned {
  /// What the script and the command wrote.
  var output = ""
  /// The machine's root and the new one, `device:inode`.
  var machineRoot = "-"
  var newRoot = "-"
  /// The root that the command sees after it has tried to leave; nil when it never ran.
  var seen: String?
  /// The machine's mounts that the command's namespace still has.
  var machineMounts = 0
  /// The machine's root afterwards.
  var machineRootAfter = "-"
  /// The propagation of the machine's `/` afterwards.
  var propagation = ""
  /// Whether the command is in a mount namespace of its own.
  var hasNamespace = false

  /// The last thing it said before it gave up.
  var complaint: String {
    output.split(separator: "\n").last { !$0.hasPrefix("exit ") && !$0.contains(":-") }
      .map { String($0.prefix(120)) } ?? "-"
  }
}

/// Builds a root on a machine, lets the script run a command in it that tries to leave, and looks.
///
/// - Parameters:
///   - stage: where the machine is started.
///   - script: the learner's.
///   - isShared: whether the machine's `/` is shared, as systemd makes it.
/// - Returns: what came of it.
/// - Throws: what starting and looking throws.
func turn(_ stage: Stage, _ script: Script, isShared: Bool) throws -> Turned {
  let leave = """
    cd /; mkdir -p x
    exec nsenter --root=x --wd=/ ./bin/sh -c 'cd ../../../..
      exec ./bin/chroot . ./bin/sh -c "echo seen \\$(stat -c %d:%i /); exec sleep 47"'
    """
  let prepare =
    "mkdir /new; cp -a /bin /new/; stat -c %d:%i / /new; mkdir -p /mark; mount -t tmpfs machine /mark;"
    + (isShared ? " mount --make-rshared /;" : "") + " exec \"$@\""
  let machine = try stage.machine(script, ["/new", "/bin/sh", "-c", leave]) {
    $0.command = ["sh", "-c", prepare, "sh"] + $0.command
  }
  var turned = Turned()
  _ = try stage.wait(within: 8) {
    turned.output = try machine.output()
    return turned.output.contains("seen ") || turned.output.contains("exit ")
  }
  let lines = turned.output.split(separator: "\n").map(String.init)
  if lines.count > 1 { (turned.machineRoot, turned.newRoot) = (lines[0], lines[1]) }
  turned.seen = lines.last { $0.hasPrefix("seen ") }.map { String($0.dropFirst(5)) }
  let pid = machine.pid
  let command = Processes.sharing("pid", with: pid).first {
    $0 != pid && Kernel.read("/proc/\($0)/cmdline") == "sleep\u{0}47\u{0}"
  }
  if turned.seen != nil, let command {
    turned.hasNamespace =
      Kernel.read("/proc/\(command)/ns/mnt") != Kernel.read("/proc/\(pid)/ns/mnt")
    turned.machineMounts =
      (Kernel.read("/proc/\(command)/mountinfo") ?? "")
      .split(separator: "\n").filter { $0.hasSuffix(" tmpfs machine rw") }.count
  }
  turned.machineRootAfter = try rootNumber("/proc/\(pid)/root/")
  let root = (Kernel.read("/proc/\(pid)/mountinfo") ?? "").split(separator: "\n")
    .compactMap { MountInfo($0) }.last { $0.target == "/" }
  turned.propagation = root?.propagation ?? ""
  try stage.stop(machine)
  return turned
}

/// A directory as `stat -c %d:%i` prints it: the device in one number (makedev(3)), the inode.
///
/// - Throws: `SystemError` naming the path.
func rootNumber(_ path: String) throws(SystemError) -> String {
  let status = try File.status(path)
  let (major, minor) = (UInt64(status.device.major), UInt64(status.device.minor))
  let device =
    (major & 0xfff) << 8 | (major & 0xffff_f000) << 32 | minor & 0xff | (minor & 0xffff_ff00) << 12
  return "\(device):\(status.inode)"
}
