// config.md: "POSIX-platform Hooks", "Annotations", "Extensibility" and "Valid values".

internal import Linux

extension Trial {
  var log: String { bundle + "/log" }

  /// Adds a hook that runs a shell script, with the state in `$state`.
  ///
  /// It is read first: one that is not read is a case of its own, and whether a runtime that writes
  /// it to a pipe sees that depends on who is faster.
  func hook(_ kind: String, _ script: String, timeout: Int? = nil) {
    var hook: Value = [
      "path": "/bin/sh", "args": ["sh", "-c", .string("state=$(cat); " + script)],
      "env": ["PATH=/bin:/usr/bin"],
    ]
    if let timeout { hook["timeout"] = Value(timeout) }
    config.append(hook, to: "hooks." + kind)
  }

  /// The log that hooks write to, also inside the container under the same path.
  func openLog() throws {
    try Fixture.put(log, "", mode: 0o666)
    config.append(
      [
        "destination": .string(log), "type": "none", "source": .string(log), "options": ["bind"],
      ], to: "mounts")
  }

  func logged() throws -> [String] { try File.text(log).split(separator: "\n").map { String($0) } }

  /// Creates, starts, waits for the program and deletes.
  func live(_ script: String) throws {
    self.script(script)
    try create()
    try start()
    try wait()
    try delete()
  }
}

extension Cases {
  static let hookKinds = [
    "prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop",
  ]

