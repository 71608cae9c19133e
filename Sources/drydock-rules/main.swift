// drydock-rules: the only program that is linked with libnftables, of which no static archive exists.
//
//     drydock-rules apply         a script as nft(8) reads it, from standard input, in one transaction:
//                                 all of it or nothing
//     drydock-rules list          the whole ruleset as JSON, as `nft -j list ruleset`
//     drydock-rules list TABLE    only our table (family inet)
//     drydock-rules chains        everybody's chains, without their rules
//
// Exit code 0; 1 when the kernel or the parser refused, with the reason on standard error; 3 when the
// table to be listed is not there. drydock and its daemons are static and run it (RulesCommand).
//
// It is linked with neither Linux nor OCI: each library more is looked for at every start.

internal import CLinux
internal import CNftables

/// libnftables' context: its netlink socket, and what it has printed (libnftables(3)).
@safe struct Rules: ~Copyable {
  private let context: OpaquePointer

  /// nil without memory.
  init?() {
    guard let made = unsafe nft_ctx_new(UInt32(NFT_CTX_DEFAULT)) else { return nil }
    unsafe context = made
    unsafe nft_ctx_buffer_output(context)
    unsafe nft_ctx_buffer_error(context)
  }

  deinit { unsafe nft_ctx_free(context) }

  /// Answers in JSON (libnftables-json(5)).
  func answerInJSON() {
    unsafe nft_ctx_output_set_flags(context, UInt32(NFT_CTX_OUTPUT_JSON))
  }

  /// Runs commands as one transaction; nil, or why nothing of it was done.
  func run(_ commands: String) -> String? {
    if unsafe nft_run_cmd_from_buffer(context, commands) == 0 { return nil }
    let text = unsafe String(cString: nft_ctx_get_error_buffer(context))
    return text.isEmpty ? "libnftables refused without a reason\n" : text
  }

  /// What was printed since the last look.
  var output: String { unsafe String(cString: nft_ctx_get_output_buffer(context)) }
}

func write(_ text: String, to descriptor: Int32) -> Bool {
  var bytes = Array(text.utf8)[...]
  while !bytes.isEmpty {
    let put = unsafe bytes.withUnsafeBytes {
      unsafe lx_write(descriptor, $0.baseAddress, $0.count)
    }
    if put == -4 { continue }  // EINTR
    guard put > 0 else { return false }
    bytes = bytes.dropFirst(put)
  }
  return true
}

func fail(_ text: String, code: Int32 = 1) -> Never {
  _ = write(text, to: 2)  // when that is closed there is nobody to tell
  lx_exit(code)
}

/// All of standard input.
func script() -> String {
  var bytes = [UInt8]()
  var buffer = [UInt8](repeating: 0, count: 65536)
  while true {
    let got = unsafe buffer.withUnsafeMutableBytes { unsafe lx_read(0, $0.baseAddress, $0.count) }
    if got == -4 { continue }  // EINTR
    guard got >= 0 else { fail("read(2) standard input: errno \(-got)\n") }
    if got == 0 { return String(decoding: bytes, as: UTF8.self) }
    bytes += buffer[..<got]
  }
}

/// The words of errno 85 and 4: another program changed the ruleset while the transaction was
/// prepared, and the kernel wants it prepared again (nfnetlink, NFNL_BATCH_GENID).
func isInterrupted(_ error: String) -> Bool {
  error.contains("Interrupted system call")
}

func apply(_ commands: String) {
  for attempt in 1... {
    guard let rules = Rules() else { fail("nft_ctx_new(3): no memory\n") }
    guard let error = rules.run(commands) else { return }
    if attempt >= 200 || !isInterrupted(error) { fail(error) }
    _ = lx_sleep_ns(1_000_000)
  }
}

func list(_ what: String) {
  for attempt in 1... {
    guard let rules = Rules() else { fail("nft_ctx_new(3): no memory\n") }
    rules.answerInJSON()
    guard let error = rules.run("list \(what)") else {
      if !write(rules.output, to: 1) { fail("write(2) standard output: the reader is gone\n") }
      return
    }
    if error.contains("No such file or directory") { fail(error, code: 3) }
    if attempt >= 200 || !isInterrupted(error) { fail(error) }
    _ = lx_sleep_ns(1_000_000)
  }
}

/// What nft(8) takes as a name: a table comes from a file's name, and must not become a command.
func isName(_ text: String) -> Bool {
  guard let first = text.utf8.first, (65...90).contains(first & ~32) else { return false }
  return text.utf8.allSatisfy {
    (65...90).contains($0 & ~32) || (48...57).contains($0) || "_-./".utf8.contains($0)
  }
}

let arguments = CommandLine.arguments.dropFirst()
switch (arguments.first, arguments.dropFirst().first, arguments.count) {
case ("apply", nil, 1): apply(script())
case ("list", nil, 1): list("ruleset")
case ("chains", nil, 1): list("chains")
case ("list", let table?, 2) where isName(table): list("table inet \(table)")
default: fail("usage: drydock-rules apply < SCRIPT | list [TABLE] | chains\n", code: 125)
}
