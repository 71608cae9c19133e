public import Format
import Linux

/// What `drydock info` shows: this engine and the machine it is on.
public struct EngineInfo: Equatable, Sendable {
  /// Containers by their state.
  public var containers = 0
  /// Those that run.
  public var running = 0
  /// Those that are paused.
  public var paused = 0
  /// All others.
  public var stopped = 0
  /// Images with a name.
  public var images = 0
  /// `--root`, as a path without links.
  public var rootDirectory = ""
  /// `--run-root`.
  public var runDirectory = ""
  /// The OCI runtime's path.
  public var runtime = ""
  /// `1`, `2`, or `hybrid`.
  public var cgroupVersion = ""
  /// `uname -r`.
  public var kernelVersion = ""
  /// As /etc/os-release has it.
  public var operatingSystem = ""
  /// `x86_64`.
  public var architecture = ""
  /// CPUs that are online.
  public var cpus = 0
  /// Bytes.
  public var memory: UInt64 = 0
  /// The host's name.
  public var name = ""
  /// What containers are confined by.
  public var security: [String] = []
  /// What cannot be done here.
  public var warnings: [String] = []

  /// As Docker's API has it.
  public var value: Value {
    [
      "Containers": .number(Int64(containers)), "ContainersRunning": .number(Int64(running)),
      "ContainersPaused": .number(Int64(paused)), "ContainersStopped": .number(Int64(stopped)),
      "Images": .number(Int64(images)), "Driver": "overlay", "LoggingDriver": "json-file",
      "CgroupDriver": "cgroupfs", "CgroupVersion": .string(cgroupVersion),
      "KernelVersion": .string(kernelVersion), "OperatingSystem": .string(operatingSystem),
      "OSType": "linux", "Architecture": .string(architecture), "NCPU": .number(Int64(cpus)),
      "MemTotal": .number(Int64(clamping: memory)), "DockerRootDir": .string(rootDirectory),
      "Name": .string(name), "SecurityOptions": .strings(security),
      "DefaultRuntime": "drydock-runtime", "Warnings": .strings(warnings),
    ]
  }
}

extension Engine {
  /// Looks at this engine and its machine.
  ///
  /// - Returns: what there is at this moment.
  /// - Throws: `EngineError` when the state or the kernel cannot be read.
  public func info() throws(EngineError) -> EngineInfo {
    var info = EngineInfo()
    for container in try containers(all: true) {
      info.containers += 1
      switch container.status {
      case .running: info.running += 1
      case .paused: info.paused += 1
      default: info.stopped += 1
      }
    }
    info.images = try images().count
    info.runDirectory = runRoot
    info.runtime = runtime.path
    let machine = try Machine.here()
    info.cpus = machine.cpus.count
    try asked("looking at this machine") { () throws(SystemError) in
      // Links are followed: the data are where they are.
      info.rootDirectory = root
      if File.exists(root) {
        let place = try File.open(root, [.path, .directory])
        info.rootDirectory = try File.link(place.procPath)
      }
      info.cgroupVersion =
        switch try CgroupLayout.detect().mode {
        case .v1: "1"
        case .hybrid: "1 (hybrid)"
        case .v2: "2"
        }
      info.architecture = try File.text("/proc/sys/kernel/arch").trimmedLine
      info.memory = try EngineInfo.memory()
      info.operatingSystem = try EngineInfo.system()
    }
    info.kernelVersion = HostName.kernelRelease
    info.name = HostName.current
    if File.exists("/proc/sys/kernel/seccomp") {
      info.security.append("name=seccomp,profile=default")
    }
    if File.exists("/sys/kernel/security/apparmor") { info.security.append("name=apparmor") }
    if File.exists("/sys/fs/selinux/enforce") { info.security.append("name=selinux") }
    for name in ["CAP_SYS_RESOURCE", "CAP_SYS_ADMIN", "CAP_NET_ADMIN"]
    where !machine.capabilities.contains(name) {
      info.warnings.append("\(name) is not in the bounding set: no container can have it")
    }
    return info
  }
}

extension EngineInfo {
  /// MemTotal of proc_meminfo(5), in bytes.
  fileprivate static func memory() throws(SystemError) -> UInt64 {
    for line in try File.text("/proc/meminfo").split(separator: "\n")
    where line.hasPrefix("MemTotal:") {
      return (UInt64(line.filter(\.isNumber)) ?? 0) << 10
    }
    return 0
  }

  /// PRETTY_NAME of os-release(5).
  fileprivate static func system() throws(SystemError) -> String {
    guard File.exists("/etc/os-release") else { return "Linux" }
    for line in try File.text("/etc/os-release").split(separator: "\n")
    where line.hasPrefix("PRETTY_NAME=") {
      return String(line.dropFirst(12).filter { $0 != "\"" })
    }
    return "Linux"
  }
}
