// benchmark-count: one hot path, for valgrind to count its instructions.
//
//     valgrind --tool=callgrind --toggle-collect=drydock_micro_measured … benchmark-count PATH SOURCE DIR
//
// Instructions are counted inside `drydock_micro_measured` alone. Prints how often the path ran there,
// and how many allocations it made.

// Exit code 1, with the cause on standard error, when the path cannot be prepared or run.

internal import CMicro
internal import HotPaths
internal import Linux

/// The path that is measured, and what it failed with: a function that C calls captures nothing.
enum Held {
  nonisolated(unsafe) static var path: HotPath?
  nonisolated(unsafe) static var failure: (any Error)?
}

func end(_ complaint: String) -> Never {
  File.report("benchmark-count: \(complaint)\n")
  Processes.exit(1)
}

let arguments = CommandLine.arguments
guard arguments.count == 4, let known = HotPath.named(arguments[1]) else {
  end("usage: benchmark-count \(HotPath.names.joined(separator: "|")) SOURCE DIRECTORY")
}
do {
  let path = try known.prepared(source: arguments[2], scratch: arguments[3])
  unsafe Held.path = path
  // What a path does only the first time (tables, metadata) is not what it costs.
  _ = try path.run(2)
  let before = micro_allocations()
  drydock_micro_measured {
    guard let path = unsafe Held.path else { return }
    do { _ = try path.run(path.times) } catch { unsafe Held.failure = error }
  }
  if let failure = unsafe Held.failure { throw failure }
  print(path.times, micro_allocations() - before)
} catch { end("\(arguments[1]): \(error)") }
