internal import CLinux
internal import Linux

/// Other programs' output.
enum Tool {
  /// What a program writes to standard output; nil when it cannot be run or fails.
  static func output(_ path: String, _ arguments: [String]) -> String? {
    do throws(SystemError) {
      // A memory file takes any amount, so that nobody has to read while the program writes.
      let fd = unsafe lx_memfd_create("output", 1)
      guard fd >= 0 else { return nil }
      let file = Descriptor(owning: Int32(fd))
      let null = try File.open("/dev/null", .readWrite)
      let child = try Child(
        path, [path] + arguments, input: null.raw, output: file.raw, error: null.raw,
        deathSignal: 9)
      guard try child.wait().code == 0 else { return nil }
      return try File.text(file.procPath, limit: 8 << 20)
    } catch {
      return nil
    }
  }
}