  static func hooks() -> Section {
    var section = Section("config/hooks")
    section.must("moments", "each kind is called by its operation, in the order of the lifecycle") {
      t in
      try t.openLog()
      for kind in hookKinds.reversed() { t.hook(kind, "echo \(kind) >>\(t.log)") }
      t.script("echo program >>\(t.log); trap 'exit 0' TERM; while :; do sleep 0.05; done")
      try t.create()
      try t.equal(
        try t.logged(), ["prestart", "createRuntime", "createContainer"], "after create")
      try t.start()
      try t.eventually("the program did not run") { try t.logged().contains("program") }
      let started = try t.logged()
      try t.equal(started[3], "startContainer", "first at start")
      try t.equal(Set(started[4...]), ["program", "poststart"], "then")
      try t.kill("TERM")
      try t.wait()
      try t.expect(!(try t.logged().contains("poststop")), "poststop before delete")
      try t.delete()
      try t.equal(try t.logged().last, "poststop", "last")
    }
    for kind in hookKinds {
      section.must("\(kind)-order", "\(kind) hooks are called in the listed order") { t in
        try t.openLog()
        for number in 1...3 { t.hook(kind, "echo \(number) >>\(t.log)") }
        try t.live("true")
        try t.equal(try t.logged(), ["1", "2", "3"], "order")
      }
      section.must("\(kind)-state", "\(kind) hooks get the state on standard input") { t in
        try t.openLog()
        t.config["annotations"] = ["a": "b"]
        t.hook(kind, "echo \"$state\" >>\(t.log)")
        try t.live("true")
        let state = try Value(parsing: try File.text(t.log))
        try t.equal(state["id"]?.string, t.id, "id")
        try t.equal(state["bundle"]?.string, t.bundle, "bundle")
        try t.equal(state["annotations.a"]?.string, "b", "annotation")
        try t.expect(state["ociVersion"]?.string != nil, "no ociVersion")
        let allowed: [String]
        switch kind {
        case "prestart", "createRuntime", "createContainer": allowed = ["creating", "created"]
        case "startContainer": allowed = ["created", "creating"]
        case "poststart": allowed = ["running"]
        default: allowed = ["stopped"]
        }
        try t.expect(
          allowed.contains(state["status"]?.string ?? ""),
          "status \(state["status"]?.string ?? "none"), not \(allowed)")
        if kind != "poststop" {
          try t.expect((state["pid"]?.integer ?? 0) > 0, "no pid")
        }
      }
      let inside = kind == "createContainer" || kind == "startContainer"
      section.must(
        "\(kind)-namespace",
        "\(kind) hooks run in the \(inside ? "container" : "runtime") namespaces"
      ) { t in
        try t.openLog()
        t.hook(kind, "for n in mnt uts ipc net; do readlink /proc/self/ns/$n; done >>\(t.log)")
        try t.live("true")
        let got = try t.logged()
        try t.equal(got.count, 4, "namespaces read")
        for (kind, name) in zip(["mnt", "uts", "ipc", "net"], got) {
          let own = try Fixture.namespace(kind)
          try t.expect((name == own) != inside, "\(kind): \(name), the host's is \(own)")
        }
      }
      section.must("\(kind)-args-env", "\(kind) hooks get args and env as they are") { t in
        try t.openLog()
        t.config.append(
          [
            "path": "/bin/sh",
            "args": [
              "sh", "-c", "cat >/dev/null; echo \"$0 $1 $A\" >>\(t.log)", "zero", "one two",
            ],
            "env": ["A=b c", "PATH=/bin"],
          ], to: "hooks." + kind)
        try t.live("true")
        try t.equal(try t.logged(), ["zero one two b c"], "what the hook saw")
      }
    }
    for kind in hookKinds {
      section.must("\(kind)-unread", "a \(kind) hook need not read the state") { t in
        try t.openLog()
        // More than fits into a pipe that nobody reads (pipe(7)).
        t.config["annotations"] = ["a": .string(String(repeating: "b", count: 200_000))]
        t.config.append(
          ["path": "/bin/sh", "args": ["sh", "-c", "echo ran >>\(t.log)"], "env": ["PATH=/bin"]],
          to: "hooks." + kind)
        try t.live("sleep 0.1")
        try t.equal(try t.logged(), ["ran"], "what ran")
      }
    }
    section.must("created-before-pivot", "createContainer runs with the mounts made, before pivot")
    {
      t in
      try t.openLog()
      t.config.append(["destination": "/mnt", "type": "tmpfs", "source": "mark"], to: "mounts")
      // Before pivot_root(2) the root filesystem is still below the bundle.
      t.hook("createContainer", "grep -c '\(t.rootfs)/mnt ' /proc/self/mountinfo >>\(t.log)")
      try t.live("true")
      try t.equal(try t.logged(), ["1"], "mounts seen")
    }
    section.must("runtime-path", "a path of createRuntime is the host's") { t in
      try t.openLog()
      try Fixture.put(
        t.bundle + "/tool", "#!/bin/sh\ncat >/dev/null\necho host >>\(t.log)\n", mode: 0o755)
      t.config.append(["path": .string(t.bundle + "/tool")], to: "hooks.createRuntime")
      try t.live("true")
      try t.equal(try t.logged(), ["host"], "who ran")
    }
    section.must("start-path", "a path of startContainer is the container's") { t in
      try t.openLog()
      try Fixture.put(
        t.rootfs + "/tool", "#!/bin/sh\ncat >/dev/null\necho inside >>\(t.log)\n", mode: 0o755)
      t.config.append(["path": "/tool"], to: "hooks.startContainer")
      try t.live("true")
      try t.equal(try t.logged(), ["inside"], "who ran")
    }
    for kind in hookKinds {
      section.must("\(kind)-absolute", "a \(kind) hook's path that is not absolute is an error") {
        t in
        t.config.append(["path": "bin/true"], to: "hooks." + kind)
        try t.refusedAtLast("a relative path")
      }
      section.must("\(kind)-timeout-zero", "a \(kind) hook's timeout must be above zero") { t in
        t.hook(kind, "true", timeout: 0)
        try t.refusedAtLast("timeout 0")
      }
    }
    return section
  }

