import BenchmarkKit
import Linux
import Measure
import OCI

/// Where the arms run: a mount namespace of this process's own with a tmpfs for everything that is
/// written, so that no arm waits for a disk and nothing is left on the host.
struct Bench {
  /// The eight v1 trees, as floor.c has them.
  static let trees = ["cpu", "cpuacct", "cpuset", "memory", "devices", "freezer", "blkio", "pids"]
  /// Above the containers' cgroups; made here, so that every arm makes eight directories.
  static let parent = "/start-bench.\(Processes.current)"

  let request: Request
  let scratch: String

  /// Makes the place.
  init(_ request: Request) throws(ExperimentError) {
    self.request = request
    scratch = "/tmp/start-bench.\(Processes.current)"
    do throws(SystemError) {
      for tree in Bench.trees where !File.exists("/sys/fs/cgroup/\(tree)/cgroup.procs") {
        throw SystemError("stat(2)", .noEntry, "/sys/fs/cgroup/\(tree): a v1 tree is needed")
      }
      try File.makeDirectory(scratch, mode: 0o700)
      try Processes.unshare(.mount)
      try Mounts.mount(nil, on: "/", type: nil, [.slave, .recursive], data: nil)
      try Mounts.mount("tmpfs", on: scratch, type: "tmpfs", [], data: "mode=755")
      // Some versions of crun refuse a v2 tree beside v1 trees. Every arm runs without it.
      if File.exists("/sys/fs/cgroup/unified/cgroup.procs") {
        try Mounts.unmount("/sys/fs/cgroup/unified", detached: true)
        // What they write there goes with this process, not into the host's directory below.
        try Mounts.mount("tmpfs", on: "/sys/fs/cgroup/unified", type: "tmpfs", [], data: nil)
      }
      try Bench.makeParents()
      try makeRootfs()
      try writeBundle("true", ["/true"], filter: false)
      try writeBundle("true-seccomp", ["/true"], filter: true)
      try writeBundle("probe", ["/busybox", "sh", "/probe.sh"], filter: false)
      try writeBundle("probe-seccomp", ["/busybox", "sh", "/probe.sh"], filter: true)
      try writeBundle("sleep", ["/busybox", "sleep", "1000000"], filter: false)
      for caller in 0..<Bench.mostCallers {
        try writeBundle("many-\(caller)", ["/true"], filter: false, cgroup: "many-\(caller)")
      }
      for limit in Bench.limits {
        try writeBundle("limit-\(limit)", ["/true"], filter: false, memoryKiB: limit)
      }
    } catch {
      remove()
      throw ExperimentError(error.text)
    }
  }

  /// Takes everything away again; the tmpfs goes with this process's mount namespace.
  func remove() {
    do {
      // Other runtimes make one in the tree named systemd too.
      for tree in try File.list("/sys/fs/cgroup") where tree != "unified" {
        let path = "/sys/fs/cgroup/\(tree)\(Bench.parent)"
        if File.exists(path) { try File.removeDirectory(path) }
      }
      if File.exists(scratch + "/rootfs") { try Mounts.unmount(scratch, detached: true) }
      if File.exists(scratch) { try File.removeDirectory(scratch) }
    } catch { File.report("benchmark-start: cleaning up: \(error.text)\n") }
  }

  private static func makeParents() throws(SystemError) {
    for tree in trees {
      let path = "/sys/fs/cgroup/\(tree)\(parent)"
      if !File.exists(path) { try File.makeDirectory(path) }
    }
    // cpuset(7): born empty, and with clone_children its children are born with its values.
    for name in ["cpuset.cpus", "cpuset.mems"] {
      let value = try File.text("/sys/fs/cgroup/cpuset/\(name)")
      try File.set("/sys/fs/cgroup/cpuset\(parent)/\(name)", value)
    }
    try File.set("/sys/fs/cgroup/cpuset\(parent)/cgroup.clone_children", "1")
  }

  private func makeRootfs() throws(SystemError) {
    let rootfs = scratch + "/rootfs"
    for name in ["", "/proc", "/sys", "/dev", "/etc"] { try File.makeDirectory(rootfs + name) }
    try File.replace(rootfs + "/true", with: try File.read(request.binaries + "/true"), mode: 0o755)
    try File.replace(rootfs + "/busybox", with: try File.read("/bin/busybox"), mode: 0o755)
    let probe = try File.read(request.source + "/Benchmarks/start/probe.sh")
    try File.replace(rootfs + "/probe.sh", with: probe)
    // The tools the probe calls by name.
    let root = try File.open(rootfs, [.path, .directory])
    for tool in ["readlink", "tr", "grep"] {
      try Nodes.link("/\(tool)", beneath: root.raw, to: "/busybox")
    }
  }

  private func writeBundle(
    _ name: String, _ arguments: [String], filter: Bool, cgroup: String = "container",
    memoryKiB: Int? = nil
  ) throws(SystemError) {
    var config = Config.standard
    config.ociVersion = "1.0.2"  // what every version of the arms reads
    config.root.path = scratch + "/rootfs"
    config.process?.terminal = false
    config.process?.args = arguments
    config.process?.env = ["PATH=/"]
    config.linux.cgroupsPath = Bench.parent + "/" + cgroup
    if let memoryKiB {
      config.linux.resources.memory.limit = Int64(memoryKiB) * 1024
      config.linux.resources.memory.swap = Int64(memoryKiB) * 1024
    }
    if filter {
      let capabilities = config.process?.capabilities?.bounding ?? []
      config.linux.seccomp = Seccomp.standard(capabilities: capabilities)
    }
    try File.makeDirectory("\(scratch)/\(name)")
    try File.replace("\(scratch)/\(name)/config.json", with: config.encode())
  }
}
