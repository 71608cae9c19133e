import Linux
import Testing

/// dockerd, unchanged, with `drydock-runtime` as its default runtime.
@Suite(.serialized, .enabled(if: Docker.isInstalled, Docker.reason))
struct DockerTests {
  @Test func exitCodesAndStreams() throws {
    try Docker.use { docker in
      #expect(try docker.output("info", "--format={{.DefaultRuntime}}") == "drydock")
      let hello = try docker.run("--rm", command: ["sh", "-c", "echo out; echo err >&2; exit 7"])
      #expect(hello.code == 7 && hello.output == "out\n" && hello.error.hasSuffix("err\n"))
      #expect(try docker.run("--rm", "-i", command: ["cat"], input: "in\n").output == "in\n")
      #expect(try docker.shell("pwd", "--workdir=/not/there") == "/not/there")
      let missing = try docker.run("--rm", command: ["nonsense"])
      #expect(missing.code == 127, "\(missing.error)")
      #expect(missing.error.contains("executable file not found in $PATH"))
      let folder = try docker.run("--rm", command: ["/etc"])
      #expect(folder.code == 126 && folder.error.contains("permission denied"), "\(folder.error)")
      #expect(try docker.run("--rm", "--oom-score-adj=2000", command: ["true"]).code == 125)
    }
  }

  @Test func theLifeOfADetachedContainer() throws {
    try Docker.use { docker in
      let script = """
        trap 'echo USR1' USR1; trap 'echo TERM; exit 5' TERM
        echo started; while :; do sleep 0.05; done
        """
      let started = try docker.run("-d", "--name=aa", command: ["sh", "-c", script])
      #expect(started.code == 0, "\(started.error)")
      #expect(try eventually { try docker.output("logs", "aa") == "started" })
      #expect(try docker.output("ps", "--format={{.Names}} {{.State}}") == "aa running")
      #expect(try docker.output("top", "aa").lines.contains { $0.contains("sh -c trap") })
      let figures = try docker.output("stats", "--no-stream", "--format={{.Name}} {{.PIDs}}", "aa")
      #expect(figures == "aa 1" || figures == "aa 2")

      try docker.output("kill", "--signal=USR1", "aa")
      #expect(try eventually { try docker.output("logs", "aa") == "started\nUSR1" })
      try docker.output("pause", "aa")
      #expect(try docker.inspect(".State.Status", "aa") == "paused")
      #expect(try docker("exec", "aa", "true").error.contains("paused"))
      try docker.output("unpause", "aa")
      #expect(try docker.output("exec", "aa", "echo", "again") == "again")

      try docker.output("restart", "--time=10", "aa")
      #expect(try eventually { try docker.output("logs", "aa").hasSuffix("TERM\nstarted") })
      try docker.output("stop", "--time=10", "aa")
      #expect(try docker.inspect(".State.Status", "aa") == "exited")
      #expect(try docker.inspect(".State.ExitCode", "aa") == "5")
      #expect(try docker("kill", "aa").error.contains("not running"))
      try docker.output("start", "aa")
      try docker.output("kill", "aa")
      #expect(try docker.output("wait", "aa") == "137")
      try docker.output("rm", "aa")
      #expect(try docker("inspect", "--type=container", "aa").code == 1)

      try docker.run("-d", "--name=bb", command: ["sleep", "100"])
      #expect(try docker("rm", "bb").error.contains("running container"))
      let saved = try docker("checkpoint", "create", "bb", "one")
      #expect(saved.code != 0, "\(saved.text)")
      #expect(try docker.inspect(".State.Status", "bb") == "running")
      try docker.output("rm", "--force", "bb")
      let events = try docker.output("events", "--since=5m", "--until=-1s", "--format={{.Status}}")
      for event in ["start", "pause", "unpause", "kill", "restart", "die", "destroy"] {
        #expect(events.lines.contains(event), "\(event)")
      }
    }
  }

