import Linux
import Testing

/// podman, unchanged, with `drydock-runtime` as its runtime.
@Suite(.serialized, .enabled(if: Podman.isInstalled, Podman.reason))
struct PodmanTests {
  /// The first containers, under every name that podman treats differently.
  @Test(arguments: ["crun", "runc", "youki", "drydock-runtime"])
  func exitCodesAndStreams(name: String) throws {
    try Podman.use(runtime: name) { podman in
      let hello = try podman.run("--rm", command: ["sh", "-c", "echo out; echo err >&2; exit 7"])
      #expect(hello.code == 7 && hello.output == "out\n" && hello.error == "err\n")
      #expect(try podman.run("--rm", "-i", command: ["cat"], input: "in\n").output == "in\n")
      #expect(try podman.shell("pwd", "--workdir=/tmp") == "/tmp")
      let missing = try podman.run("--rm", command: ["nonsense"])
      let folder = try podman.run("--rm", command: ["/etc"])
      #expect(missing.code == 127, "\(missing.error)")
      #expect(missing.error.contains("executable file not found"))
      #expect(folder.code == 126, "\(folder.error)")
      #expect(folder.error.contains("permission denied"))
    }
  }

  @Test func theLifeOfADetachedContainer() throws {
    try Podman.use { podman in
      let script = """
        trap 'echo USR1' USR1; trap 'echo TERM; exit 5' TERM
        echo started; while :; do sleep 0.05; done
        """
      let started = try podman.run("-d", "--name=a", command: ["sh", "-c", script])
      #expect(started.code == 0, "\(started.error)")
      #expect(try eventually { try podman.output("logs", "a") == "started" })
      #expect(try podman.output("ps", "--format={{.Names}} {{.Status}}").hasPrefix("a Up"))
      #expect(try podman.output("top", "a", "pid", "comm").lines.contains { $0.hasSuffix(" sh") })
      let figures = try podman.output("stats", "--no-stream", "--format={{.Name}} {{.PIDs}}", "a")
      #expect(figures == "a 1" || figures == "a 2")

      try podman.output("kill", "--signal=USR1", "a")
      #expect(try eventually { try podman.output("logs", "a") == "started\nUSR1" })
      try podman.output("kill", "--signal=10", "a")
      #expect(try eventually { try podman.output("logs", "a") == "started\nUSR1\nUSR1" })

      try podman.output("pause", "a")
      #expect(try podman.output("inspect", "--format={{.State.Status}}", "a") == "paused")
      #expect(try podman("exec", "a", "true").code != 0)
      try podman.output("unpause", "a")
      #expect(try podman.output("exec", "a", "echo", "again") == "again")

      try podman.output("restart", "--time=10", "a")
      #expect(try eventually { try podman.output("logs", "a").hasSuffix("TERM\nstarted") })
      try podman.output("stop", "--time=10", "a")
      let state = "--format={{.State.Status}} {{.State.ExitCode}}"
      #expect(try podman.output("inspect", state, "a") == "exited 5")
      #expect(try podman("kill", "a").code != 0)
      try podman.output("start", "a")
      #expect(try podman.output("kill", "a") == "a")
      #expect(try podman.output("wait", "a") == "137")
      try podman.output("rm", "a")
      // Without the type images are looked at too, and their ids may begin with an a.
      #expect(try podman("inspect", "--type=container", "a").code != 0)
      try podman.output("rm", "--force", "a")

      let events = try podman.output("events", "--stream=false", "--format={{.Status}}").lines
      for event in ["start", "pause", "unpause", "kill", "restart", "died", "remove"] {
        #expect(events.contains(event), "\(event)")
      }
    }
  }

  @Test func exec() throws {
    try Podman.use { podman in
      try podman.run("-d", "--name=a", command: ["sleep", "100"])
      let coded = try podman("exec", "a", "sh", "-c", "echo out; echo err >&2; exit 4")
      #expect(coded.code == 4 && coded.output == "out\n" && coded.error == "err\n")
      #expect(try podman("exec", "a", "sh", "-c", "kill -9 $$").code == 137)
      #expect(try podman("exec", "a", "nonsense").code == 127)
      #expect(try podman("exec", "a", "/etc").code == 126)
      #expect(try podman("exec", "--interactive", "a", "cat", input: "in\n").output == "in\n")
      let inside = try podman.output(
        "exec", "--user=1000:1000", "--workdir=/tmp", "--env=X=1", "a", "sh", "-c",
        "id -u; id -g; pwd; echo $X")
      #expect(inside.lines == ["1000", "1000", "/tmp", "1"])
      try podman.output("exec", "--privileged", "a", "chown", "1:1", "/tmp")
      try podman.output("exec", "--detach", "a", "sleep", "77")
      #expect(try podman.output("top", "a", "args").lines.contains("sleep 77"))
      #expect(try podman.output("cp", "a:/etc/group", podman.home.path + "/group") == "")
      #expect(try File.text(podman.home.path + "/group").hasPrefix("root:"))
    }
  }

