import Foundation
import Linux
import OCI
import Testing

/// run, create, start, state, kill, delete, list, exec: the life of a container.
@Suite(.enabled(if: Machine.isReady, Machine.reason))
struct LifecycleTests {
  let bundle: Bundle

  init() throws { bundle = try Bundle() }

  @Test(arguments: [0, 1, 42, 255] as [Int32])
  func runExitsAsTheProgram(code: Int32) throws {
    let outcome = try bundle.shell("echo out; echo err >&2; exit \(code)")
    #expect(outcome.code == code)
    #expect(outcome.output == "out\n")
    #expect(outcome.error == "err\n")
    try bundle.expectNothingLeft()
  }

  @Test func runExits128PlusTheSignal() throws {
    // PID 1 of a namespace has no default actions, so a child takes the signal.
    #expect(try bundle.shell("sh -c 'kill -9 $$'; exit $?").code == 137)
    bundle.config.process?.args = ["sh", "-c", "echo ready; exec sleep 300"]
    try bundle.write()
    let running = try Running(bundle.words(["run", "--bundle", bundle.path, "c"]))
    #expect(try eventually { try running.written() == "ready\n" })
    #expect(try bundle.status() == "running")
    #expect(try bundle.runtime("kill", "c", "KILL").code == 0)
    #expect(try running.finish().code == 137)
    try bundle.expectNothingLeft()
  }

  @Test(
    arguments: [
      ("nonsense", 127, "executable file not found"), ("/bin/nonsense", 127, "no such file"),
      ("/etc", 126, "permission denied"), ("/etc/plain", 126, "permission denied"),
      ("/etc/broken", 126, "exec format error"), ("/etc/orphan", 127, "interpreter"),
    ] as [(String, Int32, String)])
  func programsThatCannotRun(program: String, code: Int32, text: String) throws {
    try File.replace(bundle.rootfs + "/etc/plain", with: "#!/bin/sh\n".utf8, mode: 0o644)
    try File.replace(bundle.rootfs + "/etc/broken", with: "\u{7f}ELF?".utf8, mode: 0o755)
    try File.replace(bundle.rootfs + "/etc/orphan", with: "#!/no/such\n".utf8, mode: 0o755)
    bundle.config.process?.args = [program]
    try bundle.write()
    let outcome = try bundle.runtime("run", "--bundle", bundle.path, "c")
    #expect(outcome.code == code)
    #expect(outcome.error.contains(text), "\(outcome.error)")
    #expect(outcome.error.contains(program))
    try bundle.expectNothingLeft()
  }

  @Test func standardInputReachesTheProgram() throws {
    #expect(try bundle.shell("cat", input: "through and through").output == "through and through")
  }

  @Test func createStartKillDelete() throws {
    bundle.config.process?.args = ["sleep", "300"]
    bundle.config.annotations = [KeyValue("org.example.why", "tests")]
    try bundle.write()
    try bundle.create("c", ["--pid-file=\(bundle.path)/pid"])
    let created = try bundle.state()
    #expect(created.status == .created)
    #expect(created.bundle == bundle.path)
    #expect(created.annotations == [KeyValue("org.example.why", "tests")])
    #expect(created.created?.hasSuffix("Z") == true)
    #expect(!created.cgroups.isEmpty && created.cgroups.allSatisfy { File.exists($0.path) })
    let pid = try #require(created.pid)
    #expect(try File.text(bundle.path + "/pid") == "\(pid)")

    #expect(try bundle.runtime("start", "c").code == 0)
    #expect(try bundle.state().status == .running)
    #expect(try bundle.state().pid == pid)
    #expect(try File.text("/proc/\(pid)/cmdline") == "sleep\0300\0")

    let again = try bundle.runtime("start", "c")
    #expect(again.code != 0 && again.error.contains("it is running, not created"))
    let early = try bundle.runtime("delete", "c")
    #expect(early.code != 0 && early.error.contains("it is running, not stopped"))
    #expect(try bundle.state().status == .running, "a refused delete changes nothing")

    #expect(try bundle.runtime("kill", "c", "9").code == 0)
    #expect(try eventually { try bundle.status() == "stopped" })
    #expect(try bundle.state().pid == nil)
    let dead = try bundle.runtime("kill", "c", "15")
    #expect(dead.code != 0 && dead.error.contains("container not running"))
    let restarted = try bundle.runtime("start", "c")
    #expect(restarted.code != 0 && restarted.error.contains("stopped"))
    #expect(try bundle.runtime("delete", "c").code == 0)
    try bundle.expectNothingLeft()

    let missing = try bundle.runtime("delete", "c")
    #expect(missing.code != 0 && missing.error.contains("does not exist"))
    #expect(try bundle.runtime("delete", "--force", "c").code == 0)
    #expect(try bundle.runtime("state", "c").error.contains("does not exist"))
  }

