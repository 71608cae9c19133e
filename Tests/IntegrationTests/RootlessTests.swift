import Linux
import OCI
import Testing

/// The runtime as an ordinary user, who has nothing but his own directory.
@Suite(
  .serialized,
  .enabled(
    if: Machine.isReady && File.exists("/usr/bin/newuidmap"), "needs root for setpriv, and uidmap"))
final class RootlessTests {
  private let bundle: Bundle
  private let user: UInt32 = 45_678

  init() throws {
    bundle = try Bundle()
    try run(["/bin/cp", Machine.runtime, bundle.path + "/runtime"])
    try run(["/bin/chmod", "755", bundle.path + "/runtime"])
    try run(["/bin/rm", bundle.path + "/config.json"])
    try give(to: user)
  }

  private func give(to user: UInt32) throws {
    try run(["/bin/chown", "-R", "\(user):\(user)", bundle.path])
  }

  /// The runtime, called by the user, with no `--root`.
  private func call(
    _ words: [String], environment: [String] = [], before: [String] = []
  ) throws -> Outcome {
    try run(
      before + ["/usr/bin/setpriv", "--reuid", "\(user)", "--regid", "\(user)", "--clear-groups"]
        + ["/usr/bin/env", "-i", "PATH=/usr/bin:/bin", "XDG_RUNTIME_DIR=" + bundle.path + "/xdg"]
        + environment + [bundle.path + "/runtime"] + words)
  }

  /// What `spec --rootless` writes, with another program.
  private func config(_ script: String) throws -> Config {
    let file = bundle.path + "/config.json"
    if File.exists(file) { try File.remove(file) }
    let outcome = try call(["spec", "--rootless", "--bundle", bundle.path])
    try #require(outcome.code == 0, "\(outcome.error)")
    var config = try Config.parse(File.read(file))
    config.process?.terminal = false
    config.process?.args = ["sh", "-c", script]
    return config
  }

  private func write(_ config: Config) throws {
    try File.replace(bundle.path + "/config.json", with: config.encode())
  }

