import Linux
import Synchronization
import Testing

@testable import Steps

private let serial = Atomic<Int>(0)

/// A directory that is removed with its owner.
final class Scratch {
  let path: String

  init() throws {
    let number = serial.add(1, ordering: .relaxed).newValue
    path = "/tmp/drydock-runtime-tests-\(Processes.current)-\(number)"
    try File.makeDirectory(path)
  }

  deinit {
    do { try File.removeTree(path) } catch { Issue.record(error) }
  }

  /// Makes a file with the directories above it.
  func make(_ name: String, _ text: String = "") throws {
    let path = path + "/" + name
    if let slash = path.lastIndex(of: "/") { try File.makeDirectories(String(path[..<slash])) }
    try File.replace(path, with: text.utf8)
  }
}

/// A kernel of files: directories are made, values written into files that need not exist; the
/// rest is only noted.
final class FakeKernel: StepObserver {
  private(set) var steps: [StepRecord] = []
  /// Answers to steps, by object, once each.
  var failures: [String: Errno] = [:]

  var objects: [String] { steps.map { $0.object } }

  func before(_ step: StepRecord, _ operation: borrowing Operation) -> Disposition {
    steps.append(step)
    if let errno = failures.removeValue(forKey: step.object) { return .fail(errno) }
    do throws(SystemError) {
      switch operation {
      case .makeDirectory(let path): try File.makeDirectory(path)
      case .removeDirectory(let path): try File.removeTree(path)
      case .write(let path, let value): try File.replace(path, with: value.utf8)
      default: break
      }
    } catch { return .fail(error.errno) }
    return .pretend(0)
  }

  func after(_ step: StepRecord) {}
}
