import Foundation
import Testing

@testable import Load

/// Each method against what is known from elsewhere: a loop that the optimiser emptied, or a
/// wrong one, cannot give these values.
@Suite struct CPUMethodsTests {
  @Test("SplitMix64 gives its published numbers") func splitMix64() {
    var random = SplitMix64(1_234_567)
    #expect(random.next() == 6_457_827_717_110_365_317)
    #expect(random.next() == 3_203_168_211_198_807_973)
  }

  @Test("CRC-32 of the check string") func crc32() {
    #expect(CRC32.checksum(Array("123456789".utf8), CRC32.table()) == 0xCBF4_3926)
  }

  @Test("There are 1900 primes below 16384") func sieve() {
    var work = CPUWork(.sieve)
    #expect(work.operation(0) == 1900)
    #expect(work.operation(0) == 1900)
  }

  @Test("The sum of square roots is what sqrt(3) gives") func sqrt() {
    var random = SplitMix64(7)
    var sum = 0.0
    for _ in 0..<CPUWork.sqrtRounds { sum += Foundation.sqrt(Double(random.next() >> 33)) }
    var work = CPUWork(.sqrt)
    #expect(work.operation(7) == sum.bitPattern)
  }

  @Test("FFT equals the sum that defines it", arguments: [2, 8, 64]) func fourier(points: Int) {
    var random = SplitMix64(3)
    let signal = (0..<points).map { _ in random.unit() }
    var (real, imaginary) = (signal, [Double](repeating: 0, count: points))
    Fourier.transform(&real, &imaginary, inverse: false)
    for k in 0..<points {
      let angles = (0..<points).map { -2 * Double.pi * Double(k * $0) / Double(points) }
      let expectedReal = zip(signal, angles).reduce(0) { $0 + $1.0 * cos($1.1) }
      let expectedImaginary = zip(signal, angles).reduce(0) { $0 + $1.0 * sin($1.1) }
      #expect(abs(real[k] - expectedReal) < 1e-9)
      #expect(abs(imaginary[k] - expectedImaginary) < 1e-9)
    }
    Fourier.transform(&real, &imaginary, inverse: true)
    for (back, sent) in zip(real, signal) { #expect(abs(back - sent) < 1e-12) }
  }

  @Test("The same seed gives the same checksum, another one another", arguments: CPUMethod.allCases)
  func deterministic(method: CPUMethod) {
    var (one, two) = (CPUWork(method), CPUWork(method))
    let first = one.operation(5)
    let other = one.operation(6)
    #expect(one.operation(5) == first)
    #expect(two.operation(5) == first)
    #expect(other != first)
  }

  @Test("Names are unique and found again") func names() {
    for method in CPUMethod.allCases { #expect(CPUMethod.named(method.name) == method) }
    #expect(CPUMethod.named("SQRT") == nil)
  }
}

@Suite struct MemoryTests {
  @Test("One changed byte is found, and only where it was touched")
  func corruption() throws {
    let memory = try Memory(bytes: 1 << 20)
    defer { memory.unmap() }
    for round: UInt8 in [1, 2, 255] {
      memory.fill(stride: 4096, round: round)
      #expect(memory.firstDifference(stride: 4096, round: round) == nil)
    }
    #expect(memory.firstDifference(stride: 4096, round: 3) != nil)
    memory.corrupt(at: 4096 * 10 + 1)
    #expect(memory.firstDifference(stride: 4096, round: 255) == nil)
    memory.corrupt(at: 4096 * 10)
    let place = try #require(memory.firstDifference(stride: 4096, round: 255))
    #expect(place % 4096 == 0)
  }

  @Test("Any stride ends", arguments: [1, 4095, 1 << 20, 1 << 21, Int.max])
  func strides(stride: Int) throws {
    let memory = try Memory(bytes: 10000)
    defer { memory.unmap() }
    memory.fill(stride: stride, round: 9)
    #expect(memory.firstDifference(stride: stride, round: 9) == nil)
  }

  @Test("Too much memory is an error of mmap(2)") func tooMuch() {
    #expect(throws: (any Error).self) { try Memory(bytes: 1 << 60) }
  }
}
