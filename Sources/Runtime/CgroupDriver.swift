// Which cgroups a container gets: those the runtime makes itself (the cgroupfs driver), or the scope
// that systemd makes for it (SystemdUnit.swift).

internal import Linux
internal import OCI
internal import Steps

extension Cgroups {
  /// The cgroups that a configuration asks for; nothing is made yet.
  ///
  /// - Throws: `RuntimeError` for a path that is none, and where systemd is asked for and absent.
  static func plan(
    _ config: Config, id: String, systemd: Bool
  ) throws(RuntimeError) -> Cgroups {
    let layout = try lookingUp(hint: "cgroups must be mounted at /sys/fs/cgroup") {
      () throws(SystemError) in
      let layout = try CgroupLayout.detect()
      return config.linux.resources.hugepages.isEmpty ? layout : try layout.includingUnified()
    }
    guard systemd else {
      return try Cgroups(layout: layout, configured: config.linux.cgroupsPath, id: id)
    }
    let names = try SystemdNames(
      configured: config.linux.cgroupsPath, id: id, isRoot: Identity.effectiveUser == 0)
    let unit = try SystemdUnit(names)
    var cgroups = try Cgroups(layout: layout, configured: unit.path, id: id)
    cgroups.unit = unit
    return cgroups
  }

  /// Makes the cgroups and writes the limits; with systemd around init, which must be there then.
  func make(
    _ writes: [CgroupWrite], _ resources: Resources, id: String, pid: Int32, _ glass: Glass
  ) throws(RuntimeError) {
    try unit?.start(pid, resources.properties(layout.mode), id: id, glass)
    try stepping { () throws(StepFailure) in
      try create(glass, needed: resources.controllers)
      try handDownRealtime(resources.cpu, glass)
    }
    try limit(writes, devices: resources.devices, glass)
  }

  /// The same cgroups with a connection to systemd, when it made them.
  func withUnit() throws(RuntimeError) -> Cgroups {
    guard unit == nil, let names = SystemdNames(path: path), File.exists(DBusConnection.usualPath)
    else { return self }
    var cgroups = self
    cgroups.unit = try SystemdUnit(names)
    return cgroups
  }

  /// Lets systemd end the scope, when it made one.
  func stopUnit(_ glass: Glass) throws(StepFailure) {
    do throws(RuntimeError) {
      try unit?.stop(glass)
    } catch {
      throw StepFailure(.systemdStop, SystemError("sendmsg(2)", .invalid, error.message))
    }
  }
}

extension SystemdNames {
  /// From the path of a cgroup: `/…/NAME.slice/NAME.scope`; nil for any other.
  init?(path: String) {
    let parts = path.parts("/")
    guard parts.count > 1, let last = parts.last, last.hasSuffix(".scope"),
      parts[parts.count - 2].hasSuffix(".slice")
    else { return nil }
    slice = parts[parts.count - 2]
    unit = last
  }
}