  @Test func exec() throws {
    try Docker.use { docker in
      try docker.run("-d", "--name=aa", command: ["sleep", "100"])
      let coded = try docker("exec", "aa", "sh", "-c", "echo out; echo err >&2; exit 4")
      #expect(coded.code == 4 && coded.output == "out\n" && coded.error == "err\n")
      #expect(try docker("exec", "aa", "sh", "-c", "kill -9 $$").code == 137)
      // docker 20.10 has 126 for both.
      for command in ["nonsense", "/etc"] {
        #expect(try docker("exec", "aa", command).code == 126)
      }
      #expect(try docker("exec", "--interactive", "aa", "cat", input: "in\n").output == "in\n")
      let inside = try docker.output(
        "exec", "--user=1000:1000", "--workdir=/tmp", "--env=X=1", "aa", "sh", "-c",
        "id -u; id -g; pwd; echo $X")
      #expect(inside.lines == ["1000", "1000", "/tmp", "1"])
      let all = try docker.output(
        "exec", "--privileged", "aa", "grep", "CapEff", "/proc/self/status")
      #expect(all.hasSuffix("ffffff"))
      try docker.output("exec", "--detach", "aa", "sleep", "77")
      #expect(
        try docker.output("top", "aa", "-o", "pid,args").lines.contains { $0.hasSuffix("sleep 77") }
      )
      try docker.output("cp", "aa:/etc/group", docker.home.path + "/group")
      #expect(try File.text(docker.home.path + "/group").hasPrefix("root:"))
    }
  }

  @Test func terminals() throws {
    try Docker.use { docker in
      // The client tells the size a moment after it has connected.
      let size = "until stty size 2>/dev/null | grep .; do sleep 0.05; done"
      let script = "tty; read -r x; \(size); echo got:$x; exit 6"
      var person = try docker.person(
        ["run", "--rm", "-it", EngineHome.image, "sh", "-c", script], rows: 33, columns: 101)
      #expect(try person.sees("/dev/pts/0"), "\(person.seen)")
      try person.type("hello\r")
      #expect(try person.sees("33 101") && person.sees("got:hello"), "\(person.seen)")
      #expect(try person.leave() == 6)

      try docker.run("-d", "--name=aa", command: ["sleep", "100"])
      var second = try docker.person(
        [
          "exec", "-it", "aa", "sh", "-c",
          "trap 'stty size' WINCH; tty; while :; do sleep 0.05; done",
        ],
        rows: 31, columns: 99)
      #expect(try second.sees("/dev/pts/0"), "\(second.seen)")
      #expect(
        try second.resizes(rows: 50, columns: 132, seeing: "50 132"), "\(second.seen)")
      try second.type("\u{3}")
      #expect(try second.leave() == 130)
    }
  }

  @Test func limits() throws {
    try Docker.use { docker in
      try docker.run(
        "-d", "--name=aa", "-m=64m", "--cpus=0.5", "--pids-limit=100", command: ["sleep", "100"])
      let show = EngineHome.showLimits
      #expect(
        try docker.output("exec", "aa", "sh", "-c", show).lines == ["67108864", "50000", "100"])
      try docker.output(
        "update", "-m=128m", "--memory-swap=256m", "--cpus=1", "--pids-limit=50",
        "--cpuset-cpus=0", "aa")
      #expect(
        try docker.output("exec", "aa", "sh", "-c", show).lines == ["134217728", "100000", "50"])
      let cpus = try EngineHome.limit("cpuset", "cpuset.cpus", v2: "cpuset.cpus")
      #expect(try docker.output("exec", "aa", "cat", cpus) == "0")
      #expect(
        try docker.shell("ulimit -c; ulimit -n", "--ulimit=core=0:0", "--ulimit=nofile=512:512")
          .lines == ["0", "512"])
      #expect(try docker.shell("cat /proc/self/oom_score_adj", "--oom-score-adj=100") == "100")

      let full = try docker.run(
        "-m=32m", "--name=full",
        command: ["dd", "if=/dev/zero", "of=/dev/null", "bs=100M", "count=1"])
      #expect(full.code == 137)
      #expect(try docker.inspect(".State.OOMKilled", "full") == "true")
    }
  }

  @Test func files() throws {
    try Docker.use { docker in
      let folder = docker.home.path + "/shared"
      try File.makeDirectory(folder)
      try File.replace(folder + "/f", with: "data\n".utf8)
      let readOnly = try docker.run(
        "--rm", "-v=\(folder):/v:ro", command: ["sh", "-c", "cat /v/f; touch /v/x"])
      #expect(readOnly.output == "data\n" && readOnly.error.contains("Read-only file system"))
      #expect(try docker.shell("cat /v/deep/f", "-v=\(folder)/f:/v/deep/f") == "data")
      #expect(try docker.shell("echo x > /v/y; cat /v/y", "-v=named:/v") == "x")
      try docker.output("volume", "rm", "named")
      let temporary = try docker.shell("grep ' /t ' /proc/mounts", "--tmpfs=/t:size=1m,mode=1777")
      #expect(temporary.contains("size=1024k"), "\(temporary)")
      let root = try docker.run("--rm", "--read-only", command: ["touch", "/x"])
      #expect(root.code == 1 && root.error.contains("Read-only file system"))
      #expect(try docker.shell("df -k /dev/shm | tail -1", "--shm-size=1m").contains(" 1024 "))
      #expect(try docker.shell("stat -c %t:%T /dev/n", "--device=/dev/null:/dev/n") == "1:3")
      let node = "mknod /tmp/n c 1 3; echo x > /tmp/n && echo yes"
      #expect(
        try docker.shell(node + "; mknod /tmp/m c 4 9; echo x > /tmp/m || echo no").contains("no"))
      let names = try docker.shell(
        "hostname; cat /etc/hosts", "--hostname=hh", "--add-host=x:10.200.0.1")
      #expect(names.hasPrefix("hh\n") && names.contains("10.200.0.1\tx"))
    }
  }

  @Test func security() throws {
    try Docker.use { docker in
      let grep = "grep -E 'CapEff|CapBnd' /proc/self/status | tr -s '\\t' ' '"
      let none = "0000000000000000"
      #expect(
        try docker.shell(grep, "--cap-drop=ALL").lines == ["CapEff: \(none)", "CapBnd: \(none)"])
      #expect(try docker.shell(grep).lines.first == "CapEff: 00000000a80425fb")
      let user = try docker.shell("id -u; id -G;" + grep, "--user=1000:1000", "--group-add=5").lines
      #expect(user[0] == "1000" && user[1].contains("5") && user[2] == "CapEff: \(none)")
      let all = try docker.shell("ls -d /dev/kmsg;" + grep, "--privileged").lines
      #expect(all.count == 3 && all[0] == "/dev/kmsg" && all[1].hasSuffix("ffffff"), "\(all)")
      let status = "tr -s '\\t' ' ' < /proc/self/status"
      #expect(try docker.shell(status).lines.contains("Seccomp: 2"))
      let open = try docker.shell(status, "--security-opt=seccomp=unconfined").lines
      #expect(open.contains("Seccomp: 0"))
      let pinned = try docker.shell(status, "--security-opt=no-new-privileges").lines
      #expect(pinned.contains("NoNewPrivs: 1"))
      let denied = try docker.run("--rm", command: ["unshare", "-m", "true"])
      #expect(denied.code != 0 && denied.error.contains("ermi"), "\(denied.error)")
      #expect(try docker.shell("ls /proc/acpi; wc -c < /proc/keys") == "0")
      #expect(
        try docker.shell("cat /proc/sys/kernel/msgmax", "--sysctl=kernel.msgmax=4096") == "4096")
    }
  }

  @Test func namespacesOfTheHostAndOfOthers() throws {
    try Docker.use { docker in
      let host = try run(["/bin/hostname"]).output.trimmed
      #expect(try docker.shell("hostname", "--uts=host", "--ipc=host") == host)
      #expect(
        try docker.shell("ls /proc/\(Processes.current)/stat", "--pid=host").hasSuffix("stat"))
      let links = try File.list("/sys/class/net").sorted()
      #expect(try docker.shell("ls /sys/class/net", "--network=host").lines == links)
      try docker.run(
        "-d", "--name=base", "--hostname=basehost", "--ipc=shareable", command: ["sleep", "100"])
      let shared = try docker.shell(
        "hostname; ps -o pid,comm; readlink /proc/self/ns/net; readlink /proc/self/ns/ipc",
        "--network=container:base", "--pid=container:base", "--ipc=container:base"
      ).lines
      #expect(shared.first == "basehost")
      let base = try docker.output(
        "exec", "base", "sh", "-c", "readlink /proc/self/ns/net; readlink /proc/self/ns/ipc")
      #expect(shared.suffix(2) == base.lines.suffix(2))
      #expect(shared.contains("1 sleep"))
      let cgroup = try docker.shell("grep -v systemd /proc/self/cgroup", "--cgroupns=private")
      #expect(cgroup.lines.allSatisfy { $0.hasSuffix(":/") }, "\(cgroup)")
    }
  }

  /// dockerd's prestart hook moves a link of a bridge into the namespace.
  @Test func bridge() throws {
    try Docker.use { docker in
      try docker.output(
        "network", "create", "--internal", "--subnet=10.200.77.0/24",
        "--opt=com.docker.network.bridge.name=dd-eng1", "inner")
      let server = try docker.run(
        "-d", "--name=server", "--network=inner",
        command: ["sh", "-c", "while :; do echo answer | nc -l -p 80; done"])
      #expect(server.code == 0, "\(server.error)")
      let answer = try docker.shell(
        "for i in 1 2 3 4 5; do nc -w 2 server 80 </dev/null && exit; sleep 0.2; done",
        "--network=inner")
      #expect(answer == "answer")
      #expect(try docker.shell("ls /sys/class/net", "--network=inner").contains("eth0"))
      try docker.output("network", "disconnect", "inner", "server")
      #expect(!(try docker.output("exec", "server", "ls", "/sys/class/net").contains("eth0")))
      try docker.output("network", "connect", "inner", "server")
      #expect(try docker.output("exec", "server", "ls", "/sys/class/net").contains("eth"))
    }
  }

  @Test func healthInitRestart() throws {
    try Docker.use { docker in
      try docker.run(
        "-d", "--name=hh", "--health-cmd=test -e /tmp/ok", "--health-interval=200ms",
        "--health-retries=1", command: ["sleep", "100"])
      #expect(try eventually { try docker.inspect(".State.Health.Status", "hh") == "unhealthy" })
      try docker.output("exec", "hh", "touch", "/tmp/ok")
      #expect(try eventually { try docker.inspect(".State.Health.Status", "hh") == "healthy" })
      #expect(try docker.output("diff", "hh").lines.contains("A /tmp/ok"))
      try docker.output("commit", "hh", "committed:1")
      #expect(try docker.shell("cat /proc/1/comm", "--init") == "docker-init")
      try docker.run(
        "-d", "--name=rr", "--restart=on-failure:2", command: ["sh", "-c", "echo run; exit 3"])
      #expect(try eventually { try docker.output("logs", "rr").lines == ["run", "run", "run"] })
      #expect(try eventually { try docker.inspect(".State.Status", "rr") == "exited" })
      #expect(try docker.inspect(".RestartCount", "rr") == "2")
      #expect(try docker.inspect(".State.ExitCode", "rr") == "3")
    }
  }
}
