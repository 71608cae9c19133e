import Glibc
import Linux
import OCI
import Testing

/// An agent as config-linux.md describes it: it takes the descriptor from the socket, and answers.
///
/// A thread of this process; it ends when the container's last process has ended.
private final class Agent: @unchecked Sendable {
  let path: String
  private let listener: Descriptor
  private var thread = pthread_t()
  /// What came with the descriptor; for reading once the agent has ended.
  private(set) var state = ""
  /// Names of the directories that were asked for, seen in the caller's memory.
  private(set) var calls = 0

  /// `refuse` is the system call's number that is answered with EOPNOTSUPP; others go on.
  init(_ path: String, refuse: Int32) throws {
    self.path = path
    listener = try listeningSocket(path)
    let body = { [self] in serve(refuse) }
    let box = unsafe Unmanaged.passRetained(Box(body))
    _ = unsafe pthread_create(
      &thread, nil,
      { raw in
        if let raw = unsafe raw { unsafe Unmanaged<Box>.fromOpaque(raw).takeRetainedValue().body() }
        return nil
      }, unsafe box.toOpaque())
  }

  private final class Box {
    let body: () -> Void
    init(_ body: @escaping () -> Void) { self.body = body }
  }

  /// Waits for its end.
  func finish() { pthread_join(thread, nil) }

  private func serve(_ refuse: Int32) {
    let peer = accept(listener.raw, nil, nil)
    guard peer >= 0 else { return }
    var text = [UInt8](repeating: 0, count: 65_536)
    let count = unsafe recv(peer, &text, text.count, Int32(MSG_PEEK))
    state = String(decoding: text.prefix(max(0, count)), as: UTF8.self)
    guard let notify = try? Channel.receiveDescriptor(over: peer) else { return }
    close(peer)
    while true {
      var poll = pollfd(fd: notify.raw, events: Int16(POLLIN), revents: 0)
      guard unsafe Glibc.poll(&poll, 1, 20_000) > 0, poll.revents & Int16(POLLIN) != 0 else {
        return
      }
      // struct seccomp_notif: id, pid, flags, and seccomp_data that begins with the number.
      var notification = [UInt8](repeating: 0, count: 80)
      guard unsafe ioctl(notify.raw, 0xc050_2100, &notification) == 0 else { continue }
      let number = Int32(notification[16]) | Int32(notification[17]) << 8
      // struct seccomp_notif_resp: id, value, error, flags.
      var answer = Array(notification[..<8]) + [UInt8](repeating: 0, count: 16)
      if number == refuse {
        calls += 1
        // -EOPNOTSUPP
        answer.replaceSubrange(16..<20, with: [0xa1, 0xff, 0xff, 0xff])
      } else {
        answer[20] = 1  // SECCOMP_USER_NOTIF_FLAG_CONTINUE
      }
      _ = unsafe ioctl(notify.raw, 0xc018_2101, &answer)
    }
  }
}

/// Filters beyond allow and errno: agents, flags, conditions, architectures.
@Suite(.serialized, .enabled(if: Machine.isReady, Machine.reason))
final class SeccompTests {
  private let bundle: Bundle

  init() throws { bundle = try Bundle() }

  #if arch(x86_64)
    private static let mkdir: Int32 = 83
  #else
    private static let mkdir: Int32 = 34
  #endif

  private func ask(_ names: String..., default action: String = "SCMP_ACT_ALLOW") -> Seccomp {
    var rules = Seccomp(defaultAction: action)
    rules.syscalls = [SeccompRule(names: names, action: "SCMP_ACT_NOTIFY")]
    rules.listenerPath = bundle.path + "/agent"
    rules.listenerMetadata = "for the \"agent\""
    return rules
  }

  private func agent() throws -> Agent {
    try Agent(bundle.path + "/agent", refuse: SeccompTests.mkdir)
  }

  @Test(arguments: [true, false])
  func anAgentAnswers(noNewPrivileges: Bool) throws {
    bundle.config.process?.noNewPrivileges = noNewPrivileges
    bundle.config.annotations = [KeyValue("k", "v")]
    bundle.config.linux.seccomp = ask("mkdir", "mkdirat")
    let agent = try agent()
    let outcome = try bundle.shell("mkdir /tmp/x; echo $?")
    agent.finish()
    #expect(outcome.output == "1\n" && outcome.error.contains("Operation not supported"))
    #expect(agent.calls == 1)
    let text = agent.state
    #expect(text.contains(#""fds":["seccompFd"]"#), "\(text)")
    #expect(text.contains(#""metadata":"for the \"agent\"""#))
    #expect(text.contains(#""bundle":"\#(bundle.path)""#) && text.contains(#""k":"v""#))
    let parts = text.split(separator: "\"pid\":").dropFirst().map { $0.prefix { $0.isNumber } }
    #expect(parts.count == 2 && parts[0] == parts[1] && !parts[0].isEmpty, "\(text)")
    try bundle.expectNothingLeft()
  }

