import OCI
import Testing

private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

@Suite struct JSONWriterTests {
  @Test func prettyAndCompact() {
    func write(_ json: inout JSONWriter) {
      json.beginObject()
      json.member("a", "x\"\\\n\u{1}é")
      json.member("list", ["1", "2"])
      json.key("empty")
      json.beginArray()
      json.endArray()
      json.key("values")
      json.beginArray()
      json.number(Int64.min)
      json.number(UInt64.max)
      json.bool(true)
      json.null()
      json.endArray()
      json.endObject()
    }
    var compact = JSONWriter()
    write(&compact)
    #expect(
      text(compact.bytes)
        == #"{"a":"x\"\\\n\u0001é","list":["1","2"],"empty":[],"values":"#
        + "[-9223372036854775808,18446744073709551615,true,null]}")
    var pretty = JSONWriter(pretty: true)
    write(&pretty)
    #expect(
      text(pretty.bytes) == #"""
        {
          "a": "x\"\\\n\u0001é",
          "list": [
            "1",
            "2"
          ],
          "empty": [],
          "values": [
            -9223372036854775808,
            18446744073709551615,
            true,
            null
          ]
        }

        """#)
  }

  @Test func invalidUTF8BecomesTheReplacementCharacter() throws {
    var json = JSONWriter()
    json.string(bytes: [0x61, 0xFF, 0x62])
    #expect(text(json.bytes) == "\"a\u{FFFD}b\"")
  }
}

@Suite struct StateTests {
  @Test func roundTrip() throws {
    var state = State(id: "web", status: .running, bundle: "/b")
    #expect(try State.parse(state.encode()) == state)
    state.pid = 4711
    state.annotations = [KeyValue("a", "1"), KeyValue("b", "\"")]
    state.created = "2025-01-02T03:04:05.000000006Z"
    state.cgroups = [
      State.Cgroup(controllers: "memory", path: "/sys/fs/cgroup/memory/drydock/web"),
      State.Cgroup(controllers: "", path: "/sys/fs/cgroup/unified/drydock/web"),
    ]
    for pretty in [true, false] { #expect(try State.parse(state.encode(pretty: pretty)) == state) }
    for status in State.Status.allCases {
      state.status = status
      #expect(try State.parse(state.encode()).status == status)
    }
  }

  @Test func otherRuntimesStatesAreRead() throws {
    let runc = #"""
      {"ociVersion": "1.0.2-dev", "id": "x", "pid": 0, "status": "stopped", "bundle": "/b",
       "rootfs": "/b/rootfs", "created": "2025-01-02T03:04:05Z", "owner": "", "extra": [{}]}
      """#
    let state = try State.parse(Array(runc.utf8))
    #expect(state.pid == nil && state.status == .stopped && state.ociVersion == "1.0.2-dev")
  }

  @Test(arguments: [
    ("id", #"{"status": "running"}"#), ("status", #"{"id": "a"}"#),
    ("status", #"{"id": "a", "status": "lost"}"#), ("pid", #"{"pid": "1"}"#),
    ("cgroups[0].path", #"{"cgroups": [{}]}"#),
  ])
  func brokenStatesAreRefused(path: String, file: String) {
    let error = #expect(throws: ConfigError.self) { try State.parse(Array(file.utf8)) }
    #expect(error?.path == path)
  }
}

@Suite struct FeaturesTests {
  /// What the document promises, the parser must accept (features.md: "MUST recognize").
  @Test func promisesAreKept() throws {
    var features = Features(mountOptions: ["ro", "bind"], annotations: [KeyValue("v", "1")])
    features.supportedFlags = ["SECCOMP_FILTER_FLAG_LOG"]
    features.unsafeAnnotations = ["org.example."]
    var json = try JSONReader(features.encode())
    var lists: [String: [String]] = [:]
    try collect(&json, &lists)
    try json.finish()

    #expect(lists["mountOptions"] == ["bind", "ro"])
    #expect(lists["linux.capabilities"]?.count == 41)
    #expect(lists["linux.namespaces"]?.count == 8)
    for name in lists["linux.namespaces"] ?? [] {
      #expect(
        refusal(
          #"{"ociVersion":"1.0.0","root":{"path":"r"},"linux":{"namespaces":[{"type":"\#(name)"}]}}"#
        ) == nil)
    }
    for name in lists["linux.capabilities"] ?? [] {
      #expect(refusal(document(process: #""capabilities":{"bounding":["\#(name)"]}"#)) == nil)
    }
    for hook in lists["hooks"] ?? [] {
      #expect(refusal(document(#""hooks":{"\#(hook)":[{"path":"/x"}]}"#)) == nil)
    }
    for action in lists["linux.seccomp.actions"] ?? [] {
      #expect(
        refusal(
          document(linux: #""seccomp":{"defaultAction":"\#(action)","listenerPath":"/run/agent"}"#))
          == nil)
    }
    for op in lists["linux.seccomp.operators"] ?? [] {
      let rule =
        #"{"names":["open"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":0,"op":"\#(op)"}]}"#
      #expect(
        refusal(
          document(linux: #""seccomp":{"defaultAction":"SCMP_ACT_LOG","syscalls":[\#(rule)]}"#))
          == nil)
    }
    for (member, list) in [("architectures", "archs"), ("flags", "supportedFlags")] {
      let names = lists["linux.seccomp.\(list)"] ?? []
      #expect(!names.isEmpty)
      let array = names.map { "\"\($0)\"" }.joined(separator: ",")
      #expect(
        refusal(
          document(linux: #""seccomp":{"defaultAction":"SCMP_ACT_LOG","\#(member)":[\#(array)]}"#))
          == nil)
    }
    for version in [features.ociVersionMin, features.ociVersionMax] {
      #expect(refusal(#"{"ociVersion":"\#(version)","root":{"path":"r"}}"#) == nil)
    }
  }

  /// Whether the next value begins so; tried on a copy of the reader.
  private func begins(
    _ json: JSONReader, _ begin: (inout JSONReader) throws(ConfigError) -> Void
  ) -> Bool {
    var ahead = json
    do {
      try begin(&ahead)
      return true
    } catch {
      return false
    }
  }

  /// Every array of strings in a document, by its path.
  private func collect(
    _ json: inout JSONReader, _ lists: inout [String: [String]]
  ) throws(ConfigError) {
    try json.beginObject()
    while try json.nextKey() {
      let path = json.path
      if begins(json, { json throws(ConfigError) in try json.beginArray() }) {
        try json.beginArray()
        while try json.nextElement() { lists[path, default: []].append(try json.string()) }
      } else if begins(json, { json throws(ConfigError) in try json.beginObject() }) {
        try collect(&json, &lists)
      } else {
        try json.skip()
      }
    }
  }
}

@Suite struct SeccompStandardTests {
  private func names(_ seccomp: Seccomp) -> [String] {
    seccomp.syscalls.filter { $0.action == "SCMP_ACT_ALLOW" && $0.args.isEmpty }
      .flatMap { $0.names }
  }

  @Test(arguments: [Architecture.x86_64, .arm64])
  func rulesAreAccepted(architecture: Architecture) throws {
    for capabilities in [[], ["CAP_SYS_ADMIN", "CAP_BPF", "CAP_SYSLOG"]] {
      var config = Config.standard
      config.linux.seccomp = .standard(capabilities: capabilities, architecture: architecture)
      #expect(try Config.parse(config.encode()) == config)
    }
  }

  @Test func noNameTwice() {
    let all = names(.standard(capabilities: ["CAP_SYS_ADMIN", "CAP_BPF", "CAP_PERFMON"]))
    #expect(Set(all).count == all.count)
  }

  @Test func dangerousCallsAreNotAllowed() {
    let allowed = Set(names(.standard(capabilities: ["CAP_CHOWN", "CAP_KILL", "CAP_SYS_CHROOT"])))
    for name in [
      "mount", "umount2", "unshare", "setns", "bpf", "kexec_load", "init_module", "reboot",
      "swapon",
      "io_uring_setup", "io_uring_enter", "io_uring_register", "keyctl", "add_key", "userfaultfd",
      "open_by_handle_at", "perf_event_open", "clone", "clone3", "socket", "personality", "mbind",
      "settimeofday", "acct", "iopl", "vhangup", "syslog", "quotactl", "sethostname",
    ] {
      #expect(!allowed.contains(name), "\(name)")
    }
    for name in ["execve", "openat", "mmap", "futex", "wait4", "ptrace", "chroot"] {
      #expect(allowed.contains(name), "\(name)")
    }
  }

  @Test(arguments: [
    ("CAP_SYS_ADMIN", "mount"), ("CAP_SYS_ADMIN", "clone3"), ("CAP_SYS_MODULE", "init_module"),
    ("CAP_SYS_BOOT", "reboot"), ("CAP_SYS_TIME", "settimeofday"), ("CAP_SYSLOG", "syslog"),
    ("CAP_BPF", "bpf"), ("CAP_PERFMON", "perf_event_open"), ("CAP_SYS_NICE", "mbind"),
    ("CAP_DAC_READ_SEARCH", "open_by_handle_at"), ("CAP_SYS_PACCT", "acct"),
    ("CAP_SYS_RAWIO", "iopl"), ("CAP_SYS_TTY_CONFIG", "vhangup"), ("CAP_SYS_PTRACE", "kcmp"),
    ("CAP_SYS_CHROOT", "chroot"),
  ])
  func capabilitiesOpenCalls(capability: String, call: String) {
    #expect(!names(.standard(capabilities: [])).contains(call))
    #expect(names(.standard(capabilities: [capability])).contains(call))
  }

  @Test func cloneMayNotMakeNamespaces() {
    let rules = Seccomp.standard(capabilities: []).syscalls
    let clone = rules.first { $0.names == ["clone"] }
    #expect(clone?.args.first?.value == 0x7E02_0000)
    #expect(clone?.args.first?.op == "SCMP_CMP_MASKED_EQ")
    #expect(rules.first { $0.names == ["clone3"] }?.errnoRet == 38)
    let admin = Seccomp.standard(capabilities: ["CAP_SYS_ADMIN"]).syscalls
    #expect(!admin.contains { $0.action == "SCMP_ACT_ERRNO" })
  }

  @Test func argumentsDecide() {
    let rules = Seccomp.standard(capabilities: []).syscalls
    #expect(
      rules.filter { $0.names == ["personality"] }.compactMap { $0.args.first?.value }
        == [0, 8, 0x20000, 0x20008, 0xFFFF_FFFF])
    let socket = rules.filter { $0.names == ["socket"] }
    #expect(socket.count == 1)
    #expect(socket.first?.args == [SeccompArg(index: 0, value: 40, op: "SCMP_CMP_NE")])
  }
}
