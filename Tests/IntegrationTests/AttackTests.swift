import Linux
import OCI
import Testing

/// What others have broken, tried here: each was once a hole in some runtime.
@Suite(.serialized, .enabled(if: Machine.isReady, Machine.reason))
final class AttackTests {
  private let bundle: Bundle

  init() throws { bundle = try Bundle() }

  /// CVE-2019-5736: a container that gets hold of the runtime's file must not be able to write it.
  @Test func theRuntimesFileIsReadOnlyForWhoFindsIt() throws {
    bundle.config.process?.args = ["sleep", "60"]
    try bundle.write()
    let running = try Running(bundle.words(["run", "--bundle", bundle.path, "c"]))
    #expect(try eventually { try bundle.status() == "running" })
    // The handle is kept until the program has ended: before, ETXTBSY would answer.
    let handle = try File.open("/proc/\(running.pid)/exe", .path)
    #expect(try bundle.runtime("kill", "c", "KILL").code == 0)
    #expect(try running.finish().code == 137)
    #expect(throws: SystemError("open(2)", .readOnly, handle.procPath)) {
      _ = try File.open(handle.procPath, .writeOnly)
    }
    try bundle.expectNothingLeft()
  }

  /// While a container is being made, "inside" is still the host.
  @Test func nobodyEntersAContainerThatIsBeingMade() throws {
    var hook = Hook(path: "/bin/sleep")
    hook.args = ["sleep", "2"]
    bundle.config.hooks.createRuntime = [hook]
    bundle.config.process?.args = ["sleep", "60"]
    try bundle.write()
    let running = try Running(bundle.words(["run", "--bundle", bundle.path, "c"]))
    #expect(try eventually { try bundle.status() == "creating" })
    // At whatever moment: some come before its configuration is saved, most while the hook runs.
    for _ in 0..<10 {
      let outcome = try bundle.runtime("exec", "c", "/bin/cat", "/etc/hostname")
      #expect(
        outcome.code != 0 && outcome.error.contains("container not running"), "\(outcome.error)")
      #expect(outcome.output.isEmpty)
    }
    #expect(try eventually { try bundle.status() == "running" })
    #expect(try bundle.runtime("exec", "c", "/bin/true").code == 0)
    #expect(try bundle.runtime("kill", "c", "KILL").code == 0)
    _ = try running.finish()
    try bundle.expectNothingLeft()
  }

  /// Two containers with one cgroup path: the second fails, and its end is not the first's.
  @Test func aForeignCgroupIsLeftAlone() throws {
    bundle.config.process?.args = ["sleep", "60"]
    try bundle.write()
    try bundle.create("a")
    _ = try bundle.runtime("start", "a")
    let other = try run(
      [Machine.runtime, "--root", bundle.root + "-2", "create", "--bundle", bundle.path, "b"])
    #expect(other.code != 0 && other.error.contains("exists already"), "\(other.error)")
    _ = try run([Machine.runtime, "--root", bundle.root + "-2", "delete", "--force", "b"])
    try File.removeTree(bundle.root + "-2")
    #expect(try bundle.status("a") == "running")
    #expect(try bundle.runtime("delete", "--force", "a").code == 0)
    try bundle.expectNothingLeft()
  }

  /// CVE-2022-29162: a capability that is only inheritable is a capability too many.
  @Test func anAddedCapabilityIsNotInheritable() throws {
    bundle.config.process?.args = ["sleep", "60"]
    try bundle.write()
    try bundle.create()
    _ = try bundle.runtime("start", "c")
    let outcome = try run(
      bundle.words(["exec", "--cap", "CAP_SYS_PTRACE", "c", "grep", "CapInh", "/proc/self/status"]))
    #expect(outcome.output == "CapInh:\t0000000000000000\n", "\(outcome.error)")
    #expect(try bundle.runtime("delete", "--force", "c").code == 0)
    try bundle.expectNothingLeft()
  }

  /// A FIFO where the runtime reads a file of the image must not stop it for ever.
  @Test func aPipeInPlaceOfThePasswordFileIsNotRead() throws {
    try File.makeDirectories(bundle.rootfs + "/etc")
    bundle.config.process?.env = ["PATH=/bin"]
    _ = try run(["/usr/bin/mkfifo", bundle.rootfs + "/etc/passwd"])
    #expect(try bundle.output("echo $HOME") == "/")
    try bundle.expectNothingLeft()
  }

  /// Who is not root inside can still open what its output goes to.
  @Test func standardOutputCanBeOpenedAnew() throws {
    bundle.config.process?.user.uid = 1000
    bundle.config.process?.args = ["sh", "-c", "echo ok > /dev/stdout"]
    try bundle.write()
    let command = bundle.words(["run", "--bundle", bundle.path, "c"]).joined(separator: " ")
    #expect(try run(["/bin/sh", "-c", command + " | cat"]).output == "ok\n")
    try bundle.expectNothingLeft()
  }

  /// A terminal that never comes is told, and not waited for.
  @Test func execOfNothingWithATerminalEnds() throws {
    bundle.config.process?.args = ["sleep", "60"]
    try bundle.write()
    try bundle.create()
    _ = try bundle.runtime("start", "c")
    let outcome = try bundle.runtime("exec", "--tty", "c", "nosuch")
    #expect(outcome.code == 127 && outcome.error.contains("executable file not found"))
    #expect(try bundle.runtime("delete", "--force", "c").code == 0)
    try bundle.expectNothingLeft()
  }
}
