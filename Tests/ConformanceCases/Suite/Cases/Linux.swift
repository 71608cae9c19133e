// config-linux.md: filesystems, namespaces, mappings, devices, sysctl, propagation, paths, labels.

internal import Linux

extension Trial {
  /// A user namespace whose ids 0 to 65535 are 100000 and up outside.
  func useUserNamespace() {
    config.append(["type": "user"], to: "linux.namespaces")
    let map: Value = [["containerID": 0, "hostID": 100_000, "size": 65536]]
    config["linux.uidMappings"] = map
    config["linux.gidMappings"] = map
  }

  /// Takes the namespace of a type out of the configuration, or gives it a path.
  func namespace(_ type: String, path: String? = nil, keep: Bool = true) {
    var entries = (config["linux.namespaces"]?.elements ?? []).filter {
      $0["type"]?.string != type
    }
    if keep { entries.append(["type": .string(type), "path": .string(path ?? "")]) }
    config["linux.namespaces"] = .array(entries)
  }
}

/// A process of the suite that holds namespaces for others to join.
struct Holder: ~Copyable {
  private let child: Child
  /// Its pid.
  var pid: Int32 { child.pid }

  init() throws {
    let null = try File.open("/dev/null", .readWrite)
    let words = [
      "unshare", "--net", "--uts", "--ipc", "--cgroup", "--mount", "--pid", "--fork",
      "--kill-child", "sleep", "600",
    ]
    child = try Child(
      "/usr/bin/unshare", words, input: null.raw, output: null.raw, error: null.raw)
  }

  /// Waits until the namespaces are there.
  func wait(_ trial: Trial) throws {
    let own = try Fixture.namespace("pid")
    let file = "/proc/\(child.pid)/ns/pid_for_children"
    try trial.eventually("unshare(1) made no namespaces") {
      let made = (try? File.link(file)) ?? own
      return made != own && !made.isEmpty
    }
  }
}

extension Cases {
  static func defaultFilesystems() -> Section {
    var section = Section("config-linux/default-filesystems")
    for (path, type) in [
      ("/proc", "proc"), ("/sys", "sysfs"), ("/dev/pts", "devpts"), ("/dev/shm", "tmpfs"),
    ] {
      section.should(path.split(separator: "/").joined(separator: "-"), "\(path) is a \(type)") {
        t in
        try t.see("awk '$2 == \"\(path)\" {print $3}' /proc/mounts", type)
      }
    }
    return section
  }

