internal import CLinux
internal import Linux

/// Whole words of anonymous memory, never in huge pages, as `Memory` has bytes.
@safe struct Words {
  let start: UnsafeMutablePointer<UInt64>
  let count: Int

  /// Maps so many bytes, rounded down to what `count` says of them.
  init(bytes: Int, count: Int) throws(SystemError) {
    var address: UnsafeMutableRawPointer?
    let result = unsafe lx_map_anonymous(bytes, 0, &address)
    guard result >= 0, let address = unsafe address else {
      throw SystemError("mmap(2)", Errno(Int32(-result)), "\(bytes) bytes")
    }
    // A kernel built without huge pages refuses this, and has none to avoid.
    _ = unsafe lx_no_huge_pages(address, bytes)
    unsafe start = address.bindMemory(to: UInt64.self, capacity: bytes / 8)
    self.count = count
  }

  /// Writes `key + i` to word i, in order.
  func fill(key: UInt64) {
    for index in 0..<count { unsafe start[index] = key &+ UInt64(index) }
  }

  /// The sum of all words, read in order.
  func sum() -> UInt64 {
    var sum: UInt64 = 0
    for index in 0..<count { unsafe sum &+= start[index] }
    return sum
  }

  /// What `sum` is after `fill`: key × n + n (n - 1) ÷ 2.
  func sumAfterFill(key: UInt64) -> UInt64 {
    let n = UInt64(count)
    let pairs = n % 2 == 0 ? (n / 2) &* (n &- 1) : n &* ((n &- 1) / 2)
    return key &* n &+ pairs
  }
}

/// A walk over every line of a memory in an order that no prefetcher guesses, and whose place after
/// any number of steps can be computed beside it.
///
/// Line i holds where the walk goes from it: `(a i + c) mod 2^k`, which passes every line before it
/// comes back (Hull and Dobell 1962: c odd, a ≡ 1 mod 4). The reader has to wait for each line
/// before it knows the next.
struct Walk {
  /// A line of the cache: 64 bytes.
  static let wordsPerLine = 8
  /// Steps of one operation.
  static let steps = 1 << 14
  private static let a: UInt64 = 0x5851_F42D_4C95_7F2D
  private static let c: UInt64 = 0x1405_7B7E_F767_814F

  let lines: Int
  private var mask: UInt64 { UInt64(lines) - 1 }

  /// As many lines as fit, in a power of two; nil below two pages, which always are in the cache.
  init?(bytes: Int) {
    guard bytes >= 8192 else { return nil }
    lines = 1 << (Int.bitWidth - 1 - (bytes / 64).leadingZeroBitCount)
  }

  func next(_ line: UInt64) -> UInt64 { (Walk.a &* line &+ Walk.c) & mask }

  /// Where `steps` steps lead, computed by squaring and not by going there.
  func place(from line: UInt64, after steps: Int) -> UInt64 {
    var (a, c) = (Walk.a, Walk.c)
    var (allA, allC): (UInt64, UInt64) = (1, 0)
    var rest = steps
    while rest > 0 {
      if rest & 1 == 1 { (allA, allC) = (allA &* a, allC &* a &+ c) }
      (a, c) = (a &* a, c &* a &+ c)
      rest >>= 1
    }
    return (allA &* line &+ allC) & mask
  }

  func lay(in words: Words) {
    for line in 0..<lines {
      unsafe words.start[line * Walk.wordsPerLine] = next(UInt64(line))
    }
  }

  /// Goes there.
  func go(from line: UInt64, in words: Words) -> UInt64 {
    var line = line
    for _ in 0..<Walk.steps {
      // A word that was corrupted must not lead out of the memory.
      line = unsafe words.start[Int(line & mask) * Walk.wordsPerLine]
    }
    return line
  }
}

extension Worker {
  private func map(count: Int) -> Words? {
    do throws(SystemError) {
      return try Words(bytes: Int(vmBytes), count: count)
    } catch {
      journal.fail("hogvm malloc failed: \(error.errno.strerror)")
      return nil
    }
  }

  /// Writes all of the memory and reads it; one operation, twice `vmBytes` moved.
  func streamMemory() -> Int32 {
    guard vmBytes >= 8 else {
      fail("cannot stream \(vmBytes) bytes: give --vm-bytes 8 or more")
      return 1
    }
    guard let words = map(count: Int(vmBytes) / 8) else { return 1 }
    var key = slot.seed
    while !isDone {
      key &+= 0x9E37_79B9_7F4A_7C15
      words.fill(key: key)
      let (sum, expected) = (words.sum(), words.sumAfterFill(key: key))
      guard sum == expected else {
        fail("memory corruption: the sum of \(words.count) words is \(sum), not \(expected)")
        return 1
      }
      slot.move(bytes: words.count * 16)
      slot.count(checksum: sum)
    }
    return 0
  }

  /// Walks over the memory's lines; one operation is 16384 steps.
  func chaseMemory() -> Int32 {
    guard let walk = Walk(bytes: Int(vmBytes)) else {
      fail("cannot walk over \(vmBytes) bytes: give --vm-bytes 8K or more")
      return 1
    }
    guard let words = map(count: walk.lines * Walk.wordsPerLine) else { return 1 }
    walk.lay(in: words)
    var line: UInt64 = 0
    while !isDone {
      let (place, expected) = (
        walk.go(from: line, in: words), walk.place(from: line, after: Walk.steps)
      )
      guard place == expected else {
        fail(
          "memory corruption: \(Walk.steps) steps from line \(line) led to \(place), "
            + "not \(expected)")
        return 1
      }
      line = place
      slot.move(bytes: Walk.steps * 64)
      slot.count(checksum: place)
    }
    return 0
  }
}
