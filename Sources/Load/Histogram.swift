/// How often each value came, in a fixed relative precision: a log-linear histogram.
///
/// Values are nanoseconds, or whatever the recorder counts. Three significant digits are kept, from 0
/// to the largest 64-bit number, in at most 450 KB: the layout is HdrHistogram's (Gil Tene,
/// hdrhistogram.org) with 2048 cells in the first half and 1024 in each that follows.
///
///     value            0 … 2047   2048 … 4095   4096 … 8191   …   2^63 …
///     cells            2048       1024          1024              1024
///     width of a cell  1          2             4                 2^53
///
/// Everything told is derived from the cells, so a histogram that was written as its `buckets` and
/// read again tells the same. Nothing is corrected for samples that were never taken: whoever
/// measures against a schedule records from the intended time (see `--net-rate`), and that is all
/// the correction there is.
public struct Histogram: Equatable, Sendable {
  /// Values that three digits cannot tell apart.
  public struct Bucket: Equatable, Sendable {
    /// The lowest of them.
    public let lowestValue: UInt64
    /// How many came.
    public let count: UInt64

    /// Describes one.
    public init(lowestValue: UInt64, count: UInt64) {
      self.lowestValue = lowestValue
      self.count = count
    }
  }

  /// By cell, as far as something was recorded: the last one is never 0.
  private var counts: [UInt64] = []
  /// How many values were recorded.
  public private(set) var count: UInt64 = 0

  /// An empty one.
  public init() {}

  /// A histogram from what `buckets` told of another.
  public init(_ buckets: some Sequence<Bucket>) {
    for bucket in buckets { record(bucket.lowestValue, count: bucket.count) }
  }

  /// Records a value, so many times.
  public mutating func record(_ value: UInt64, count times: UInt64 = 1) {
    guard times > 0 else { return }
    let cell = Histogram.cell(of: value)
    if cell >= counts.count {
      counts.append(contentsOf: repeatElement(0, count: cell + 1 - counts.count))
    }
    counts[cell] &+= times
    count &+= times
  }

  /// Adds all that another one has recorded.
  public mutating func merge(_ other: Histogram) {
    if other.counts.count > counts.count {
      counts.append(contentsOf: repeatElement(0, count: other.counts.count - counts.count))
    }
    for cell in other.counts.indices { counts[cell] &+= other.counts[cell] }
    count &+= other.count
  }

  /// What was recorded since an earlier look at the same histogram.
  func since(_ earlier: Histogram) -> Histogram {
    var result = Histogram()
    for cell in counts.indices {
      let before = cell < earlier.counts.count ? earlier.counts[cell] : 0
      result.record(Histogram.lowestValue(of: cell), count: counts[cell] &- before)
    }
    return result
  }

  /// The value that so many percent of all are not above, rounded up within three digits; nil when
  /// nothing was recorded.
  ///
  /// 0 is the lowest, 100 the highest. Whether there are enough values for it to mean anything is
  /// another question: `supports`.
  public func value(atPercentile percentile: Double) -> UInt64? {
    guard count > 0 else { return nil }
    let share = Swift.max(0, Swift.min(percentile, 100)) / 100
    // What 99.9 / 100 × 1000 is above 999 is rounding, not a value more.
    let rank = Swift.max(1, UInt64((share * Double(count) - 1e-6).rounded(.up)))
    var seen: UInt64 = 0
    for cell in counts.indices {
      seen &+= counts[cell]
      if seen >= rank { return Histogram.highestValue(of: cell) }
    }
    return max
  }

  /// Whether there are enough values for a percentile to be told: ten beyond it, n ≥ 10 ÷ (1 − p).
  public func supports(percentile: Double) -> Bool {
    percentile < 100 && Double(count) * (100 - percentile) + 1e-6 >= 1000
  }

  /// The lowest value, rounded down within three digits; nil when nothing was recorded.
  public var min: UInt64? { counts.firstIndex { $0 > 0 }.map(Histogram.lowestValue) }

  /// The highest value, rounded up within three digits; nil when nothing was recorded.
  public var max: UInt64? { counts.isEmpty ? nil : Histogram.highestValue(of: counts.count - 1) }

  /// The mean within three digits; nil when nothing was recorded.
  public var mean: Double? {
    guard count > 0 else { return nil }
    var sum = 0.0
    for cell in counts.indices where counts[cell] > 0 {
      let low = Double(Histogram.lowestValue(of: cell))
      sum += (low + Double(Histogram.highestValue(of: cell))) / 2 * Double(counts[cell])
    }
    return sum / Double(count)
  }

  /// What was recorded, by rising value; what never came is left out.
  public var buckets: [Bucket] {
    counts.indices.lazy.filter { counts[$0] > 0 }.map {
      Bucket(lowestValue: Histogram.lowestValue(of: $0), count: counts[$0])
    }
  }
}

// MARK: cells

extension Histogram {
  /// Where a value is counted.
  @inline(__always)
  static func cell(of value: UInt64) -> Int {
    let shift = Swift.max(0, 53 - value.leadingZeroBitCount)  // 11 bits are left
    return shift << 10 + Int(value >> UInt64(shift))
  }

  /// How far a cell's values are from zero: its number in the row of cells of one width.
  private static func place(_ cell: Int) -> (shift: UInt64, step: UInt64) {
    guard cell >= 2048 else { return (0, UInt64(cell)) }
    let shift = cell >> 10 - 1
    return (UInt64(shift), UInt64(cell - shift << 10))
  }

  /// The lowest value of a cell.
  static func lowestValue(of cell: Int) -> UInt64 {
    let (shift, step) = place(cell)
    return step << shift
  }

  /// The highest value of a cell.
  static func highestValue(of cell: Int) -> UInt64 {
    let (shift, step) = place(cell)
    return step << shift | (1 << shift - 1)
  }
}

// MARK: as text

/// Sparse: `[[lowest value, count], …]`, by rising value.
extension Histogram: Codable {
  /// Writes the buckets.
  ///
  /// - Throws: what the encoder throws.
  public func encode(to encoder: any Encoder) throws {
    var list = encoder.unkeyedContainer()
    for bucket in buckets {
      var pair = list.nestedUnkeyedContainer()
      try pair.encode(bucket.lowestValue)
      try pair.encode(bucket.count)
    }
  }

  /// Reads the buckets.
  ///
  /// - Throws: `DecodingError` for what are no pairs of numbers, or not in rising order.
  public init(from decoder: any Decoder) throws {
    self.init()
    var list = try decoder.unkeyedContainer()
    var last: UInt64?
    while !list.isAtEnd {
      var pair = try list.nestedUnkeyedContainer()
      let value = try pair.decode(UInt64.self)
      let times = try pair.decode(UInt64.self)
      let (_, over) = count.addingReportingOverflow(times)
      guard pair.isAtEnd, value > last ?? 0 || last == nil, times > 0, !over else {
        throw DecodingError.dataCorruptedError(
          in: list, debugDescription: "a histogram is pairs [value, count] with rising values")
      }
      record(value, count: times)
      last = value
    }
  }
}