  static func hookFailures() -> Section {
    var section = Section("config/hooks/failure")
    for kind in ["prestart", "createRuntime", "createContainer"] {
      section.must(kind, "a \(kind) hook that fails is an error; the container is destroyed") { t in
        t.hook(kind, "exit 5")
        try t.refused("\(kind) failed")
      }
      section.must("\(kind)-timeout", "a \(kind) hook is aborted after its timeout") { t in
        t.hook(kind, "exec sleep 60", timeout: 1)
        let began = Clock.now
        try t.refused("\(kind) took too long")
        try t.expect(Clock.now - began < 15_000_000_000, "the timeout did not end it")
      }
      section.must("\(kind)-rest", "hooks after a \(kind) hook that failed are not run") { t in
        try t.openLog()
        t.hook(kind, "exit 5")
        t.hook(kind, "echo second >>\(t.log)")
        t.hook("startContainer", "echo start >>\(t.log)")
        try t.refused("\(kind) failed")
        try t.equal(try t.logged(), [], "what ran after it")
      }
    }
    section.must("missing", "a hook whose program is not there has failed") { t in
      t.config.append(["path": "/no/such/hook"], to: "hooks.createRuntime")
      try t.refused("the hook does not exist")
    }
    section.must(
      "startContainer", "a startContainer hook that fails fails start; the program does not run"
    ) {
      t in
      try t.openLog()
      t.hook("startContainer", "exit 5")
      t.script("echo program >>\(t.log)")
      try t.create()
      try t.expect(!(try t.call(["start", t.id]).succeeded), "start succeeded")
      try t.wait()
      try t.equal(try t.logged(), [], "what ran")
    }
    section.must("poststart", "a poststart hook that fails: an error and a stopped container") {
      t in
      // Until 1.2 a warning and a container that goes on; either must be done whole.
      t.hook("poststart", "exit 5")
      t.script("trap 'exit 0' TERM; while :; do sleep 0.05; done")
      try t.create()
      let outcome = try t.call(["start", t.id])
      if outcome.succeeded {
        try t.equal(try t.status(), "running", "after a warning")
        return
      }
      try t.wait()
      let state = try t.call(["state", t.id])
      try t.expect(
        !state.succeeded || state.output.contains("stopped"), "an error and a running container")
    }
    section.must("poststop", "a poststop hook that fails is a warning; the rest is run") { t in
      try t.openLog()
      t.hook("poststop", "echo first >>\(t.log); exit 5")
      t.hook("poststop", "echo second >>\(t.log)")
      _ = try t.runProgram()
      try t.delete()
      try t.equal(try t.logged(), ["first", "second"], "what ran")
      try t.nothingLeft()
    }
    return section
  }

  static func annotations() -> Section {
    var section = Section("config/annotations")
    section.must("unknown", "annotations nobody knows are no error") { t in
      t.config["annotations"] = [
        "com.example.anything": "x", "org.opencontainers.test": "", "z": "é",
      ]
      try t.see("echo ran", "ran")
    }
    section.must("empty", "annotations may be empty") { t in
      t.config["annotations"] = [:]
      try t.see("echo ran", "ran")
    }
    section.must("value-type", "a value that is no string is an error") { t in
      t.config["annotations"] = ["a": 1]
      try t.refused("a number as value")
    }
    section.must("key-empty", "an empty key is an error") { t in
      t.config["annotations"] = ["": "x"]
      try t.refused("an empty key")
    }
    return section
  }

  static func extensibility() -> Section {
    var section = Section("config/extensibility")
    let places = [
      "", "process.", "process.user.", "root.", "linux.", "linux.resources.",
      "linux.resources.memory.", "linux.resources.cpu.", "hooks.",
    ]
    for place in places {
      let slug =
        place.isEmpty ? "top" : place.dropLast().split(separator: ".").joined(separator: "-")
      section.must(slug, "an unknown property of \(place.isEmpty ? "the file" : place) is ignored")
      {
        t in
        t.config[place + "unknownProperty"] = ["with": ["anything", 1, true]]
        try t.see("echo ran", "ran")
      }
    }
    for list in ["mounts", "linux.namespaces"] {
      section.must("in-\(list)", "an unknown property of an entry of \(list) is ignored") { t in
        var entries = t.config[list]?.elements ?? []
        entries[0]["unknownProperty"] = "x"
        t.config[list] = .array(entries)
        try t.see("echo ran", "ran")
      }
    }
    let wrong: [(path: String, value: Value)] = [
      ("root", "rootfs"), ("root.readonly", "yes"), ("process.args", "sh"), ("process.env", "A=1"),
      ("process.terminal", "no"), ("process.noNewPrivileges", 1), ("mounts", ["x": "y"]),
      ("hostname", 1), ("linux.namespaces", "pid"), ("linux.cgroupsPath", 1),
      ("linux.maskedPaths", "/proc"), ("linux.sysctl", ["a", "b"]),
      ("linux.resources.memory.limit", "64M"), ("linux.resources.cpu.shares", -5),
      ("linux.seccomp", "default"),
    ]
    for (path, value) in wrong {
      section.must("type-\(path)", "\(path) of a wrong type or value is an error") { t in
        t.config[path] = value
        try t.refused("\(path) is \(value.text)")
      }
    }
    return section
  }
}
