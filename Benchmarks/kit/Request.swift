// What every benchmark shares: its command line, what one sample costs, its table.

public import Measure

/// What a benchmark's command line asked for.
public struct Request {
  /// The benchmark, as it is called: `sudo Benchmarks/run NAME`.
  public let name: String
  /// Where the built programs are.
  public private(set) var binaries = ""
  /// Where the package is.
  public private(set) var source = "."
  /// Rounds that must count.
  public private(set) var rounds: Int
  /// Where the reports go.
  public private(set) var out: String
  /// Of the orders.
  public private(set) var seed = SeededRandom.freshSeed()
  /// The benchmark's own numbers, by their flags.
  public private(set) var numbers: [String: Int]
  /// The benchmark's own texts, by their flags; those that were given.
  public private(set) var texts: [String: String] = [:]
  /// The flags of those that `Benchmarks/run` gives by itself.
  private let inner: [String]

  /// Reads a command line.
  ///
  /// - Parameters:
  ///   - words: Behind the program's name.
  ///   - name: The benchmark.
  ///   - rounds: How many where none are asked for.
  ///   - numbers: Its own flags that take a number, and what they are where none is given.
  ///   - own: Its own flags that take a text.
  ///   - inner: Those of its script, which nobody types.
  /// - Throws: `ExperimentError` naming the flag that is wrong.
  public init(
    _ words: [String], name: String, rounds: Int, numbers: [String: Int] = [:],
    texts own: [String] = [], inner: [String] = []
  ) throws(ExperimentError) {
    self.name = name
    self.rounds = rounds
    self.numbers = numbers
    self.inner = inner
    out = "benchmark-\(name)"
    var rest = words[...]
    while let word = rest.popFirst() {
      guard let value = rest.popFirst() else { throw ExperimentError("\(word) needs a value") }
      switch word {
      case "--binaries": binaries = value
      case "--source": source = value
      case "--out": out = value
      case "--rounds": self.rounds = try Request.number(word, value)
      case "--seed":
        guard let number = UInt64(value) else { throw ExperimentError("--seed \(value): a number") }
        seed = number
      case _ where numbers[word] != nil: self.numbers[word] = try Request.number(word, value)
      case _ where own.contains(word) || inner.contains(word): texts[word] = value
      default:
        let known = ["--rounds", "--out", "--seed"] + numbers.keys.sorted() + own
        throw ExperimentError("unknown flag \(word): there are \(known.joined(separator: ", "))")
      }
    }
  }

  private static func number(_ flag: String, _ value: String) throws(ExperimentError) -> Int {
    guard let number = Int(value), (1...10_000).contains(number) else {
      throw ExperimentError("\(flag) \(value): a number from 1 to 10000")
    }
    return number
  }

  /// The command that repeats this run.
  public var command: String {
    var words = ["sudo Benchmarks/run \(name) --rounds \(rounds)"]
    for (flag, value) in numbers.sorted(by: { $0.key < $1.key }) {
      words.append("\(flag) \(value)")
    }
    for (flag, value) in texts.sorted(by: { $0.key < $1.key }) where !inner.contains(flag) {
      words.append("\(flag) \(value)")
    }
    return (words + ["--seed \(seed)"]).joined(separator: " ")
  }
}
