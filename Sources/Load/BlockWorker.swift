internal import CLinux
internal import Linux

extension Worker {
  /// Writes a file in the current directory block by block, its name already gone; reads it back
  /// and verifies each block; again.
  ///
  ///     direct   open(2) with O_DIRECT; write(2) … ; read(2) …
  ///     fsync    write(2), fsync(2) … ; posix_fadvise(2) forgets the pages; read(2) …
  ///
  /// One operation is one block on the disk, and that is what is timed; the reading back is not.
  func writeBlocks() -> Int32 {
    do throws(Failure) {
      let block = try Block(bytes: Int(options.hddWriteSize))
      var random = SplitMix64(lx_now_ns() ^ UInt64(lx_getpid()) << 40)
      while !isDone { try writeFile(of: block, &random) }
      return 0
    } catch {
      fail(error.text, at: error.line)
      return 1
    }
  }

  private func writeFile(
    of block: Block, _ random: inout SplitMix64
  ) throws(Failure) {
    let direct = options.hddMethod == .direct
    let size = block.bytes
    let file = try nameless(direct ? lx_o_direct() : 0, &random)
    let key = random.next()
    let blocks = max(1, Int(options.hddBytes) / size)
    var written = 0
    while written < blocks, !isDone {
      block.fill(key &+ UInt64(written))
      let start = lx_now_ns()
      let result = unsafe lx_pwrite(file.raw, block.start, size, Int64(written * size))
      guard result >= 0 else { throw refusedWrite(Errno(Int32(-result)), direct) }
      guard result == size else { throw Failure("write(2) took \(result) of \(size) bytes") }
      if !direct {
        let synced = lx_fsync(file.raw)
        guard synced >= 0 else { throw Failure("fsync(2): \(Errno(Int32(-synced)).strerror)") }
      }
      slot.move(bytes: size)
      slot.count(tookNs: lx_now_ns() - start)
      written += 1
    }
    // Advice: where it is refused, the pages are compared that were written.
    if !direct { _ = lx_forget_cached(file.raw) }
    for index in 0..<written {
      let result = unsafe lx_pread(file.raw, block.start, size, Int64(index * size))
      guard result == size else {
        throw Failure(
          result < 0
            ? "read(2): \(Errno(Int32(-result)).strerror)"
            : "read(2) gave \(result) of \(size) bytes of block \(index)")
      }
      if let word = block.firstDifference(key &+ UInt64(index)) {
        throw Failure("data corruption: block \(index) differs at byte \(word * 8)")
      }
    }
  }

  /// What a refused write most likely means.
  private func refusedWrite(_ errno: Errno, _ direct: Bool) -> Failure {
    guard direct, errno == .invalid else { return Failure("write(2): \(errno.strerror)") }
    return Failure(
      "write(2) of \(options.hddWriteSize) bytes with O_DIRECT: \(errno.strerror); the disk's blocks are larger: "
        + "give --hdd-write-size as a multiple of 4096")
  }

  /// A file in the current directory whose name is removed at once.
  private func nameless(_ flags: Int32, _ random: inout SplitMix64) throws(Failure) -> Descriptor {
    // No signal but SIGKILL may come between making the name and removing it.
    _ = lx_sigmask_restore(.max)
    defer { _ = lx_sigmask_restore(0) }
    let (path, opened) = temporaryFile(&random, flags)
    guard opened >= 0 else {
      // EINVAL: the file was made before O_DIRECT was refused.
      _ = unsafe lx_unlinkat(currentDirectory, path, 0)
      throw Failure(
        flags != 0 && opened == -22
          ? "open(2) \(path) with O_DIRECT: Invalid argument; the filesystem of this directory has "
            + "no direct I/O: try another directory, or --hdd-method fsync"
          : "open(2) \(path): \(Errno(Int32(-opened)).strerror)")
    }
    let file = Descriptor(owning: Int32(opened))
    let unlinked = unsafe lx_unlinkat(currentDirectory, path, 0)
    guard unlinked == 0 else {
      throw Failure("unlink(2) \(path): \(Errno(Int32(-unlinked)).strerror)")
    }
    return file
  }
}

/// Memory that is aligned as O_DIRECT wants it: to a page.
@safe struct Block {
  let start: UnsafeMutablePointer<UInt64>
  let bytes: Int

  init(bytes: Int) throws(Worker.Failure) {
    var address: UnsafeMutableRawPointer?
    let result = unsafe lx_map_anonymous(bytes, 0, &address)
    guard result >= 0, let address = unsafe address else {
      throw Worker.Failure("mmap(2) \(bytes) bytes: \(Errno(Int32(-result)).strerror)")
    }
    unsafe start = address.bindMemory(to: UInt64.self, capacity: bytes / 8)
    self.bytes = bytes
  }

  /// Fills it with a pattern of a key's own.
  func fill(_ key: UInt64) {
    for word in 0..<(bytes / 8) { unsafe start[word] = key &* 0x9E37_79B9 &+ UInt64(word) }
  }

  /// The first word that is not as it was filled.
  func firstDifference(_ key: UInt64) -> Int? {
    (0..<(bytes / 8)).first { unsafe start[$0] != key &* 0x9E37_79B9 &+ UInt64($0) }
  }
}
