// config.md: "Process", "User", "Hostname" and "Domainname".

internal import CConformance
internal import Linux

extension Cases {
  static func process() -> Section {
    var section = Section("config/process")
    section.must("cwd", "cwd is the program's working directory") { t in
      t.config["process.cwd"] = "/tmp"
      try t.see("pwd", "/tmp")
    }
    section.must("cwd-absolute", "a cwd that is not absolute is an error") { t in
      t.config["process.cwd"] = "tmp"
      try t.refused("cwd is relative")
    }
    section.must("cwd-required", "cwd must be there") { t in
      t.config["process.cwd"] = nil
      try t.refused("no cwd")
    }
    section.must("env", "env is the whole environment") { t in
      t.config["process.env"] = ["PATH=/bin", "A=1", "B=two words", "EMPTY="]
      t.config["process.args"] = ["env"]
      let lines = try t.runProgram().split(separator: "\n")
      for wanted in ["A=1", "B=two words", "EMPTY=", "PATH=/bin"] as [Substring] {
        try t.expect(lines.contains(wanted), "\(wanted) is not in \(lines)")
      }
      try t.expect(
        !lines.contains { $0.hasPrefix("DRYDOCK") || $0.hasPrefix("_LIBCONTAINER") },
        "the runtime's own variables are in \(lines)")
    }
    section.must("args", "args is argv: no word is changed, split or dropped") { t in
      t.config["process.args"] = ["/probe", "args", "a b", "$HOME", "*", "\\n"]
      try t.equal(try t.runProgram(), "a b\n$HOME\n*\n\\n", "arguments")
    }
    section.must("args-one", "args has at least one entry") { t in
      t.config["process.args"] = []
      try t.refusedAtLast("args is empty")
    }
    section.must("args-required", "args must be there") { t in
      t.config["process.args"] = nil
      try t.refusedAtLast("no args")
    }
    section.must("path-search", "a name without a slash is looked up in PATH of env") { t in
      try File.makeDirectory(t.rootfs + "/own")
      try Fixture.put(t.rootfs + "/own/tool", "#!/bin/sh\necho own\n", mode: 0o755)
      t.config["process.env"] = ["PATH=/nothing:/own:/bin"]
      t.config["process.args"] = ["tool"]
      try t.equal(try t.runProgram(), "own", "output")
    }
    section.must("path-relative", "a relative name with a slash is taken from cwd") { t in
      try Fixture.put(t.rootfs + "/tmp/tool", "#!/bin/sh\necho near\n", mode: 0o755)
      t.config["process.cwd"] = "/tmp"
      t.config["process.args"] = ["./tool"]
      try t.equal(try t.runProgram(), "near", "output")
    }
    section.must("not-found", "a program that is not there is an error") { t in
      t.config["process.args"] = ["no-such-program"]
      try t.refusedAtLast("the program does not exist")
    }
    section.must("not-executable", "a program that cannot be executed is an error") { t in
      try Fixture.put(t.rootfs + "/tmp/plain", "nothing")
      t.config["process.args"] = ["/tmp/plain"]
      try t.refusedAtLast("the program is not executable")
    }
    section.must("exit-code", "the container's process is the program itself") { t in
      t.script("exit 37")
      try t.create()
      try t.start()
      try t.equal(try t.wait(), .exited(37), "how it ended")
    }
    section.must("streams", "the program's streams are the caller's") { t in
      try t.see(
        "echo out; cat; readlink /proc/self/fd/0; readlink /proc/self/fd/2 | grep -o error",
        "out\n/dev/null\nerror")
    }
    section.mustNot("descriptors", "no descriptor of the runtime reaches the program") { t in
      t.config["process.args"] = ["/probe", "descriptors"]
      try t.equal(try t.runProgram(), "0 1 2", "open descriptors")
    }
    section.must("console-ignored", "consoleSize without terminal is ignored") { t in
      t.config["process.consoleSize"] = ["height": 30, "width": 90]
      try t.see("tty; true", "not a tty")
    }
    return section
  }

