internal import Glibc
internal import Linux
internal import Synchronization

/// Two arms at once on two CPUs, then with the CPUs swapped (trust rule 7).
///
/// For CPU-bound pairs. What disturbs the machine meanwhile disturbs both alike, and what one CPU
/// has over the other is had by each once:
///
///     CPU 0   A₁ ┊ B₂          A = √(A₁ A₂), B = √(B₁ B₂)
///     CPU 1   B₁ ┊ A₂          A ÷ B = √((A₁ ÷ B₁) × (A₂ ÷ B₂))
///
/// A round has two such pairs, in random order: the two arms, and the first arm against itself,
/// which is the A/A pair (`a′` and `a″` in the data). Both halves of each number are recorded.
public struct Duet: Sendable {
  /// The CPUs, by number.
  public var cpus: [Int]

  /// Chooses the CPUs; both must be among those this process may use.
  public init(cpus: (Int, Int) = (0, 1)) { self.cpus = [cpus.0, cpus.1] }

  /// What an arm of a duet does: it runs beside the other one, on a thread of its own, and so do
  /// the processes that it starts (sched_setaffinity(2): a child has its parent's CPUs).
  public typealias Part = @Sendable () throws(ExperimentError) -> Measurement

  /// The name of a half's own number among a sample's facets.
  static func half(on cpu: Int) -> String { "cpu\(cpu)" }

  /// Both at once, each on its CPU; they begin together.
  ///
  /// - Throws: `ExperimentError` from a part, or when a thread or a CPU cannot be had.
  func play(_ first: @escaping Part, _ second: @escaping Part, swapped: Bool)
    throws(ExperimentError) -> (Measurement, Measurement)
  {
    let order = swapped ? [1, 0] : [0, 1]
    let gate = Gate(2)
    let players = zip(order, [first, second]).map { Player(cpu: cpus[$0], part: $1, gate: gate) }
    var threads: [pthread_t] = []
    for player in players {
      var thread = pthread_t()
      // The thread owns a reference until it has run: `take` consumes it.
      let context = unsafe Unmanaged.passRetained(player).toOpaque()
      let code = unsafe pthread_create(
        &thread, nil,
        { context in
          if let context = unsafe context {
            unsafe Unmanaged<Player>.fromOpaque(context).takeRetainedValue().run()
          }
          return nil
        }, context)
      guard code == 0 else {
        unsafe Unmanaged<Player>.fromOpaque(context).release()
        gate.open()
        for thread in threads { _ = pthread_join(thread, nil) }
        throw ExperimentError("pthread_create(3): \(Errno(code).message)")
      }
      threads.append(thread)
    }
    for thread in threads { _ = pthread_join(thread, nil) }
    return (try players[0].measurement(), try players[1].measurement())
  }

  /// Two halves as one number: the geometric mean, and each half beside it.
  func joined(_ halves: [Int: Measurement]) -> Measurement {
    let logs = halves.values.map { Statistics.logarithm($0.value) }
    var whole = Measurement(
      Statistics.exponential(logs.reduce(0, +) / Double(max(1, logs.count))))
    for (cpu, half) in halves {
      whole.facets[Duet.half(on: cpu)] = half.value
      if let cpuTime = half.cpuNanoseconds {
        whole.cpuNanoseconds = (whole.cpuNanoseconds ?? 0) + cpuTime / UInt64(halves.count)
      }
    }
    return whole
  }
}

/// Lets nobody pass until all are there: who comes spins, as sleepers wake late and apart.
private final class Gate: Sendable {
  private let missing: Atomic<Int>

  init(_ count: Int) { missing = Atomic(count) }

  func open() { missing.store(0, ordering: .relaxed) }

  func pass() {
    missing.subtract(1, ordering: .relaxed)
    while missing.load(ordering: .relaxed) > 0 { sched_yield() }
  }
}

/// One thread of a duet.
///
/// What it leaves is read after pthread_join(3) only.
private final class Player: @unchecked Sendable {
  private let cpu: Int
  private let part: Duet.Part
  private let gate: Gate
  private var result: Result<Measurement, ExperimentError>?

  init(cpu: Int, part: @escaping Duet.Part, gate: Gate) {
    self.cpu = cpu
    self.part = part
    self.gate = gate
  }

  func run() {
    let isHere = Result { () throws(ExperimentError) in try settle() }
    // The other one waits, whatever became of this one.
    gate.pass()
    if case .failure(let error) = isHere {
      result = .failure(error)
    } else {
      result = Result { () throws(ExperimentError) in try part() }
    }
  }

  private func settle() throws(ExperimentError) {
    guard let set = NumberSet(list: "\(cpu)") else { throw ExperimentError("no CPU \(cpu)") }
    do {
      try Scheduling.setAffinity(set, name: "\(cpu)")
    } catch {
      throw ExperimentError("\(error.text); a duet needs two CPUs of its own")
    }
  }

  func measurement() throws(ExperimentError) -> Measurement {
    guard let result else { throw ExperimentError("the thread on CPU \(cpu) did not run") }
    return try result.get()
  }
}
