// runtime.md and bundle.md: the operations, the state and the life of a container.

internal import Linux

extension Cases {
  static func bundle() -> Section {
    var section = Section("bundle")
    section.must("config-file", "the bundle's configuration is the file config.json in it") { t in
      try t.write()
      let file = t.bundle + "/config.json"
      try File.move(file, to: t.bundle + "/other.json")
      let outcome = try t.call(["create", "--bundle", t.bundle, t.id])
      try t.expect(!outcome.succeeded, "create succeeded without config.json")
      try t.nothingLeft()
    }
    return section
  }

  static func state() -> Section {
    var section = Section("runtime/state")
    section.must("fields", "the state has ociVersion, id, status, pid and bundle") { t in
      try t.hold()
      let state = try t.state()
      try t.equal(state["id"]?.string, t.id, "id")
      try t.equal(state["status"]?.string, "running", "status")
      try t.equal(state["bundle"]?.string, t.bundle, "bundle")
      try t.equal(state["pid"]?.integer, Int64(t.pid), "pid")
      let parts = state["ociVersion"]?.string?.split(separator: ".") ?? []
      try t.expect(parts.count >= 3 && parts[0] == "1", "ociVersion is not a version 1.x")
    }
    section.must("pid-of-created", "a created container's pid is that of a process") { t in
      try t.create()
      let pid = try t.state()["pid"]?.integer ?? 0
      try t.expect(File.exists("/proc/\(pid)"), "no process \(pid)")
    }
    section.must("bundle-absolute", "the bundle's path in the state is absolute") { t in
      try t.write()
      let here = try Directory.current()
      try Directory.change(t.bundle)
      defer { try? Directory.change(here) }
      let outcome = try t.call(["create", "--bundle", ".", t.id], container: true)
      defer { _ = try? t.call(["delete", "--force", t.id]) }
      try t.expect(outcome.succeeded, "create with a relative bundle failed: \(outcome.complaint)")
      try t.equal(try t.state()["bundle"]?.string, t.bundle, "bundle")
    }
    section.must("annotations", "the state has the configuration's annotations") { t in
      t.config["annotations"] = ["org.example.a": "1", "b": ""]
      try t.create()
      let members = try t.state()["annotations"]?.members ?? []
      for (key, value) in [("org.example.a", "1"), ("b", "")] {
        try t.equal(members.first { $0.key == key }?.value.string, value, "annotation \(key)")
      }
    }
    section.must("status", "the status is created, running, then stopped") { t in
      try t.create()
      try t.equal(try t.status(), "created", "after create")
      try t.start()
      try t.wait()
      try t.equal(try t.status(), "stopped", "after the program's end")
    }
    section.must("no-id", "asking for a state without an id is an error") { t in
      try t.expect(!(try t.call(["state"]).succeeded), "state without an id succeeded")
    }
    section.must("unknown", "asking for the state of a container that is not is an error") { t in
      try t.expect(!(try t.call(["state", t.id]).succeeded), "state of nothing succeeded")
    }
    return section
  }

