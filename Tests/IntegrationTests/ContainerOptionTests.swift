import Linux
import Testing

/// Every option that becomes a part of config.json, proved by what the kernel says inside.
@Suite(
  "Options of drydock run", .serialized,
  .enabled(if: Drydock.isReady, "needs root and the executables"))
struct ContainerOptionTests {
  private let drydock: Drydock

  init() throws { drydock = try Drydock() }

  private static let isV2 = (try? CgroupLayout.detect().mode) == .v2

  /// What a shell says in a new container.
  private func inside(_ flags: [String], _ script: String) throws -> String {
    let result = try drydock.run(["run", "--rm"] + flags + ["busybox", "sh", "-c", script])
    #expect(result.code == 0, "\(flags): \(result.error)")
    return result.output.trimmed
  }

  /// A file of the container's cgroup; nil on the version that lacks it.
  private func limit(_ flags: [String], v1: String, v2: String?) throws -> String? {
    if Self.isV2 { return try v2.map { try inside(flags, "cat /sys/fs/cgroup/\($0)") } }
    return try inside(flags, "cat /sys/fs/cgroup/\(v1)")
  }

  @Test("Memory")
  func memory() throws {
    #expect(
      try limit(
        ["-m", "64m", "--memory-reservation", "32m"], v1: "memory/memory.soft_limit_in_bytes",
        v2: "memory.low") == "33554432")
    for (flags, file, value) in [
      (["--memory-swappiness", "10"], "memory/memory.swappiness", "10"),
      (["-m", "64m", "--memory-swap", "128m"], "memory/memory.memsw.limit_in_bytes", "134217728"),
    ] {
      let found = try limit(flags, v1: file, v2: nil)
      #expect(found == nil || found == value)
    }
    let control = try limit(
      ["-m", "64m", "--oom-kill-disable"], v1: "memory/memory.oom_control", v2: nil)
    #expect(control == nil || control?.hasPrefix("oom_kill_disable 1") == true)
  }

  @Test("Processor: period and quota by themselves, and memory nodes")
  func processor() throws {
    let flags = ["--cpu-period", "50000", "--cpu-quota", "25000", "--cpuset-mems", "0"]
    if Self.isV2 {
      #expect(try inside(flags, "cat /sys/fs/cgroup/cpu.max") == "25000 50000")
    } else {
      let files =
        "cd /sys/fs/cgroup; cat cpu/cpu.cfs_quota_us cpu/cpu.cfs_period_us cpuset/cpuset.mems"
      #expect(try inside(flags, files) == "25000\n50000\n0")
    }
  }

  @Test("Disks: rates for one, and its share")
  func disks() throws {
    let names = try File.list("/sys/block").filter { File.exists("/dev/\($0)") }.sorted()
    guard
      let name = names.first(where: {
        $0.hasPrefix("vd") || $0.hasPrefix("sd") || $0.hasPrefix("nvme")
      })
    else { return }
    let number = try File.text("/sys/block/\(name)/dev").trimmed
    let flags = [
      "--device-read-bps", "/dev/\(name):1mb", "--device-write-bps", "/dev/\(name):2mb",
      "--device-read-iops", "/dev/\(name):100", "--device-write-iops", "/dev/\(name):200",
    ]
    if Self.isV2 {
      #expect(
        try inside(flags, "cat /sys/fs/cgroup/io.max")
          == "\(number) rbps=1048576 wbps=2097152 riops=100 wiops=200")
    } else {
      #expect(
        try inside(flags, "cd /sys/fs/cgroup/blkio; cat blkio.throttle.[rw]*_device").lines
          == ["1048576", "100", "2097152", "200"].map { "\(number) \($0)" })
    }
    // A rate is a ceiling, however slow the machine is otherwise: 4 MB at 2 MB a second.
    let began = Clock.now
    _ = try inside(
      ["--device-write-bps", "/dev/\(name):2mb", "-v", "/d"],
      "dd if=/dev/zero of=/d/x bs=1M count=4 conv=fsync 2>/dev/null")
    print("4 MB at 2 MB a second took \((Clock.now - began) / 1_000_000) ms")
  }

  @Test("Limits of a process, its OOM score, its groups")
  func process() throws {
    let limits = try inside(
      ["--ulimit", "nofile=100:200", "--ulimit", "core=0"],
      "grep -E 'open files|core' /proc/self/limits"
    ).lines.map { $0.split(separator: " ").map { String($0) } }
    #expect(limits.contains { $0.starts(with: ["Max", "open", "files", "100", "200"]) })
    #expect(limits.contains { $0.starts(with: ["Max", "core", "file", "size", "0", "0"]) })
    #expect(try inside(["--oom-score-adj", "300"], "cat /proc/self/oom_score_adj") == "300")
    let groups = try inside(
      ["--group-add", "777", "--group-add", "tty"], "grep Groups /proc/self/status")
    #expect(groups.contains("777"))
    if !CapabilitySet.bounding.names.contains("CAP_SYS_RESOURCE") {
      let refused = try drydock.run(["run", "--ulimit", "nofile=99999999", "busybox"])
      #expect(refused.code == 125 && refused.error.contains("CAP_SYS_RESOURCE"))
    }
  }

  @Test("--privileged: every capability there is, all devices, no filter, nothing hidden")
  func privileged() throws {
    let text = try inside(
      ["--privileged"],
      "grep -E 'CapEff|Seccomp:' /proc/1/status; ls /dev/kmsg;"
        + " grep -E ' (/sys.*|/proc/.*) ' /proc/mounts | grep -v rw,; echo end")
    let bounding = CapabilitySet.bounding.mask
    let hexadecimal = String(bounding, radix: 16)
    #expect(text.contains(hexadecimal), "\(text)")
    #expect(text.contains("Seccomp:\t0") && text.contains("/dev/kmsg"))
    #expect(text.hasSuffix("/dev/kmsg\nend"), "\(text)")
    let plain = try inside([], "ls /dev/kmsg 2>&1; grep Seccomp: /proc/1/status")
    #expect(plain.contains("No such file") && plain.contains("Seccomp:\t2"))
  }

  @Test("Devices by name and by rule; others stay closed")
  func devices() throws {
    let dd = "head -c 1 $d > /dev/null 2>&1 && echo open || echo closed"
    #expect(
      try inside(["--device", "/dev/kmsg:/dev/log:r"], "d=/dev/log; ls -l $d | cut -c1") == "c")
    #expect(try inside(["--device", "/dev/zero:/dev/nil:w"], "d=/dev/nil; \(dd)") == "open")
    // A terminal of the kernel's, which nobody has by name.
    let make = "mknod /tmp/m c 4 63; (exec 3< /tmp/m) 2>&1 | grep -o 'not permitted' || echo let"
    #expect(try inside([], make) == "not permitted")
    #expect(try inside(["--device-cgroup-rule", "c 4:* r"], make) == "let")
    let refused = try drydock.run(["run", "--device", "/dev/absent", "busybox"])
    #expect(refused.error.contains("error gathering device information"))
  }

  @Test("Namespaces: the host's, another container's, and what refuses to be shared")
  func namespaces() throws {
    func link(_ kind: String) throws -> String { try File.link("/proc/self/ns/\(kind)") }
    for (flag, kind) in [("--pid", "pid"), ("--ipc", "ipc"), ("--uts", "uts")] {
      #expect(try inside([flag, "host"], "readlink /proc/self/ns/\(kind)") == link(kind))
      #expect(try inside([], "readlink /proc/self/ns/\(kind)") != link(kind))
    }
    #expect(try drydock.run(["run", "-d", "--name", "own", "busybox", "sleep", "100"]).code == 0)
    #expect(
      try drydock.run(
        ["run", "-d", "--name", "shared", "--ipc", "shareable", "busybox", "sleep", "100"]
      ).code == 0)
    #expect(try inside(["--pid", "container:own"], "ps").contains("sleep 100"))
    let kept = try inside(
      ["--ipc", "container:shared"], "echo a > /dev/shm/x; readlink /proc/self/ns/ipc")
    let seen = try drydock.run(
      ["exec", "shared", "sh", "-c", "cat /dev/shm/x; readlink /proc/self/ns/ipc"])
    #expect(seen.output == "a\n\(kept)\n")
    // Started again, it joins whoever that container is by then.
    #expect(
      try drydock.run(
        [
          "run", "--name", "guest", "--pid", "container:own", "busybox", "sh", "-c",
          "ps | grep slee[p]",
        ]
      ).code == 0)
    #expect(try drydock.run(["restart", "-t", "0", "own"]).code == 0)
    #expect(try drydock.run(["start", "-a", "guest"]).output.contains("sleep 100"))
    #expect(try drydock.run(["stop", "-t", "0", "own"]).code == 0)
    #expect(try drydock.run(["start", "guest"]).error.contains("of a non running container"))
    let refused = try drydock.run(["run", "--ipc", "container:own", "busybox"])
    #expect(refused.error.contains("non-shareable IPC"))
    let ended = try drydock.run(["run", "--pid", "container:none", "busybox"])
    #expect(ended.error.contains("No such container: none"))
  }

  @Test("Names: host, domain, hosts, name servers")
  func names() throws {
    #expect(
      try inside(
        ["-h", "web", "--domainname", "lab"],
        "hostname; cat /proc/sys/kernel/domainname; tail -1 /etc/hosts")
        == "web\nlab\n127.0.1.1\tweb.lab web")
    #expect(
      try inside(["--add-host", "db:10.200.0.9"], "grep db$ /etc/hosts") == "10.200.0.9\tdb")
    #expect(
      try inside(
        ["--dns", "10.200.0.1", "--dns-search", "lab", "--dns-option", "ndots:2"],
        "cat /etc/resolv.conf")
        == "nameserver 10.200.0.1\nsearch lab\noptions ndots:2")
  }

  @Test("Files of variables, labels and the id; the entrypoint; the cgroup's parent")
  func files() throws {
    let path = drydock.scratch
    try File.replace(path + "/env", with: "A=from file\nB=b\n".utf8)
    #expect(
      try inside(["--env-file", path + "/env", "-e", "B=c"], "echo $A $B") == "from file c")
    #expect(
      try drydock.run(
        ["run", "--rm", "--entrypoint", "echo", "busybox", "an", "argument"]
      ).output == "an argument\n")
    let made = try drydock.run(["create", "--cidfile", path + "/id", "busybox"])
    #expect(made.code == 0, "\(made.error)")
    let id = try File.text(path + "/id")
    #expect(id == made.output.trimmed)
    let again = try drydock.run(["create", "--cidfile", path + "/id", "busybox"])
    #expect(again.code == 125 && again.error.contains("container ID file found"))
    #expect(try drydock.run(["run", "--cidfile", path + "/no", "absent-image"]).code == 125)
    #expect(!File.exists(path + "/no"))
    let parent = "test-drydock-\(Processes.current)"
    let run = try drydock.run(
      ["run", "-d", "--name", "below", "--cgroup-parent", parent, "busybox", "sleep", "100"])
    #expect(run.code == 0, "\(run.error)")
    let pid = try drydock.run(["inspect", "--format", "{{.State.Pid}}", "below"]).output.trimmed
    #expect(try File.text("/proc/\(pid)/cgroup").contains(":/\(parent)/\(run.output.prefix(12))"))
    #expect(try drydock.run(["rm", "-f", "below"]).code == 0)
    for tree in try CgroupLayout.detect().trees {
      let directory = "\(tree.mountPoint)/\(parent)"
      if File.exists(directory) { try File.removeDirectory(directory) }
    }
  }

  @Test("Memory for others: tmpfs, /dev/shm, a read-only root")
  func memoryFiles() throws {
    #expect(
      try inside(["--shm-size", "1m", "--tmpfs", "/t:size=64k"], "df -k /dev/shm /t").lines
        .dropFirst().map { $0.split(separator: " ")[1] } == ["1024", "64"])
    #expect(
      try inside(["--read-only", "--tmpfs", "/t"], "touch /x 2>&1; touch /t/x && echo ok")
        == "touch: /x: Read-only file system\nok")
  }

  @Test("Security: capabilities, privileges, sysctls, hidden paths")
  func security() throws {
    #expect(
      try inside(
        ["--cap-drop", "ALL", "--security-opt", "no-new-privileges"],
        "grep -E 'CapEff|NoNew' /proc/self/status") == "CapEff:\t0000000000000000\nNoNewPrivs:\t1")
    #expect(
      try inside(["--sysctl", "net.core.somaxconn=77"], "cat /proc/sys/net/core/somaxconn") == "77")
    #expect(
      try inside(["--sysctl", "kernel.msgmax=7777"], "cat /proc/sys/kernel/msgmax") == "7777")
    let hidden = "grep ' /proc/' /proc/mounts || echo nothing"
    #expect(try inside([], hidden).contains(" /proc/sys "))
    #expect(try inside(["--security-opt", "systempaths=unconfined"], hidden) == "nothing")
    if !File.exists("/sys/kernel/security/apparmor") {
      let refused = try drydock.run(["run", "--security-opt", "apparmor=docker-default", "busybox"])
      #expect(refused.code == 125 && refused.error.contains("AppArmor is not enabled"))
    }
  }

  @Test(
    "Against each other, in Docker's words",
    arguments: [
      (["--rm", "--restart", "always"], "Conflicting options: --restart and --rm"),
      (["-d", "-a", "stdout"], "Conflicting options: -a and -d"),
      (["--cpus", "1", "--cpu-quota", "5000"], "Nano CPUs and CPU Quota cannot both be set"),
      (["--storage-opt", "size=1g"], "--storage-opt size=1g is not supported"),
      (["--stop-signal", "SIGNO"], "Invalid signal: SIGNO"),
      (["--isolation", "hyperv"], "invalid isolation (hyperv) on linux"),
      (["--userns", "mine"], "--userns: invalid USER mode"),
    ])
  func conflicts(flags: [String], message: String) throws {
    let result = try drydock.run(["run"] + flags + ["busybox", "true"])
    #expect(result.code == 125 && result.error.contains(message), "\(result.error)")
    #expect(try drydock.leftovers() == [])
  }
}
