import Foundation
import Linux
import Testing

/// What `drydock xray` says of a container, held against what the kernel says on another way:
/// stat(2) of the namespaces, and commands inside.
@Suite("drydock xray", .serialized, .enabled(if: Drydock.isReady, "needs root and the executables"))
struct XRayTests {
  private let drydock: Drydock

  init() throws { drydock = try Drydock() }

  /// A container that waits, its pid, and the end when the body is done.
  private func living(
    _ name: String, _ flags: [String] = [], script: String = "",
    _ body: (Int32) throws -> Void
  ) throws {
    let child = try drydock.start(
      ["run", "--rm", "--name", name] + flags
        + ["busybox", "sh", "-c", script + " : >/tmp/ready; sleep 300 & wait"])
    try drydock.until("\(name) is ready") {
      try drydock.run(["exec", name, "test", "-e", "/tmp/ready"]).code == 0
    }
    let picture = try XRayed(drydock.run(["xray", name, "--json"]))
    try body(picture.pid)
    #expect(try drydock.run(["kill", name]).code == 0)
    _ = try child.wait()
  }

  private func inside(_ name: String, _ script: String) throws -> String {
    let result = try drydock.run(["exec", name, "sh", "-c", script])
    #expect(result.code == 0, "\(result.error)")
    return result.output.trimmed
  }