  @Test func whatSpecWritesRuns() throws {
    try write(
      config("id -u; cut -c1-33 /proc/self/uid_map; cat /proc/self/setgroups; ls /dev/pts/ptmx"))
    let outcome = try call(["run", "--bundle", bundle.path, "c"])
    #expect(outcome.code == 0, "\(outcome.error)")
    #expect(
      outcome.output == "0\n         0      45678          1\ndeny\n/dev/pts/ptmx\n",
      "\(outcome.output)")
    // Its state was in the user's own directory, and is gone.
    #expect(try File.list(bundle.path + "/xdg/drydock/runtime").filter { !$0.hasPrefix(".") } == [])
    try bundle.expectNothingLeft()
  }

  @Test func theWholeLife() throws {
    try write(config("exec sleep 300"))
    #expect(try call(["create", "--bundle", bundle.path, "c"]).code == 0)
    #expect(try call(["state", "c"]).output.contains("\"created\""))
    #expect(try call(["start", "c"]).code == 0)
    let exec = try call(["exec", "c", "sh", "-c", "id -u; echo $$ > /dev/null; hostname"])
    #expect(exec.output == "0\ndrydock\n", "\(exec.error)")
    #expect(try call(["list", "-q"]).output == "c\n")
    #expect(try call(["kill", "c", "KILL"]).code == 0)
    #expect(try eventually { try call(["state", "c"]).output.contains("\"stopped\"") })
    #expect(try call(["delete", "c"]).code == 0)
    try bundle.expectNothingLeft()
  }

  @Test func limitsAreRefusedAndNotForgotten() throws {
    var config = try config("true")
    config.linux.resources.pids = 10
    try write(config)
    let outcome = try call(["run", "--bundle", bundle.path, "c"])
    #expect(outcome.code == 125)
    #expect(outcome.error.contains("linux.resources") && outcome.error.contains("limits"))
    #expect(!File.exists(bundle.path + "/xdg/drydock/runtime/c"))
    // Rules for devices alone: a user namespace has no devices to make, and it is said.
    config.linux.resources = Resources()
    config.linux.resources.devices = [DeviceRule(allow: false)]
    try write(config)
    let warned = try call(["run", "--bundle", bundle.path, "c"])
    #expect(warned.code == 0 && warned.error.contains("without a cgroup"), "\(warned.error)")
    try bundle.expectNothingLeft()
  }

  /// A cgroup that was given to the user is used, and its limits hold.
  @Test func aDelegatedCgroupIsUsed() throws {
    let layout = try CgroupLayout.detect()
    for tree in layout.trees {
      try File.makeDirectory(tree.mountPoint + bundle.cgroup)
      if tree.controllers.contains("cpuset"), !tree.isUnified {
        for name in ["cpuset.cpus", "cpuset.mems"] {
          try File.set(
            tree.mountPoint + bundle.cgroup + "/" + name,
            try File.text(tree.mountPoint + "/" + name))
        }
      }
      try run(["/bin/chown", "-R", "\(user)", tree.mountPoint + bundle.cgroup])
    }
    defer {
      for tree in layout.trees { try? File.removeDirectory(tree.mountPoint + bundle.cgroup) }
    }
    var config = try config("sleep 300")
    config.linux.cgroupsPath = bundle.cgroup + "/c"
    config.linux.resources.pids = 7
    try write(config)
    let outcome = try call(["create", "--bundle", bundle.path, "c"])
    // v1 lets only root of the first user namespace move what another user owns; init is the
    // user's own, so it may be moved.
    #expect(outcome.code == 0, "\(outcome.error)")
    if outcome.code == 0, let tree = layout.tree("pids") {
      let directory = tree.mountPoint + bundle.cgroup + "/c"
      #expect(try File.text(directory + "/pids.max") == "7\n")
      #expect(try !File.text(directory + "/cgroup.procs").isEmpty)
    }
    #expect(try call(["delete", "--force", "c"]).code == 0)
  }

  @Test func whatOneUserCannotHaveIsToldBefore() throws {
    var config = try config("true")
    config.linux.namespaces.removeAll { $0.kind == .user }
    config.linux.uidMappings = []
    config.linux.gidMappings = []
    try write(config)
    let alone = try call(["run", "--bundle", bundle.path, "c"])
    #expect(alone.code == 125 && alone.error.contains("no user namespace"), "\(alone.error)")
    let nowhere = try call(["run", "c"], environment: ["XDG_RUNTIME_DIR="])
    #expect(nowhere.code == 125 && nowhere.error.contains("XDG_RUNTIME_DIR"), "\(nowhere.error)")
    #expect(!File.exists(bundle.path + "/xdg/drydock/runtime/c"))
  }

  /// More ids than one's own, through newuidmap(1), from a private /etc/subuid.
  @Test func rangesComeFromTheHelpers() throws {
    var config = try config("")
    config.root.readonly = false
    config.process?.capabilities?.bounding += ["CAP_CHOWN"]
    config.process?.capabilities?.effective += ["CAP_CHOWN"]
    config.process?.capabilities?.permitted += ["CAP_CHOWN"]
    config.process?.args[2] =
      "touch /tmp/f; busybox chown 5:6 /tmp/f; stat -c %u:%g /tmp/f; tr -s ' ' < /proc/self/uid_map"
    config.linux.uidMappings = [
      IDMapping(containerID: 0, hostID: user, size: 1),
      IDMapping(containerID: 1, hostID: 300_000, size: 1000),
    ]
    config.linux.gidMappings = config.linux.uidMappings
    try write(config)
    try File.replace(bundle.path + "/subids", with: "ddtest:300000:1000\n".utf8)
    let passwd = try File.text("/etc/passwd") + "ddtest:x:\(user):\(user)::/:/bin/sh\n"
    try File.replace(bundle.path + "/passwd", with: passwd.utf8)
    // Bound in a mount namespace of its own: the host's files stay as they are.
    let scene = [
      "/usr/bin/unshare", "--mount", "/bin/sh", "-c",
      "for f in subuid subgid; do test -e /etc/$f || exit 99; mount --bind \(bundle.path)/subids"
        + " /etc/$f; done; mount --bind \(bundle.path)/passwd /etc/passwd; exec \"$@\"", "sh",
    ]
    let outcome = try call(["run", "--bundle", bundle.path, "c"], before: scene)
    #expect(outcome.code == 0, "\(outcome.error)")
    #expect(outcome.output == "5:6\n 0 45678 1\n 1 300000 1000\n", "\(outcome.output)")
    // Not his: the helper says so, and nothing stays.
    config.linux.uidMappings[1].hostID = 500_000
    try write(config)
    let refused = try call(["run", "--bundle", bundle.path, "c"], before: scene)
    #expect(refused.code == 125 && refused.error.contains("uidMappings"), "\(refused.error)")
    #expect(!File.exists(bundle.path + "/xdg/drydock/runtime/c"))
    try bundle.expectNothingLeft()
  }
}