  /// `start` is another process than `create`, and `exec` a third: each hands over its own.
  @Test func startAndExecAskTheAgentToo() throws {
    bundle.config.linux.seccomp = ask("mkdir", "mkdirat")
    bundle.config.process?.args = ["sleep", "300"]
    try bundle.write()
    let first = try agent()
    try bundle.create()
    #expect(try bundle.runtime("start", "c").code == 0)
    try File.remove(bundle.path + "/agent")
    let second = try agent()
    let outcome = try bundle.runtime("exec", "c", "mkdir", "/tmp/x")
    second.finish()
    #expect(outcome.code == 1 && outcome.error.contains("Operation not supported"))
    #expect(second.calls == 1 && second.state.contains(#""status":"running""#))
    #expect(try bundle.runtime("delete", "--force", "c").code == 0)
    first.finish()
    #expect(first.calls == 0 && first.state.contains(#""seccompFd""#))
    try bundle.expectNothingLeft()
  }

  /// Even the calls between the filter and the program are the agent's.
  @Test func theAgentMayBeAskedForEverything() throws {
    var rules = ask("mkdir", default: "SCMP_ACT_NOTIFY")
    rules.flags = ["SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", "SECCOMP_FILTER_FLAG_TSYNC"]
    bundle.config.linux.seccomp = rules
    let agent = try agent()
    let outcome = try bundle.shell("echo through; mkdir /tmp/x")
    agent.finish()
    #expect(outcome.output == "through\n" && outcome.error.contains("Operation not supported"))
    try bundle.expectNothingLeft()
  }

  @Test func withoutAnAgentNothingIsMade() throws {
    bundle.config.linux.seccomp = ask("mkdir")
    let missing = try bundle.shell("true")
    #expect(missing.code == 125 && missing.error.contains("listenerPath"), "\(missing.error)")
    #expect(!File.exists(bundle.root + "/c"))
    try File.replace(bundle.path + "/agent", with: [])
    #expect(try bundle.shell("true").error.contains("is not a socket"))
    try File.remove(bundle.path + "/agent")
    // A socket that nobody listens on any more is found out late; nothing stays all the same.
    let agent = try Channel.listen(bundle.path + "/agent")
    _ = consume agent
    let dead = try bundle.shell("echo ran")
    #expect(dead.code == 125 && dead.error.contains("seccomp.notify"), "\(dead.error)")
    #expect(dead.output.isEmpty)
    try bundle.expectNothingLeft()
  }

  @Test func operatorsOnArguments() throws {
    // personality(2) with one argument: 0xffffffff asks, and changes nothing.
    func answer(_ argument: SeccompArg...) throws -> Bool {
      var rules = Seccomp(defaultAction: "SCMP_ACT_ALLOW")
      var rule = SeccompRule(names: ["umask"], action: "SCMP_ACT_KILL_PROCESS")
      rule.args = argument
      rules.syscalls = [rule]
      bundle.config.linux.seccomp = rules
      return try bundle.shell("umask 022").code == 128 + 31
    }
    func arg(_ op: String, _ value: UInt64, _ two: UInt64 = 0) -> SeccompArg {
      var argument = SeccompArg(index: 0, value: value, op: "SCMP_CMP_" + op)
      argument.valueTwo = two
      return argument
    }
    #expect(try answer(arg("EQ", 0o22)))
    #expect(try !answer(arg("EQ", 0o23)))
    #expect(try answer(arg("NE", 0o777)))
    #expect(try answer(arg("LE", 0o22)))
    #expect(try !answer(arg("GT", 0o777)))
    #expect(try answer(arg("GE", 0o22)))
    #expect(try answer(arg("MASKED_EQ", 0o2, 0o2)))
    // Two on one argument are alternatives.
    #expect(try answer(arg("EQ", 0o777_7), arg("EQ", 0o22)))
  }

  @Test func actionsBesideErrno() throws {
    func code(_ action: String, _ value: UInt32? = nil) throws -> Outcome {
      var rules = Seccomp(defaultAction: "SCMP_ACT_ALLOW")
      var rule = SeccompRule(names: ["mkdir", "mkdirat"], action: action)
      rule.errnoRet = value
      rules.syscalls = [rule]
      bundle.config.linux.seccomp = rules
      return try bundle.shell("rm -rf /tmp/a; mkdir /tmp/a; echo $?")
    }
    #expect(try code("SCMP_ACT_LOG").output == "0\n")
    // SIGSYS is 31; without a tracer TRACE is ENOSYS.
    #expect(try code("SCMP_ACT_TRAP").output == "159\n")
    #expect(try code("SCMP_ACT_KILL_PROCESS").output == "159\n")
    #expect(try code("SCMP_ACT_KILL_THREAD").output == "159\n")
    #expect(try code("SCMP_ACT_TRACE", 5).error.contains("not implemented"))
    #expect(try code("SCMP_ACT_ERRNO", 28).error.contains("No space left"))
    try bundle.expectNothingLeft()
  }

  @Test func flagsAndArchitectures() throws {
    var rules = Seccomp(defaultAction: "SCMP_ACT_ALLOW")
    rules.syscalls = [SeccompRule(names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO")]
    rules.flags = [
      "SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW",
    ]
    #if arch(x86_64)
      rules.architectures = ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"]
    #else
      rules.architectures = ["SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"]
    #endif
    bundle.config.linux.seccomp = rules
    #expect(try bundle.shell("mkdir /tmp/x").error.contains("Operation not permitted"))
    // The other byte order cannot be in one filter with this machine's.
    rules.architectures = ["SCMP_ARCH_S390X"]
    bundle.config.linux.seccomp = rules
    let outcome = try bundle.shell("true")
    #expect(outcome.code == 125 && outcome.error.contains("SCMP_ARCH_S390X"), "\(outcome.error)")
    try bundle.expectNothingLeft()
  }
}
