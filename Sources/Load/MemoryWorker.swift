internal import CLinux
internal import Linux

extension Worker {
  /// Maps memory, writes a byte every stride, hangs if asked, verifies every byte, unmaps; again.
  ///
  /// The memory is anonymous and never a huge page, so that what becomes resident is what was
  /// touched: with the default stride, every page.
  func fillMemory() -> Int32 {
    var kept: Memory?
    var round: UInt8 = 0
    while !isDone {
      round &+= 1
      let memory: Memory
      if let already = kept {
        memory = already
      } else {
        journal.debug("allocating \(vmBytes) bytes ...")
        do throws(SystemError) {
          memory = try Memory(bytes: Int(vmBytes))
        } catch {
          journal.fail("hogvm malloc failed: \(error.errno.strerror)")
          return 1
        }
        if options.vmKeep { kept = memory }
      }
      journal.debug("touching bytes in strides of \(options.vmStride) bytes ...")
      memory.fill(stride: Int(options.vmStride), round: round)
      slot.count()
      hang()
      if let place = memory.firstDifference(stride: Int(options.vmStride), round: round) {
        journal.fail("memory corruption at: 0x\(String(place, radix: 16))")
        return 1
      }
      if !options.vmKeep {
        memory.unmap()
        journal.debug("freed \(vmBytes) bytes")
      }
    }
    return 0
  }

  private func hang() {
    guard let seconds = options.vmHang else { return }
    journal.debug(
      seconds == 0
        ? "sleeping forever with allocated memory"
        : "sleeping for \(seconds)s with allocated memory")
    sleep(seconds: seconds)
  }
}

/// Anonymous memory, filled with a pattern that differs from page to page and round to round.
@safe struct Memory {
  private let start: UnsafeMutablePointer<UInt8>
  private let bytes: Int

  init(bytes: Int) throws(SystemError) {
    var address: UnsafeMutableRawPointer?
    let result = unsafe lx_map_anonymous(bytes, 0, &address)
    guard result >= 0, let address = unsafe address else {
      throw SystemError("mmap(2)", Errno(Int32(-result)), "\(bytes) bytes")
    }
    // A kernel built without huge pages refuses this, and has none to avoid.
    _ = unsafe lx_no_huge_pages(address, bytes)
    unsafe start = address.bindMemory(to: UInt8.self, capacity: bytes)
    self.bytes = bytes
  }

  /// Never 0, which is what a lost write would leave in fresh memory.
  @inline(__always)
  private func pattern(_ offset: Int, _ round: UInt8) -> UInt8 {
    UInt8(truncatingIfNeeded: offset >> 12 &* 167) &+ round | 1
  }

  func fill(stride: Int, round: UInt8) {
    var offset = 0
    while offset < bytes {
      unsafe start[offset] = pattern(offset, round)
      offset = offset > bytes - stride ? bytes : offset + stride
    }
  }

  /// The address of the first byte that is not as it was filled.
  func firstDifference(stride: Int, round: UInt8) -> UInt? {
    var offset = 0
    while offset < bytes {
      if unsafe start[offset] != pattern(offset, round) {
        return unsafe UInt(bitPattern: start.advanced(by: offset))
      }
      offset = offset > bytes - stride ? bytes : offset + stride
    }
    return nil
  }

  /// Spoils one byte, for the test of `firstDifference`.
  func corrupt(at offset: Int) { unsafe start[offset] ^= 0x40 }

  func unmap() { _ = unsafe lx_unmap(start, bytes) }
}
