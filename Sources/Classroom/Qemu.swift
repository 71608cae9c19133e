internal import Linux

/// How a machine is run: qemu's command line, the same for the one that all begin with and for a
/// student's, since only the same hardware can wake up from the other's memory.
struct Qemu {
  let program: Tool
  let accelerator: Accelerator
  /// MiB.
  let memory: Int
  let cpus: Int
  /// The image's folder.
  let image: String
  /// The teacher's public key, a line of authorized_keys (sshd(8)).
  let key: String

  /// Finds qemu.
  ///
  /// - Throws: `ClassroomError` naming the package, or what the image lacks.
  init(
    _ accelerator: Accelerator, memory: Int, cpus: Int, image: String, key: String
  ) throws(ClassroomError) {
    program = try Tool("qemu-system-x86_64", package: "qemu-system-x86")
    self.accelerator = accelerator
    self.memory = memory
    self.cpus = cpus
    self.image = image
    self.key = key
    for name in ["image.json", "drydock.qcow2", "vmlinuz", "initrd"]
    where !File.exists("\(image)/\(name)") {
      throw ClassroomError(
        "\(image)/\(name) is missing", hint: "sudo drydock classroom build --out \(image)")
    }
  }

  /// Starts a machine in the background.
  ///
  /// - Parameters:
  ///   - folder: where its sockets, its log and its pid go.
  ///   - disk: its own.
  ///   - port: of this host, for its sshd.
  ///   - state: what it wakes up from; nil to boot. It sleeps on until it is told `cont`.
  /// - Throws: `ClassroomError` with qemu's words.
  func start(
    in folder: String, disk: String, port: UInt16, state: String? = nil
  ) throws(ClassroomError) {
    try program(
      accelerator.options + [
        "-name", folder, "-machine", "pc", "-smp", "\(cpus)", "-m", "\(memory)", "-nodefaults",
        "-no-user-config", "-display", "none", "-rtc", "base=utc",
        "-kernel", image + "/vmlinuz", "-initrd", image + "/initrd",
        // A machine that is emulated beside others sees its timer late.
        "-append", Recipe.kernelArguments + (accelerator == .tcg ? " no_timer_check" : ""),
        "-drive", "file=\(disk),if=virtio,format=qcow2,discard=unmap",
        // Nobody gets out, and only the teacher in.
        "-netdev", "user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:\(port)-:22",
        "-device", "virtio-net-pci,netdev=net", "-device", "virtio-rng-pci",
        "-qmp", "unix:\(folder)/monitor,server=on,wait=off",
        "-chardev",
        "socket,id=console,path=\(folder)/console,server=on,wait=off,logfile=\(folder)/console.log",
        "-serial", "chardev:console",
        // systemd.exec(5), "Credentials"; written to /root/.ssh by systemd's tmpfiles.
        "-smbios", "type=11,value=io.systemd.credential:ssh.authorized_keys.root=\(key)",
        "-pidfile", folder + "/pid", "-daemonize",
      ] + (state.map { ["-incoming", "exec:cat '\($0)'"] } ?? []))
  }
}

extension Accelerator {
  /// Seconds that a start from nothing may take on a busy host.
  var bootSeconds: Int { self == .kvm ? 120 : 600 }
}
