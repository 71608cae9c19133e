import Foundation
import Linux
import Testing

/// A folder for one engine: its state, its sockets, an image, and links by whose names it calls the
/// runtime; and what the host looked like before.
///
/// DRYDOCK_ENGINE_RUNTIME=/usr/sbin/runc gives the engines another runtime, to test these tests.
final class EngineHome {
  /// Holds everything; also the mark of the engine's processes and mounts.
  let path: String
  /// The cgroup parent of all its containers, and containerd's namespace.
  let name: String
  private let before: EngineTraces
  private let foldersBefore: [String]

  static let runtime: String = {
    for entry in Processes.environment where entry.hasPrefix("DRYDOCK_ENGINE_RUNTIME=") {
      return String(entry.dropFirst(23))
    }
    return Machine.runtime
  }()

  /// The image that all engines load: busybox.
  static let image = "localhost/busybox:1"

  /// Overlays cannot lie on overlays, which a machine inside a container has for /tmp.
  static let hasOverlay: Bool = {
    let kind = try? run(["/usr/bin/stat", "-f", "-c", "%T", "/tmp"]).output.trimmed
    return kind != "overlayfs"
  }()

  static let snapshotter = hasOverlay ? "overlayfs" : "native"

  static func isInstalled(_ programs: String...) -> Bool {
    Machine.isReady && programs.allSatisfy { File.exists($0) }
  }

  /// A limit's file as a container sees it.
  static func limit(_ controller: String, _ file: String, v2: String) throws -> String {
    try CgroupLayout.detect().mode == .v2
      ? "/sys/fs/cgroup/" + v2 : "/sys/fs/cgroup/\(controller)/\(file)"
  }

  /// The file with the memory limit, in bytes.
  static let memory = try? limit("memory", "memory.limit_in_bytes", v2: "memory.max")
  /// The file with the CPU quota, in microseconds and perhaps the period.
  static let quota = try? limit("cpu", "cpu.cfs_quota_us", v2: "cpu.max")
  /// The file with the limit of processes.
  static let pids = try? limit("pids", "pids.max", v2: "pids.max")

  /// Prints the three limits, in one line each.
  static let showLimits =
    "cat \(memory ?? "") \(quota ?? "") \(pids ?? "") | cut -d' ' -f1"

  /// Places outside their own folders that the engines insist on.
  private static let outside = [
    "/run/containerd", "/run/netns", "/run/docker", "/run/podman", "/var/lib/cni",
    "/var/lib/containers", "/var/lib/containers/cache", "/var/lib/docker", "/var/lib/containerd",
  ]

  init() throws {
    before = try EngineTraces()
    foldersBefore = EngineHome.outside.filter { File.exists($0) }
    name = "drydock-engine-\(Processes.current)-\(Machine.unique())"
    path = "/tmp/" + name
    try File.makeDirectories(path + "/bin", mode: 0o755)
    for name in ["crun", "runc", "youki", "drydock-runtime"] {
      try File.makeLink(path + "/bin/" + name, to: EngineHome.runtime)
    }
    try makeImage()
  }

  /// A program with variables in its environment, in the home's folder: conmon writes a file `oom`
  /// where it is when a container runs out of memory on cgroup v1.
  func call(
    _ words: [String], _ variables: [String], input: String? = nil, within seconds: Int32 = 60
  ) throws -> Outcome {
    try run(["/usr/bin/env", "-C", path] + variables + words, input: input, within: seconds)
  }

