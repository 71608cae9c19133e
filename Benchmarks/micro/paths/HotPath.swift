/// A piece of our own code that runs at every start, every question or every look, and so has limits
/// on the instructions and allocations it may take (`Benchmarks/run micro`).
///
/// A path does the same each time: no clock, no network, nothing that depends on the machine. It is
/// prepared once; what is measured is `run` alone.
public struct HotPath {
  /// Stable: names the limits in `Benchmarks/micro/limits`.
  public let name: String
  /// How often it is run for one measurement: enough that what it does first does not show.
  public let times: Int
  private let body: () throws -> Int

  /// Describes a path; `body` returns a number that comes from its result, so that nothing of it can
  /// be left out by the optimiser.
  init(_ name: String, times: Int = 20, _ body: @escaping () throws -> Int) {
    self.name = name
    self.times = times
    self.body = body
  }

  /// Runs it, so many times.
  ///
  /// - Returns: What its results come to.
  /// - Throws: what it throws, which is a mistake of this suite's.
  @inline(never)
  public func run(_ times: Int) throws -> Int {
    var sum = 0
    for _ in 0..<times { sum &+= try body() }
    return sum
  }

  /// The names of all.
  public static var names: [String] { Known.allCases.map(\.rawValue) }

  /// A path that is known by name.
  public static func named(_ name: String) -> Known? { Known(rawValue: name) }

  /// Something that is not there to be measured.
  struct Unprepared: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
  }
}