  @Test("Namespaces, processes, capabilities, limits and links are the kernel's")
  func plain() throws {
    let flags = [
      "-m", "64m", "--cpus", "0.5", "--pids-limit", "50", "--cap-add", "NET_ADMIN", "--cap-drop",
      "MKNOD",
    ]
    try living("plain", flags, script: "ip link add v0 type veth peer name v1; ip link set v0 up;")
    {
      pid in
      let picture = try XRayed(drydock.run(["xray", "plain", "--json"]))
      for (kind, entry) in picture.namespaces {
        let inode = try File.status("/proc/\(pid)/ns/\(kind)").inode
        let host = try File.status("/proc/self/ns/\(kind)").inode
        #expect(entry["inode"] as? UInt64 == inode, "\(kind)")
        #expect(entry["host"] as? Bool == (inode == host), "\(kind)")
      }
      #expect(picture.namespaces.count == 8)

      let pids = try inside("plain", "cd /proc; ls -d [0-9]*").split(separator: "\n").count
      let processes = picture.list("processes")
      // The shell that listed them is gone by now.
      #expect(processes.count == pids - 1)
      #expect(processes.first?["inside"] as? [Int] == [1])
      #expect(processes.first?["pid"] as? Int == Int(pid))
      for process in processes {
        let status = try File.text("/proc/\(try #require(process["pid"] as? Int))/status")
        let inner = try #require(process["inside"] as? [Int]).last ?? 0
        #expect(status.contains("\nNSpid:\t\(process["pid"] ?? 0)\t\(inner)\n"))
      }

      let sets = try #require(picture.content("capabilities")["sets"] as? [String: [String]])
      for (set, line) in [("bounding", "CapBnd"), ("effective", "CapEff"), ("ambient", "CapAmb")] {
        let mask = try inside("plain", "grep \(line) /proc/1/status | cut -f2")
        let bits = UInt64(mask, radix: 16)?.nonzeroBitCount
        #expect(sets[set]?.count == bits, "\(set)")
      }
      #expect(sets["effective"]?.contains("CAP_NET_ADMIN") == true)
      #expect(sets["bounding"]?.contains("CAP_MKNOD") == false)
      let confinement = picture.content("confinement")
      #expect(
        try confinement["seccomp_mode"] as? Int
          == Int(inside("plain", "grep Seccomp: /proc/1/status | cut -f2")))

      let memory = try #require(picture.limit("memory"))
      #expect(memory["limit_value"] as? Int == 67_108_864)
      #expect(picture.limit("pids")?["limit"] as? String == "50")
      #expect((picture.limit("cpu")?["limit"] as? String)?.hasPrefix("0.5 CPUs") == true)

      let links = picture.list("links")
      let names = try inside("plain", "ls /sys/class/net").split(separator: "\n").map { String($0) }
      #expect(Set(links.compactMap { $0["name"] as? String }) == Set(names))
      let address = try inside("plain", "cat /sys/class/net/v0/address")
      let veth = try #require(links.first { $0["name"] as? String == "v0" })
      #expect(veth["hardware"] as? String == address && veth["kind"] as? String == "veth")
      #expect(veth["up"] as? Bool == true)

      let limits = try #require(picture.section("rlimits")["content"] as? [[String: Any]])
      let files = limits.first { $0["name"] as? String == "Max open files" }
      let number = try File.text("/proc/\(pid)/limits").split(separator: "\n")
        .first { $0.hasPrefix("Max open files") }?.split(separator: " ")[3]
      #expect(files?["soft"] as? Int == number.flatMap { Int($0) })
      let mounts = try inside("plain", "wc -l </proc/self/mountinfo")
      #expect(picture.content("mounts")["count"] as? Int == Int(mounts))
      #expect(picture.problems("namespaces").filter { !$0.hasPrefix("/proc/1/") } == [])
    }
    #expect(try drydock.leftovers() == [])
  }

  @Test("What the layers show together is what find(1) sees inside")
  func layers() throws {
    let script = """
      rm /bin/vi /etc/group; echo new >/etc/new; mkdir /opt; ln /etc/new /opt/same; \
      rm -r /root; mkdir /root; echo x >/root/x; ln -s x /root/y; echo more >>/etc/passwd;
      """
    try living("layers", ["-v", "/usr/share:/mnt:ro"], script: script) { _ in
      let picture = try XRayed(drydock.run(["xray", "layers", "--json"]))
      let layers = try #require(picture.content("layers")["layers"] as? [[String: Any]])
      #expect(layers.map { $0["role"] as? String } == ["upper", "lower"])
      let contents = try layers.map { try #require($0["content"] as? [String: Any]) }
      let visible = contents.reduce(0) { $0 + ($1["visible_files"] as? Int ?? 0) }
      let seen = try inside("layers", "find / -xdev -type f | wc -l")
      #expect(visible == Int(seen))
      #expect(contents[0]["whiteouts"] as? Int == 2)
      #expect(contents[0]["opaque"] as? Int == 1)
      // What the kernel hides is no file's of the upper layer.
      let upper = try #require(layers[0]["path"] as? String)
      #expect(try File.status(upper + "/bin/vi", follow: false).node == DeviceNumber(0, 0))
    }
    #expect(try drydock.leftovers() == [])
  }

  @Test("A user namespace is shown with its maps; the owner is told as the host knows him")
  func users() throws {
    try living("mapped", ["--uidmap", "0:100000:65536", "-u", "1000"]) { pid in
      let picture = try XRayed(drydock.run(["xray", "mapped", "--json"]))
      let ids = picture.content("ids")
      let map = try #require(ids["uid_map"] as? [[String: Any]])
      #expect(map.count == 1 && map[0]["outside"] as? Int == 100_000)
      #expect(ids["uid"] as? [Int] == [101_000, 101_000, 101_000, 101_000])
      #expect(picture.namespaces["user"]?["host"] as? Bool == false)
      #expect(try File.status("/proc/\(pid)").uid == 101_000)
      let text = try drydock.run(["xray", "mapped", "--lang", "en"]).output
      #expect(text.contains("101000, inside 1000"))
    }
  }

  @Test("The host's namespaces are told as such, in every output")
  func hostNetwork() throws {
    try living("hosted", ["--network", "host", "--uts", "host"]) { _ in
      let picture = try XRayed(drydock.run(["xray", "hosted", "--json"]))
      #expect(picture.content("links")["host"] as? Bool == true)
      let text = try drydock.run(["xray", "hosted", "--lang", "en"])
      #expect(text.output.contains("these are the host's links"))
      let chinese = try drydock.run(["xray", "hosted", "--lang", "zh"])
      #expect(chinese.output.contains("宿主机的接口") && !chinese.output.contains("\u{1B}"))
      let page = drydock.scratch + "/page.html"
      #expect(try drydock.run(["xray", "hosted", "--html", page]).code == 0)
      let html = try File.text(page)
      #expect(html.hasPrefix("<!DOCTYPE html>") && html.contains("<svg"))
      let failed = try drydock.run(["xray", "hosted", "--html", "/nonexistent/page.html"])
      #expect(failed.code == 1 && failed.error.contains("/nonexistent/page.html"))
    }
  }

  @Test("A container that is not there, one that has ended, and no process")
  func absent() throws {
    let missing = try drydock.run(["xray", "nobody-knows-it"])
    #expect(missing.code == 1 && missing.error.contains("No such container: nobody-knows-it"))
    #expect(try drydock.run(["run", "--name", "over", "busybox", "true"]).code == 0)
    let ended = try drydock.run(["xray", "over"])
    #expect(ended.code == 1 && ended.error.contains("not running"), "\(ended.error)")
    _ = try drydock.run(["rm", "over"])
    let none = try drydock.run(["xray", "2147483000"])
    #expect(none.code == 1, "\(none.error)")
    #expect(try drydock.run(["xray", "over", "--lang", "fr"]).code == 125)
  }

  @Test("Without root each section says what it could not read, and the rest is shown")
  func withoutRoot() throws {
    // Others must get through to the program.
    let program = drydock.scratch + "/bin"
    try File.makeDirectory(program)
    try #require(
      run([
        "/bin/cp", "-L", drydock.binaries + "/drydock", drydock.binaries + "/drydock-runtime",
        program,
      ])
      .code == 0)
    try living("guarded") { pid in
      let nobody = ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
      let outcome = try run(
        nobody + [program + "/drydock"] + drydock.roots + ["xray", "\(pid)", "--json"])
      #expect(outcome.code == 0, "\(outcome.error)")
      let picture = try XRayed(outcome.output)
      #expect(picture.problems("namespaces").contains("/proc/\(pid)/ns/net"))
      #expect(
        picture.problems("layers").contains("/proc/\(pid)/mountinfo")
          || !picture.content("layers").isEmpty)
      #expect(picture.list("processes").first?["pid"] as? Int == Int(pid))
      #expect(picture.section("capabilities")["content"] as? [String: Any] != nil)
      let text = try run(nobody + [program + "/drydock"] + drydock.roots + ["xray", "\(pid)"])
        .output
      #expect(text.contains("  ! /proc/\(pid)/ns/"))

      // hidepid=2 hides even that it is there (proc(5)); the mount goes with its namespace.
      let hidden = try run(
        [
          "/usr/bin/unshare", "-m", "sh", "-c",
          "mount -t proc -o hidepid=2 proc /proc && exec \"$@\"",
          "sh",
        ] + nobody + [program + "/drydock"] + drydock.roots + ["xray", "\(pid)"])
      #expect(hidden.code == 1, "\(hidden.output)")
      #expect(hidden.error.contains("No such"), "\(hidden.error)")
    }
  }

  @Test("Containers that end while they are looked at give a picture or an error, never a crash")
  func dying() throws {
    for round in 0..<6 {
      let child = try Child("/bin/sh", ["sh", "-c", "sleep 0.0\(round * 2)"])
      let result = try drydock.run(["xray", "\(child.pid)", "--json"])
      #expect(result.code == 0 || result.code == 1, "\(result.code): \(result.error)")
      if result.code == 0 { _ = try XRayed(result) }
      _ = try child.wait()
    }
  }
}

