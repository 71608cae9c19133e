// config-linux.md, "Seccomp" and "The Container Process State".

internal import CConformance
internal import Linux

extension Trial {
  /// Rules that answer one system call differently and allow the rest.
  func answer(_ call: String, _ action: String, args: [Value] = [], errno: Int? = nil) {
    var rule: Value = ["names": [.string(call)], "action": .string(action)]
    if !args.isEmpty { rule["args"] = .array(args) }
    if let errno { rule["errnoRet"] = Value(errno) }
    config["linux.seccomp"] = ["defaultAction": "SCMP_ACT_ALLOW", "syscalls": [rule]]
  }

  /// What a system call gives inside: its result or minus its errno.
  func result(of call: String) throws -> String { try run("/probe call " + call) }
}

extension Cases {
  static func seccomp() -> Section {
    var section = Section("config-linux/seccomp")
    section.must("mode", "with seccomp the program runs under a filter") { t in
      t.answer("personality", "SCMP_ACT_ERRNO")
      try t.see("sed -n 's/^Seccomp:.//p' /proc/self/status", "2")
    }
    section.mustNot("none", "without seccomp there is no filter of the container's") { t in
      let own = try File.text("/proc/self/status").split(separator: "\n")
        .first { $0.hasPrefix("Seccomp:") }?.split(separator: "\t").last
      try t.see("sed -n 's/^Seccomp:.//p' /proc/self/status", String(own ?? ""))
    }
    // seccomp(2): what each action does to the caller.
    section.must("SCMP_ACT_ERRNO", "the call fails with EPERM when no errno is given") { t in
      t.answer("personality", "SCMP_ACT_ERRNO")
      try t.equal(try t.result(of: "personality 0xffffffff"), "-1", "personality(2)")
    }
    section.must("errnoRet", "errnoRet is the errno of the call") { t in
      t.answer("personality", "SCMP_ACT_ERRNO", errno: 77)
      try t.equal(try t.result(of: "personality 0xffffffff"), "-77", "personality(2)")
    }
    section.must("SCMP_ACT_ALLOW", "an allowed call is made") { t in
      t.answer("personality", "SCMP_ACT_ALLOW")
      try t.equal(try t.result(of: "personality 0xffffffff"), "0", "personality(2)")
    }
    section.must("SCMP_ACT_LOG", "a logged call is made") { t in
      t.answer("personality", "SCMP_ACT_LOG")
      try t.equal(try t.result(of: "personality 0xffffffff"), "0", "personality(2)")
    }
    section.must("SCMP_ACT_TRACE", "without a tracer the call is not there: ENOSYS") { t in
      t.answer("personality", "SCMP_ACT_TRACE", errno: 5)
      try t.equal(try t.result(of: "personality 0xffffffff"), "-38", "personality(2)")
    }
    for action in [
      "SCMP_ACT_KILL", "SCMP_ACT_KILL_THREAD", "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_TRAP",
    ] {
      section.must(action, "the caller is ended by SIGSYS") { t in
        t.answer("personality", action)
        // 128 + SIGSYS (31).
        try t.see("/probe call personality 0xffffffff; echo $?", "159")
      }
    }
    for action in ["SCMP_ACT_ALLOW", "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_LOG"] {
      section.must("errnoRet-\(action)", "errnoRet with \(action), which has no errno, is an error")
      {
        t in
        t.answer("personality", action, errno: 5)
        try t.refused("\(action) has no errno")
      }
    }
    section.must("defaultAction", "defaultAction answers calls that no rule names") { t in
      try allowUsual(t, default: "SCMP_ACT_ERRNO")
      try t.equal(try t.result(of: "personality 0xffffffff"), "-1", "personality(2)")
    }
    section.must("defaultErrnoRet", "defaultErrnoRet is the errno of defaultAction") { t in
      try allowUsual(t, default: "SCMP_ACT_ERRNO")
      t.config["linux.seccomp.defaultErrnoRet"] = 77
      try t.equal(try t.result(of: "personality 0xffffffff"), "-77", "personality(2)")
    }
    section.must("defaultErrnoRet-ALLOW", "defaultErrnoRet with SCMP_ACT_ALLOW is an error") { t in
      t.answer("personality", "SCMP_ACT_ERRNO")
      t.config["linux.seccomp.defaultErrnoRet"] = 5
      try t.refused("SCMP_ACT_ALLOW has no errno")
    }
    section.must("defaultAction-required", "defaultAction must be there") { t in
      t.answer("personality", "SCMP_ACT_ERRNO")
      t.config["linux.seccomp.defaultAction"] = nil
      try t.refused("no defaultAction")
    }
    section.must("names", "a rule is for all its names") { t in
      t.answer("personality", "SCMP_ACT_ERRNO")
      t.config["linux.seccomp.syscalls"] = [
        ["names": ["personality", "getpgid"], "action": "SCMP_ACT_ERRNO"]
      ]
      try t.see(
        "/probe call personality 0xffffffff; /probe call getpgid 0; /probe call sched_yield",
        "-1\n-1\n0")
    }
    section.must("names-one", "a rule has at least one name") { t in
      t.answer("personality", "SCMP_ACT_ERRNO")
      t.config["linux.seccomp.syscalls"] = [["names": [], "action": "SCMP_ACT_ERRNO"]]
      try t.refused("a rule without names")
    }
    // A value that matches, then one that does not.
    let operators: [(op: String, value: Int, second: Int, hits: Int, misses: Int)] = [
      ("SCMP_CMP_NE", 7, 0, 8, 7), ("SCMP_CMP_LT", 7, 0, 6, 7), ("SCMP_CMP_LE", 7, 0, 7, 8),
      ("SCMP_CMP_EQ", 7, 0, 7, 8), ("SCMP_CMP_GE", 7, 0, 7, 6), ("SCMP_CMP_GT", 7, 0, 8, 7),
      ("SCMP_CMP_MASKED_EQ", 0xF0, 0x50, 0x5A, 0x6A),
    ]
    for row in operators {
      section.must(row.op, "\(row.op) compares an argument") { t in
        t.answer(
          "sched_yield", "SCMP_ACT_ERRNO",
          args: [
            [
              "index": 0, "value": Value(row.value), "valueTwo": Value(row.second),
              "op": .string(row.op),
            ]
          ])
        try t.see(
          "/probe call sched_yield \(row.hits); /probe call sched_yield \(row.misses)", "-1\n0")
      }
    }
    for index in 0..<6 {
      section.must("argument-\(index)", "argument \(index) of the call can be compared") { t in
        t.answer(
          "sched_yield", "SCMP_ACT_ERRNO",
          args: [["index": Value(index), "value": 99, "op": "SCMP_CMP_EQ"]])
        let before = String(repeating: "0 ", count: index)
        try t.see(
          "/probe call sched_yield \(before)99; /probe call sched_yield \(before)98", "-1\n0")
      }
    }
    section.must("argument-64", "all 64 bits of an argument are compared") { t in
      t.answer(
        "sched_yield", "SCMP_ACT_ERRNO",
        args: [["index": 0, "value": .number("18446744069414584321"), "op": "SCMP_CMP_EQ"]])
      try t.see(
        "/probe call sched_yield 0xffffffff00000001; /probe call sched_yield 1", "-1\n0")
    }
    section.must("arguments-all", "of several arguments all must match") { t in
      t.answer(
        "sched_yield", "SCMP_ACT_ERRNO",
        args: [
          ["index": 0, "value": 1, "op": "SCMP_CMP_EQ"],
          ["index": 1, "value": 2, "op": "SCMP_CMP_EQ"],
        ])
      try t.see(
        "/probe call sched_yield 1 2; /probe call sched_yield 1 3; /probe call sched_yield 3 2",
        "-1\n0\n0")
    }
    section.must("architectures", "rules are for the 32-bit calls of a listed architecture too") {
      t in
      try needs32(t)
      t.answer("getppid", "SCMP_ACT_ERRNO", errno: 77)
      t.config["linux.seccomp.architectures"] = ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"]
      // getppid is 64 there.
      try t.see("/probe call getppid; /probe call32 64", "-77\n-77")
    }
    for flag in [
      "SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW",
    ] {
      section.must(flag, "the flag \(flag) is accepted") { t in
        t.answer("personality", "SCMP_ACT_ERRNO")
        t.config["linux.seccomp.flags"] = [.string(flag)]
        try t.equal(try t.result(of: "personality 0xffffffff"), "-1", "personality(2)")
      }
    }
    let unknown: [(slug: String, path: String, value: Value)] = [
      ("action", "linux.seccomp.defaultAction", "SCMP_ACT_TEST"),
      ("architecture", "linux.seccomp.architectures", ["SCMP_ARCH_TEST"]),
      ("flag", "linux.seccomp.flags", ["SECCOMP_FILTER_FLAG_TEST"]),
    ]
    for (slug, path, value) in unknown {
      section.must("unknown-\(slug)", "an \(slug) nobody knows is an error") { t in
        t.answer("personality", "SCMP_ACT_ERRNO")
        t.config[path] = value
        try t.refused("\(path) is \(value.text)")
      }
    }
    section.must("unknown-operator", "an operator nobody knows is an error") { t in
      t.answer(
        "personality", "SCMP_ACT_ERRNO",
        args: [["index": 0, "value": 1, "op": "SCMP_CMP_TEST"]])
      try t.refused("SCMP_CMP_TEST")
    }
    section.must("user", "the filter is in force for a user without capabilities") { t in
      t.answer("personality", "SCMP_ACT_ERRNO")
      t.config["process.user"] = ["uid": 1234, "gid": 1234]
      t.config["process.capabilities"] = [:]
      t.config["process.noNewPrivileges"] = true
      try t.equal(try t.result(of: "personality 0xffffffff"), "-1", "personality(2)")
    }
    return section
  }

