import Linux
import OCI
import Testing

@testable import Runtime

/// Compiling rules, and the cache of compiled ones.
@Suite struct SeccompTests {
  let scratch: Scratch
  let store: Store

  init() throws {
    scratch = try Scratch()
    store = Store(root: scratch.path)
  }

  private func rules(_ names: String...) -> Seccomp {
    var rules = Seccomp(defaultAction: "SCMP_ACT_ALLOW")
    rules.syscalls = [SeccompRule(names: names, action: "SCMP_ACT_ERRNO")]
    return rules
  }

  private var folder: String { scratch.path + "/.seccomp" }

  private func onlyFile() throws -> String {
    let names = try File.list(folder)
    try #require(names.count == 1)
    return folder + "/" + names[0]
  }

  /// What a configuration's text gives is what its rules give, from the cache too.
  @Test func keptUnderItsText() throws {
    func read(_ calls: String) throws -> Seccomp {
      let text = """
        {"ociVersion": "1.2.0", "root": {"path": "r"}, "linux": {"seccomp": {"defaultAction":
        "SCMP_ACT_ERRNO", "syscalls": [{"names": [\(calls)], "action": "SCMP_ACT_ALLOW"}]}}}
        """
      return try #require(try Config.parse(Array(text.utf8)).linux.seccomp)
    }
    for calls in ["\"mkdir\"", "\"mkdir\", \"rmdir\"", "\"rmdir\""] {
      let rules = try read(calls)
      let compiled = try SeccompCompiler.compile(rules)
      #expect(try SeccompCompiler.program(rules, store: store) == compiled)
      #expect(try SeccompCompiler.program(rules, store: store) == compiled)
    }
    #expect(try File.list(folder).count == 3)
    #expect(try read("\"mkdir\"") == read(" \"mkdir\""))
  }

  @Test func compiledOnceThenRead() throws {
    let first = try SeccompCompiler.program(rules("mkdir"), store: store)
    #expect(first.count % 8 == 0 && first.count > 24)
    let file = try onlyFile()
    // What is in the cache is what is used: a marked program comes back.
    var marked = try File.read(file)
    marked.append(contentsOf: [UInt8](repeating: 6, count: 8))
    try File.replace(file, with: marked)
    #expect(
      try SeccompCompiler.program(rules("mkdir"), store: store)
        == first + [UInt8](repeating: 6, count: 8))
  }

  @Test func otherRulesOtherProgram() throws {
    let first = try SeccompCompiler.program(rules("mkdir"), store: store)
    let second = try SeccompCompiler.program(rules("mkdir", "rmdir"), store: store)
    #expect(first != second)
    #expect(try File.list(folder).count == 2)
  }

  @Test func aNameSharedByOtherRulesIsNotTakenForThem() throws {
    let mine = try SeccompCompiler.program(rules("mkdir"), store: store)
    let file = try onlyFile()
    try File.remove(file)
    _ = try SeccompCompiler.program(rules("rmdir"), store: store)
    let other = try onlyFile()
    // As if both hashes were the same.
    try File.move(other, to: file)
    #expect(try SeccompCompiler.program(rules("mkdir"), store: store) == mine)
    #expect(try SeccompCompiler.program(rules("mkdir"), store: store) == mine)
  }

  @Test func brokenFilesAreMadeAnew() throws {
    let good = try SeccompCompiler.program(rules("mkdir"), store: store)
    let file = try onlyFile()
    let bytes = try File.read(file)
    var cases: [[UInt8]] = [[], [0], Array(bytes.dropLast()), Array(bytes.dropFirst())]
    for length in stride(from: 0, to: bytes.count, by: 37) {
      cases.append(Array(bytes.prefix(length)))
    }
    for position in stride(from: 0, to: bytes.count - good.count, by: 11) {
      var broken = bytes
      broken[position] ^= 0xff
      cases.append(broken)
    }
    for broken in cases {
      try File.replace(file, with: broken)
      let program = try SeccompCompiler.program(rules("mkdir"), store: store)
      // Cut at a whole instruction the end is missing: such a program the kernel refuses.
      #expect(program == good || good.starts(with: program), "\(broken.count) bytes")
    }
  }

  @Test func aCacheThatCannotBeWrittenStopsNobody() throws {
    try scratch.make(".seccomp", "in the way")
    #expect(try SeccompCompiler.program(rules("mkdir"), store: store).count > 24)
  }

  @Test func unknownCallsAreSkippedUnknownActionsRefused() throws {
    #expect(
      try SeccompCompiler.compile(rules("mkdir", "no_such_call"))
        == SeccompCompiler.compile(rules("mkdir")))
    #expect(throws: RuntimeError.self) {
      try SeccompCompiler.compile(Seccomp(defaultAction: "SCMP_ACT_WISH"))
    }
    var odd = rules("mkdir")
    odd.architectures = ["SCMP_ARCH_Z80"]
    #expect(throws: RuntimeError.self) { try SeccompCompiler.compile(odd) }
    odd.flags = ["WHAT"]
    #expect(throws: RuntimeError.self) { try SeccompCompiler.flags(odd) }
    odd.flags = ["SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_TSYNC"]
    #expect(try SeccompCompiler.flags(odd) == 3)
  }

  @Test func anAgentMeansAListener() throws {
    var rules = rules("mkdir")
    rules.flags = ["SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"]
    let alone = #expect(throws: RuntimeError.self) { try SeccompCompiler.flags(rules) }
    #expect(alone?.message.contains("about waiting for an agent") == true)
    rules.syscalls[0].action = "SCMP_ACT_NOTIFY"
    #expect(try SeccompCompiler.flags(rules) == 0x28)
    rules.flags = ["SECCOMP_FILTER_FLAG_TSYNC"]
    #expect(try SeccompCompiler.flags(rules) == 0x19)
    // The action's number is in the program, and who is asked is not in the cache's key.
    rules.listenerPath = "/run/a"
    let first = try SeccompCompiler.program(rules, store: store)
    rules.listenerPath = "/run/b"
    rules.listenerMetadata = "text"
    #expect(try SeccompCompiler.program(rules, store: store) == first)
    #expect(try File.list(folder).count == 1)
    #expect(first.indices.contains { first[$0...].starts(with: [0, 0, 0xc0, 0x7f]) })
  }

  @Test func conditionsOnOneArgumentAreAlternatives() throws {
    var rules = rules("personality")
    rules.syscalls[0].args = [
      SeccompArg(index: 0, value: 8, op: "SCMP_CMP_EQ"),
      SeccompArg(index: 0, value: 9, op: "SCMP_CMP_EQ"),
    ]
    let both = try SeccompCompiler.compile(rules)
    rules.syscalls[0].args.removeLast()
    #expect(try SeccompCompiler.compile(rules).count < both.count)
  }
}