  static func terminal() -> Section {
    var section = Section("config/process/terminal")
    /// Creates and starts with a terminal; returns what comes from it until the program ends.
    func talk(_ t: Trial, _ script: String, says: String = "") throws -> String {
      t.config["process.terminal"] = true
      t.script(script)
      let path = t.bundle + "/console"
      let listener = unsafe conformance_listen(path)
      guard listener >= 0 else { throw Failure(text: "cannot listen on \(path)") }
      let socket = Descriptor(owning: Int32(listener))
      try t.create(["--console-socket", path])
      guard try Events.wait([socket.raw], milliseconds: 5000) != 0 else {
        throw Failure(text: "nobody connected to the console socket")
      }
      let peer = Descriptor(owning: try Channel.accept(socket.raw))
      let master = try Channel.receiveDescriptor(over: peer.raw)
      try t.start()
      if !says.isEmpty { try File.write(master.raw, says.utf8, name: "terminal") }
      var text = ""
      while try Events.wait([master.raw], milliseconds: 5000) != 0 {
        // EIO: the last one on the other side has closed it (pty(7)).
        guard let bytes = try? File.readSome(master.raw, 4096), !bytes.isEmpty else { break }
        text += String(decoding: bytes, as: UTF8.self)
      }
      try t.wait()
      return text.split(separator: "\r\n").joined(separator: "\n")
    }
    section.must("streams", "with terminal the three streams are a terminal of its own") { t in
      let text = try talk(t, "for n in 0 1 2; do test -t $n && echo $n; done; tty")
      try t.equal(text, "0\n1\n2\n/dev/pts/0", "what the terminal showed")
    }
    section.must("size", "consoleSize is the terminal's size") { t in
      t.config["process.consoleSize"] = ["height": 31, "width": 97]
      try t.equal(try talk(t, "stty size"), "31 97", "rows and columns")
    }
    section.must("controlling", "it is the controlling terminal: /dev/tty works") { t in
      try t.equal(try talk(t, "echo yes >/dev/tty"), "yes", "what the terminal showed")
    }
    section.must("input", "what is typed reaches the program") { t in
      let text = try talk(t, "stty -echo; read line; echo got $line", says: "word\n")
      try t.expect(text.hasSuffix("got word"), "the terminal showed \"\(text)\"")
    }
    section.must("console", "with terminal /dev/console is the same terminal") { t in
      try t.equal(try talk(t, "echo yes >/dev/console"), "yes", "what the terminal showed")
    }
    section.must("none", "without terminal there is none") { t in
      try t.see("for n in 0 1 2; do test -t $n && echo $n; done; echo none", "none")
    }
    return section
  }

  static func user() -> Section {
    var section = Section("config/process/user")
    section.must("uid-gid", "the program has the uid and gid inside") { t in
      t.config["process.user"] = ["uid": 1234, "gid": 5678]
      try t.see(
        "grep -E '^(Uid|Gid)' /proc/self/status | tr -s '\\t' ' '",
        "Uid: 1234 1234 1234 1234\nGid: 5678 5678 5678 5678")
    }
    section.must("groups", "additionalGids are the supplementary groups") { t in
      t.config["process.user"] = ["uid": 1234, "gid": 5678, "additionalGids": [5, 77]]
      try t.see("grep ^Groups /proc/self/status | tr -s '\\t ' ' '", "Groups: 5 77 ")
    }
    section.must("groups-none", "without additionalGids none of the caller's groups stay") { t in
      try t.see("grep ^Groups /proc/self/status | tr -d '\\t '", "Groups:")
    }
    section.should("umask", "umask is the program's") { t in
      t.config["process.user.umask"] = 0o27
      try t.see("umask", "0027")
    }
    section.should("umask-kept", "without umask the caller's is kept") { t in
      let now = try File.text("/proc/self/status").split(separator: "\n")
        .first { $0.hasPrefix("Umask:") }?.drop { !$0.isNumber }
      try t.see("grep ^Umask /proc/self/status | tr -dc 0-9", String(now ?? ""))
    }
    for field in ["uid", "gid"] {
      section.must("\(field)-type", "a \(field) that is no number is an error") { t in
        t.config["process.user.\(field)"] = "root"
        try t.refused("\(field) is a string")
      }
    }
    return section
  }

