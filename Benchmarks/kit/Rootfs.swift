internal import Linux
internal import Measure

/// The root filesystem that all containers of a run share.
///
///     /true       a static program that ends with 0 at once
///     /stress     the load generators
///     /inside     what experiments do in containers (Benchmarks/inside)
///     /bin/…      busybox by the names of what experiments use, sh among them
///     /probe.sh   prints what a program finds around it (start/Facts.swift)
enum Rootfs {
  private static let tools = [
    "busybox", "sh", "sleep", "cat", "readlink", "tr", "grep", "dd", "find", "stat", "ls", "cp",
  ]

  /// Makes it.
  ///
  /// - Throws: `ExperimentError` naming the file.
  static func make(in place: Place, binaries: String) throws(ExperimentError) {
    let rootfs = place.path + "/rootfs"
    try Place.told { () throws(SystemError) in
      for name in ["bin", "proc", "sys", "dev", "etc", "tmp"] {
        try File.makeDirectories("\(rootfs)/\(name)", mode: 0o755)
      }
      for (name, path) in [
        ("true", binaries + "/benchmark-true"), ("stress", binaries + "/stress"),
        ("inside", binaries + "/benchmark-inside"), ("bin/busybox", "/bin/busybox"),
      ] {
        try File.replace("\(rootfs)/\(name)", with: try File.read(path), mode: 0o755)
      }
      let root = try File.open(rootfs, [.path, .directory])
      for tool in tools where tool != "busybox" {
        try Nodes.link("/bin/\(tool)", beneath: root.raw, to: "busybox")
      }
    }
  }
}