  /// What a shell, the probe and a runtime on its way to execve(2) call; not personality(2).
  private static func allowUsual(_ t: Trial, default action: String) throws {
    let names = [
      "access", "alarm", "arch_prctl", "brk", "capget", "capset", "chdir", "clone", "clone3",
      "close",
      "close_range", "dup", "dup2", "dup3", "epoll_create1", "epoll_ctl", "epoll_pwait",
      "epoll_wait",
      "execve", "execveat", "exit", "exit_group", "faccessat", "faccessat2", "fchdir", "fchown",
      "fcntl", "fdatasync", "flock", "fstat", "fstatfs", "fsync", "futex", "getcwd", "getdents64",
      "getegid", "geteuid", "getgid", "getgroups", "getpgrp", "getpid", "getppid", "getpriority",
      "getrandom", "getresgid", "getresuid", "getrlimit", "getrusage", "getsid", "getsockopt",
      "gettid", "gettimeofday", "getuid", "ioctl", "kill", "lseek", "lstat", "madvise",
      "membarrier",
      "mmap", "mprotect", "mremap", "munmap", "nanosleep", "newfstatat", "open", "openat",
      "openat2",
      "pause", "pipe", "pipe2", "poll", "ppoll", "prctl", "pread64", "prlimit64", "pselect6",
      "pwrite64", "read", "readlink", "readlinkat", "readv", "recvfrom", "recvmsg",
      "restart_syscall",
      "rseq", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "rt_sigsuspend", "rt_sigtimedwait",
      "sched_getaffinity", "sched_yield", "seccomp", "select", "sendmsg", "sendto",
      "set_robust_list",
      "set_tid_address", "setgid", "setgroups", "setpgid", "setresgid", "setresuid", "setsid",
      "setuid", "sigaltstack", "stat", "statfs", "statx", "sysinfo", "tgkill", "tkill", "umask",
      "uname", "unlinkat", "wait4", "waitid", "write", "writev",
    ]
    t.config["linux.seccomp"] = [
      "defaultAction": .string(action),
      "syscalls": [["names": Value(names), "action": "SCMP_ACT_ALLOW"]],
    ]
  }