  static func rlimits() -> Section {
    var section = Section("config/process/rlimits")
    // getrlimit(2); the values are below what this kernel gives a container by default.
    let limits: [(type: String, line: String, soft: Int, hard: Int)] = [
      ("RLIMIT_CPU", "Max cpu time", 1000, 2000),
      ("RLIMIT_FSIZE", "Max file size", 1 << 30, 1 << 31),
      ("RLIMIT_DATA", "Max data size", 1 << 30, 1 << 31),
      ("RLIMIT_STACK", "Max stack size", 1 << 20, 1 << 21),
      ("RLIMIT_CORE", "Max core file size", 0, 4096),
      ("RLIMIT_RSS", "Max resident set", 1 << 30, 1 << 31),
      ("RLIMIT_NPROC", "Max processes", 1000, 2000), ("RLIMIT_NOFILE", "Max open files", 100, 200),
      ("RLIMIT_MEMLOCK", "Max locked memory", 4096, 8192),
      ("RLIMIT_AS", "Max address space", 1 << 32, 1 << 33),
      ("RLIMIT_LOCKS", "Max file locks", 10, 20),
      ("RLIMIT_SIGPENDING", "Max pending signals", 100, 200),
      ("RLIMIT_MSGQUEUE", "Max msgqueue size", 4096, 8192),
      ("RLIMIT_NICE", "Max nice priority", 0, 0),
      ("RLIMIT_RTPRIO", "Max realtime priority", 0, 0),
      ("RLIMIT_RTTIME", "Max realtime timeout", 100_000, 200_000),
    ]
    for limit in limits {
      section.must(limit.type, "\(limit.type) is what getrlimit(2) says inside, soft and hard") {
        t in
        t.config["process.rlimits"] = [
          ["type": .string(limit.type), "soft": Value(limit.soft), "hard": Value(limit.hard)]
        ]
        let line =
          "sed -n 's/^\(limit.line) *\\([0-9]*\\) *\\([0-9]*\\).*/\\1 \\2/p' /proc/self/limits"
        try t.see(line, "\(limit.soft) \(limit.hard)")
      }
    }
    section.must("unknown", "a limit the kernel does not have is an error") { t in
      t.config["process.rlimits"] = [["type": "RLIMIT_TEST", "soft": 1, "hard": 1]]
      try t.refused("RLIMIT_TEST")
    }
    section.must("duplicate", "two limits of one type are an error") { t in
      let limit: Value = ["type": "RLIMIT_NOFILE", "soft": 100, "hard": 200]
      t.config["process.rlimits"] = [limit, limit]
      try t.refused("RLIMIT_NOFILE twice")
    }
    section.must("soft-above-hard", "a soft limit above the hard one is an error") { t in
      t.config["process.rlimits"] = [["type": "RLIMIT_NOFILE", "soft": 200, "hard": 100]]
      try t.refusedAtLast("soft is above hard")
    }
    return section
  }

