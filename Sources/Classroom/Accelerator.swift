internal import Linux
internal import Measure

/// What runs a machine's instructions.
public enum Accelerator: String, Sendable {
  /// The processor itself.
  case kvm
  /// qemu's translator: everywhere, some ten times slower.
  case tcg

  /// qemu's options.
  var options: [String] {
    switch self {
    case .kvm: ["-accel", "kvm", "-cpu", "host"]
    case .tcg: ["-accel", "tcg,thread=multi", "-cpu", "max"]
    }
  }

  /// The faster one that works here.
  ///
  /// A /dev/kvm that is there may still be one under which no guest gets anywhere (a host that is
  /// itself a guest), so a machine of one boot sector is started and must say something in time.
  ///
  /// - Parameters:
  ///   - scratch: where the boot sector is written.
  ///   - seconds: what it is given.
  /// - Returns: `kvm` only if the machine has spoken.
  /// - Throws: `ClassroomError` when qemu is not installed.
  public static func probe(
    in scratch: String, seconds: Double = 5
  ) throws(ClassroomError) -> Accelerator {
    guard File.exists("/dev/kvm") else { return .tcg }
    let qemu = try Tool("qemu-system-x86_64", package: "qemu-system-x86")
    // mov al, '!'; mov dx, 0x3f8; out dx, al; hlt: one byte to the serial port.
    var sector: [UInt8] = [0xb0, 0x21, 0xba, 0xf8, 0x03, 0xee, 0xf4]
    sector += [UInt8](repeating: 0, count: 510 - sector.count) + [0x55, 0xaa]
    let (disk, said) = (scratch + "/probe.img", scratch + "/probe.out")
    return try ClassroomError.told { () throws(SystemError) in
      try File.replace(disk, with: sector)
      try File.replace(said, with: [])
      let null = try File.open("/dev/null", .readWrite)
      let child = try Child(
        qemu.path,
        [qemu.name] + Accelerator.kvm.options + [
          "-m", "16", "-display", "none", "-nic", "none", "-serial", "file:" + said, "-drive",
          "file=\(disk),format=raw,if=floppy",
        ], input: null.raw, output: null.raw, error: null.raw, deathSignal: Signal.kill)
      let deadline = Clock.now + UInt64(seconds * 1e9)
      var isFast = false
      while !isFast, Clock.now < deadline, try !child.ended(within: 50) {
        isFast = try File.text(said).contains("!")
      }
      try child.signal(Signal.kill)
      _ = try child.wait()
      try File.remove(disk)
      try File.remove(said)
      return isFast ? .kvm : .tcg
    }
  }
}
