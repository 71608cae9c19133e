internal import CLinux
internal import Linux

// Workers whose operation is something that the kernel does: a process, a call, a page, a file's life.

extension Worker {
  /// Forks a child that ends at once, and collects it; one operation, from fork(2) to wait4(2).
  func forkChildren() -> Int32 {
    // Collected children's CPU time is the kernel's account of this worker when it ends, but not
    // before: every so often it is told meanwhile.
    let telling: UInt64 = 64
    var number: UInt64 = 0
    while !isDone {
      number &+= 1
      let code = Int32(number % 251) + 1
      let start = lx_now_ns()
      let pid = lx_fork()
      if pid == 0 { lx_exit(code) }
      guard pid > 0 else {
        fail("fork(2): \(Errno(Int32(-pid)).strerror); is there a pids limit, or an ulimit -u?")
        return 1
      }
      var status: Int32 = 0
      let got = unsafe lx_wait4(Int32(pid), &status, 0, nil, nil, nil)
      let took = lx_now_ns() - start
      guard got == pid, lx_status_exited(status) != 0, lx_status_code(status) == code else {
        fail("wait4(2): child \(pid) was to end with \(code), got \(got) and status \(status)")
        return 1
      }
      slot.count(tookNs: took)
      if number % telling == 0 { slot.tell(helpersCPUNs: lx_children_cpu_ns()) }
    }
    return 0
  }

  /// Calls the kernel, a thousand times between two looks at the counters; one operation is one
  /// call, or the pair that undoes itself.
  func callKernel() -> Int32 {
    do throws(SystemError) {
      let zero = try File.open("/dev/zero", [.readOnly])
      while !isDone {
        let calls = min(operationsLeft, 1000)
        for _ in 0..<calls {
          if let wrong = call(zero.raw) {
            fail("\(options.syscallMethod.rawValue): \(wrong)")
            return 1
          }
        }
        slot.count(calls)
      }
      return 0
    } catch {
      fail(error.text)
      return 1
    }
  }

  /// One call; what was wrong with its answer.
  @inline(__always)
  private func call(_ zero: Int32) -> String? {
    switch options.syscallMethod {
    case .getppid:
      let parent = lx_getppid()
      return parent >= 0 ? nil : "the parent is \(parent)"
    case .read:
      var byte: UInt8 = 1
      let got = unsafe lx_read(zero, &byte, 1)
      return got == 1 && byte == 0 ? nil : "read(2) of /dev/zero gave \(got), byte \(byte)"
    case .open:
      let opened = unsafe lx_openat(currentDirectory, "/", OpenFlags.directory.rawValue, 0)
      guard opened >= 0 else { return "openat(2) /: \(Errno(Int32(-opened)).strerror)" }
      let closed = lx_close(Int32(opened))
      return closed == 0 ? nil : "close(2): \(Errno(Int32(-closed)).strerror)"
    case .mmap:
      var address: UnsafeMutableRawPointer?
      let mapped = unsafe lx_map_anonymous(4096, 0, &address)
      guard mapped >= 0, let address = unsafe address else {
        return "mmap(2): \(Errno(Int32(-mapped)).strerror)"
      }
      let gone = unsafe lx_unmap(address, 4096)
      return gone >= 0 ? nil : "munmap(2): \(Errno(Int32(-gone)).strerror)"
    }
  }

  /// Maps pages and reads and writes a word in each for the first time; one operation is one page
  /// fault, and the kernel's own count must say so.
  func faultPages() -> Int32 {
    let pages = 1024
    while !isDone {
      let wanted = Int(min(operationsLeft, UInt64(pages)))
      var address: UnsafeMutableRawPointer?
      let mapped = unsafe lx_map_anonymous(pages * 4096, 0, &address)
      guard mapped >= 0, let address = unsafe address else {
        fail("mmap(2): \(Errno(Int32(-mapped)).strerror)")
        return 1
      }
      _ = unsafe lx_no_huge_pages(address, pages * 4096)
      let words = unsafe address.bindMemory(to: UInt64.self, capacity: pages * 512)
      let before = lx_minor_faults()
      for page in 0..<wanted { unsafe lx_store(words + page * 512, UInt64(page) + 1) }
      let faults = lx_minor_faults() - before
      guard faults >= UInt64(wanted) else {
        fail(
          "\(wanted) pages were touched for the first time, and the kernel counted \(faults) faults"
        )
        return 1
      }
      for page in 0..<wanted where unsafe lx_load(words + page * 512) != UInt64(page) + 1 {
        fail("memory corruption in page \(page)")
        return 1
      }
      _ = unsafe lx_unmap(address, pages * 4096)
      slot.count(UInt64(wanted))
    }
    return 0
  }

  /// Makes an empty file in the current directory, looks at it, renames it, looks, removes it; one
  /// operation.
  func changeFiles() -> Int32 {
    var random = SplitMix64(lx_now_ns() ^ UInt64(lx_getpid()) << 40)
    let name = "./stress." + String(random.next(), radix: 36)
    while !isDone {
      // No signal but SIGKILL may come while the file has a name.
      _ = lx_sigmask_restore(.max)
      let start = lx_now_ns()
      let wrong = liveOnce(name, name + ".renamed")
      let took = lx_now_ns() - start
      _ = lx_sigmask_restore(0)
      if let wrong {
        fail(wrong)
        return 1
      }
      slot.count(tookNs: took)
    }
    return 0
  }

  /// A file's life, of which nothing stays; what was wrong with it.
  private func liveOnce(_ name: String, _ renamed: String) -> String? {
    var wrong: String?
    func succeeded(_ result: Int, _ call: String) -> Bool {
      if result < 0, wrong == nil { wrong = "\(call): \(Errno(Int32(-result)).strerror)" }
      return result >= 0
    }
    let flags: OpenFlags = [.writeOnly, .create, .exclusive]
    let made = unsafe lx_openat(currentDirectory, name, flags.rawValue, 0o600)
    guard succeeded(made, "open(2) \(name)") else { return wrong }
    var (first, second) = (lx_stat(), lx_stat())
    _ = succeeded(lx_close(Int32(made)), "close(2) \(name)")
    _ = succeeded(unsafe lx_stat(currentDirectory, name, 0, &first), "statx(2) \(name)")
    let moved = succeeded(
      unsafe lx_renameat(currentDirectory, name, currentDirectory, renamed), "rename(2) \(name)")
    let last = moved ? renamed : name
    _ = succeeded(unsafe lx_stat(currentDirectory, last, 0, &second), "statx(2) \(last)")
    _ = succeeded(unsafe lx_unlinkat(currentDirectory, last, 0), "unlink(2) \(last)")
    if wrong == nil, first.inode != second.inode || first.size != 0 || first.links != 1 {
      wrong =
        "\(name) was inode \(first.inode) with \(first.size) bytes and \(first.links) names, "
        + "and inode \(second.inode) when it was renamed"
    }
    let gone = unsafe lx_stat(currentDirectory, last, 0, &second)
    if wrong == nil, gone != -2 { wrong = "\(last) is still there after unlink(2)" }
    return wrong
  }
}