  static func capabilities() -> Section {
    var section = Section("config/process/capabilities")
    // CAP_CHOWN is 0, CAP_KILL 5, CAP_NET_RAW 13 (capabilities(7)).
    let three: Value = ["CAP_CHOWN", "CAP_KILL", "CAP_NET_RAW"]
    let mask = "0000000000002021"
    func line(_ name: String) -> String { "sed -n 's/^\(name):.//p' /proc/self/status" }
    section.must("bounding", "the bounding set is the one given") { t in
      t.config["process.capabilities"] = ["bounding": three]
      try t.see(line("CapBnd"), mask)
    }
    section.must("permitted-effective", "permitted and effective are the ones given") { t in
      t.config["process.capabilities"] = [
        "bounding": three, "permitted": three, "effective": three,
      ]
      try t.see(line("CapPrm") + "; " + line("CapEff"), mask + "\n" + mask)
    }
    section.must("inheritable", "the inheritable set is the one given") { t in
      t.config["process.capabilities"] = [
        "bounding": three, "permitted": three, "effective": three, "inheritable": three,
      ]
      try t.see(line("CapInh"), mask)
    }
    section.must("inheritable-empty", "without inheritable the set is empty") { t in
      t.config["process.capabilities"] = [
        "bounding": three, "permitted": three, "effective": three,
      ]
      try t.see(line("CapInh"), "0000000000000000")
    }
    section.must("ambient", "ambient capabilities are kept by a program that is not root's") { t in
      t.config["process.user"] = ["uid": 1234, "gid": 1234]
      t.config["process.capabilities"] = [
        "bounding": three, "permitted": three, "effective": three, "inheritable": three,
        "ambient": three,
      ]
      try t.see(line("CapAmb") + "; " + line("CapEff"), mask + "\n" + mask)
    }
    section.must("user-none", "without ambient ones another user's program has none") { t in
      t.config["process.user"] = ["uid": 1234, "gid": 1234]
      t.config["process.capabilities"] = [
        "bounding": three, "permitted": three, "effective": three,
      ]
      try t.see(line("CapEff"), "0000000000000000")
    }
    section.must("none", "empty sets are empty") { t in
      t.config["process.capabilities"] = ["bounding": [], "permitted": [], "effective": []]
      try t.see(line("CapBnd") + "; " + line("CapEff"), "0000000000000000\n0000000000000000")
    }
    section.should("unknown", "a capability that nobody knows is a warning, not an error") { t in
      t.config["process.capabilities"] = ["bounding": ["CAP_CHOWN", "CAP_TEST"]]
      try t.see(line("CapBnd"), "0000000000000001")
    }
    section.must("unknown-warned", "a capability that cannot be granted is named in a warning") {
      t in
      t.config["process.capabilities"] = ["bounding": ["CAP_CHOWN", "CAP_TEST"]]
      let log = t.bundle + "/log"
      try t.write()
      let outcome = try t.call(
        ["--log", log, "create", "--bundle", t.bundle, t.id], container: true)
      defer { _ = try? t.call(["delete", "--force", t.id]) }
      let said = outcome.error + ((try? File.text(log)) ?? "")
      try t.expect(said.contains("CAP_TEST"), "neither stderr nor the log names CAP_TEST")
    }
    section.should("not-in-bounding", "one that the caller does not have is no error") { t in
      let status = try File.text("/proc/self/status")
      let line = status.split(separator: "\n").first { $0.hasPrefix("CapBnd:") } ?? ""
      let own = UInt64(line.dropFirst(8), radix: 16) ?? 0
      // CAP_SYS_RESOURCE is 24: the test is only one where it is missing.
      guard own & 1 << 24 == 0 else { throw Skip(text: "the caller has every capability") }
      let sets: Value = ["CAP_CHOWN", "CAP_SYS_RESOURCE"]
      t.config["process.capabilities"] = [
        "bounding": sets, "permitted": sets, "effective": sets,
      ]
      try t.see("echo ran", "ran")
    }
    return section
  }

  static func linuxProcess() -> Section {
    var section = Section("config/linux-process")
    section.must("noNewPrivileges", "noNewPrivileges sets no_new_privs") { t in
      t.config["process.noNewPrivileges"] = true
      try t.see("sed -n 's/^NoNewPrivs:.//p' /proc/self/status", "1")
    }
    section.mustNot("noNewPrivileges-unset", "without it no_new_privs is not set") { t in
      try t.see("sed -n 's/^NoNewPrivs:.//p' /proc/self/status", "0")
    }
    section.must("oomScoreAdj", "oomScoreAdj is written as given") { t in
      t.config["process.oomScoreAdj"] = 321
      try t.see("cat /proc/self/oom_score_adj", "321")
    }
    section.mustNot("oomScoreAdj-unset", "without it oom_score_adj stays as it was") { t in
      let own = try File.text("/proc/self/oom_score_adj").filter { $0 != "\n" }
      try t.see("cat /proc/self/oom_score_adj", own)
    }
    section.must("oomScoreAdj-range", "an oomScoreAdj the kernel does not take is an error") { t in
      t.config["process.oomScoreAdj"] = 5000
      try t.refusedAtLast("5000 is above 1000")
    }
    section.must("apparmorProfile", "a profile that cannot be applied is an error") { t in
      guard !File.exists("/sys/kernel/security/apparmor") else {
        throw Skip(text: "AppArmor is there: the case is about a kernel without it")
      }
      t.config["process.apparmorProfile"] = "no-such-profile"
      try t.refusedAtLast("there is no AppArmor")
    }
    section.must("selinuxLabel", "a label that cannot be applied is an error") { t in
      guard !File.exists("/sys/fs/selinux") else {
        throw Skip(text: "SELinux is there: the case is about a kernel without it")
      }
      t.config["process.selinuxLabel"] = "system_u:system_r:container_t:s0"
      try t.refusedAtLast("there is no SELinux")
    }
    return section
  }