  @Test(arguments: ["10", "USR1", "SIGUSR1", "sigusr1"])
  func signalsByNumberAndName(signal: String) throws {
    bundle.config.process?.args = [
      "sh", "-c", "trap 'exit 7' USR1; echo ready; while :; do sleep 0.01; done",
    ]
    try bundle.write()
    let program = try Running(bundle.words(["run", "--bundle", bundle.path, "c"]))
    #expect(try eventually { try program.written() == "ready\n" })
    #expect(try bundle.runtime("kill", "c", signal).code == 0)
    #expect(try program.finish().code == 7)
    try bundle.expectNothingLeft()
  }

  @Test func foregroundPassesSignalsOn() throws {
    bundle.config.process?.args = [
      "sh", "-c", "trap 'exit 9' TERM; echo ready; while :; do sleep 0.01; done",
    ]
    try bundle.write()
    let program = try Running(bundle.words(["run", "--bundle", bundle.path, "c"]))
    #expect(try eventually { try program.written() == "ready\n" })
    try program.signal(Signal.term)
    #expect(try program.finish().code == 9)
    try bundle.expectNothingLeft()
  }

  @Test func deleteForceEndsARunningContainerWithItsChildren() throws {
    bundle.config.process?.args = ["sh", "-c", "sleep 301 & sleep 302 & wait"]
    try bundle.write()
    let outcome = try bundle.runtime("run", "--detach", "--bundle", bundle.path, "c")
    #expect(outcome.code == 0, "\(outcome.error)")
    #expect(try eventually { try HostState(of: bundle).processes.count == 3 })
    #expect(try bundle.runtime("delete", "--force", "c").code == 0)
    try bundle.expectNothingLeft()
  }

  /// runtime.md, "Delete": what is not stopped is not deleted.
  @Test func deleteOfACreatedContainerNeedsForce() throws {
    try bundle.create()
    let refused = try bundle.runtime("delete", "c")
    #expect(refused.code == 1 && refused.error.contains("created"), "\(refused.error)")
    #expect(try bundle.status() == "created")
    #expect(try bundle.runtime("delete", "--force", "c").code == 0)
    try bundle.expectNothingLeft()
  }

  @Test func withoutAPIDNamespaceAllProcessesEnd() throws {
    bundle.config.linux.namespaces.removeAll { $0.kind == .pid }
    bundle.config.process?.args = ["sh", "-c", "sleep 301 & exec sleep 302"]
    try bundle.write()
    #expect(try bundle.runtime("run", "--detach", "--bundle", bundle.path, "c").code == 0)
    #expect(try eventually { try HostState(of: bundle).processes.count == 2 })
    #expect(try bundle.runtime("delete", "--force", "c").code == 0)
    try bundle.expectNothingLeftSoon()
  }

  @Test func childrenThatOutliveInitAreEndedToo() throws {
    bundle.config.linux.namespaces.removeAll { $0.kind == .pid }
    bundle.config.process?.args = ["sh", "-c", "sleep 301 & exit 0"]
    try bundle.write()
    let detached = try bundle.runtime("run", "--detach", "--bundle", bundle.path, "c")
    #expect(detached.code == 0, "\(detached.error)")
    #expect(try eventually { try bundle.status() == "stopped" })
    #expect(try HostState(of: bundle).processes.count == 1)
    #expect(try bundle.runtime("delete", "--force", "c").code == 0)
    try bundle.expectNothingLeftSoon()
    #expect(try bundle.runtime("run", "--bundle", bundle.path, "c").code == 0)
    try bundle.expectNothingLeftSoon()
  }

