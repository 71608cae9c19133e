internal import CLinux
internal import Linux

/// Counters that the workers share with their dispatcher: one cache line a worker, in memory that
/// outlives a worker killed at any moment.
///
///     word 0  operations done
///     word 1  checksum of the last one
///     word 2  seed for the next one
///     word 3  when it began to work, on CLOCK_MONOTONIC; 0 while it waits
///     4…7     unused, so that two workers never write to one cache line
@safe struct Slots {
  private static let words = 8
  private let base: UnsafeMutablePointer<UInt64>

  /// Maps the memory; it lives as long as the process.
  ///
  /// - Throws: `SystemError` of mmap(2).
  init(count: Int) throws(SystemError) {
    var address: UnsafeMutableRawPointer?
    let bytes = max(1, count) * Slots.words * 8
    let result = unsafe lx_map_anonymous(bytes, 1, &address)
    guard result >= 0, let address = unsafe address else {
      throw SystemError("mmap(2)", Errno(Int32(-result)), "counters of \(count) workers")
    }
    unsafe base = address.bindMemory(to: UInt64.self, capacity: bytes / 8)
  }

  subscript(index: Int) -> Slot { unsafe Slot(base.advanced(by: index * Slots.words)) }
}

/// One worker's counters.
@safe struct Slot {
  private let words: UnsafeMutablePointer<UInt64>

  fileprivate init(_ words: UnsafeMutablePointer<UInt64>) { unsafe self.words = words }

  /// Operations done so far.
  var operations: UInt64 { unsafe lx_load(words) }

  /// What the next operation starts from.
  var seed: UInt64 { unsafe lx_load(words.advanced(by: 2)) }

  /// When the work began, in nanoseconds of CLOCK_MONOTONIC; 0 before.
  var beganNs: UInt64 { unsafe lx_load(words.advanced(by: 3)) }

  /// Notes that the work begins now.
  func begin() { unsafe lx_store(words.advanced(by: 3), lx_now_ns()) }

  /// Counts one operation.
  func count(checksum: UInt64 = 0) {
    unsafe lx_store(words.advanced(by: 1), checksum)
    unsafe lx_add(words, 1)
  }
}
