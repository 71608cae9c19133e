import Linux
import OCI
import Testing

/// Namespaces by path and with new kinds (config-linux.md, "Namespaces" and "Offset for Time
/// Namespace").
@Suite(.enabled(if: Machine.isReady, Machine.reason))
struct NamespaceTests {
  let bundle: Bundle

  init() throws { bundle = try Bundle() }

  private func replace(_ kind: NamespaceKind, _ path: String?) {
    bundle.config.linux.namespaces.removeAll { $0.kind == kind }
    bundle.config.linux.namespaces.append(Namespace(kind, path: path))
  }

  private func mapUsers(_ bundle: Bundle) throws {
    bundle.config.linux.namespaces.append(Namespace(.user))
    bundle.config.linux.uidMappings = [IDMapping(containerID: 0, hostID: 100_000, size: 65536)]
    bundle.config.linux.gidMappings = bundle.config.linux.uidMappings
    try #require(run(["/bin/chown", "-R", "100000:100000", bundle.rootfs]).code == 0)
    try File.setMode(bundle.path, 0o755)
    try bundle.write()
  }

  // MARK: time

  @Test(.enabled(if: File.exists("/proc/self/ns/time")), arguments: [false, true])
  func clocksAreShifted(user: Bool) throws {
    if user { try mapUsers(bundle) }
    bundle.config.linux.namespaces.append(Namespace(.time))
    bundle.config.linux.timeOffsets.boottime = TimeOffset(seconds: 1_000_000)
    bundle.config.linux.timeOffsets.monotonic = TimeOffset(seconds: 86400, nanoseconds: 5)
    let outcome = try bundle.output(
      "cut -d. -f1 /proc/uptime; readlink /proc/self/ns/time; tr -s ' ' < /proc/self/timens_offsets"
    )
    let lines = outcome.split(separator: "\n").map { String($0) }
    try #require(lines.count == 4)
    let uptime = try #require(Int(lines[0]))
    let host = Int(Clock.sinceBoot / 1_000_000_000)
    #expect((host + 999_000...host + 1_000_060).contains(uptime))
    #expect(try lines[1] != File.link("/proc/self/ns/time"))
    #expect(lines[2...] == ["monotonic 86400 5", "boottime 1000000 0"])
    // exec is in it too, and nothing of the host's is shifted.
    bundle.config.process?.args = ["sleep", "60"]
    try bundle.write()
    try bundle.create()
    #expect(try bundle.runtime("start", "c").code == 0)
    let inside = try bundle.runtime("exec", "c", "cat", "/proc/uptime").output
    #expect(Double(inside.split(separator: " ").first ?? "").map { $0 > 1_000_000 } == true)
    #expect(try bundle.runtime("delete", "--force", "c").code == 0)
    try bundle.expectNothingLeft()
  }

  @Test func hooksOfTheRuntimeAreNotShifted() throws {
    bundle.config.linux.namespaces.append(Namespace(.time))
    bundle.config.linux.timeOffsets.boottime = TimeOffset(seconds: 1_000_000)
    var hook = Hook(path: "/bin/sh")
    hook.args = ["sh", "-c", "readlink /proc/self/ns/time > \(bundle.path)/hook"]
    bundle.config.hooks.createRuntime = [hook]
    #expect(try bundle.shell("true").code == 0)
    #expect(try File.text(bundle.path + "/hook") == File.link("/proc/self/ns/time") + "\n")
    try bundle.expectNothingLeft()
  }

  // MARK: by path

  /// A container whose namespaces others enter.
  private func withOwner(
    user: Bool = false, _ body: (Bundle, (String) -> String) throws -> Void
  ) throws {
    let owner = try Bundle { $0.process?.args = ["sleep", "300"] }
    if user { try mapUsers(owner) }
    let started = try owner.runtime("run", "--detach", "--bundle", owner.path, "c")
    try #require(started.code == 0, "\(started.error)")
    let pid = try #require(try owner.state().pid)
    try body(owner) { "/proc/\(pid)/ns/" + $0 }
    #expect(try owner.status() == "running", "the namespaces' owner lives on")
    #expect(try owner.runtime("delete", "--force", "c").code == 0)
    try owner.expectNothingLeft()
  }

