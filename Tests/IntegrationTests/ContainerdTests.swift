import Linux
import Testing

/// containerd's shim v2, unchanged, with `drydock-runtime` as its runc.
@Suite(.serialized, .enabled(if: Containerd.isInstalled, Containerd.reason))
struct ContainerdTests {
  @Test func exitCodesAndStreams() throws {
    try Containerd.use { containerd in
      let hello = try containerd.run(
        "--rm", id: "a", command: ["sh", "-c", "echo out; echo err >&2; exit 7"])
      #expect(hello.code == 7 && hello.output == "out\n" && hello.error.contains("err\n"))
      let missing = try containerd.run("--rm", id: "b", command: ["nonsense"])
      #expect(missing.code == 1, "\(missing.error)")
      #expect(missing.error.contains("executable file not found in $PATH"))
      let folder = try containerd.run("--rm", id: "c", command: ["/etc"])
      #expect(folder.error.contains("permission denied"), "\(folder.error)")
      let full = try containerd.run(
        "--rm", "--memory-limit=33554432", id: "d",
        command: ["dd", "if=/dev/zero", "of=/dev/null", "bs=100M", "count=1"])
      #expect(full.code == 137)
      let systemd = try containerd.run(
        "--rm", "--runc-systemd-cgroup", "--cgroup=system.slice:dd:e", id: "e", command: ["true"])
      #expect(systemd.code != 0 && systemd.error.contains("systemd"), "\(systemd.error)")
    }
  }

  @Test func theLifeOfATask() throws {
    try Containerd.use { containerd in
      let log = containerd.home.path + "/a.log"
      let script = """
        trap 'echo USR1' USR1; trap 'echo TERM; exit 5' TERM
        echo started; while :; do sleep 0.05; done
        """
      let started = try containerd.run(
        "-d", "--log-uri=file://" + log, id: "a", command: ["sh", "-c", script])
      #expect(started.code == 0, "\(started.error)")
      #expect(try eventually { try File.text(log) == "started\n" })
      #expect(try containerd.status("a") == "RUNNING")
      let processes = try containerd.output("task", "ps", "a").lines
      #expect(processes.count >= 2 && Int32(processes[1].prefix { $0 != " " }) != nil)
      #expect(try containerd.output("task", "metrics", "a").contains("memory"))

      let coded = try containerd.exec("a", command: ["sh", "-c", "echo out; exit 4"])
      #expect(coded.code == 4 && coded.output == "out\n")
      #expect(try containerd.exec("a", command: ["cat"], input: "in\n").output == "in\n")
      let missing = try containerd.exec("a", command: ["nonsense"])
      #expect(missing.code == 1 && missing.error.contains("executable file not found"))
      let user = try containerd.exec(
        "a", "--user=1000", "--cwd=/tmp", command: ["sh", "-c", "id -u; pwd"])
      #expect(user.output == "1000\n/tmp\n", "\(user.error)")
      #expect(try containerd.exec("a", "--detach", command: ["sleep", "77"]).code == 0)
      #expect(try containerd.output("task", "ps", "a").lines.count >= 3)

      try containerd.output("task", "pause", "a")
      #expect(try containerd.status("a") == "PAUSED")
      #expect(try containerd.exec("a", command: ["true"]).error.contains("paused"))
      try containerd.output("task", "resume", "a")
      #expect(try containerd.status("a") == "RUNNING")
      let saved = try containerd("task", "checkpoint", "a")
      #expect(saved.code != 0, "\(saved.error)")
      #expect(try containerd.status("a") == "RUNNING")

      try containerd.output("task", "kill", "--signal=USR1", "a")
      #expect(try eventually { try File.text(log) == "started\nUSR1\n" })
      try containerd.output("task", "kill", "a")
      #expect(try eventually { try containerd.status("a") == "STOPPED" })
      #expect(try File.text(log) == "started\nUSR1\nTERM\n")
      #expect(try containerd("task", "kill", "a").error.contains("process already finished"))
      let removed = try containerd("task", "rm", "a")
      #expect(removed.error.contains("exit code 5") || removed.code == 5, "\(removed.error)")
      try containerd.output("container", "rm", "a")

      for id in ["b", "c"] {
        let started = try containerd.run("-d", "--null-io", id: id, command: ["sleep", "100"])
        #expect(started.code == 0, "\(started.error)")
      }
      try containerd.output("task", "kill", "--all", "--signal=KILL", "b")
      #expect(try eventually { try containerd.status("b") == "STOPPED" })
      try containerd("task", "rm", "--force", "c")
      #expect(try containerd.status("c") == "")
    }
  }