  static func namespaces() -> Section {
    var section = Section("config-linux/namespaces")
    let kinds: [(type: String, file: String)] = [
      ("pid", "pid"), ("network", "net"), ("mount", "mnt"), ("ipc", "ipc"), ("uts", "uts"),
      ("cgroup", "cgroup"), ("time", "time"),
    ]
    for (type, file) in kinds {
      section.must("\(type)-new", "a \(type) namespace without a path is a new one") { t in
        t.namespace(type)
        var entries = t.config["linux.namespaces"]?.elements ?? []
        entries[entries.count - 1] = ["type": .string(type)]
        t.config["linux.namespaces"] = .array(entries)
        let own = try Fixture.namespace(file)
        try t.expect(try t.run("readlink /proc/self/ns/\(file)") != own, "it is the host's")
      }
    }
    for (type, file) in kinds where type != "time" && type != "mount" {
      section.must("\(type)-path", "a \(type) namespace with a path is the one joined") { t in
        let holder = try Holder()
        try holder.wait(t)
        let name = type == "pid" ? "pid_for_children" : file
        let path = "/proc/\(holder.pid)/ns/\(name)"
        let wanted = try File.link(path)
        t.namespace(type, path: path)
        try t.see("readlink /proc/self/ns/\(file)", wanted)
      }
      section.must("\(type)-absent", "a \(type) namespace that is not named is the runtime's") {
        t in
        t.namespace(type, keep: false)
        try t.see("readlink /proc/self/ns/\(file)", try Fixture.namespace(file))
      }
      section.must("\(type)-wrong", "a path to a namespace of another type is an error") { t in
        let holder = try Holder()
        try holder.wait(t)
        t.namespace(type, path: "/proc/\(holder.pid)/ns/\(type == "uts" ? "ipc" : "uts")")
        try t.refused("the path is of another type")
      }
    }
    section.must("mount-absent", "without a mount namespace it is the runtime's, or an error") {
      t in
      t.namespace("mount", keep: false)
      t.config["mounts"] = []
      // Whoever supports it must do it right; nobody has to (config.md, "Valid values").
      t.script("true")
      guard try t.attempt().succeeded else { return try t.nothingLeft() }
      try t.equal(
        try Fixture.namespace("mnt", of: "\(t.pid)"), try Fixture.namespace("mnt"), "namespace")
    }
    section.must("path-relative", "a path that is not absolute is an error") { t in
      t.namespace("uts", path: "proc/self/ns/uts")
      try t.refused("a relative path")
    }
    section.must("path-missing", "a path where nothing is, is an error") { t in
      t.namespace("uts", path: "/proc/self/ns/none")
      try t.refused("the path does not exist")
    }
    section.must("path-plain", "a path to a plain file is an error") { t in
      try Fixture.put(t.bundle + "/plain", "")
      t.namespace("uts", path: t.bundle + "/plain")
      try t.refused("the path is no namespace")
    }
    section.must("duplicate", "two namespaces of one type are an error") { t in
      t.config.append(["type": "uts"], to: "linux.namespaces")
      try t.refused("uts twice")
    }
    section.must("unknown", "a type nobody knows is an error") { t in
      t.config.append(["type": "test"], to: "linux.namespaces")
      try t.refused("the type test")
    }
    section.must("pid-isolated", "in a pid namespace only its own processes are seen") { t in
      try t.see("ls -d /proc/[0-9]* | head -n 1; echo $$", "/proc/1\n1")
    }
    section.must("network-isolated", "in a network namespace there is only its own loopback") { t in
      try t.see("ls /sys/class/net", "lo")
    }
    section.must("cgroup-isolated", "in a cgroup namespace its own cgroup is the root") { t in
      t.config.append(["type": "cgroup"], to: "linux.namespaces")
      try t.see(
        "grep -E ':(|pids):' /proc/self/cgroup | grep -v '^0::/.' | cut -d: -f3 | sort -u", "/")
    }
    return section
  }

  static func userNamespaces() -> Section {
    var section = Section("config-linux/user-namespaces")
    section.must("new", "a user namespace without a path is a new one, with the mappings") { t in
      t.useUserNamespace()
      let own = try Fixture.namespace("user")
      let got = try t.run(
        "readlink /proc/self/ns/user; cat /proc/self/uid_map /proc/self/gid_map | tr -s ' '")
      let lines = got.split(separator: "\n")
      try t.expect(lines.count == 3 && lines[0] != own, "it is the host's: \(lines)")
      try t.equal(lines.dropFirst().map { $0 }, [" 0 100000 65536", " 0 100000 65536"], "maps")
    }
    section.must("several", "several mappings are all there") { t in
      t.useUserNamespace()
      let map: Value = [
        ["containerID": 0, "hostID": 100_000, "size": 1000],
        ["containerID": 1000, "hostID": 200_000, "size": 10],
      ]
      t.config["linux.uidMappings"] = map
      t.config["linux.gidMappings"] = map
      try t.see("cat /proc/self/uid_map | tr -s ' '", " 0 100000 1000\n 1000 200000 10")
    }
    section.must("root", "the container's root is an ordinary user outside") { t in
      t.useUserNamespace()
      t.script("id -u; sleep 60")
      try t.create()
      try t.start()
      try t.eventually("the program did not run") { try t.written() == "0" }
      let status = try File.text("/proc/\(t.pid)/status")
      try t.expect(status.contains("\nUid:\t100000\t100000\t"), "outside it is another user")
    }
    section.should("ownership", "the root filesystem's owners are not changed for the mapping") {
      t in
      t.useUserNamespace()
      _ = try t.run("true")
      try t.equal(try File.status(t.rootfs + "/bin").uid, 0, "owner of /bin")
    }
    section.must("writable", "what root inside makes belongs to its id outside") { t in
      t.useUserNamespace()
      _ = try t.run("touch /tmp/made")
      try t.equal(try File.status(t.rootfs + "/tmp/made").uid, 100_000, "owner")
    }
    section.must("overlap", "mappings the kernel does not take are an error") { t in
      t.useUserNamespace()
      t.config["linux.uidMappings"] = [
        ["containerID": 0, "hostID": 100_000, "size": 10],
        ["containerID": 5, "hostID": 200_000, "size": 10],
      ]
      try t.refused("ids 5 to 9 twice")
    }
    section.must("devices", "the default devices are there in a user namespace too") { t in
      t.useUserNamespace()
      try t.see("echo x >/dev/null && head -c 2 /dev/zero | od -An -tx1 | tr -d ' '", "0000")
    }
    return section
  }