  static func scheduling() -> Section {
    var section = Section("config/linux-process/scheduling")
    // /usr/include/linux/sched.h: OTHER 0, FIFO 1, RR 2, BATCH 3, IDLE 5, DEADLINE 6.
    let policies: [(slug: String, scheduler: Value, shows: String)] = [
      ("SCHED_OTHER", ["policy": "SCHED_OTHER", "nice": 7], "0 0 7 0"),
      ("SCHED_BATCH", ["policy": "SCHED_BATCH", "nice": 3], "3 0 3 0"),
      ("SCHED_IDLE", ["policy": "SCHED_IDLE"], "5 0 0 0"),
      ("SCHED_FIFO", ["policy": "SCHED_FIFO", "priority": 11], "1 0 0 11"),
      ("SCHED_RR", ["policy": "SCHED_RR", "priority": 12], "2 0 0 12"),
      (
        "RESET_ON_FORK",
        ["policy": "SCHED_OTHER", "nice": 1, "flags": ["SCHED_FLAG_RESET_ON_FORK"]], "0 1 1 0"
      ),
    ]
    for row in policies {
      section.must("scheduler-\(row.slug)", "scheduler \(row.slug) is the program's") { t in
        // sched(7), "Real-time group scheduling": where groups have budgets, a new one's is 0.
        if row.scheduler["priority"] != nil,
          File.exists("/sys/fs/cgroup/cpu/cpu.rt_runtime_us")
        {
          throw Skip(text: "this kernel gives a new cgroup no realtime budget")
        }
        t.config["process.scheduler"] = row.scheduler
        t.config["process.args"] = ["/probe", "scheduler"]
        let got = try t.runProgram().split(separator: " ").prefix(4).joined(separator: " ")
        try t.equal(got, row.shows, "policy, flags, nice, priority")
      }
    }
    section.must("scheduler-policy", "a policy nobody knows is an error") { t in
      t.config["process.scheduler"] = ["policy": "SCHED_TEST"]
      try t.refusedAtLast("SCHED_TEST")
    }
    section.must("scheduler-flag", "a flag nobody knows is an error") { t in
      t.config["process.scheduler"] = ["policy": "SCHED_OTHER", "flags": ["SCHED_FLAG_TEST"]]
      try t.refusedAtLast("SCHED_FLAG_TEST")
    }
    // ioprio_get(2): class << 13 | level; RT 1, BE 2, IDLE 3.
    for (name, number, level) in [("BE", 2, 6), ("IDLE", 3, 0), ("RT", 1, 4)] {
      section.must("ioPriority-\(name)", "ioPriority IOPRIO_CLASS_\(name) is the program's") { t in
        t.config["process.ioPriority"] = [
          "class": .string("IOPRIO_CLASS_" + name), "priority": Value(level),
        ]
        t.config["process.args"] = ["/probe", "call", "ioprio_get", "1", "0"]
        try t.equal(try t.runProgram(), "\(number << 13 | level)", "ioprio_get(2)")
      }
    }
    section.must("ioPriority-class", "a class nobody knows is an error") { t in
      t.config["process.ioPriority"] = ["class": "IOPRIO_CLASS_TEST", "priority": 0]
      try t.refusedAtLast("IOPRIO_CLASS_TEST")
    }
    section.must("ioPriority-level", "a level above 7 is an error") { t in
      t.config["process.ioPriority"] = ["class": "IOPRIO_CLASS_BE", "priority": 8]
      try t.refusedAtLast("priority 8")
    }
    section.mustNot("affinity-init", "execCPUAffinity does not touch the container's first process")
    {
      t in
      t.config["process.execCPUAffinity"] = ["initial": "0", "final": "0"]
      let own = try File.text("/proc/self/status").split(separator: "\n")
        .first { $0.hasPrefix("Cpus_allowed_list:") }?.split(separator: "\t").last
      try t.see("sed -n 's/^Cpus_allowed_list:.//p' /proc/self/status", String(own ?? ""))
    }
    return section
  }

  static func names() -> Section {
    var section = Section("config/hostname")
    section.must("hostname", "hostname is what the container's processes see") { t in
      t.config["hostname"] = "conforming"
      try t.see("hostname; cat /proc/sys/kernel/hostname", "conforming\nconforming")
    }
    section.mustNot("host", "the host keeps its name") { t in
      let before = HostName.current
      t.config["hostname"] = "conforming"
      try t.see("hostname", "conforming")
      try t.equal(HostName.current, before, "the host's name")
    }
    section.must("domainname", "domainname is what the container's processes see") { t in
      t.config["domainname"] = "example.test"
      try t.see("cat /proc/sys/kernel/domainname", "example.test")
    }
    return section
  }
}