/// The containers of other engines.
@Suite("drydock xray of podman's and Docker's containers", .serialized)
struct XRayOfOthersTests {
  private static let program = Machine.binaries + "/drydock"

  @Test(.enabled(if: Podman.isInstalled && File.exists(program), Podman.reason))
  func podman() throws {
    try Podman.use { podman in
      let home = podman.home
      let started = try podman.run("-d", "--name=first", "--memory=32m", command: ["sleep", "100"])
      #expect(started.code == 0, "\(started.error)")
      let other = try podman.run(
        "-d", "--name=second", "--pid=container:first", "--ipc=container:first",
        "--uts=container:first", command: ["sleep", "100"])
      #expect(other.code == 0, "\(other.error)")
      func look(_ reference: String, _ variables: [String]) throws -> XRayed {
        let roots = ["--root", home.path + "/droot", "--run-root", home.path + "/drun"]
        let outcome = try home.call(
          [XRayOfOthersTests.program] + roots + ["xray", reference, "--json"], variables)
        #expect(outcome.code == 0, "\(outcome.error)")
        return try XRayed(outcome.output)
      }
      let pid = try #require(
        Int32(podman.output("inspect", "--format={{.State.Pid}}", "first")))
      let second = try #require(
        Int32(podman.output("inspect", "--format={{.State.Pid}}", "second")))
      let id = started.output.trimmed
      // By name, by id and by pid; by the id's beginning where there is no podman to ask.
      #expect(try look("first", podman.variables).pid == pid)
      #expect(try look(String(id.prefix(12)), podman.variables).pid == pid)
      #expect(try look(String(id.prefix(12)), ["PATH=/nonexistent"]).pid == pid)
      let first = try look("\(pid)", podman.variables)
      #expect(
        first.container == id && first.limit("memory")?["limit_value"] as? Int == 33_554_432)

      let picture = try look("second", podman.variables)
      #expect(picture.pid == second)
      // The host sees two containers in one pid namespace: the tree is this one's only.
      #expect(picture.list("processes").map { $0["pid"] as? Int } == [Int(second)])
      for (kind, entry) in picture.namespaces {
        let own = try File.status("/proc/\(second)/ns/\(kind)").inode
        let isShared = try File.status("/proc/\(pid)/ns/\(kind)").inode == own
        let sharers = try #require(entry["shared_with"] as? [[String: Any]])
        let isHost = entry["host"] as? Bool == true
        #expect(
          sharers.contains { $0["container"] as? String == id } == (isShared && !isHost), "\(kind)")
      }
      for kind in ["pid", "ipc", "uts"] {
        #expect(picture.namespaces[kind]?["host"] as? Bool == false)
      }
      if EngineHome.hasOverlay {
        let layers = try #require(picture.content("layers")["layers"] as? [[String: Any]])
        #expect(layers.count >= 2)
        let visible = layers.compactMap { $0["content"] as? [String: Any] }
          .reduce(0) { $0 + ($1["visible_files"] as? Int ?? 0) }
        let seen = try podman.output("exec", "second", "sh", "-c", "find / -xdev -type f | wc -l")
        #expect(visible == Int(seen), "\(layers)")
      }
      try podman.output("stop", "--time=0", "second")
      let gone = try home.call(
        [
          XRayOfOthersTests.program, "--root", home.path + "/droot", "--run-root",
          home.path + "/drun",
          "xray", "second",
        ], podman.variables)
      // What depends on another goes first.
      try podman.output("rm", "second")
      #expect(gone.code == 1 && gone.error.contains("not running"), "\(gone.error)")
    }
  }

  @Test(.enabled(if: Docker.isInstalled && File.exists(program), Docker.reason))
  func docker() throws {
    try Docker.use { docker in
      let home = docker.home
      let id = try docker.run("-d", "--name=web", "--network=none", command: ["sleep", "100"])
        .output.trimmed
      let roots = ["--root", home.path + "/droot", "--run-root", home.path + "/drun"]
      let pid = try #require(Int32(docker.inspect(".State.Pid", "web")))
      for (reference, variables) in [
        ("web", docker.variables), ("\(pid)", []), (String(id.prefix(12)), ["PATH=/nonexistent"]),
      ] {
        let outcome = try home.call(
          [XRayOfOthersTests.program] + roots + ["xray", reference, "--json"], variables)
        #expect(outcome.code == 0, "\(reference): \(outcome.error)")
        let picture = try XRayed(outcome.output)
        #expect(picture.pid == pid && picture.container == id)
        #expect(picture.list("processes").first?["inside"] as? [Int] == [1])
        #expect(picture.list("links").compactMap { $0["name"] as? String } == ["lo"])
      }
    }
  }
}

