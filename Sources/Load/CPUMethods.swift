/// What a cpu worker computes.
///
/// One operation is a fixed piece of work of some tens of microseconds, so that a load below
/// 100 % can be cut finely; its checksum is always the same for the same seed, which is how a
/// worker verifies it.
///
/// The seed is read from shared memory for every operation, and the checksum stored there: the
/// optimiser can neither hoist the work out of the loop nor drop it.
enum CPUMethod: CaseIterable {
  case int64, float, matrix, fft, sieve, crc, sqrt

  /// The name on the command line.
  var name: String {
    switch self {
    case .int64: "int64"
    case .float: "float"
    case .matrix: "matrix"
    case .fft: "fft"
    case .sieve: "sieve"
    case .crc: "crc"
    case .sqrt: "sqrt"
    }
  }

  static func named(_ name: String) -> CPUMethod? { allCases.first { $0.name == name } }

  static var names: String { allCases.map(\.name).joined(separator: ", ") }
}

/// SplitMix64 (Steele, Lea, Flood 2014): the source of every worker's numbers.
struct SplitMix64 {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  @inline(__always)
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// A number in 0..<1 with 53 bits.
  @inline(__always)
  mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }
}

/// A method with its memory, which is allocated once.
struct CPUWork {
  let method: CPUMethod
  private var a: [Double] = []
  private var b: [Double] = []
  private var c: [Double] = []
  private var bytes: [UInt8] = []
  private var table: [UInt32] = []

  static let matrixSide = 24
  static let fftPoints = 512
  static let sieveLimit = 16384
  static let crcBytes = 8192
  static let sqrtRounds = 8192

  init(_ method: CPUMethod) {
    self.method = method
    switch method {
    case .matrix:
      let cells = CPUWork.matrixSide * CPUWork.matrixSide
      a = Array(repeating: 0, count: cells)
      b = a
      c = a
    case .fft:
      a = Array(repeating: 0, count: CPUWork.fftPoints)
      b = a
    case .sieve: bytes = Array(repeating: 0, count: CPUWork.sieveLimit)
    case .crc:
      bytes = Array(repeating: 0, count: CPUWork.crcBytes)
      table = CRC32.table()
    case .int64, .float, .sqrt: break
    }
  }

  /// Does one operation; the checksum depends on nothing but the method and the seed.
  mutating func operation(_ seed: UInt64) -> UInt64 {
    switch method {
    case .int64: int64(seed)
    case .float: float(seed)
    case .matrix: matrix(seed)
    case .fft: fft(seed)
    case .sieve: sieve(seed)
    case .crc: crc(seed)
    case .sqrt: sqrt(seed)
    }
  }

  private func int64(_ seed: UInt64) -> UInt64 {
    var random = SplitMix64(seed)
    var sum: UInt64 = 0
    for _ in 0..<16384 { sum = (sum << 7 | sum >> 57) ^ random.next() }
    return sum
  }

  /// A chain of multiplications, additions and divisions; each waits for the one before.
  private func float(_ seed: UInt64) -> UInt64 {
    var random = SplitMix64(seed)
    let (p, q) = (1 + random.unit(), 1 + random.unit())
    var x = random.unit()
    for _ in 0..<4096 { x = (x * p + q) / (x + p) }
    return x.bitPattern
  }

  private mutating func matrix(_ seed: UInt64) -> UInt64 {
    let n = CPUWork.matrixSide
    var random = SplitMix64(seed)
    for i in 0..<(n * n) {
      a[i] = random.unit()
      b[i] = random.unit()
    }
    for row in 0..<n {
      for column in 0..<n {
        var sum = 0.0
        for k in 0..<n { sum += a[row * n + k] * b[k * n + column] }
        c[row * n + column] = sum
      }
    }
    return c.reduce(0) { ($0 << 1 | $0 >> 63) ^ $1.bitPattern }
  }

