internal import CLinux
internal import Linux

/// A process of its own that loads one thing until it is killed or has done its operations.
struct Worker {
  let kind: Options.Kind
  let options: Options
  /// Bytes that a vm worker fills.
  let vmBytes: Int64
  let journal: Journal
  let slot: Slot

  /// Works until the operations are done; 0, or 1 when something failed and was reported.
  func run() -> Int32 {
    slot.begin()
    return switch kind {
    case .cpu: spin()
    case .io: flush()
    case .vm: fillMemory()
    case .hdd: fillDisk()
    }
  }

  /// Whether this worker has done what --ops or --cpu-ops asked for.
  var isDone: Bool {
    let limit = kind == .cpu ? options.cpuOps ?? options.ops : options.ops
    guard let limit else { return false }
    return slot.operations >= limit
  }

  /// Sleeps; `seconds` 0 is for ever.
  func sleep(seconds: Int64) {
    if seconds == 0 { while true { _ = lx_sleep_ns(1 << 62) } }
    let (nanoseconds, tooMany) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
    _ = lx_sleep_ns(tooMany ? 1 << 62 : nanoseconds)
  }
}

// MARK: io

extension Worker {
  /// Tells the kernel to write what is dirty, again and again (sync(2), syncfs(2)).
  private func flush() -> Int32 {
    if options.ioMethod == .sync {
      while !isDone {
        lx_sync()
        slot.count()
      }
      return 0
    }
    do throws(SystemError) {
      let directory = try File.open(".", [.readOnly, .directory])
      while !isDone {
        try check(lx_syncfs(directory.raw), "syncfs(2)", ".")
        slot.count()
      }
      return 0
    } catch {
      journal.fail("syncfs failed: \(error.errno.strerror)")
      return 1
    }
  }
}