  @Test func terminals() throws {
    try Podman.use { podman in
      var person = try podman.person(
        [
          "run", "--rm", "-it", "--cgroup-parent=/" + podman.home.name, EngineHome.image, "sh",
          "-c", "tty; stty size; read -r x; echo got:$x; exit 6",
        ], rows: 33, columns: 101)
      #expect(try person.sees("/dev/pts/0") && person.sees("33 101"), "\(person.seen)")
      try person.type("hello\r")
      #expect(try person.sees("got:hello"), "\(person.seen)")
      #expect(try person.leave() == 6)

      try podman.run("-d", "--name=a", command: ["sleep", "100"])
      var second = try podman.person(
        [
          "exec", "-it", "a", "sh", "-c",
          "trap 'stty size' WINCH; tty; stty size; while :; do sleep 0.05; done",
        ], rows: 31, columns: 99
      )
      #expect(try second.sees("/dev/pts/0") && second.sees("31 99"), "\(second.seen)")
      #expect(
        try second.resizes(rows: 50, columns: 132, seeing: "50 132"), "\(second.seen)")
      try second.type("\u{3}")
      #expect(try second.leave() == 130)
    }
  }

  @Test func limits() throws {
    try Podman.use { podman in
      try podman.run(
        "-d", "--name=a", "-m=64m", "--cpus=0.5", "--pids-limit=100", command: ["sleep", "100"])
      let show = EngineHome.showLimits
      #expect(
        try podman.output("exec", "a", "sh", "-c", show).lines == ["67108864", "50000", "100"])
      try podman.output("update", "-m=128m", "--memory-swap=128m", "--cpus=1", "a")
      #expect(
        try podman.output("exec", "a", "sh", "-c", show).lines == ["134217728", "100000", "100"])
      let full = try podman.run(
        "-m=32m", "--rm", command: ["dd", "if=/dev/zero", "of=/dev/null", "bs=100M", "count=1"])
      #expect(full.code == 137)
      let cpus = try EngineHome.limit("cpuset", "cpuset.cpus", v2: "cpuset.cpus")
      #expect(try podman.shell("cat " + cpus, "--cpuset-cpus=0") == "0")
      #expect(
        try podman.shell(
          "ulimit -c; ulimit -n", "--ulimit=core=0:0", "--ulimit=nofile=1024:1024",
          "--ulimit=nproc=1024:1024"
        ).lines == ["0", "1024"])
      #expect(try podman.shell("cat /proc/self/oom_score_adj", "--oom-score-adj=100") == "100")
    }
  }

  @Test func files() throws {
    try Podman.use { podman in
      let folder = podman.home.path + "/shared"
      try File.makeDirectory(folder)
      try File.replace(folder + "/f", with: "data\n".utf8)
      let readOnly = try podman.run(
        "--rm", "-v=\(folder):/v:ro", command: ["sh", "-c", "cat /v/f; touch /v/x"])
      #expect(readOnly.output == "data\n" && readOnly.error.contains("Read-only file system"))
      #expect(try podman.shell("cat /v/deep/f", "-v=\(folder)/f:/v/deep/f") == "data")
      #expect(try podman.shell("echo x > /v/y; cat /v/y", "-v=named:/v") == "x")
      try podman.output("volume", "rm", "named")
      let temporary = try podman.shell("grep ' /t ' /proc/mounts", "--tmpfs=/t:size=1m,mode=1777")
      #expect(temporary.contains("size=1024k"), "\(temporary)")
      #expect(try podman.shell("ls /etc/group", "--tmpfs=/etc") == "/etc/group")
      let root = try podman.run(
        "--rm", "--read-only", command: ["sh", "-c", "touch /tmp/y && echo yes; touch /x"])
      #expect(root.output == "yes\n" && root.error.contains("Read-only file system"))
      #expect(try podman.shell("df -k /dev/shm | tail -1", "--shm-size=1m").contains(" 1024 "))
      #expect(try podman.shell("stat -c %t:%T /dev/n", "--device=/dev/null:/dev/n") == "1:3")
    }
  }

  @Test func security() throws {
    try Podman.use { podman in
      let grep = "grep -E 'CapEff|CapBnd' /proc/self/status | tr -s '\\t' ' '"
      let none = "0000000000000000"
      #expect(
        try podman.shell(grep, "--cap-drop=all").lines == ["CapEff: \(none)", "CapBnd: \(none)"])
      let user = try podman.shell("id -u; id -G;" + grep, "--user=1000:1000", "--group-add=5").lines
      #expect(user[0] == "1000" && user[1].contains("5") && user[2] == "CapEff: \(none)")
      let all = try podman.shell("ls -d /dev/kmsg;" + grep, "--privileged").lines
      #expect(all.count == 3 && all[0] == "/dev/kmsg" && all[1].hasSuffix("ffffff"), "\(all)")
      let status = "tr -s '\\t' ' ' < /proc/self/status"
      #expect(try podman.shell(status).lines.contains("Seccomp: 2"))
      let open = try podman.shell(status, "--security-opt=seccomp=unconfined").lines
      #expect(open.contains("Seccomp: 0"))
      let pinned = try podman.shell(status, "--security-opt=no-new-privileges").lines
      #expect(pinned.contains("NoNewPrivs: 1"))
      let denied = try podman.run("--rm", command: ["mount", "-t", "tmpfs", "x", "/tmp"])
      #expect(denied.code != 0 && denied.error.contains("ermi"), "\(denied.error)")
      #expect(
        try podman.shell("wc -c < /proc/version", "--security-opt=mask=/proc/version") == "0")
      #expect(
        try podman.shell("cat /proc/sys/kernel/msgmax", "--sysctl=kernel.msgmax=4096") == "4096")
      #expect(try podman.shell("umask", "--umask=0077") == "0077")
      let maps = try podman.shell(
        "id -u; tr -s ' ' < /proc/self/uid_map", "--uidmap=0:100000:1000",
        "--gidmap=0:100000:1000")
      #expect(maps.lines == ["0", "0 100000 1000"])
      let systemd = try podman("--cgroup-manager=systemd", "run", "--rm", EngineHome.image, "true")
      #expect(systemd.code != 0 && systemd.error.contains("systemd"), "\(systemd.error)")
    }
  }

  @Test func namespacesOfTheHostAndOfOthers() throws {
    try Podman.use { podman in
      let host = try run(["/bin/hostname"]).output.trimmed
      #expect(try podman.shell("hostname", "--uts=host", "--ipc=host") == host)
      #expect(
        try podman.shell("ls /proc/\(Processes.current)/stat", "--pid=host").hasSuffix("stat"))
      let links = try File.list("/sys/class/net").sorted()
      #expect(try podman.shell("ls /sys/class/net", "--network=host").lines == links)
      #expect(try podman.shell("ls /sys/class/net | grep -v '[0-9]$'").lines == ["lo"])

      try podman.run(
        "-d", "--name=base", "--hostname=basehost", "--ipc=shareable", command: ["sleep", "100"])
      let shared = try podman.shell(
        "hostname; ps -o pid,comm; readlink /proc/self/ns/net; readlink /proc/self/ns/ipc",
        "--network=container:base", "--pid=container:base", "--ipc=container:base",
        "--uts=container:base"
      ).lines
      #expect(shared.first == "basehost")
      let base = try podman.output(
        "exec", "base", "sh", "-c", "readlink /proc/self/ns/net; readlink /proc/self/ns/ipc")
      #expect(shared.suffix(2) == base.lines.suffix(2))
      #expect(shared.contains("1 sleep"))
      let cgroup = try podman.shell("grep -v systemd /proc/self/cgroup", "--cgroupns=private")
      #expect(cgroup.lines.allSatisfy { $0.hasSuffix(":/") }, "\(cgroup)")
    }
  }

  @Test func pods() throws {
    try Podman.use { podman in
      try podman.output(
        "pod", "create", "--name=p", "--network=none", "--cgroup-parent=/" + podman.home.name,
        "--infra-image=" + EngineHome.image, "--infra-command=sleep 1000")
      try podman.output("run", "-d", "--pod=p", "--name=m", EngineHome.image, "sleep", "100")
      let network = try podman.output("exec", "m", "readlink", "/proc/self/ns/net")
      let other = try podman.output(
        "run", "--rm", "--pod=p", EngineHome.image, "sh", "-c",
        "readlink /proc/self/ns/net; hostname")
      #expect(other.lines == [network, "p"])
      let programs = try podman.output("pod", "top", "p", "args").lines
      #expect(programs.contains("sleep 1000") && programs.contains("sleep 100"))
      try podman.output("pod", "pause", "p")
      #expect(try podman.output("pod", "ps", "--format={{.Status}}") == "Paused")
      try podman.output("pod", "unpause", "p")
      try podman.output("pod", "stop", "--time=0", "p")
      try podman.output("pod", "start", "p")
      #expect(try podman.output("exec", "m", "echo", "again") == "again")
      try podman.output("pod", "rm", "--force", "--time=0", "p")
    }
  }

  @Test func healthInitRestartHooks() throws {
    try Podman.use { podman in
      let path = podman.home.path
      for stage in ["prestart", "createRuntime", "createContainer", "poststart", "poststop"] {
        let script = path + "/\(stage).sh"
        // createContainer runs in the container's namespaces, still with the host's root.
        try File.replace(
          script, with: "#!/bin/sh\ncat > \(path)/\(stage).state\n".utf8, mode: 0o755)
        try File.replace(
          path + "/hooks/\(stage).json",
          with: """
            {"version": "1.0.0", "hook": {"path": "\(script)"},
             "when": {"annotations": {"^hooked$": "^yes$"}}, "stages": ["\(stage)"]}
            """.utf8)
      }
      try podman.run("--annotation=hooked=yes", "--rm", command: ["true"])
      for stage in ["prestart", "createRuntime", "createContainer", "poststart", "poststop"] {
        let state = try? File.text(path + "/\(stage).state")
        #expect(state?.contains(#""hooked":"yes""#) == true, "\(stage): \(state ?? "no state")")
      }

      #expect(
        try podman.shell(
          "cat /proc/1/comm", "--init", "--init-path=/usr/bin/tini-static", "--pid=private")
          != "sh")

      try podman.run(
        "-d", "--name=h", "--health-cmd=test -e /tmp/ok", "--health-retries=1",
        command: ["sleep", "100"])
      #expect(try podman("healthcheck", "run", "h").code == 1)
      try podman.output("exec", "h", "touch", "/tmp/ok")
      try podman.output("healthcheck", "run", "h")
      #expect(try podman.output("inspect", "--format={{.State.Health.Status}}", "h") == "healthy")
      #expect(try podman.output("diff", "h").lines.contains("A /tmp/ok"))

      try podman.run(
        "-d", "--name=r", "--restart=on-failure:2", command: ["sh", "-c", "echo run; exit 3"])
      #expect(try eventually { try podman.output("logs", "r").lines == ["run", "run", "run"] })
      #expect(
        try eventually {
          try podman.output("inspect", "--format={{.State.Status}} {{.State.ExitCode}}", "r")
            == "exited 3"
        })
      #expect(try podman.output("inspect", "--format={{.RestartCount}}", "r") == "2")
    }
  }

  /// CNI's bridge, with addresses of its own and no rules.
  @Test(.enabled(if: File.exists("/usr/lib/cni/bridge"), "needs containernetworking-plugins"))
  func bridge() throws {
    try Podman.use { podman in
      let path = podman.home.path
      try File.replace(
        path + "/net/dd.conflist",
        with: """
          {"cniVersion": "0.4.0", "name": "dd", "plugins": [{"type": "bridge",
           "bridge": "dd-eng0", "isGateway": true, "ipam": {"type": "host-local",
           "dataDir": "\(path)/ipam", "ranges": [[{"subnet": "10.200.78.0/24"}]]}}]}
          """.utf8)
      try podman.run(
        "-d", "--name=server", "--network=dd", "--ip=10.200.78.5",
        command: ["sh", "-c", "while :; do echo answer | nc -l -p 80; done"])
      let answer = try podman.shell(
        "for i in 1 2 3 4 5; do nc -w 2 10.200.78.5 80 </dev/null && exit; sleep 0.2; done",
        "--network=dd")
      #expect(answer == "answer")
      try podman.output("rm", "--force", "--time=0", "server")
      _ = try run(["/sbin/ip", "link", "delete", "dd-eng0"])
    }
  }
}