  static func timeOffsets() -> Section {
    var section = Section("config-linux/time-offsets")
    section.must("offsets", "timeOffsets are the clocks' offsets in the time namespace") { t in
      t.config.append(["type": "time"], to: "linux.namespaces")
      t.config["linux.timeOffsets"] = [
        "monotonic": ["secs": 1000, "nanosecs": 5], "boottime": ["secs": 2000],
      ]
      try t.see(
        "tr -s ' ' </proc/self/timens_offsets", "monotonic 1000 5\nboottime 2000 0")
    }
    section.must("negative", "an offset can be negative") { t in
      t.config.append(["type": "time"], to: "linux.namespaces")
      t.config["linux.timeOffsets"] = ["boottime": ["secs": -10]]
      try t.see("grep boottime /proc/self/timens_offsets | tr -s ' '", "boottime -10 0")
    }
    section.must("clock", "a clock nobody knows is an error") { t in
      t.config.append(["type": "time"], to: "linux.namespaces")
      t.config["linux.timeOffsets"] = ["realtime": ["secs": 10]]
      try t.refused("the wall clock has no offset")
    }
    section.must("no-namespace", "offsets without a time namespace are an error") { t in
      t.config["linux.timeOffsets"] = ["boottime": ["secs": 10]]
      try t.refused("the host's clock cannot be moved")
    }
    return section
  }

  static func devices() -> Section {
    var section = Section("config-linux/devices")
    let nodes: [(slug: String, device: Value, shows: String)] = [
      (
        "char",
        [
          "type": "c", "path": "/dev/one", "major": 1, "minor": 3, "fileMode": 0o640, "uid": 12,
          "gid": 34,
        ], "character special file 1:3 640 12:34"
      ),
      (
        "block",
        ["type": "b", "path": "/dev/two", "major": 7, "minor": 5, "fileMode": 0o600],
        "block special file 7:5 600 0:0"
      ),
      (
        "unbuffered",
        ["type": "u", "path": "/dev/three", "major": 1, "minor": 5, "fileMode": 0o666],
        "character special file 1:5 666 0:0"
      ),
      ("fifo", ["type": "p", "path": "/dev/four", "fileMode": 0o622], "fifo 0:0 622 0:0"),
      (
        "elsewhere",
        ["type": "c", "path": "/a/new/folder/five", "major": 1, "minor": 3, "fileMode": 0o666],
        "character special file 1:3 666 0:0"
      ),
    ]
    for (slug, device, shows) in nodes {
      section.must(slug, "a listed device is there, with its type, numbers, mode and owner") { t in
        t.config["linux.devices"] = [device]
        let path = device["path"]?.string ?? ""
        // stat prints the numbers in hexadecimal: all of these are below ten.
        try t.see("stat -c '%F %t:%T %a %u:%g' \(path)", shows)
      }
    }
    section.must("other-file", "a path where another kind of file is, is an error") { t in
      try Fixture.put(t.rootfs + "/mnt/node", "a plain file\n")
      t.config["linux.devices"] = [
        ["type": "c", "path": "/mnt/node", "major": 1, "minor": 3, "fileMode": 0o666]
      ]
      try t.refused("a plain file is in the way")
      try t.equal(try File.text(t.rootfs + "/mnt/node"), "a plain file\n", "the file")
    }
    section.must("type", "a device type nobody knows is an error") { t in
      t.config["linux.devices"] = [["type": "z", "path": "/dev/z", "major": 1, "minor": 3]]
      try t.refused("the type z")
    }
    for field in ["type", "path", "major"] {
      section.must("no-\(field)", "a device without \(field) is an error") { t in
        var device: Value = ["type": "c", "path": "/dev/x", "major": 1, "minor": 3]
        device[field] = nil
        t.config["linux.devices"] = [device]
        try t.refused("no \(field)")
      }
    }
    return section
  }