  @Test func keepKeepsTheStoppedContainer() throws {
    #expect(try bundle.shell("exit 3", flags: ["--keep"]).code == 3)
    #expect(try bundle.status() == "stopped")
    #expect(try bundle.runtime("delete", "c").code == 0)
    try bundle.expectNothingLeft()
  }

  @Test func listShowsAll() throws {
    try bundle.create()
    let table = try bundle.runtime("list").output
    #expect(table.hasPrefix("ID ") && table.contains("created") && table.contains(bundle.path))
    #expect(try bundle.runtime("list", "-q").output == "c\n")
    let json = try bundle.runtime("list", "--format=json").output
    let parsed = try #require(
      try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [[String: Any]])
    #expect(parsed.count == 1 && parsed.first?["id"] as? String == "c")
    #expect(parsed.first?["status"] as? String == "created")
    #expect(try bundle.runtime("list", "--format", "yaml").code != 0)
    #expect(try bundle.runtime("delete", "--force", "c").code == 0)
    #expect(try bundle.runtime("list", "-q").output.isEmpty)
    try bundle.expectNothingLeft()
  }

  @Test func flagsInBothForms() throws {
    for flags in [["--bundle=\(bundle.path)"], ["--bundle", bundle.path], ["-b", bundle.path]] {
      #expect(try run(bundle.words(["run"] + flags + ["c"])).code == 0)
    }
    // Flags may follow the id.
    #expect(try bundle.runtime("run", "c", "--bundle", bundle.path).code == 0)
    let unknown = try bundle.runtime("run", "--frobnicate", "c")
    #expect(unknown.code == 125 && unknown.error.contains("--frobnicate"))
    let none = try bundle.runtime("run")
    #expect(none.code == 125 && none.error.contains("exactly one container id"))
    try bundle.expectNothingLeft()
  }

  @Test func errorsAreLoggedAsOneJSONLine() throws {
    let log = bundle.path + "/log.json"
    for _ in 0..<2 {
      _ = try run([
        Machine.runtime, "--root=\(bundle.root)", "--log=\(log)", "--log-format=json", "state",
        "no\"such",
      ])
    }
    let lines = try File.text(log).split(separator: "\n")
    #expect(lines.count == 2)
    for line in lines {
      let entry = try #require(
        try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      #expect(entry["level"] as? String == "error")
      #expect((entry["msg"] as? String)?.contains("no\"such") == true)
      #expect((entry["time"] as? String)?.hasSuffix("Z") == true)
    }
    _ = try run([
      Machine.runtime, "--root", bundle.root, "--log", log + ".txt", "state", "missing",
    ])
    #expect(try File.text(log + ".txt").contains("does not exist"))
  }

  @Test func versionFeaturesAndSpec() throws {
    let version = try bundle.runtime("--version").output.split(separator: "\n")
    #expect(version.first?.hasPrefix("drydock-runtime version ") == true)
    #expect(version.contains { $0.hasPrefix("commit: ") })
    #expect(version.contains { $0.hasPrefix("spec: ") })
    let features = try #require(
      try JSONSerialization.jsonObject(
        with: Data(try bundle.runtime("features").output.utf8)) as? [String: Any])
    #expect(features["ociVersionMin"] as? String != nil)
    #expect((features["mountOptions"] as? [String])?.contains("rbind") == true)
    #expect((features["hooks"] as? [String])?.contains("createRuntime") == true)

    try File.makeDirectory(bundle.path + "/spec")
    #expect(try bundle.runtime("spec", "--bundle", bundle.path + "/spec").code == 0)
    let config = try Config.parse(File.read(bundle.path + "/spec/config.json"))
    var expected = Config.standard
    if try CgroupLayout.detect().mode != .v2 {
      expected.linux.namespaces.removeAll { $0.kind == .cgroup }
    }
    #expect(config == expected)
    let again = try bundle.runtime("spec", "--bundle", bundle.path + "/spec")
    #expect(again.code != 0 && again.error.contains("exists already"))
  }

  @Test func helpIsPrintedForEveryCommand() throws {
    #expect(try bundle.runtime("--help").output.contains("commands:"))
    for command in [
      "run", "create", "start", "state", "kill", "delete", "list", "exec", "spec", "features",
    ] {
      let help = try bundle.runtime(command, "--help")
      #expect(help.code == 0 && help.output.contains("drydock-runtime \(command)"))
    }
    #expect(try bundle.runtime("frobnicate").error.contains("frobnicate"))
  }

  @Test func systemdCgroupsAreRefused() throws {
    let outcome = try bundle.runtime("--systemd-cgroup", "run", "--bundle", bundle.path, "c")
    #expect(outcome.code == 125 && outcome.error.contains("--systemd-cgroup"))
    bundle.config.linux.cgroupsPath = "system.slice:drydock:c"
    try bundle.write()
    let path = try bundle.runtime("run", "--bundle", bundle.path, "c")
    #expect(path.code == 125 && path.error.contains("systemd"))
    try bundle.expectNothingLeft()
  }

  // MARK: exec

  @Test func execRunsInTheContainer() throws {
    bundle.config.process?.args = ["sleep", "300"]
    bundle.config.hostname = "inside"
    try bundle.write()
    #expect(try bundle.runtime("run", "-d", "--bundle", bundle.path, "c").code == 0)
    let pid = try #require(try bundle.state().pid)
    let outcome = try bundle.runtime(
      "exec", "c", "sh", "-c",
      "hostname; cat /proc/self/cgroup; for n in pid net mnt uts ipc cgroup; do"
        + " readlink /proc/self/ns/$n; done; exit 5")
    #expect(outcome.code == 5, "\(outcome.error)")
    #expect(outcome.output.hasPrefix("inside\n"))
    for name in ["pid", "net", "mnt", "uts", "ipc", "cgroup"] {
      #expect(outcome.output.contains(try File.link("/proc/\(pid)/ns/\(name)")), "\(name)")
    }
    // Seen from its own cgroup namespace, its cgroup is the root.
    let cgroups = outcome.output.split(separator: "\n").filter { $0.contains("memory:") }
    #expect(cgroups.allSatisfy { $0.hasSuffix(":/") } && !cgroups.isEmpty)

    #expect(try bundle.runtime("exec", "c", "nonsense").code == 127)
    #expect(try bundle.runtime("exec", "c", "/etc").code == 126)
    #expect(try bundle.runtime("exec", "c", "sh", "-c", "kill -9 $$").code == 137)
    #expect(
      try bundle.runtime(
        "exec", "--cwd", "/tmp", "--env", "A=b c", "--user", "12:34", "c", "sh", "-c",
        "pwd; echo \"$A\"; id -u; id -g; echo $HOME"
      ).output == "/tmp\nb c\n12\n34\n/\n")
    #expect(try bundle.runtime("exec", "--user", "x", "c", "true").code == 125)

    let file = bundle.path + "/process.json"
    var process = OCI.Process()
    process.args = ["sh", "-c", "echo from-file $X"]
    process.env = ["PATH=/bin", "X=1"]
    var config = Config()
    config.process = process
    let whole = try #require(
      try JSONSerialization.jsonObject(with: Data(config.encode())) as? [String: Any])
    let part = try JSONSerialization.data(withJSONObject: try #require(whole["process"]))
    try File.replace(file, with: Array(part))
    #expect(try bundle.runtime("exec", "--process", file, "c").output == "from-file 1\n")

    let detached = try bundle.runtime(
      "exec", "--detach", "--pid-file", bundle.path + "/exec.pid", "c", "sleep", "301")
    #expect(detached.code == 0)
    let execPID = try File.text(bundle.path + "/exec.pid")
    #expect(try File.text("/proc/\(execPID)/cmdline") == "sleep\0301\0")
    #expect(try bundle.runtime("delete", "-f", "c").code == 0)
    try bundle.expectNothingLeftSoon()
    #expect(try bundle.runtime("exec", "c", "true").error.contains("does not exist"))
  }

  @Test func execIntoAStoppedContainerIsRefused() throws {
    _ = try bundle.shell("exit 0", flags: ["--keep"])
    let outcome = try bundle.runtime("exec", "c", "true")
    #expect(outcome.code != 0 && outcome.error.contains("container not running"))
    #expect(try bundle.runtime("delete", "c").code == 0)
  }
}
