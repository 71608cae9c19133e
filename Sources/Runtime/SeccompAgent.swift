// SCMP_ACT_NOTIFY: somebody outside answers for some system calls (seccomp_unotify(2)).
//
//   init                        runtime                          agent
//   N number ─────────────────► pidfd_getfd(number), until it is there
//   seccomp(NEW_LISTENER)         │
//   read(2) waits                 └─ state + descriptor ───────► listenerPath
//   ◄──────────────────────────── G
//   execve(2)
//
// Init says its number before it loads the filter, since afterwards even sendmsg(2) may be a call
// that the agent answers for. It must not go on before the agent has the descriptor: execve closes
// init's own, and with the last one gone each such call fails with ENOSYS.

internal import Linux
internal import OCI
internal import Steps

/// The agent of a container, and what it is told.
struct SeccompAgent {
  let path: String
  let metadata: String?
  let state: State
  /// The process whose calls it answers for, as the runtime sees it.
  let pid: Int32
  let glass: Glass

  /// Nil when the rules ask nobody.
  init?(_ rules: Seccomp?, _ state: State, of pid: Int32, _ glass: Glass) {
    guard let rules, rules.asksAgent, let path = rules.listenerPath else { return nil }
    self.path = path
    metadata = rules.listenerMetadata
    self.state = state
    self.pid = pid
    self.glass = glass
  }

  /// Refuses rules whose agent nobody can be: before anything is made.
  static func check(_ rules: Seccomp?) throws(RuntimeError) {
    guard let rules, rules.asksAgent, let path = rules.listenerPath else { return }
    let status = try lookingUp(hint: "linux.seccomp.listenerPath: is the agent running?") {
      () throws(SystemError) in try File.status(path)
    }
    guard status.isSocket else {
      throw RuntimeError("linux.seccomp.listenerPath: \(path) is not a socket")
    }
  }

  /// Fetches the process's listener and hands it to the agent, which then answers.
  ///
  /// - Throws: `RuntimeError`; the process is killed then, since nobody would answer its calls.
  func serve(_ message: [UInt8], over socket: Int32) throws(RuntimeError) {
    do throws(RuntimeError) {
      guard let number = Int32(String(decoding: message.dropFirst(), as: UTF8.self)) else {
        throw RuntimeError("init did not say which descriptor its listener is")
      }
      try stepping { () throws(StepFailure) in
        try glass.around(
          .seccompNotify,
          .described(call: "sendmsg(2)", object: "\(path) ← process \(pid)", shell: nil)
        ) { () throws(SystemError) in try hand(number) }
      }
    } catch {
      do throws(SystemError) {
        try Processes.kill(pid, Signal.kill)
      } catch { if error.errno != .noProcess { File.report("drydock-runtime: \(error.text)\n") } }
      throw error
    }
    Channel.send([MessageKind.go.rawValue], over: socket)
  }

  private func hand(_ number: Int32) throws(SystemError) {
    let handle = try Processes.handle(of: pid)
    let listener = try SeccompAgent.listener(number, of: handle)
    let agent = try Channel.connect(path, messages: false)
    let text = String(decoding: state.encodeForAgent(pid: pid, metadata: metadata), as: UTF8.self)
    try Channel.pass(listener.raw, over: agent.raw, name: text)
  }

  /// It appears when the filter is loaded, a moment after it was announced.
  private static func listener(
    _ number: Int32, of handle: borrowing Descriptor
  ) throws(SystemError) -> Descriptor {
    let end = Clock.now + 10_000_000_000
    while true {
      do {
        let listener = try Processes.descriptor(number, of: handle)
        if try File.link(listener.procPath) == "anon_inode:seccomp notify" { return listener }
      } catch {
        // EBADF: not yet.
        guard error.errno.code == 9, Clock.now < end else { throw error }
      }
      Clock.sleep(50_000)
    }
  }
}
