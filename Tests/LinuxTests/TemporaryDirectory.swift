import Linux
import Synchronization
import Testing

private let serial = Atomic<Int>(0)

/// A directory that is removed with its owner.
final class TemporaryDirectory {
  let path: String

  init() throws {
    let number = serial.add(1, ordering: .relaxed).newValue
    path = "/tmp/drydock-linux-tests-\(Processes.current)-\(number)"
    try File.makeDirectory(path)
  }

  deinit {
    do { try File.removeTree(path) } catch { Issue.record(error) }
  }

  func make(_ name: String, _ text: String = "") throws {
    try File.replace(path + "/" + name, with: text.utf8)
  }
}
