import Linux
import OCI
import Testing

/// Hooks: all six kinds, in order, in the right namespaces, with the state on standard input.
@Suite(.enabled(if: Machine.isReady, Machine.reason))
struct HookTests {
  let bundle: Bundle

  init() throws { bundle = try Bundle() }

  private static var kinds: [WritableKeyPath<Hooks, [Hook]>] {
    [
      \.prestart, \.createRuntime, \.createContainer, \.startContainer, \.poststart, \.poststop,
    ]
  }

  private func hook(_ script: String) -> Hook {
    var hook = Hook(path: "/bin/sh")
    hook.args = ["sh", "-c", script]
    hook.env = ["PATH=/bin:/usr/bin", "WHY=tests"]
    return hook
  }

  @Test func allSixInOrderWithStateAndNamespaces() throws {
    let host = HostName.current
    bundle.config.hostname = "inside"
    bundle.config.annotations = [KeyValue("k", "v")]
    let log = bundle.path + "/log"
    // The container's hooks see the log where it is mounted.
    try File.replace(log, with: [])
    bundle.config.mounts.append(
      Mount(destination: log, type: "bind", source: log, options: ["bind"]))
    let names = [
      "prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop",
    ]
    for (index, name) in names.enumerated() {
      let script =
        "read -r state; echo \"\(name) $(hostname) $WHY"
        + " $(echo \"$state\" | sed 's/.*\"status\": *\"\\([a-z]*\\)\".*/\\1/')"
        + " $(echo \"$state\" | grep -c '\"k\": *\"v\"')\" >> \(log)"
      bundle.config.hooks[keyPath: HookTests.kinds[index]] = [hook(script)]
    }
    try bundle.write()
    try bundle.create()
    let created = try File.text(log).split(separator: "\n")
    #expect(
      created == [
        "prestart \(host) tests creating 1", "createRuntime \(host) tests creating 1",
        "createContainer inside tests creating 1",
      ])
    #expect(try bundle.runtime("start", "c").code == 0)
    let started = try File.text(log).split(separator: "\n").dropFirst(3)
    #expect(
      started == ["startContainer inside tests created 1", "poststart \(host) tests running 1"])
    #expect(try eventually { try bundle.status() == "stopped" })
    #expect(try bundle.runtime("delete", "c").code == 0)
    #expect(
      try File.text(log).split(separator: "\n").last == "poststop \(host) tests stopped 1")
    try bundle.expectNothingLeft()
  }

  @Test func severalOfOneKindInOrder() throws {
    let log = bundle.path + "/log"
    bundle.config.hooks.createRuntime = (1...3).map { hook("echo \($0) >> \(log)") }
    #expect(try bundle.shell("exit 0").code == 0)
    #expect(try File.text(log) == "1\n2\n3\n")
  }

  @Test func theStateNamesAProcessInTheRightNamespaces() throws {
    let log = bundle.path + "/log"
    bundle.config.hooks.createRuntime = [
      hook(
        "pid=$(sed 's/.*\"pid\": *\\([0-9]*\\).*/\\1/'); readlink /proc/$pid/ns/net > \(log);"
          + " cut -d: -f3 /proc/$pid/cgroup | sort -u >> \(log)")
    ]
    #expect(try bundle.shell("exit 0").code == 0)
    let lines = try File.text(log).split(separator: "\n").map { String($0) }
    let own = try File.link("/proc/self/ns/net")
    #expect(lines.first?.hasPrefix("net:[") == true && lines.first != own)
  }

  @Test(arguments: [0, 1, 2, 3])
  func aFailingHookFailsTheContainer(kind: Int) throws {
    bundle.config.hooks[keyPath: HookTests.kinds[kind]] = [hook("exit 3")]
    let outcome = try bundle.shell("echo ran")
    #expect(outcome.code == 125)
    #expect(!outcome.output.contains("ran"))
    #expect(outcome.error.contains("[0] /bin/sh failed with exit code 3"), "\(outcome.error)")
    try bundle.expectNothingLeft()
  }

  @Test func aHookThatIsMissing() throws {
    bundle.config.hooks.createRuntime = [Hook(path: "/nowhere/hook")]
    let outcome = try bundle.shell("true")
    #expect(outcome.code == 125 && outcome.error.contains("/nowhere/hook"))
    try bundle.expectNothingLeft()
  }

  @Test func aHookThatHangsIsKilled() throws {
    var slow = hook("exec sleep 300")
    slow.timeout = 1
    slow.env?.append("DRYDOCK_TEST=" + bundle.path)
    bundle.config.hooks.createRuntime = [slow]
    let outcome = try bundle.shell("true")
    #expect(outcome.code == 125 && outcome.error.contains("timeout of 1 s"), "\(outcome.error)")
    try bundle.expectNothingLeft()
  }

  @Test func aHookNeedNotReadTheState() throws {
    bundle.config.annotations = [KeyValue("big", String(repeating: "x", count: 60_000))]
    bundle.config.hooks.createRuntime = [Hook(path: "/bin/true")]
    #expect(try bundle.shell("exit 0").code == 0)
    try bundle.expectNothingLeft()
  }

  /// What the hook started goes with it.
  @Test func aTimeoutEndsTheHooksChildrenToo() throws {
    var slow = hook("sleep 300 & sleep 300")
    slow.timeout = 1
    slow.env?.append("DRYDOCK_TEST=" + bundle.path)
    bundle.config.hooks.createRuntime = [slow]
    #expect(try bundle.shell("true").error.contains("timeout of 1 s"))
    try bundle.expectNothingLeftSoon()
  }

  @Test func theEnvironmentAndArgumentsAreExactlyThose() throws {
    let log = bundle.path + "/log"
    var exact = Hook(path: "/bin/sh")
    exact.args = [
      "another-name", "-c", "tr '\\0' '\\n' < /proc/$$/environ > \(log); echo $0 >> \(log)",
    ]
    exact.env = ["ONLY=this"]
    bundle.config.hooks.createRuntime = [exact]
    #expect(try bundle.shell("true").code == 0)
    #expect(try File.text(log) == "ONLY=this\nanother-name\n")
    // Without args the path is the whole argv.
    try File.replace(
      bundle.path + "/h",
      with: "#!/bin/sh\necho $#; wc -c < /proc/$$/environ > \(log)\n".utf8, mode: 0o755)
    var plain = Hook(path: bundle.path + "/h")
    plain.env = []
    bundle.config.hooks.createRuntime = [plain]
    #expect(try bundle.shell("true").output == "0\n")
    #expect(try File.text(log) == "0\n")
  }
}
