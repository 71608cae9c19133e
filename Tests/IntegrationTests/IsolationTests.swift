import Linux
import OCI
import Testing

/// Namespaces, mounts, identity and seccomp, as the kernel shows them to the program.
@Suite(.enabled(if: Machine.isReady, Machine.reason))
struct IsolationTests {
  let bundle: Bundle

  init() throws { bundle = try Bundle() }

  private func add(_ capabilities: String...) {
    bundle.config.process?.capabilities?.bounding += capabilities
    bundle.config.process?.capabilities?.permitted += capabilities
    bundle.config.process?.capabilities?.effective += capabilities
  }

  // MARK: namespaces

  @Test func everyNewNamespaceIsNew() throws {
    let inside = try bundle.output(
      "for n in pid net mnt uts ipc cgroup; do readlink /proc/self/ns/$n; done")
    let links = inside.split(separator: "\n").map { String($0) }
    #expect(links.count == 6)
    for (index, name) in ["pid", "net", "mnt", "uts", "ipc", "cgroup"].enumerated() {
      #expect(try File.link("/proc/self/ns/\(name)") != links[index])
    }
    #expect(
      try bundle.output("echo $$; hostname; cat /proc/sys/kernel/domainname; ls /sys/class/net")
        == "1\ndrydock\n(none)\nlo")
  }

  @Test func namesAreTheContainersOwn() throws {
    let host = HostName.current
    bundle.config.hostname = "web.example"
    bundle.config.domainname = "nis.example"
    #expect(
      try bundle.output("hostname; cat /proc/sys/kernel/domainname") == "web.example\nnis.example")
    #expect(HostName.current == host)
  }

  @Test func loopbackIsUp() throws {
    #expect(try bundle.output("ifconfig lo | grep -c 'UP LOOPBACK RUNNING'") == "1")
  }

  @Test(arguments: [NamespaceKind.network, .uts, .ipc, .pid, .user])
  func joiningANamespaceByPath(kind: NamespaceKind) throws {
    let first = try Bundle { $0.process?.args = ["sleep", "300"] }
    if kind == .user {
      first.config.linux.namespaces.append(Namespace(.user))
      first.config.linux.uidMappings = [IDMapping(containerID: 0, hostID: 0, size: 65536)]
      first.config.linux.gidMappings = first.config.linux.uidMappings
      try first.write()
    }
    let started = try first.runtime("run", "--detach", "--bundle", first.path, "c")
    try #require(started.code == 0, "\(started.error)")
    let pid = try #require(try first.state().pid)
    let file = kind == .network ? "net" : kind.rawValue
    let path = "/proc/\(pid)/ns/\(file)"
    bundle.config.linux.namespaces.removeAll { $0.kind == kind }
    bundle.config.linux.namespaces.append(Namespace(kind, path: path))
    if kind == .uts { bundle.config.hostname = nil }
    if kind == .user {
      // The other namespaces must be its own, or their mounts are refused.
      #expect(try bundle.output("id -u; readlink /proc/self/ns/user") == "0\n" + File.link(path))
    } else {
      #expect(try bundle.output("readlink /proc/self/ns/\(file)") == File.link(path))
    }
    if kind == .pid { #expect(try bundle.output("ps | grep -c 'sleep 300'") != "0") }
    try bundle.expectNothingLeft()
    #expect(try first.status() == "running", "the namespace's owner lives on")
    #expect(try first.runtime("delete", "--force", "c").code == 0)
    try first.expectNothingLeft()
  }

  @Test func aNamespaceOfTheWrongKindIsRefused() throws {
    bundle.config.linux.namespaces.removeAll { $0.kind == .network }
    bundle.config.linux.namespaces.append(Namespace(.network, path: "/proc/self/ns/uts"))
    let outcome = try bundle.shell("true")
    #expect(outcome.code == 125 && outcome.error.contains("/proc/self/ns/uts"))
    try bundle.expectNothingLeft()
  }

  @Test func usersAreMapped() throws {
    bundle.config.linux.namespaces.append(Namespace(.user))
    bundle.config.linux.uidMappings = [IDMapping(containerID: 0, hostID: 100_000, size: 1000)]
    bundle.config.linux.gidMappings = [IDMapping(containerID: 0, hostID: 200_000, size: 1000)]
    try #require(run(["/bin/chown", "-R", "100000:200000", bundle.rootfs]).code == 0)
    // The way to the root must be passable for a stranger.
    try #require(run(["/bin/chmod", "755", bundle.path]).code == 0)
    #expect(
      try bundle.output(
        "id -u; id -g; cat /proc/self/uid_map | tr -s ' '; touch /tmp/mine; stat -c %u:%g /tmp/mine"
          + "; cat /proc/self/setgroups; test -c /dev/null && echo x > /dev/null && echo node")
        == "0\n0\n 0 100000 1000\n0:0\nallow\nnode")
    let status = try File.status(bundle.rootfs + "/tmp/mine")
    #expect(status.uid == 100_000 && status.gid == 200_000)
    try bundle.expectNothingLeft()
  }

  // MARK: identity

  @Test func usersGroupsAndUmask() throws {
    bundle.config.process?.user.uid = 1234
    bundle.config.process?.user.gid = 5678
    bundle.config.process?.user.additionalGids = [7, 9]
    bundle.config.process?.user.umask = 0o027
    #expect(
      try bundle.output("grep -E '^(Uid|Gid|Groups)' /proc/self/status | tr '\\t' ' '; umask")
        == "Uid: 1234 1234 1234 1234\nGid: 5678 5678 5678 5678\nGroups: 7 9 \n0027")
  }

  @Test func homeComesFromPasswd() throws {
    try File.replace(
      bundle.rootfs + "/etc/passwd",
      with: "root:x:0:0:root:/root:/bin/sh\napp:x:1234:1:,,,:/srv/app:/bin/sh\n".utf8)
    bundle.config.process?.user.uid = 1234
    #expect(try bundle.output("echo $HOME") == "/srv/app")
    bundle.config.process?.env.append("HOME=/elsewhere")
    #expect(try bundle.output("echo $HOME") == "/elsewhere")
  }

  @Test func capabilitiesAreExactlyThese() throws {
    var sets = Capabilities()
    sets.bounding = ["CAP_CHOWN", "CAP_KILL", "CAP_NET_BIND_SERVICE"]
    sets.permitted = ["CAP_CHOWN", "CAP_KILL"]
    sets.effective = ["CAP_KILL"]
    sets.inheritable = ["CAP_KILL"]
    sets.ambient = ["CAP_KILL"]
    bundle.config.process?.capabilities = sets
    bundle.config.process?.user.uid = 1000
    let text = try bundle.output("grep ^Cap /proc/self/status | tr '\\t' ' '")
    // After execve(2) of a user other than root only the ambient ones are left.
    #expect(
      text == """
        CapInh: 0000000000000020
        CapPrm: 0000000000000020
        CapEff: 0000000000000020
        CapBnd: 0000000000000421
        CapAmb: 0000000000000020
        """)
    bundle.config.process?.capabilities = Capabilities()
    #expect(
      try bundle.output("grep -E '^Cap' /proc/self/status | grep -vc 0000000000000000; true") == "0"
    )
  }

  @Test func whatTheHostLacksIsLeftOut() throws {
    let host = CapabilitySet.bounding
    add("CAP_SYS_RESOURCE", "CAP_SYS_ADMIN")
    let line = try bundle.output("grep CapBnd /proc/self/status")
    let mask = try #require(UInt64(line.suffix(16), radix: 16))
    #expect(mask & ~host.mask == 0 && mask & 1 << 21 == host.mask & 1 << 21)
  }

  @Test(arguments: [true, false])
  func noNewPrivileges(on: Bool) throws {
    bundle.config.process?.noNewPrivileges = on
    #expect(
      try bundle.output("grep NoNewPrivs /proc/self/status") == "NoNewPrivs:\t\(on ? 1 : 0)")
  }

  @Test func limitsOfTheProcess() throws {
    bundle.config.process?.rlimits = [
      Rlimit(type: "RLIMIT_NOFILE", soft: 100, hard: 200),
      Rlimit(type: "RLIMIT_CORE", soft: 0, hard: 0),
    ]
    #expect(
      try bundle.output(
        "awk '/core file/{print $5,$6} /open files/{print $4,$5}' /proc/self/limits")
        == "0 0\n100 200")
  }

  @Test func theOOMScore() throws {
    bundle.config.process?.oomScoreAdj = 321
    #expect(try bundle.output("cat /proc/self/oom_score_adj") == "321")
  }

  @Test func environmentAndDirectory() throws {
    try File.makeDirectory(bundle.rootfs + "/work")
    bundle.config.process?.cwd = "/work"
    bundle.config.process?.env = ["PATH=/bin", "A=1 2", "DRYDOCK_TEST=" + bundle.path]
    #expect(
      try bundle.output("pwd; env | sort | grep -v DRYDOCK")
        == "/work\nA=1 2\nHOME=/\nPATH=/bin\nPWD=/work\nSHLVL=1")
    // One that the image lacks is made; one that is a file is an error.
    bundle.config.process?.cwd = "/made/here"
    #expect(try bundle.output("pwd") == "/made/here")
    bundle.config.process?.cwd = "/bin/busybox"
    let outcome = try bundle.shell("true")
    #expect(outcome.code != 0 && outcome.error.contains("/bin/busybox"), "\(outcome.error)")
    try bundle.expectNothingLeft()
  }

  @Test func noDescriptorOfTheCallerReachesTheProgram() throws {
    #expect(try bundle.output("ls /proc/self/fd | wc -l") == "4", "0, 1, 2 and that of ls")
  }

  // MARK: seccomp

  @Test func seccompAnswersAsTheRulesSay() throws {
    var rules = Seccomp(defaultAction: "SCMP_ACT_ALLOW")
    var deny = SeccompRule(names: ["mkdir", "mkdirat", "no_such_call"], action: "SCMP_ACT_ERRNO")
    deny.errnoRet = 95
    rules.syscalls = [deny]
    bundle.config.linux.seccomp = rules
    let outcome = try bundle.shell("grep Seccomp: /proc/self/status; mkdir /tmp/x; echo $?")
    #expect(outcome.output == "Seccomp:\t2\n1\n")
    #expect(outcome.error.contains("Operation not supported"), "\(outcome.error)")
    // From the cache the second time, and for other users without no_new_privs.
    #expect(try File.list(bundle.root + "/.seccomp").count == 1)
    bundle.config.process?.noNewPrivileges = false
    bundle.config.process?.user.uid = 1000
    #expect(try bundle.shell("mkdir /tmp/x").error.contains("Operation not supported"))
    #expect(try File.list(bundle.root + "/.seccomp").count == 1)
    bundle.config.linux.seccomp?.syscalls[0].errnoRet = 22
    #expect(try bundle.shell("mkdir /tmp/x").error.contains("Invalid argument"))
    #expect(try File.list(bundle.root + "/.seccomp").count == 2)
  }

  @Test func aFilterThatForbidsNearlyAllStillStarts() throws {
    var rules = Seccomp(defaultAction: "SCMP_ACT_KILL_PROCESS")
    rules.syscalls = [
      SeccompRule(
        names: [
          "execve", "exit_group", "brk", "arch_prctl", "set_tid_address", "set_robust_list",
          "rseq", "prlimit64", "readlink", "readlinkat", "getrandom", "mprotect", "prctl", "getuid",
        ], action: "SCMP_ACT_ALLOW")
    ]
    bundle.config.linux.seccomp = rules
    bundle.config.process?.args = ["true"]
    try bundle.write()
    let outcome = try bundle.runtime("run", "--bundle", bundle.path, "c")
    #expect(outcome.code == 0 || outcome.code == 128 + 31, "\(outcome.error)")
    try bundle.expectNothingLeft()
  }

  // MARK: mounts

  @Test func maskedAndReadOnlyPaths() throws {
    bundle.config.linux.maskedPaths += ["/etc/secret", "/srv/secrets", "/not/there"]
    bundle.config.linux.readonlyPaths += ["/srv/fixed"]
    for folder in ["/srv", "/srv/secrets", "/srv/fixed"] {
      try File.makeDirectory(bundle.rootfs + folder)
    }
    try File.replace(bundle.rootfs + "/etc/secret", with: "s".utf8)
    try File.replace(bundle.rootfs + "/srv/secrets/s", with: "s".utf8)
    let outcome = try bundle.shell(
      "cat /etc/secret; ls /srv/secrets; echo x > /srv/secrets/y; echo x > /srv/fixed/y;"
        + " echo 1 > /proc/sys/net/ipv4/ip_forward; ls /sys/firmware; ls /not"
    )
    #expect(outcome.output.isEmpty)
    let lines = outcome.error.split(separator: "\n")
    #expect(lines.filter { $0.contains("Read-only file system") }.count == 3, "\(outcome.error)")
    #expect(lines.count == 4, "and /not is missing: \(outcome.error)")
  }

  @Test func theRootCanBeReadOnly() throws {
    bundle.config.root.readonly = true
    let outcome = try bundle.shell("touch /x; echo x > /dev/shm/y && cat /dev/shm/y")
    #expect(outcome.output == "x\n" && outcome.error.contains("Read-only file system"))
    #expect(!File.exists(bundle.rootfs + "/x"))
    try bundle.expectNothingLeft()
  }

  @Test func bindMountsAndTheirRestrictions() throws {
    let source = bundle.path + "/data"
    try File.makeDirectories(source + "/sub")
    try File.replace(source + "/file", with: "content".utf8)
    bundle.config.mounts += [
      Mount(destination: "/rw", type: "bind", source: source, options: ["rbind"]),
      Mount(
        destination: "/ro", type: "none", source: source,
        options: ["bind", "ro", "nosuid", "nodev"]
      ),
      // Relative to the bundle; onto a file that is made.
      Mount(destination: "/etc/one", type: "bind", source: "data/file", options: ["bind"]),
    ]
    let outcome = try bundle.shell(
      "cat /ro/file /etc/one; echo more > /rw/new; touch /ro/x; grep ' /ro ' /proc/self/mountinfo"
        + " | cut -d' ' -f6")
    #expect(outcome.output == "contentcontentro,nosuid,nodev,relatime\n", "\(outcome.error)")
    #expect(outcome.error.contains("Read-only file system"))
    #expect(try File.text(source + "/new") == "more\n")
    #expect(!File.exists(source + "/x"))
    try bundle.expectNothingLeft()
  }

  @Test func cgroupsInsideAreTheContainersOwn() throws {
    let text = try bundle.output(
      "ls /sys/fs/cgroup | head -3; cat /sys/fs/cgroup/pids/cgroup.procs 2>/dev/null || cat"
        + " /sys/fs/cgroup/cgroup.procs; mkdir /sys/fs/cgroup/pids/x 2>&1; true")
    #expect(text.contains("1\n"), "\(text)")
    #expect(text.contains("Read-only file system") || text.contains("can't create"), "\(text)")
    bundle.config.linux.namespaces.removeAll { $0.kind == .cgroup }
    let bound = try bundle.output("cat /proc/self/cgroup | grep -c '\(bundle.cgroup)/c'")
    #expect(Int(bound).map { $0 > 0 } == true)
    #expect(
      try bundle.output("cat /sys/fs/cgroup/pids/cgroup.procs || cat /sys/fs/cgroup/cgroup.procs")
        .hasPrefix("1\n"))
    try bundle.expectNothingLeft()
  }

  @Test func sysctlsAreTheNamespaces() throws {
    let host = try File.text("/proc/sys/net/ipv4/ip_local_port_range")
    bundle.config.linux.sysctl = [
      KeyValue("net.ipv4.ip_local_port_range", "20000 20100"), KeyValue("kernel.msgmax", "4096"),
    ]
    #expect(
      try bundle.output(
        "cat /proc/sys/net/ipv4/ip_local_port_range /proc/sys/kernel/msgmax | tr '\\t' ' '")
        == "20000 20100\n4096")
    #expect(try File.text("/proc/sys/net/ipv4/ip_local_port_range") == host)
  }

  @Test func theHostsRootIsOutOfReach() throws {
    let outcome = try bundle.output(
      "ls -d /proc/1/root/*/ | wc -l; cd ../../../..; pwd; grep -c '\(bundle.path)'"
        + " /proc/self/mountinfo; cut -d' ' -f5 /proc/self/mountinfo | head -1")
    let lines = outcome.split(separator: "\n")
    #expect(lines.suffix(3).first == "/")
    #expect(lines.last == "/")
  }

  @Test func devicesAndLinksOfEveryContainer() throws {
    #expect(
      try bundle.output(
        "cd /dev; for d in null zero full random urandom tty; do stat -c '%n %a %t:%T' $d; done;"
          + " for l in fd stdin stdout stderr ptmx; do readlink $l; done")
          == """
          null 666 1:3
          zero 666 1:5
          full 666 1:7
          random 666 1:8
          urandom 666 1:9
          tty 666 5:0
          /proc/self/fd
          /proc/self/fd/0
          /proc/self/fd/1
          /proc/self/fd/2
          pts/ptmx
          """)
  }
}