  static func defaultDevices() -> Section {
    var section = Section("config-linux/default-devices")
    for (name, numbers) in [
      ("null", "1:3"), ("zero", "1:5"), ("full", "1:7"), ("random", "1:8"), ("urandom", "1:9"),
      ("tty", "5:0"),
    ] {
      section.must(name, "/dev/\(name) is there for everybody") { t in
        t.config["process.user"] = ["uid": 1234, "gid": 1234]
        try t.see(
          "stat -c '%F %t:%T %a' /dev/\(name)", "character special file \(numbers) 666")
      }
    }
    section.must("ptmx", "/dev/ptmx is that of the container's /dev/pts") { t in
      try t.see(
        "test \"$(readlink -f /dev/ptmx)\" = /dev/pts/ptmx -o "
          + "\"$(stat -c %t:%T /dev/ptmx)\" = 5:2 && echo yes", "yes")
    }
    section.must("null-works", "/dev/null takes what is written") { t in
      try t.see("echo x >/dev/null; cat /dev/null; echo done", "done")
    }
    let links = [
      ("fd", "/proc/self/fd"), ("stdin", "/proc/self/fd/0"), ("stdout", "/proc/self/fd/1"),
      ("stderr", "/proc/self/fd/2"),
    ]
    for (name, target) in links {
      section.must("link-\(name)", "/dev/\(name) links to \(target) (runtime-linux.md)") { t in
        try t.see("readlink /dev/\(name)", target)
      }
    }
    return section
  }

  static func sysctl() -> Section {
    var section = Section("config-linux/sysctl")
    for (key, value) in [
      ("net.ipv4.ip_forward", "1"), ("net.core.somaxconn", "321"), ("kernel.msgmax", "4321"),
      ("kernel.shm_rmid_forced", "1"), ("fs.mqueue.msg_max", "7"),
    ] {
      section.must(key, "\(key) is set in the container") { t in
        t.config["linux.sysctl"] = .object([.init(key: key, value: .string(value))])
        let path = key.split(separator: ".").joined(separator: "/")
        try t.see("cat /proc/sys/\(path)", value)
      }
    }
    section.mustNot("host", "the host's settings stay as they are") { t in
      let before = try File.text("/proc/sys/kernel/msgmax")
      t.config["linux.sysctl"] = .object([.init(key: "kernel.msgmax", value: "4321")])
      _ = try t.run("true")
      try t.equal(try File.text("/proc/sys/kernel/msgmax"), before, "kernel.msgmax")
    }
    section.must("unknown", "a setting the kernel does not have is an error") { t in
      t.config["linux.sysctl"] = .object([.init(key: "net.ipv4.no_such_thing", value: "1")])
      try t.refused("no such setting")
    }
    return section
  }

  static func propagation() -> Section {
    var section = Section("config-linux/rootfs-propagation")
    /// Starts a container whose root is on a shared mount of the host, mounts below it on the
    /// host, and tells whether the container sees that; and the tags of its root.
    func look(_ t: Trial, _ value: String) throws -> (sees: Bool, tags: String) {
      try Mounts.mount(t.rootfs, on: t.rootfs, type: nil, .bind, data: nil)
      try Mounts.mount(nil, on: t.rootfs, type: nil, .shared, data: nil)
      t.config["linux.rootfsPropagation"] = .string(value)
      try t.hold()
      try Mounts.mount("late", on: t.rootfs + "/mnt", type: "tmpfs", [], data: nil)
      let mounts = try MountInfo.list(of: "\(t.pid)")
      let root = mounts.last { $0.target == "/" }
      return (mounts.contains { $0.target == "/mnt" }, root?.propagation ?? "")
    }
    for value in ["slave", "rslave"] {
      section.must(value, "\(value): what is mounted on the host appears in the container") { t in
        let (sees, tags) = try look(t, value)
        try t.expect(sees, "the mount did not appear")
        try t.expect(tags.contains("master:"), "the root's tags are \"\(tags)\"")
      }
    }
    for value in ["private", "rprivate"] {
      section.must(value, "\(value): what is mounted on the host does not appear") { t in
        let (sees, tags) = try look(t, value)
        try t.expect(!sees, "the mount appeared")
        try t.equal(tags, "", "the root's tags")
      }
    }
    for value in ["shared", "rshared"] {
      section.must(value, "\(value): the root belongs to a peer group") { t in
        let tags = try look(t, value).tags
        try t.expect(tags.contains("shared:"), "the root's tags are \"\(tags)\"")
      }
    }
    section.must("unbindable", "unbindable: the root cannot be bound") { t in
      let tags = try look(t, "unbindable").tags
      try t.expect(tags.contains("unbindable"), "the root's tags are \"\(tags)\"")
    }
    section.must("unknown", "a propagation nobody knows is an error") { t in
      t.config["linux.rootfsPropagation"] = "public"
      try t.refused("public")
    }
    return section
  }