  static func create() -> Section {
    var section = Section("runtime/create")
    section.must("no-id", "creating without an id is an error") { t in
      try t.write()
      let outcome = try t.call(["create", "--bundle", t.bundle])
      try t.expect(!outcome.succeeded, "create without an id succeeded")
    }
    section.must("no-bundle", "creating from a folder that is no bundle is an error") { t in
      let outcome = try t.call(["create", "--bundle", t.bundle + "/none", t.id])
      try t.expect(!outcome.succeeded, "create without a bundle succeeded")
    }
    section.must("id-unique", "a second container of the same id is an error; the first stays") {
      t in
      try t.hold()
      let outcome = try t.call(["create", "--bundle", t.bundle, t.id])
      try t.expect(!outcome.succeeded, "a second container of the same id was created")
      try t.equal(try t.status(), "running", "status of the first")
      try t.equal(try t.state()["pid"]?.integer, Int64(t.pid), "pid of the first")
    }
    for (slug, id) in [("id-path", "../up"), ("id-slash", "a/b"), ("id-empty", "")] {
      section.must(slug, "an invalid id (\"\(id)\") is an error, and no container is made") { t in
        try t.write()
        let outcome = try t.call(["create", "--bundle", t.bundle, id])
        try t.expect(!outcome.succeeded, "the id \"\(id)\" was taken")
        try t.expect(try Fixture.cgroups(t.cgroupsPath).isEmpty, "a cgroup was left")
      }
    }
    section.mustNot("program", "create does not run the program") { t in
      t.script("touch /ran")
      try t.create()
      Clock.sleep(100_000_000)
      try t.expect(!File.exists(t.rootfs + "/ran"), "the program ran")
      try t.start()
      try t.wait()
      try t.expect(File.exists(t.rootfs + "/ran"), "start did not run it")
    }
    section.must("resources", "create makes what the configuration asks for: its cgroup") { t in
      try t.create()
      let here = try Fixture.cgroups(t.cgroupsPath)
      try t.expect(!here.isEmpty, "no cgroup \(t.cgroupsPath)")
    }
    section.must("namespaces-made", "create makes the namespaces, before start") { t in
      try t.create()
      for kind in ["pid", "net", "ipc", "uts", "mnt"] {
        let own = try Fixture.namespace(kind)
        try t.expect(try Fixture.namespace(kind, of: "\(t.pid)") != own, "\(kind) is the host's")
      }
    }
    section.must("status", "after create the status is created") { t in
      try t.create()
      try t.equal(try t.status(), "created", "status")
    }
    section.mustNot("config-changes", "changing config.json after create changes nothing") { t in
      t.config["hostname"] = "before"
      t.script("hostname; echo first")
      try t.create()
      t.config["hostname"] = "after"
      t.script("hostname; echo second")
      try t.write()
      try t.start()
      try t.wait()
      try t.equal(try t.written(), "before\nfirst", "what ran")
    }
    section.mustNot("config-removed", "removing config.json after create changes nothing") { t in
      t.script("echo ran")
      try t.create()
      try File.remove(t.bundle + "/config.json")
      try t.start()
      try t.wait()
      try t.equal(try t.written(), "ran", "what ran")
    }
    section.must("impossible", "an environment that cannot be made is an error, leaving nothing") {
      t in
      t.config.append(
        ["destination": "/mnt", "type": "nosuchfs", "source": "none"], to: "mounts")
      try t.refused("a filesystem type that does not exist")
    }
    section.must("no-json", "a config.json that is not JSON is an error, leaving nothing") { t in
      try File.replace(t.bundle + "/config.json", with: "{\"ociVersion\": ".utf8)
      let outcome = try t.call(["create", "--bundle", t.bundle, t.id])
      try t.expect(!outcome.succeeded, "half a file was taken")
      try t.nothingLeft()
    }
    return section
  }

  static func start() -> Section {
    var section = Section("runtime/start")
    section.must("no-id", "starting without an id is an error") { t in
      try t.expect(!(try t.call(["start"]).succeeded), "start without an id succeeded")
    }
    section.must("unknown", "starting a container that is not is an error") { t in
      try t.expect(!(try t.call(["start", t.id]).succeeded), "start of nothing succeeded")
    }
    section.must("twice", "starting a running container is an error and has no effect") { t in
      t.script("echo up >>/runs; trap 'exit 0' TERM; while :; do sleep 0.05; done")
      try t.create()
      try t.start()
      try t.eventually("the program did not run") { File.exists(t.rootfs + "/runs") }
      try t.expect(!(try t.call(["start", t.id]).succeeded), "the second start succeeded")
      try t.equal(try t.status(), "running", "status")
      Clock.sleep(100_000_000)
      try t.equal(try File.text(t.rootfs + "/runs"), "up\n", "runs of the program")
    }
    section.must("stopped", "starting a stopped container is an error and has no effect") { t in
      t.script("echo up >>/runs")
      _ = try t.create()
      try t.start()
      try t.wait()
      try t.expect(!(try t.call(["start", t.id]).succeeded), "start of a stopped one succeeded")
      try t.equal(try File.text(t.rootfs + "/runs"), "up\n", "runs of the program")
    }
    section.must("status", "after start the status is running") { t in
      try t.hold()
      try t.equal(try t.status(), "running", "status")
    }
    section.must("program", "start runs the program as process says") { t in
      t.config["process.args"] = ["/probe", "args", "one", "", "three 3"]
      try t.equal(try t.runProgram(), "one\n\nthree 3", "arguments")
    }
    section.must("no-process", "start needs process: without one it is an error") { t in
      t.config["process"] = nil
      guard try t.attempt().succeeded else { return }
      try t.expect(!(try t.call(["start", t.id]).succeeded), "start without a process succeeded")
    }
    return section
  }

  static func kill() -> Section {
    var section = Section("runtime/kill")
    section.must("no-id", "kill without an id is an error") { t in
      try t.expect(!(try t.call(["kill"]).succeeded), "kill without an id succeeded")
    }
    section.must("unknown", "kill of a container that is not is an error") { t in
      try t.expect(!(try t.call(["kill", t.id, "KILL"]).succeeded), "kill of nothing succeeded")
    }
    section.must("stopped", "kill of a stopped container is an error and has no effect") { t in
      _ = try t.runProgram()
      try t.expect(!(try t.call(["kill", t.id, "KILL"]).succeeded), "kill succeeded")
      try t.equal(try t.status(), "stopped", "status")
    }
    for signal in ["USR1", "SIGUSR1", "10"] {
      section.must("signal-\(signal)", "the signal (\(signal)) reaches the program") { t in
        t.script("trap 'exit 42' USR1; echo up; while :; do sleep 0.05; done")
        try t.create()
        try t.start()
        try t.eventually("the program did not start") { try t.written() == "up" }
        try t.kill(signal)
        try t.equal(try t.wait(), .exited(42), "how it ended")
      }
    }
    section.must("created", "a created container can be killed and is stopped then") { t in
      try t.create()
      try t.kill()
      try t.wait()
      try t.equal(try t.status(), "stopped", "status")
    }
    section.must("then-stopped", "once the program ended by a signal the status is stopped") { t in
      try t.hold()
      try t.kill("KILL")
      try t.equal(try t.wait(), .signalled(9), "how it ended")
      try t.equal(try t.status(), "stopped", "status")
    }
    section.must("exit-stopped", "once the program ended by itself the status is stopped") { t in
      t.script("exit 3")
      try t.create()
      try t.start()
      try t.equal(try t.wait(), .exited(3), "how it ended")
      try t.equal(try t.status(), "stopped", "status")
    }
    return section
  }