  /// The rights over a namespace are its owner's: it is entered before there is a user namespace.
  @Test(arguments: [NamespaceKind.network, .ipc, .uts, .pid, .cgroup])
  func joiningBesideANewUserNamespace(kind: NamespaceKind) throws {
    try mapUsers(bundle)
    try withOwner { owner, path in
      let file = kind == .network ? "net" : kind.rawValue
      replace(kind, path(file))
      if kind == .uts { bundle.config.hostname = nil }
      // A sysfs, an mqueue and a procfs belong to whom the namespace belongs to.
      if kind == .network { bundle.config.mounts.removeAll { $0.type == "sysfs" } }
      if kind == .network || kind == .cgroup {
        bundle.config.mounts.removeAll { $0.type == "cgroup" }
      }
      if kind == .ipc { bundle.config.mounts.removeAll { $0.type == "mqueue" } }
      if kind == .pid {
        let index = try #require(bundle.config.mounts.firstIndex { $0.type == "proc" })
        bundle.config.mounts[index] = Mount(
          destination: "/proc", type: "bind", source: "/proc", options: ["rbind"])
        bundle.config.linux.maskedPaths = []
        bundle.config.linux.readonlyPaths = []
      }
      bundle.config.process?.args = ["sleep", "60"]
      try bundle.write()
      let started = try bundle.runtime("run", "--detach", "--bundle", bundle.path, "c")
      try #require(started.code == 0, "\(started.error)")
      let pid = try #require(try bundle.state().pid)
      #expect(try File.link("/proc/\(pid)/ns/\(file)") == File.link(path(file)))
      #expect(try File.link("/proc/\(pid)/ns/user") != File.link("/proc/self/ns/user"))
      #expect(try File.text("/proc/\(pid)/uid_map").contains("100000"))
      #expect(try bundle.runtime("delete", "--force", "c").code == 0)
      try bundle.expectNothingLeft()
    }
  }

  @Test func joiningAUserNamespaceWithWhatItOwns() throws {
    try withOwner(user: true) { owner, path in
      replace(.user, path("user"))
      replace(.network, path("net"))
      replace(.ipc, path("ipc"))
      try #require(run(["/bin/chown", "-R", "100000:100000", bundle.rootfs]).code == 0)
      try File.setMode(bundle.path, 0o755)
      let links = try bundle.output(
        "id -u; for n in user net ipc; do readlink /proc/self/ns/$n; done")
      #expect(
        try links == "0\n"
          + ["user", "net", "ipc"].map { try File.link(path($0)) }
          .joined(separator: "\n"))
      try bundle.expectNothingLeft()
    }
  }

  @Test func joiningACgroupNamespace() throws {
    try withOwner { owner, path in
      replace(.cgroup, path("cgroup"))
      let text = try bundle.output(
        "readlink /proc/self/ns/cgroup; grep -c . /proc/self/cgroup; ls /sys/fs/cgroup | wc -l")
      let lines = text.split(separator: "\n")
      #expect(try lines.first.map { String($0) } == File.link(path("cgroup")))
      #expect(lines.last != "0")
      try bundle.expectNothingLeft()
    }
  }

  // MARK: the host's own

  /// A namespace by path that is the host's is shared, whatever it is called.
  @Test(arguments: ["/proc/self/ns/uts", "/proc/1/ns/uts"].filter { (try? File.link($0)) != nil })
  func theHostsNameCannotBeSetByAPath(path: String) throws {
    let name = HostName.current
    replace(.uts, path)
    let outcome = try bundle.shell("true")
    #expect(outcome.code == 125 && outcome.error.contains("hostname"), "\(outcome.error)")
    #expect(HostName.current == name)
    bundle.config.hostname = nil
    #expect(try bundle.output("readlink /proc/self/ns/uts") == File.link("/proc/self/ns/uts"))
    try bundle.expectNothingLeft()
  }

  @Test func theHostsSysctlsCannotBeSetByAPath() throws {
    let before = try File.text("/proc/sys/net/ipv4/ip_local_port_range")
    // By another name than /proc's.
    let file = bundle.path + "/net"
    try File.replace(file, with: "".utf8)
    replace(.network, file)
    bundle.config.mounts.removeAll { $0.type == "sysfs" }
    bundle.config.linux.sysctl = [KeyValue("net.ipv4.ip_local_port_range", "20000 20100")]
    try bundle.write()
    let outcome = try run([
      "/usr/bin/unshare", "-m", "sh", "-c",
      "mount --bind /proc/self/ns/net \(file) && exec "
        + bundle.words(["run", "--bundle", bundle.path, "c"]).joined(separator: " "),
    ])
    #expect(outcome.code == 125 && outcome.error.contains("sysctl"), "\(outcome.error)")
    #expect(try File.text("/proc/sys/net/ipv4/ip_local_port_range") == before)
    try bundle.expectNothingLeft()
  }

  @Test func whatIsNoNamespaceIsRefusedFirst() throws {
    let pipe = bundle.path + "/pipe"
    try #require(run(["/usr/bin/mkfifo", pipe]).code == 0)
    for path in [pipe, "/etc/passwd", "/proc/self/ns/uts", bundle.path + "/missing"] {
      replace(.network, path)
      let outcome = try bundle.shell("true")
      #expect(outcome.code == 125 && outcome.error.contains(path), "\(outcome.error)")
      #expect(!File.exists(bundle.root + "/c"))
    }
    replace(.network, nil)
    replace(.user, "/proc/self/ns/user")
    let outcome = try bundle.shell("true")
    #expect(outcome.code == 125 && outcome.error.contains("/proc/self/ns/user"))
    try bundle.expectNothingLeft()
  }
}
