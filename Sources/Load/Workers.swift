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
    case .vm:
      switch options.vmMethod {
      case .touch: fillMemory()
      case .bandwidth: streamMemory()
      case .random: chaseMemory()
      }
    case .hdd: options.hddMethod == .buffered ? fillDisk() : writeBlocks()
    case .fork: forkChildren()
    case .syscall: callKernel()
    case .fault: faultPages()
    case .file: changeFiles()
    case .netRR: told { () throws(Failure) in try exchange() }
    case .netStream: told { () throws(Failure) in try stream() }
    case .netRate: told { () throws(Failure) in try keepRate() }
    case .netListen: told { () throws(Failure) in try listen() }
    }
  }

  /// Why a worker cannot go on, in words for people.
  struct Failure: Error {
    let text: String
    let line: Int
    /// Whether the other end of a connection is gone, which for a server is no failure.
    let isEnd: Bool

    init(_ text: String, isEnd: Bool = false, line: Int = #line) {
      (self.text, self.isEnd, self.line) = (text, isEnd, line)
    }

    init(_ error: SystemError, line: Int = #line) { self.init(error.text, line: line) }
  }

  /// Does the work; what fails is told with the kind's name in front.
  private func told(_ work: () throws(Failure) -> Void) -> Int32 {
    do throws(Failure) {
      try work()
      return 0
    } catch {
      fail(error.text, at: error.line)
      return 1
    }
  }

  /// Tells a failure with the kind's name in front.
  func fail(_ text: String, at line: Int = #line) {
    journal.fail("hog\(kind.name) \(text)", at: line)
  }

  /// Whether this worker has done what --ops or --cpu-ops asked for.
  var isDone: Bool { operationsLeft == 0 }

  /// Operations until then; the largest number when none were asked for.
  var operationsLeft: UInt64 {
    let limit = kind == .cpu ? options.cpuOps ?? options.ops : options.ops
    guard let limit else { return .max }
    let done = slot.operations
    return done >= limit ? 0 : limit - done
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
    do throws(SystemError) {
      let directory = try File.open(".", [.readOnly, .directory])
      while !isDone {
        let start = lx_now_ns()
        if options.ioMethod == .sync {
          lx_sync()
        } else {
          try check(lx_syncfs(directory.raw), "syncfs(2)", ".")
        }
        slot.count(tookNs: lx_now_ns() - start)
      }
      return 0
    } catch {
      journal.fail("syncfs failed: \(error.errno.strerror)")
      return 1
    }
  }
}
