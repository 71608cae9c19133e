internal import CLinux
internal import Linux

/// Counters that the workers share with their dispatcher, in memory that outlives a worker killed at
/// any moment: one cache line a worker, and for those whose operations are timed one histogram.
///
///     word 0  operations done                     counts: of `Histogram`'s cells, the first 27648,
///     word 1  checksum of the last one                    to 68 s; what is above is in the last.
///     word 2  seed for the next one                       216 KiB, of which memory is only what is
///     word 3  when it began to work, on                   written: the dispatcher reads from the
///             CLOCK_MONOTONIC; 0 while it waits           lowest to the highest cell alone.
///     word 4  bytes moved
///     word 5  CPU time of processes that help it, in ns, beside its own
///     word 6  the highest cell that was counted, plus 1
///     word 7  the lowest
@safe struct Slots {
  private static let words = 8
  private let base: UnsafeMutablePointer<UInt64>
  private let cells: UnsafeMutablePointer<UInt64>?

  /// Maps the memory; it lives as long as the process.
  ///
  /// - Throws: `SystemError` of mmap(2).
  init(count: Int, timed: Bool = false) throws(SystemError) {
    unsafe base = try Slots.map(max(1, count) * Slots.words, "counters of \(count) workers")
    unsafe cells =
      timed ? try Slots.map(count * Slot.cells, "histograms of \(count) workers") : nil
  }

  private static func map(
    _ words: Int, _ what: String
  ) throws(SystemError) -> UnsafeMutablePointer<UInt64> {
    var address: UnsafeMutableRawPointer?
    let result = unsafe lx_map_anonymous(words * 8, 1, &address)
    guard result >= 0, let address = unsafe address else {
      throw SystemError("mmap(2)", Errno(Int32(-result)), what)
    }
    return unsafe address.bindMemory(to: UInt64.self, capacity: words)
  }

  subscript(index: Int) -> Slot {
    let cells = unsafe self.cells?.advanced(by: index * Slot.cells)
    return unsafe Slot(base.advanced(by: index * Slots.words), cells)
  }
}

/// One worker's counters.
@safe struct Slot {
  /// Cells of the shared histogram: values up to 2^36 - 1 ns.
  static let cells = Histogram.cell(of: 1 << 36 - 1) + 1
  private let words: UnsafeMutablePointer<UInt64>
  private let counts: UnsafeMutablePointer<UInt64>?

  fileprivate init(_ words: UnsafeMutablePointer<UInt64>, _ counts: UnsafeMutablePointer<UInt64>?) {
    unsafe self.words = words
    unsafe self.counts = counts
  }

  /// Operations done so far.
  var operations: UInt64 { unsafe lx_load(words) }

  /// What the next operation starts from.
  var seed: UInt64 { unsafe lx_load(words.advanced(by: 2)) }

  /// When the work began, in nanoseconds of CLOCK_MONOTONIC; 0 before.
  var beganNs: UInt64 { unsafe lx_load(words.advanced(by: 3)) }

  /// Bytes moved so far, by the kinds that move any.
  var bytes: UInt64 { unsafe lx_load(words.advanced(by: 4)) }

  /// CPU time of processes that help the worker, in nanoseconds: the other end of a connection, or
  /// children that it has collected.
  var helpersCPUNs: UInt64 { unsafe lx_load(words.advanced(by: 5)) }

  /// Notes that the work begins now.
  func begin() { unsafe lx_store(words.advanced(by: 3), lx_now_ns()) }

  /// Counts operations.
  func count(checksum: UInt64 = 0, _ operations: UInt64 = 1) {
    unsafe lx_store(words.advanced(by: 1), checksum)
    unsafe lx_add(words, operations)
  }

  /// Counts bytes moved.
  func move(bytes: Int) { unsafe lx_add(words.advanced(by: 4), UInt64(bytes)) }

  /// Tells the CPU time of helpers so far.
  func tell(helpersCPUNs: UInt64) { unsafe lx_store(words.advanced(by: 5), helpersCPUNs) }

  /// Counts one operation and how long it took.
  func count(tookNs: UInt64) {
    count()
    guard let counts = unsafe counts else { return }
    let cell = min(Histogram.cell(of: tookNs), Slot.cells - 1)
    let (highest, lowest) = unsafe (words.advanced(by: 6), words.advanced(by: 7))
    let isFirst = unsafe lx_load(highest) == 0
    // The lowest first: a reader who sees the highest must not read from cell 0 for it.
    if isFirst || cell < Int(unsafe lx_load(lowest)) { unsafe lx_store(lowest, UInt64(cell)) }
    if cell >= Int(unsafe lx_load(highest)) { unsafe lx_store(highest, UInt64(cell) + 1) }
    unsafe lx_add(counts.advanced(by: cell), 1)
  }

  /// What was counted so far.
  var latencies: Histogram {
    var result = Histogram()
    guard let counts = unsafe counts else { return result }
    let end = Int(unsafe lx_load(words.advanced(by: 6)))
    let start = Int(unsafe lx_load(words.advanced(by: 7)))
    for cell in min(start, end)..<end {
      let times = unsafe lx_load(counts.advanced(by: cell))
      result.record(Histogram.lowestValue(of: cell), count: times)
    }
    return result
  }
}