/// `drydock xray --json`, read.
struct XRayed {
  private let all: [String: Any]

  init(_ result: Drydock.Result) throws {
    #expect(result.code == 0, "\(result.error)")
    try self.init(result.output)
  }

  init(_ text: String) throws {
    let value = try JSONSerialization.jsonObject(with: Data(text.utf8))
    all = try #require(value as? [String: Any])
  }

  var pid: Int32 { (all["pid"] as? Int).map { Int32($0) } ?? -1 }
  var container: String? { all["container"] as? String }

  func section(_ name: String) -> [String: Any] {
    (all["sections"] as? [String: Any])?[name] as? [String: Any] ?? [:]
  }

  func content(_ name: String) -> [String: Any] {
    section(name)["content"] as? [String: Any] ?? [:]
  }

  func list(_ name: String) -> [[String: Any]] { content(name)["list"] as? [[String: Any]] ?? [] }

  /// The files that could not be read.
  func problems(_ name: String) -> [String] {
    (section(name)["problems"] as? [[String: Any]] ?? []).compactMap { $0["path"] as? String }
  }

  var namespaces: [String: [String: Any]] {
    let list = section("namespaces")["content"] as? [[String: Any]] ?? []
    return Dictionary(list.map { ($0["kind"] as? String ?? "", $0) }) { first, _ in first }
  }

  func limit(_ id: String) -> [String: Any]? {
    (content("cgroups")["limits"] as? [[String: Any]])?.first { $0["id"] as? String == id }
  }
}
