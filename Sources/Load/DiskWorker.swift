internal import CLinux
internal import Linux

extension Worker {
  /// The classic tool's buffer: a megabyte less one, so that writes are never aligned.
  private static let chunk = 1_048_575

  /// Writes a file in the current directory whose name is already gone, closes it; again.
  func fillDisk() -> Int32 {
    journal.debug("seeding \(Worker.chunk) byte buffer with random data")
    var random = SplitMix64(lx_now_ns() ^ UInt64(lx_getpid()) << 40)
    let buffer = (0..<Worker.chunk).map { _ in UInt8(33 + random.next() % 94) }
    while !isDone {
      guard writeFile(buffer, &random) else { return 1 }
      slot.count()
    }
    return 0
  }

  private func writeFile(_ buffer: [UInt8], _ random: inout SplitMix64) -> Bool {
    // No signal but SIGKILL may come between making the name and removing it.
    _ = lx_sigmask_restore(.max)
    defer { _ = lx_sigmask_restore(0) }
    let (path, opened) = temporaryFile(&random)
    guard opened >= 0 else {
      journal.fail("mkstemp failed: \(Errno(Int32(-opened)).strerror)")
      return false
    }
    let file = Descriptor(owning: Int32(opened))
    let bytes = Int(options.hddBytes)
    journal.debug("opened \(path) for writing \(bytes) bytes")
    journal.debug("unlinking \(path)")
    let unlinked = unsafe lx_unlinkat(currentDirectory, path, 0)
    guard unlinked == 0 else {
      journal.fail("unlink of \(path) failed: \(Errno(Int32(-unlinked)).strerror)")
      return false
    }
    _ = lx_sigmask_restore(0)
    do throws(SystemError) {
      journal.debug("fast writing to \(path)")
      for _ in 0..<(bytes / buffer.count) { try File.write(file.raw, buffer, name: path) }
      // The rest byte by byte: many small calls.
      journal.debug("slow writing to \(path)")
      for byte in buffer[..<(bytes % buffer.count)] {
        try File.write(file.raw, CollectionOfOne(byte), name: path)
      }
    } catch {
      journal.fail("write failed: \(error.errno.strerror)")
      return false
    }
    journal.debug("closing \(path) after \(bytes) bytes")
    return true
  }

  /// A new file `./stress.XXXXXX`, as mkstemp(3) makes it: its path, and a descriptor or minus
  /// the errno.
  func temporaryFile(
    _ random: inout SplitMix64, _ more: Int32 = 0
  ) -> (path: String, result: Int) {
    let letters = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
    var path = ""
    for _ in 0..<100 {
      path = "./stress." + String((0..<6).map { _ in letters[Int(random.next() % 62)] })
      let flags: OpenFlags = [.readWrite, .create, .exclusive]
      let result = unsafe lx_openat(currentDirectory, path, flags.rawValue | more, 0o600)
      if result != -17 { return (path, result) }  // EEXIST: another name
    }
    return (path, -17)
  }
}