  /// A random signal forth and back; the checksum is of what came back.
  private mutating func fft(_ seed: UInt64) -> UInt64 {
    var random = SplitMix64(seed)
    for i in 0..<CPUWork.fftPoints {
      a[i] = random.unit()
      b[i] = 0
    }
    Fourier.transform(&a, &b, inverse: false)
    Fourier.transform(&a, &b, inverse: true)
    return a.reduce(0) { ($0 << 1 | $0 >> 63) ^ $1.bitPattern }
  }

  /// How many primes are below the limit, beside the seed.
  private mutating func sieve(_ seed: UInt64) -> UInt64 {
    let limit = CPUWork.sieveLimit
    var primes: UInt64 = 0
    for i in 2..<limit { bytes[i] = 1 }
    for i in 2..<limit where bytes[i] == 1 {
      primes += 1
      var multiple = i * i
      while multiple < limit {
        bytes[multiple] = 0
        multiple += i
      }
    }
    return seed &+ primes
  }

  private mutating func crc(_ seed: UInt64) -> UInt64 {
    var random = SplitMix64(seed)
    for i in bytes.indices { bytes[i] = UInt8(truncatingIfNeeded: random.next()) }
    return UInt64(CRC32.checksum(bytes, table))
  }

  /// Square roots of random numbers, as the classic tool: one sqrtsd each, all of them summed.
  private func sqrt(_ seed: UInt64) -> UInt64 {
    var random = SplitMix64(seed)
    var sum = 0.0
    for _ in 0..<CPUWork.sqrtRounds { sum += Double(random.next() >> 33).squareRoot() }
    return sum.bitPattern
  }
}

/// CRC-32 of IEEE 802.3, a byte at a time.
enum CRC32 {
  static func table() -> [UInt32] {
    (0..<256).map { index in
      (0..<8).reduce(UInt32(index)) { crc, _ in
        crc & 1 == 1 ? 0xEDB8_8320 ^ (crc >> 1) : crc >> 1
      }
    }
  }

  static func checksum(_ bytes: [UInt8], _ table: [UInt32]) -> UInt32 {
    var crc: UInt32 = 0xFFFF_FFFF
    for byte in bytes { crc = table[Int(UInt8(truncatingIfNeeded: crc) ^ byte)] ^ (crc >> 8) }
    return ~crc
  }
}

/// Radix-2 fast Fourier transform, in place (Cooley and Tukey 1965).
enum Fourier {
  /// Transforms `real` + i·`imaginary`, whose length is a power of two.
  static func transform(_ real: inout [Double], _ imaginary: inout [Double], inverse: Bool) {
    let n = real.count
    reorder(&real, &imaginary)
    // The principal root of unity for the span: -1 for two points, then half the angle each time,
    // by the half-angle formulas; no sine is needed.
    var (rootReal, rootImaginary) = (-1.0, 0.0)
    var span = 2
    while span <= n {
      for start in Swift.stride(from: 0, to: n, by: span) {
        var (wr, wi) = (1.0, 0.0)
        for k in start..<(start + span / 2) {
          let other = k + span / 2
          let (tr, ti) = (
            real[other] * wr - imaginary[other] * wi, real[other] * wi + imaginary[other] * wr
          )
          (real[other], imaginary[other]) = (real[k] - tr, imaginary[k] - ti)
          (real[k], imaginary[k]) = (real[k] + tr, imaginary[k] + ti)
          (wr, wi) = (wr * rootReal - wi * rootImaginary, wr * rootImaginary + wi * rootReal)
        }
      }
      (rootReal, rootImaginary) = (
        ((1 + rootReal) / 2).squareRoot(),
        ((1 - rootReal) / 2).squareRoot() * (inverse ? 1 : -1)
      )
      span *= 2
    }
    guard inverse else { return }
    for i in 0..<n {
      real[i] /= Double(n)
      imaginary[i] /= Double(n)
    }
  }

  /// Each element to the index with its bits reversed.
  private static func reorder(_ real: inout [Double], _ imaginary: inout [Double]) {
    var j = 0
    for i in 1..<real.count {
      var bit = real.count >> 1
      while j & bit != 0 {
        j ^= bit
        bit >>= 1
      }
      j |= bit
      if i < j {
        real.swapAt(i, j)
        imaginary.swapAt(i, j)
      }
    }
  }
}
