import Linux
import OCI
import Testing

/// What runc and crun agree on where the specification is silent: their own suites expect it, and
/// whoever comes from them does.
@Suite(.enabled(if: Machine.isReady, Machine.reason))
struct PeerTests {
  let bundle: Bundle

  init() throws { bundle = try Bundle() }

  @Test func aHookWithoutEnvironmentHasItsCallers() throws {
    let log = bundle.path + "/log"
    var hook = Hook(path: "/bin/sh")
    hook.args = ["sh", "-c", "echo $PEER > \(log)"]
    bundle.config.hooks.createRuntime = [hook]
    bundle.caller = ["/usr/bin/env", "PEER=caller"] + bundle.caller
    #expect(try bundle.shell("true").code == 0)
    #expect(try File.text(log) == "caller\n")
    hook.env = []
    bundle.config.hooks.createRuntime = [hook]
    #expect(try bundle.shell("true").code == 0)
    #expect(try File.text(log) == "\n")
  }

  @Test func createContainerHooksBeginInTheRoot() throws {
    var hook = Hook(path: "/bin/sh")
    hook.args = ["sh", "-c", "touch ./tmp/made"]
    bundle.config.hooks.createContainer = [hook]
    #expect(try bundle.shell("test -e /tmp/made").code == 0)
  }

  /// A startContainer hook is a program of the image.
  @Test func startContainerHooksMayNoMoreThanTheProgram() throws {
    var hook = Hook(path: "/bin/sh")
    hook.args = ["sh", "-c", "grep -E '^(Uid|CapEff|Seccomp|NoNewPrivs):' /proc/self/status >&2"]
    bundle.config.hooks.startContainer = [hook]
    bundle.config.process?.user.uid = 1000
    bundle.config.process?.noNewPrivileges = true
    bundle.config.process?.capabilities = Capabilities()
    var rules = Seccomp(defaultAction: "SCMP_ACT_ALLOW")
    rules.syscalls = [SeccompRule(names: ["mkdir"], action: "SCMP_ACT_ERRNO")]
    bundle.config.linux.seccomp = rules
    let outcome = try bundle.shell("true")
    #expect(outcome.code == 0, "\(outcome.error)")
    let words = outcome.error.split(whereSeparator: \.isWhitespace)
    #expect(
      words == [
        "Uid:", "1000", "1000", "1000", "1000", "CapEff:", "0000000000000000", "NoNewPrivs:", "1",
        "Seccomp:", "2",
      ], "\(outcome.error)")
    hook.args = ["sh", "-c", "exit 3"]
    bundle.config.hooks.startContainer = [hook]
    let failed = try bundle.shell("echo ran")
    #expect(failed.code != 0 && failed.output.isEmpty)
    #expect(failed.error.contains("hooks.startContainer[0]"), "\(failed.error)")
    try bundle.expectNothingLeft()
  }

  /// Only root may enter it, and the user begins there all the same.
  @Test func theWorkingDirectoryIsEnteredByRoot() throws {
    bundle.config.process?.cwd = "/root"
    bundle.config.process?.user.uid = 1000
    try File.setMode(bundle.rootfs + "/root", 0o700)
    #expect(try bundle.output("readlink /proc/self/cwd; id -u") == "/root\n1000")
  }

  @Test func execReplacesVariablesAndLeavesUnknownCapabilitiesOut() throws {
    bundle.config.process?.args = ["sleep", "60"]
    bundle.config.process?.env = ["PATH=/bin", "A=old"]
    bundle.config.process?.capabilities = Capabilities()
    try bundle.write()
    try bundle.create()
    #expect(try bundle.runtime("start", "c").code == 0)
    let outcome = try bundle.runtime(
      "exec", "-e", "A=new", "--cap", "CAP_NONE_SUCH", "c", "sh", "-c",
      "tr '\\0' '\\n' < /proc/$$/environ | grep ^A=; grep CapEff /proc/self/status")
    #expect(outcome.output == "A=new\nCapEff:\t0000000000000000\n", "\(outcome.error)")
    #expect(outcome.error.contains("CAP_NONE_SUCH"))
    #expect(try bundle.runtime("delete", "--force", "c").code == 0)
  }

  @Test func aReadOnlyDevIsFilledFirst() throws {
    let index = try #require(bundle.config.mounts.firstIndex { $0.destination == "/dev" })
    bundle.config.mounts[index].options.append("ro")
    let outcome = try bundle.shell("echo x > /dev/null; ls /dev/pts/ptmx; touch /dev/file")
    #expect(outcome.output == "/dev/pts/ptmx\n")
    #expect(outcome.code != 0 && outcome.error.contains("Read-only"), "\(outcome.error)")
  }

  @Test func theHostNameIsNoSetting() throws {
    bundle.config.linux.sysctl = [KeyValue("kernel.hostname", "other")]
    let outcome = try bundle.shell("true")
    #expect(outcome.code != 0 && outcome.error.contains("hostname"), "\(outcome.error)")
    try bundle.expectNothingLeft()
  }

  /// Prepared by somebody, with a limit that stays.
  @Test func anEmptyCgroupIsTaken() throws {
    try bundle.create()
    let directory = try bundle.directory("pids")
    let cpuset = try bundle.directory("cpuset")
    #expect(try bundle.runtime("delete", "--force", "c").code == 0)
    // On v1 a cpuset is born without CPUs, and nobody could enter it.
    for directory in [directory, cpuset] { try File.makeDirectories(directory) }
    try #require(run(["/bin/sh", "-c", "echo 17 > \(directory)/pids.max"]).code == 0)
    #expect(try bundle.output("echo here") == "here")
    #expect(!File.exists(directory))
    try bundle.expectNothingLeft()
  }
}
