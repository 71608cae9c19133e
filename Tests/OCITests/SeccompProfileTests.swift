import Testing

@testable import OCI

@Suite("Seccomp profiles in Docker's form")
struct SeccompProfileTests {
  private func rules(
    _ members: String, capabilities: [String] = [], kernel: String = "6.1.0-18-amd64",
    on architecture: Architecture = .x86_64
  ) throws -> Seccomp {
    let text = #"{"defaultAction": "SCMP_ACT_ERRNO", \#(members)}"#
    return try SeccompProfile.parse(Array(text.utf8)).rules(
      capabilities: capabilities, kernel: kernel, architecture: architecture)
  }

  /// The names of rules that hold.
  private func names(
    _ conditions: String, capabilities: [String] = [], kernel: String = "6.1.0-18-amd64",
    on architecture: Architecture = .x86_64
  ) throws -> [String] {
    try rules(
      #""syscalls": [{"names": ["bpf"], "action": "SCMP_ACT_ALLOW", \#(conditions)}]"#,
      capabilities: capabilities, kernel: kernel, on: architecture
    ).syscalls.flatMap(\.names)
  }

  @Test("Without conditions it is the specification's form")
  func plain() throws {
    let rules = try rules(
      #"""
      "defaultErrnoRet": 38, "architectures": ["SCMP_ARCH_X86_64"],
      "flags": ["SECCOMP_FILTER_FLAG_LOG"],
      "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1,
        "args": [{"index": 1, "value": 7, "op": "SCMP_CMP_EQ"}]}]
      """#)
    var expected = Seccomp(defaultAction: "SCMP_ACT_ERRNO")
    expected.defaultErrnoRet = 38
    expected.architectures = ["SCMP_ARCH_X86_64"]
    expected.flags = ["SECCOMP_FILTER_FLAG_LOG"]
    var rule = SeccompRule(names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO")
    rule.errnoRet = 1
    rule.args = [SeccompArg(index: 1, value: 7, op: "SCMP_CMP_EQ")]
    expected.syscalls = [rule]
    #expect(rules == expected)
  }

  @Test("archMap: the machine's line, or none")
  func architectures() throws {
    let map = #"""
      "archMap": [
        {"architecture": "SCMP_ARCH_X86_64",
         "subArchitectures": ["SCMP_ARCH_X86", "SCMP_ARCH_X32"]},
        {"architecture": "SCMP_ARCH_S390X", "subArchitectures": null}]
      """#
    #expect(
      try rules(map).architectures == ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"])
    #expect(try rules(map, on: .arm64).architectures == [])
  }

  @Test("Machines")
  func machines() throws {
    let arm = #""includes": {"arches": ["arm", "arm64"]}"#
    #expect(try names(arm, on: .arm64) == ["bpf"])
    #expect(try names(arm, on: .x86_64) == [])
    #expect(try names(#""excludes": {"arches": ["amd64"]}"#) == [])
    #expect(try names(#""excludes": {"arches": ["s390x"]}"#) == ["bpf"])
    #expect(try names(#""includes": {"arches": []}, "excludes": {}"#) == ["bpf"])
  }

  @Test("Capabilities: all of those included, none of those excluded")
  func capabilities() throws {
    let two = #""includes": {"caps": ["CAP_BPF", "CAP_SYS_ADMIN"]}"#
    #expect(try names(two) == [])
    #expect(try names(two, capabilities: ["CAP_BPF"]) == [])
    #expect(try names(two, capabilities: ["CAP_SYS_ADMIN", "CAP_BPF"]) == ["bpf"])
    let without = #""excludes": {"caps": ["CAP_BPF", "CAP_SYS_ADMIN"]}"#
    #expect(try names(without) == ["bpf"])
    #expect(try names(without, capabilities: ["CAP_BPF"]) == [])
  }

  @Test(
    "Kernels: from this one on",
    arguments: [
      ("4.8", "4.8.0", true), ("4.8", "4.8-rc1", true), ("4.8", "4.19.1", true),
      ("4.8", "4.7.10", false), ("4.8", "5.0", true), ("4.8", "3.16.0-4-amd64", false),
      ("5.10.3", "5.10.2", false), ("5.10.3", "5.10.3", true), ("6.1", "6", false),
    ])
  func kernels(least: String, release: String, isReached: Bool) throws {
    #expect(
      try names(#""includes": {"minKernel": "\#(least)"}"#, kernel: release)
        == (isReached ? ["bpf"] : []))
    #expect(
      try names(#""excludes": {"minKernel": "\#(least)"}"#, kernel: release)
        == (isReached ? [] : ["bpf"]))
  }

  @Test("What generators write besides, and Go's null, says nothing")
  func chatter() throws {
    #expect(
      try names(#""args": null, "comment": "", "errno": "EPERM", "includes": {}"#) == ["bpf"])
    #expect(try rules(#""defaultErrno": "EPERM", "syscalls": null"#).syscalls.isEmpty)
  }

  @Test(
    "What is wrong is named",
    arguments: [
      (#""syscall": []"#, "syscall: is no member of a seccomp profile"),
      (
        #""syscalls": [{"names": ["a"], "action": "SCMP_ACT_ALLOW", "include": {}}]"#,
        "syscalls[0].include: is no member of a rule"
      ),
      (
        #""syscalls": [{"names": ["a"], "action": "SCMP_ACT_ALLOW", "includes": {"cap": []}}]"#,
        "syscalls[0].includes.cap: is no condition"
      ),
      (
        #""syscalls": [{"names": ["a"], "action": "SCMP_ACT_ALLOW", "includes": {"minKernel": "4"}}]"#,
        "syscalls[0].includes.minKernel: \"4\" is no kernel's version"
      ),
      (#""syscalls": [{"action": "SCMP_ACT_ALLOW"}]"#, "syscalls[0].names"),
      (
        #""architectures": ["SCMP_ARCH_X86"], "archMap": [{"architecture": "SCMP_ARCH_X86_64"}]"#,
        "architectures: cannot be given together with archMap"
      ),
      (#""archMap": [{"subArchitectures": []}]"#, "archMap[0].architecture"),
    ])
  func wrong(members: String, message: String) {
    do {
      _ = try rules(members)
      Issue.record("was accepted: \(members)")
    } catch let error as ConfigError {
      #expect(error.text.contains(message), "\(error.text)")
    } catch {
      Issue.record("\(error)")
    }
  }
}