  static func paths() -> Section {
    var section = Section("config-linux/paths")
    section.must("masked-file", "a masked file cannot be read") { t in
      try Fixture.put(t.rootfs + "/mnt/secret", "secret\n")
      t.config["linux.maskedPaths"] = ["/mnt/secret"]
      try t.see("cat /mnt/secret 2>/dev/null; echo done", "done")
      try t.equal(try File.text(t.rootfs + "/mnt/secret"), "secret\n", "the file itself")
    }
    section.must("masked-folder", "a masked folder shows nothing") { t in
      try Fixture.put(t.rootfs + "/mnt/secret", "secret\n")
      t.config["linux.maskedPaths"] = ["/mnt"]
      try t.see("ls /mnt 2>/dev/null; echo done", "done")
    }
    section.must("masked-proc", "a file of /proc can be masked") { t in
      t.config["linux.maskedPaths"] = ["/proc/meminfo"]
      try t.see("cat /proc/meminfo 2>/dev/null; echo done", "done")
    }
    section.must("readonly-file", "a read-only file can be read and not written") { t in
      try Fixture.put(t.rootfs + "/mnt/file", "text\n")
      t.config["linux.readonlyPaths"] = ["/mnt/file"]
      try t.see("cat /mnt/file; { echo x >/mnt/file; } 2>/dev/null && echo written; true", "text")
    }
    section.must("readonly-folder", "in a read-only folder nothing can be made") { t in
      t.config["linux.readonlyPaths"] = ["/mnt"]
      try t.see("touch /mnt/x 2>/dev/null && echo written || echo refused", "refused")
    }
    section.must("readonly-proc", "a folder of /proc can be made read-only") { t in
      t.config["linux.readonlyPaths"] = ["/proc/sys"]
      try t.see(
        "{ echo 1 >/proc/sys/net/ipv4/ip_forward; } 2>/dev/null && echo written || echo refused",
        "refused")
    }
    for field in ["maskedPaths", "readonlyPaths"] {
      section.must("\(field)-relative", "\(field) are absolute: a relative one is an error") { t in
        t.config["linux." + field] = ["mnt"]
        try t.refused("a relative path")
      }
    }
    return section
  }

  static func labels() -> Section {
    var section = Section("config-linux/mount-label")
    section.must("mountLabel", "a label that cannot be applied is an error") { t in
      guard !File.exists("/sys/fs/selinux") else {
        throw Skip(text: "SELinux is there: the case is about a kernel without it")
      }
      t.config["linux.mountLabel"] = "system_u:object_r:container_file_t:s0"
      try t.refused("there is no SELinux")
    }
    section.must("intelRdt", "intelRdt without a resctrl filesystem is an error") { t in
      guard !(try MountInfo.list().contains { $0.type == "resctrl" }) else {
        throw Skip(text: "resctrl is mounted: the case is about a machine without it")
      }
      t.config["linux.intelRdt"] = ["closID": "conformance", "l3CacheSchema": "L3:0=f"]
      try t.refused("there is no resctrl")
    }
    return section
  }

  static func personality() -> Section {
    var section = Section("config-linux/personality")
    section.must("LINUX32", "LINUX32 makes uname(2) show a 32-bit machine") { t in
      t.config["linux.personality"] = ["domain": "LINUX32"]
      let machine = try t.run("uname -m")
      try t.expect(machine != "x86_64" && machine != "aarch64", "uname -m says \(machine)")
    }
    section.must("LINUX", "LINUX is the ordinary personality") { t in
      t.config["linux.personality"] = ["domain": "LINUX"]
      try t.see("cat /proc/self/personality", "00000000")
    }
    section.must("domain", "a domain nobody knows is an error") { t in
      t.config["linux.personality"] = ["domain": "SOLARIS"]
      try t.refused("the domain SOLARIS")
    }
    section.must("flags", "flags are not supported: one is an error") { t in
      t.config["linux.personality"] = ["domain": "LINUX", "flags": ["ADDR_NO_RANDOMIZE"]]
      try t.refused("a flag")
    }
    return section
  }
}
