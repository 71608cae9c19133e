internal import Images
internal import Linux
internal import Report

// Where login prompts in seconds come from.
//
// A machine is started once, waits until all its services run, and is put to sleep: its memory goes to
// `state`, its disk stays as `disk.qcow2`. Every student's machine begins with a disk that says "as that
// one, but for…" (qcow2's backing file) and wakes up from that memory.
//
//     image/drydock.qcow2 ◀── warm/ID/disk.qcow2 ◀── machines/ana/disk.qcow2
//                             warm/ID/state      ──▶ memory of all
//
// What must not be the same in all of them is made anew when they wake up (Personalising.swift).

/// A machine that has started, asleep.
struct Warm {
  /// Where its disk and its memory are.
  let folder: String
  var disk: String { folder + "/disk.qcow2" }
  var state: String { folder + "/state" }

  /// The one for an image and for hardware; made when there is none.
  ///
  /// - Parameters:
  ///   - qemu: the hardware.
  ///   - classroom: whose.
  ///   - progress: told what takes long.
  /// - Throws: `ClassroomError` when the image does not start; the console's last lines are in it.
  init(
    _ qemu: Qemu, _ classroom: Classroom, progress: (String) -> Void
  ) throws(ClassroomError) {
    let image = try ClassroomError.told { () throws(SystemError) in
      try File.read(qemu.image + "/image.json")
    }
    // Memory of one qemu means nothing to another.
    let version = try qemu.program(["--version"])
    let hardware = "\(qemu.accelerator) \(qemu.memory) \(qemu.cpus) \(qemu.key) \(version)"
    let id = Digest(of: image + Array(hardware.utf8)).short
    folder = "\(classroom.folder)/warm/\(id)"
    let lock = try ClassroomError.told { () throws(SystemError) in
      try File.makeDirectories(folder)
      return try FileLock(folder + "/lock")
    }
    if !File.exists(state) {
      progress("starting the machine that all others wake up from (\(qemu.accelerator.rawValue))")
      try make(qemu, classroom)
    }
    lock.release()
  }

  private func make(_ qemu: Qemu, _ classroom: Classroom) throws(ClassroomError) {
    let port = try Ports.free()
    try ClassroomError.told { () throws(SystemError) in
      for name in ["disk.qcow2", "state.new", "console.log", "known_hosts"]
      where File.exists("\(folder)/\(name)") {
        try File.remove("\(folder)/\(name)")
      }
    }
    try Disks.make(disk, over: qemu.image + "/drydock.qcow2")
    try qemu.start(in: folder, disk: disk, port: port)
    do throws(ClassroomError) {
      let shell = Shell(classroom: classroom, folder: folder, port: port)
      // "degraded" is a unit that failed: everybody would begin with it.
      try shell.wait(
        seconds: qemu.accelerator.bootSeconds,
        "systemctl is-system-running --wait >/dev/null || { systemctl --failed --plain; exit 1; }")
      // Clean pages need not be kept.
      try shell.root("sync; echo 3 >/proc/sys/vm/drop_caches")
      let monitor = try Monitor(folder + "/monitor")
      try monitor("stop")
      try monitor("migrate-set-parameters", ["max-bandwidth": .number("10000000000")])
      try monitor("migrate", ["uri": .string("exec:cat > '\(state).new'")])
      try Warm.finish(monitor)
      try monitor("quit")
      try ClassroomError.told { () throws(SystemError) in
        try File.move(state + ".new", to: state)
      }
    } catch {
      Machine.end(folder)
      let log = (try? File.text(folder + "/console.log", limit: 1 << 20)) ?? ""
      throw ClassroomError(
        "the image does not start: \(error.message)",
        hint: (error.hint.isEmpty ? "" : error.hint + "\n  ")
          + "console: " + log.split(separator: "\n").suffix(5).joined(separator: "\n  "))
    }
  }

  /// Waits until all memory has been written, or read.
  static func finish(_ monitor: Monitor) throws(ClassroomError) {
    while true {
      guard case .object(let answer) = try monitor("query-migrate") else { continue }
      switch answer["status"] {
      case .string("completed")?: return
      case .string("failed")?, .string("cancelled")?:
        throw ClassroomError("qemu could not write the machine's memory: is the disk full?")
      default: Clock.sleep(50_000_000)
      }
    }
  }
}

/// Disks of machines.
enum Disks {
  /// A disk that holds what differs from another.
  ///
  /// - Throws: `ClassroomError` with qemu-img's words.
  static func make(_ path: String, over other: String) throws(ClassroomError) {
    try Tool("qemu-img", package: "qemu-utils")(
      ["create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", other, path])
  }
}

/// Ports of this host.
enum Ports {
  /// 127.0.0.1.
  private static let loopback = IPAddress(v4: 0x7f00_0001)

  /// One that nobody has.
  ///
  /// - Throws: `ClassroomError` when there is none.
  static func free() throws(ClassroomError) -> UInt16 {
    try ClassroomError.told { () throws(SystemError) in
      let socket = try InternetSocket(.tcp, boundTo: SocketAddress(Ports.loopback, 0))
      return try socket.local().port
    }
  }

  /// Whether somebody has a port.
  static func isTaken(_ port: UInt16) -> Bool {
    do throws(SystemError) {
      _ = try InternetSocket(.tcp, boundTo: SocketAddress(Ports.loopback, port), .reuseAddress)
      return false
    } catch { return true }
  }
}