  /// An archive in the format of `docker save`: one layer with busybox.
  private func makeImage() throws {
    let root = path + "/rootfs"
    let bin = root + "/bin"
    for folder in ["bin", "etc", "proc", "sys", "dev", "run", "root"] {
      try File.makeDirectories(root + "/" + folder, mode: 0o755)
    }
    try File.makeDirectory(root + "/tmp")
    try File.setMode(root + "/tmp", 0o1777)
    try #require(run(["/bin/cp", "/bin/busybox", bin + "/busybox"]).code == 0)
    for applet in try run(["/bin/busybox", "--list"]).output.split(separator: "\n")
    where applet != "busybox" { try File.makeLink(bin + "/" + applet, to: "busybox") }
    try File.replace(
      root + "/etc/passwd",
      with: "root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000::/tmp:/bin/sh\n".utf8)
    try File.replace(root + "/etc/group", with: "root:x:0:\nuser:x:1000:\n".utf8)
    let layer = path + "/layer.tar"
    try #require(run(["/bin/tar", "-C", root, "-cf", layer, "."]).code == 0)
    let digest = try run(["/usr/bin/sha256sum", layer]).output.prefix(64)
    let machine = try run(["/bin/uname", "-m"]).output.trimmed
    let architecture = ["x86_64": "amd64", "aarch64": "arm64"][machine] ?? machine
    let config = """
      {"architecture": "\(architecture)", "os": "linux",
       "config": {"Env": ["PATH=/bin:/usr/bin"], "Cmd": ["sh"]},
       "rootfs": {"type": "layers", "diff_ids": ["sha256:\(digest)"]}}
      """
    try File.replace(path + "/config.json", with: config.utf8)
    let manifest =
      #"[{"Config": "config.json", "RepoTags": ["\#(EngineHome.image)"], "Layers": ["layer.tar"]}]"#
    try File.replace(path + "/manifest.json", with: manifest.utf8)
    try #require(
      run([
        "/bin/tar", "-C", path, "-cf", path + "/image.tar", "manifest.json", "config.json",
        "layer.tar",
      ]).code == 0)
  }

  /// Fails when anything is left on the host, then removes the folder.
  ///
  /// `parents` are the cgroups that the engine itself makes and leaves, without the slash.
  func finish(leaving parents: [String]) throws {
    let path = path
    let name = name
    #expect(
      try eventually { try EngineTraces.processes(of: path, name).isEmpty }, "processes are left")
    #expect(try EngineTraces.processes(of: path, name) == [])
    for directory in EngineTraces.cgroups(of: name).reversed() {
      #expect(parents.contains { directory.hasSuffix("/" + $0) }, "left: \(directory)")
      try File.removeDirectory(directory)
    }
    #expect(try MountInfo.list().map { $0.line }.filter { $0.contains(path) } == [])
    if !before.mounts.contains(where: { $0.contains(" /run/netns ") }) {
      _ = try run(["/bin/umount", "/run/netns"])
    }
    for folder in EngineHome.outside.reversed()
    where !foldersBefore.contains(folder) && File.exists(folder) { try File.removeTree(folder) }
    try File.removeTree(path)
    #expect(try EngineTraces() == before)
  }
}

/// What an engine could leave on a host, outside its own folder.
struct EngineTraces: Equatable {
  /// Network namespaces kept by a mount, and others that name no folder of the engine.
  var mounts: [String] = []
  /// Network links.
  var links: [String] = []
  /// Packet filter rules, without their counters.
  var rules: [String] = []
  /// Entries of the folders where daemons put things.
  var files: [String] = []

  init() throws {
    mounts = try MountInfo.list().map { $0.line }.filter {
      $0.contains(" nsfs ") || $0.contains(" /run/")
    }
    links = try File.list("/sys/class/net").sorted()
    for tool in ["/usr/sbin/iptables-save", "/usr/sbin/ip6tables-save"] where File.exists(tool) {
      rules += try run([tool]).output.split(separator: "\n")
        .map { String($0.prefix { $0 != "[" }) }.filter { !$0.hasPrefix("#") }
    }
    for folder in ["/run", "/run/netns", "/var/lib", "/etc/cni/net.d", "/dev/shm", "/var/run"] {
      files += ((try? File.list(folder)) ?? []).sorted().map { folder + "/" + $0 }
    }
  }

  /// Whoever has the folder in its command line or environment, or is in a cgroup of that name.
  static func processes(of path: String, _ name: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { entry in
      guard let pid = Int32(entry), pid != Processes.current else { return nil }
      func has(_ file: String, _ text: String) -> Bool {
        FileManager.default.contents(atPath: "/proc/\(pid)/\(file)")?
          .range(of: Data(text.utf8)) != nil
      }
      guard has("cmdline", path) || has("environ", path) || has("cgroup", "/" + name) else {
        return nil
      }
      let words = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline") ?? Data()
      return "\(pid) " + String(decoding: words.map { $0 == 0 ? 32 : $0 }, as: UTF8.self)
    }
  }

  /// Directories of that name in every tree, the outer before the inner.
  static func cgroups(of name: String) -> [String] {
    let root = "/sys/fs/cgroup"
    // cpu and cpuacct may be links to the one tree of both.
    let trees = ((try? File.list(root)) ?? []).filter {
      (try? File.status(root + "/" + $0, follow: false).isDirectory) == true
    }
    return ([""] + trees.map { "/" + $0 }).flatMap { tree(root + $0 + "/" + name) }
  }

  private static func tree(_ directory: String) -> [String] {
    guard let status = try? File.status(directory), status.isDirectory else { return [] }
    let names = (try? File.list(directory)) ?? []
    return [directory]
      + names.filter { (try? File.status(directory + "/" + $0).isDirectory) == true }
      .flatMap { tree(directory + "/" + $0) }
  }
}

extension String {
  /// Without white space at both ends.
  var trimmed: String { trimmingCharacters(in: .whitespacesAndNewlines) }

  /// Lines without white space at their ends.
  var lines: [String] { trimmed.split(separator: "\n").map { String($0).trimmed } }
}

extension Outcome {
  /// Both streams, for messages.
  var text: String { output + error }
}