  @Test func terminals() throws {
    try Containerd.use { containerd in
      // The client tells the size a moment after it has connected.
      let size = "until stty size 2>/dev/null | grep .; do sleep 0.05; done"
      let script = "tty; read -r x; \(size); echo got:$x; exit 6"
      var person = try containerd.person(
        containerd.words(["--rm", "--tty"], "a", ["sh", "-c", script]), rows: 33, columns: 101)
      #expect(try person.sees("/dev/pts/0"), "\(person.seen)")
      try person.type("hello\r")
      #expect(try person.sees("33 101") && person.sees("got:hello"), "\(person.seen)")
      #expect(try person.leave() == 6)

      try containerd.run("-d", "--null-io", id: "b", command: ["sleep", "100"])
      var second = try containerd.person(
        containerd.ctr
          + containerd.execWords(
            "b", ["--tty"], ["sh", "-c", "tty; read -r x; \(size); exit 8"]), rows: 31,
        columns: 99)
      #expect(try second.sees("/dev/pts/0"), "\(second.seen)")
      try second.type("\r")
      #expect(try second.sees("31 99"), "\(second.seen)")
      #expect(try second.leave() == 8)
    }
  }

  @Test func optionsOfTheSpecification() throws {
    try Containerd.use { containerd in
      let status = "tr -s '\\t' ' ' < /proc/self/status"
      let usual = try containerd.shell(status).lines
      #expect(usual.contains("Seccomp: 0") && usual.contains("NoNewPrivs: 1"))
      #expect(try containerd.shell(status, "--seccomp").lines.contains("Seccomp: 2"))
      #expect(try containerd.shell(status, "--allow-new-privs").lines.contains("NoNewPrivs: 0"))
      let all = try containerd.shell(
        "ls -d /dev/kmsg; grep CapEff /proc/self/status", "--privileged")
      #expect(all.lines.first == "/dev/kmsg" && all.hasSuffix("ffffff"), "\(all)")
      let caps = try containerd.shell(
        "grep CapEff /proc/self/status", "--cap-drop=CAP_CHOWN", "--cap-add=CAP_SYS_ADMIN")
      #expect(caps.hasSuffix("00000000a82425fa"), "\(caps)")

      let readOnly = try containerd.run("--rm", "--read-only", id: "r", command: ["touch", "/x"])
      #expect(readOnly.code == 1 && readOnly.error.contains("Read-only file system"))
      let folder = containerd.home.path + "/rootfs"
      let bound = try containerd.shell(
        "ls /img; touch /img/x || echo refused",
        "--mount=type=bind,src=\(folder),dst=/img,options=rbind:ro")
      #expect(bound.contains("etc") && bound.hasSuffix("refused"))
      #expect(try containerd.shell("stat -c %t:%T /dev/tty9", "--device=/dev/tty9") == "4:9")
      #expect(
        try containerd.shell("pwd; echo $A", "--cwd=/tmp", "--env=A=b").lines == ["/tmp", "b"])
      let limits = try containerd.shell(
        EngineHome.showLimits, "--memory-limit=67108864", "--cpus=0.5",
        "--mount=type=cgroup,src=cgroup,dst=/sys/fs/cgroup,options=ro")
      #expect(Array(limits.lines.prefix(2)) == ["67108864", "50000"])

      let links = try File.list("/sys/class/net").sorted()
      #expect(try containerd.shell("ls /sys/class/net", "--net-host").lines == links)
      try containerd.run("-d", "--null-io", id: "base", command: ["sleep", "100"])
      let line = try #require(
        try containerd.output("task", "ls").lines.first { $0.hasPrefix("base ") })
      let pid = try #require(line.split(separator: " ").dropFirst().first)
      let shared = try containerd.shell(
        "readlink /proc/self/ns/net; readlink /proc/self/ns/ipc",
        "--with-ns=network:/proc/\(pid)/ns/net", "--with-ns=ipc:/proc/\(pid)/ns/ipc")
      let base = try ["net", "ipc"].map { try File.link("/proc/\(pid)/ns/\($0)") }
      #expect(shared.lines == base)
    }
  }

  @Test func events() throws {
    try Containerd.use { containerd in
      let watcher = try Running(["/usr/bin/env"] + containerd.ctr + ["events"])
      // Nothing says that it is subscribed; what happens before is not told.
      #expect(
        try eventually {
          try containerd.run("--rm", id: "w\(Machine.unique())", command: ["true"])
          return try watcher.written().contains("/tasks/exit")
        })
      try containerd.run(
        "--rm", "--memory-limit=33554432", id: "full",
        command: ["sh", "-c", "dd if=/dev/zero of=/dev/null bs=100M count=1; sleep 0.5"])
      try containerd.run("-d", "--null-io", id: "p", command: ["sleep", "100"])
      try containerd.output("task", "pause", "p")
      try containerd.output("task", "resume", "p")
      try containerd.exec("p", command: ["true"])
      try containerd.output("task", "rm", "--force", "p")
      for topic in [
        "create", "start", "oom", "paused", "resumed", "exec-added", "exec-started", "exit",
        "delete",
      ] {
        #expect(try eventually { try watcher.written().contains(" /tasks/\(topic) ") }, "\(topic)")
      }
      try watcher.signal(Signal.term)
      _ = try watcher.finish()
    }
  }
}