  static func delete() -> Section {
    var section = Section("runtime/delete")
    section.must("no-id", "delete without an id is an error") { t in
      try t.expect(!(try t.call(["delete"]).succeeded), "delete without an id succeeded")
    }
    section.must("unknown", "deleting a container that is not is an error") { t in
      try t.expect(!(try t.call(["delete", t.id]).succeeded), "delete of nothing succeeded")
    }
    section.must("running", "deleting a running container is an error and has no effect") { t in
      try t.hold()
      try t.expect(!(try t.call(["delete", t.id]).succeeded), "delete succeeded")
      try t.equal(try t.status(), "running", "status")
    }
    section.must("created", "deleting a container that is not stopped (created) is an error") { t in
      try t.create()
      try t.expect(!(try t.call(["delete", t.id]).succeeded), "delete succeeded")
      try t.equal(try t.status(), "created", "status")
    }
    section.must("undone", "deleting removes what create made: cgroups, mounts, the state") { t in
      _ = try t.runProgram()
      try t.delete()
      try t.nothingLeft()
      try t.expect(try File.list(t.bench.root).allSatisfy { !$0.contains(t.id) }, "state is left")
    }
    section.mustNot("not-own", "what the container did not make is not deleted") { t in
      let source = t.bundle + "/source"
      try File.makeDirectory(source)
      try Fixture.put(source + "/file", "kept")
      t.config.append(
        ["destination": "/mnt", "type": "none", "source": .string(source), "options": ["bind"]],
        to: "mounts")
      let other = try Fixture.cgroup("pids", t.bench.cgroup + "/neighbour")
      try File.makeDirectories(other, mode: 0o755)
      defer { try? File.removeDirectory(other) }
      try t.see("cat /mnt/file", "kept")
      try t.delete()
      try t.equal(try File.text(source + "/file"), "kept", "the bound file")
      try t.expect(File.exists(other), "another cgroup was removed")
    }
    section.must("id-free", "after delete the id can be used again") { t in
      _ = try t.runProgram()
      try t.delete()
      let again = try t.call(["create", "--bundle", t.bundle, t.id], container: true)
      defer { _ = try? t.call(["delete", "--force", t.id]) }
      try t.expect(again.succeeded, "create failed: \(again.complaint)")
    }
    return section
  }

  static func lifecycle() -> Section {
    var section = Section("runtime/lifecycle")
    section.must("same-user", "who creates a container can do every operation on it") { t in
      try t.hold()
      _ = try t.state()
      try t.kill("TERM")
      try t.wait()
      try t.delete()
    }
    section.must("errors-leave-nothing", "a failed start leaves a container that can be deleted") {
      t in
      t.config["process.args"] = ["/no/such/program"]
      guard try t.attempt().succeeded else { return try t.nothingLeft() }
      try t.expect(!(try t.call(["start", t.id]).succeeded), "start succeeded")
      try t.wait()
      _ = try t.call(["delete", t.id])
      try t.nothingLeft()
    }
    section.mustNot("warnings", "a warning does not change the operation: unknown fields") { t in
      t.config["frobnicate"] = ["deeply": ["nested": true]]
      try t.see("echo ran", "ran")
    }
    return section
  }

  static func version() -> Section {
    var section = Section("config/specification-version")
    for good in ["1.0.0", "1.0.2-dev", "1.1.0", "1.2.0"] {
      section.must("accepts-\(good)", "ociVersion \(good) is accepted") { t in
        t.config["ociVersion"] = .string(good)
        try t.see("echo ran", "ran")
      }
    }
    for (slug, bad) in [("words", "latest"), ("short", "1"), ("empty", ""), ("future", "77.0.0")] {
      section.must("refuses-\(slug)", "ociVersion \"\(bad)\" is an error") { t in
        t.config["ociVersion"] = .string(bad)
        try t.refused("ociVersion \"\(bad)\"")
      }
    }
    section.must("required", "ociVersion must be there") { t in
      t.config["ociVersion"] = nil
      try t.refused("no ociVersion")
    }
    return section
  }
}
