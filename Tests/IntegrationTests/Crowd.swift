import Foundation
import Synchronization

/// Threads that begin at once, all in the network namespace of the one that calls.
enum Crowd {
  /// Runs a body in so many threads; returns how many said true.
  static func run(_ count: Int, _ body: @escaping @Sendable (Int) throws -> Bool) throws -> Int {
    let good = Counter()
    let group = DispatchGroup()
    for index in 0..<count {
      group.enter()
      // A thread is born in the namespaces of its maker (clone(2)); one of a pool is not.
      let thread = Thread {
        if (try? body(index)) == true { good.add() }
        group.leave()
      }
      thread.start()
    }
    group.wait()
    return good.value
  }

  private final class Counter: Sendable {
    private let count = Atomic<Int>(0)
    func add() { count.add(1, ordering: .relaxed) }
    var value: Int { count.load(ordering: .relaxed) }
  }
}
