internal import Linux
internal import Measure

/// What an experiment left on the machine: the trust of all that come after it.
struct LeakAudit {
  private let place: Place
  private let before: HostState
  private let descriptors: Int

  /// Looks at the host.
  init(_ place: Place) {
    self.place = place
    before = HostState.read()
    descriptors = Kernel.list("/proc/self/fd").count
  }

  /// What is there now and was not, of ours; empty when all is gone.
  func leaks() -> [String] {
    // A process whose end was waited for may still be on its way out of its cgroup: 2 s, no more.
    var found: [String] = []
    for _ in 0..<20 {
      found = now()
      if found.isEmpty { break }
      Clock.sleep(100_000_000)
    }
    return found
  }

  private func now() -> [String] {
    let marks = [place.name, "child-of-\(Processes.current)"]
    var found = HostState.read().differences(since: before, marks: marks)
      .filter { $0.isOurs && !isParent($0.item) && !isCovered($0.item) }.map(\.text)
    let more = Kernel.list("/proc/self/fd").count - descriptors
    if more > 0 { found.append("+ \(more) descriptors") }
    return found
  }

  /// The cgroup above all containers of the run is made by the first of them, and stays.
  private func isParent(_ item: String) -> Bool { item.hasSuffix("/\(place.name)") }

  /// Beside v1 trees the v2 tree is covered by a tmpfs (`Place.enter`): runc makes its directory
  /// there all the same, and cannot remove it, for what it writes into it stays.
  private func isCovered(_ item: String) -> Bool {
    item.hasPrefix("/sys/fs/cgroup/unified/")
      && !File.exists("/sys/fs/cgroup/unified/cgroup.procs")
  }
}
