internal import Linux
internal import Report

/// How machines are started.
public struct Hardware: Sendable {
  /// MiB.
  public var memory = 1024
  /// How many.
  public var cpus = 2
  /// What runs them; nil to find out.
  public var accelerator: Accelerator?

  /// The usual.
  public init() {}
}

extension Machine {
  /// Starts the machine; one that runs already is left alone.
  ///
  /// - Parameters:
  ///   - hardware: what it has.
  ///   - progress: told what takes long.
  /// - Throws: `ClassroomError`; the machine is off then, and its disk as it was.
  public func start(_ hardware: Hardware, progress: (String) -> Void) throws(ClassroomError) {
    if pid != nil { return }
    let qemu = try classroom.qemu(hardware)
    let warm = try Warm(qemu, classroom, progress: progress)
    let lock = try ClassroomError.told { () throws(SystemError) in
      try File.makeDirectories(folder)
      return try FileLock(folder + "/lock")
    }
    // Another command may have been quicker.
    if pid == nil { try start(qemu, warm) }
    lock.release()
  }

  private func start(_ qemu: Qemu, _ warm: Warm) throws(ClassroomError) {
    let isNew = !File.exists(disk)
    if isNew { try Disks.make(disk, over: warm.disk) }
    var port = self.port ?? 0
    if port == 0 || Ports.isTaken(port) { port = try Ports.free() }
    try ClassroomError.told { () throws(SystemError) in
      try File.replace(folder + "/port", with: "\(port)\n".utf8)
      for name in ["monitor", "console", "console.log"] where File.exists("\(folder)/\(name)") {
        try File.remove("\(folder)/\(name)")
      }
    }
    do throws(ClassroomError) {
      let shell = Shell(classroom: classroom, folder: folder, port: port)
      // A disk that was written to by another start does not fit that memory any more: it boots.
      try qemu.start(in: folder, disk: disk, port: port, state: isNew ? warm.state : nil)
      if isNew {
        let monitor = try Monitor(folder + "/monitor")
        while try monitor.status() == "inmigrate" { Clock.sleep(20_000_000) }
        try monitor("cont")
      }
      try shell.wait(seconds: isNew ? 120 : qemu.accelerator.bootSeconds)
      if isNew { try personalise(shell) }
    } catch {
      Machine.end(folder)
      if isNew { try ClassroomError.told { () throws(SystemError) in try File.remove(disk) } }
      throw ClassroomError("\(name): \(error.message)", hint: error.hint)
    }
  }

  /// Turns the machine off: it is asked, and after so many seconds switched off.
  ///
  /// - Throws: `ClassroomError` when it could not be ended.
  public func stop(seconds: Int = 30) throws(ClassroomError) {
    guard pid != nil else { return }
    do throws(ClassroomError) {
      let monitor = try Monitor(folder + "/monitor")
      try monitor("system_powerdown")
    } catch {}  // One that does not answer is ended below.
    let deadline = Clock.now + UInt64(seconds) * 1_000_000_000
    while pid != nil, Clock.now < deadline { Clock.sleep(100_000_000) }
    Machine.end(folder)
  }

  /// Gives the student a new machine: what was on the disk is gone.
  ///
  /// - Throws: `ClassroomError` when it could not be ended.
  public func discard() throws(ClassroomError) {
    Machine.end(folder)
    try ClassroomError.told { () throws(SystemError) in
      if File.exists(folder) { try File.removeTree(folder) }
    }
  }

  /// Ends the qemu of a folder at once, by its own pid.
  static func end(_ folder: String) {
    guard let text = try? File.text(folder + "/pid"), let pid = Int32(text.trimmedLine),
      let words = try? File.text("/proc/\(pid)/cmdline", limit: 1 << 16), words.contains(folder)
    else { return }
    // It may end meanwhile; that is what is wanted.
    try? Processes.kill(pid, Signal.kill)
    while File.exists("/proc/\(pid)/cmdline"),
      (try? File.text("/proc/\(pid)/cmdline", limit: 1 << 16))?.contains(folder) == true
    { Clock.sleep(20_000_000) }
  }
}

extension Classroom {
  /// qemu for some hardware.
  ///
  /// - Throws: `ClassroomError` when something is not installed, or not built.
  func qemu(_ hardware: Hardware) throws(ClassroomError) -> Qemu {
    var accelerator = hardware.accelerator
    if accelerator == nil { accelerator = try Accelerator.probe(in: folder) }
    let key = try ClassroomError.told { () throws(SystemError) in
      try File.text(keys + ".pub").trimmedLine
    }
    return try Qemu(
      accelerator ?? .tcg, memory: hardware.memory, cpus: hardware.cpus, image: image,
      key: key)
  }
}

extension Machine {
  /// The words of a shell, or of the beginning of a command, in a machine that is up.
  ///
  /// - Parameters:
  ///   - user: root or student.
  ///   - isTerminal: whether there is a terminal on this side.
  /// - Returns: a command line for this host.
  /// - Throws: `ClassroomError` when the machine is off.
  public func ssh(as user: String, isTerminal: Bool) throws(ClassroomError) -> [String] {
    guard let port, pid != nil else {
      throw ClassroomError("\(name) is off", hint: "drydock classroom up \(name)")
    }
    let shell = Shell(classroom: classroom, folder: folder, port: port)
    return [try Tool("ssh", package: "openssh-client").path]
      + shell.arguments(user, isTerminal ? ["-t"] : ["-T"])
  }
}