  private static func needs32(_ t: Trial) throws {
    let probe = t.bench.programs + "/probe"
    // getpid is 20 there; a kernel without the 32-bit entry ends the caller.
    let result = try Child.run(probe, [probe, "call32", "20"])
    guard result.status == .exited(0), result.output.first != UInt8(ascii: "-") else {
      throw Skip(text: "this kernel has no 32-bit system calls")
    }
  }

  static func seccompListener() -> Section {
    var section = Section("config-linux/seccomp/listener")
    /// Creates and starts a container with a notified call; returns what came over the socket.
    func listen(_ t: Trial, metadata: String? = nil) throws -> (text: String, fds: [Received]) {
      let path = t.bundle + "/agent"
      let listener = unsafe conformance_listen(path)
      guard listener >= 0 else { throw Failure(text: "cannot listen on \(path)") }
      let socket = Descriptor(owning: Int32(listener))
      t.answer("personality", "SCMP_ACT_NOTIFY")
      t.config["linux.seccomp.listenerPath"] = .string(path)
      if let metadata { t.config["linux.seccomp.listenerMetadata"] = .string(metadata) }
      t.script("/probe call personality 0xffffffff")
      try t.create()
      // It is sent by create or by start, whichever loads the filter.
      if try Events.wait([socket.raw], milliseconds: 500) == 0 { try t.start() }
      guard try Events.wait([socket.raw], milliseconds: 5000) != 0 else {
        throw Failure(text: "nobody connected to listenerPath")
      }
      let peer = Descriptor(owning: try Channel.accept(socket.raw))
      var text: [UInt8] = []
      var fds: [Received] = []
      while try Events.wait([peer.raw], milliseconds: 5000) != 0 {
        var data = [CChar](repeating: 0, count: 65536)
        var numbers = [Int32](repeating: -1, count: 8)
        var count: Int32 = 8
        let got = unsafe conformance_receive(peer.raw, &data, data.count, &numbers, &count)
        for number in numbers.prefix(Int(count)) { fds.append(Received(number)) }
        guard got > 0 else { break }
        text += data.prefix(got).map { UInt8(bitPattern: $0) }
      }
      return (String(decoding: text, as: UTF8.self), fds)
    }
    section.must(
      "state", "the container process state is sent over listenerPath, with the descriptor"
    ) {
      t in
      t.config["annotations"] = ["a": "b"]
      let (text, fds) = try listen(t, metadata: "some metadata")
      let value = try Value(parsing: text)
      try t.equal(value["fds"]?.strings, ["seccompFd"], "fds")
      try t.equal(fds.count, 1, "descriptors received")
      try t.equal(value["metadata"]?.string, "some metadata", "metadata")
      try t.equal(value["pid"]?.integer, Int64(t.pid), "pid")
      try t.expect(value["ociVersion"]?.string != nil, "no ociVersion")
      try t.equal(value["state.id"]?.string, t.id, "state.id")
      try t.equal(value["state.bundle"]?.string, t.bundle, "state.bundle")
      try t.equal(value["state.annotations.a"]?.string, "b", "state.annotations")
      let status = value["state.status"]?.string ?? ""
      try t.expect(["creating", "created", "running"].contains(status), "state.status \(status)")
    }
    section.must("closed", "the connection is closed after one state") { t in
      let text = try listen(t).text
      _ = try Value(parsing: text)
    }
    section.must("unreachable", "a socket that cannot be reached is an error") { t in
      t.answer("personality", "SCMP_ACT_NOTIFY")
      t.config["linux.seccomp.listenerPath"] = .string(t.bundle + "/nobody")
      try t.refusedAtLast("nobody listens")
    }
    section.must("ignored", "without SCMP_ACT_NOTIFY listenerPath is ignored") { t in
      t.answer("personality", "SCMP_ACT_ERRNO")
      t.config["linux.seccomp.listenerPath"] = .string(t.bundle + "/nobody")
      try t.equal(try t.result(of: "personality 0xffffffff"), "-1", "personality(2)")
    }
    section.mustNot("metadata-alone", "listenerMetadata without listenerPath is an error") { t in
      t.answer("personality", "SCMP_ACT_ERRNO")
      t.config["linux.seccomp.listenerMetadata"] = "x"
      try t.refused("metadata for nobody")
    }
    return section
  }
}

/// A received descriptor, closed with the last reference; a `Descriptor` cannot be in an array.
final class Received {
  private let owner: Descriptor
  init(_ number: Int32) { owner = Descriptor(owning: number) }
}
