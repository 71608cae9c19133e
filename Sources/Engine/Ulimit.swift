import Linux
import OCI

/// `--ulimit NAME=SOFT[:HARD]` (getrlimit(2)); -1 is no limit.
struct Ulimit: Equatable {
  let name: String
  let soft: UInt64
  let hard: UInt64

  static let names = [
    "core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nice", "nofile", "nproc",
    "rss",
    "rtprio", "rttime", "sigpending", "stack",
  ]

  /// Reads it.
  init(_ text: String) throws(EngineError) {
    func invalid(_ reason: String) -> EngineError {
      EngineError(
        "invalid argument \"\(text)\" for \"--ulimit\" flag: \(reason)",
        hint: "NAME=SOFT[:HARD], such as nofile=1024:2048.")
    }
    let pair = text.split(separator: "=", maxSplits: 1).map { String($0) }
    guard pair.count == 2 else { throw invalid("invalid ulimit argument: \(text)") }
    guard Ulimit.names.contains(pair[0]) else { throw invalid("invalid ulimit type: \(pair[0])") }
    name = pair[0]
    let values = pair[1].split(separator: ":", omittingEmptySubsequences: false)
    guard values.count <= 2 else {
      throw invalid("too many limit value arguments - \(pair[1]), can only have up to two")
    }
    var numbers = [UInt64]()
    for value in values {
      guard let number = value == "-1" ? UInt64.max : UInt64(value) else {
        throw invalid("invalid limit: \(value) is not a number")
      }
      numbers.append(number)
    }
    (soft, hard) = (numbers[0], numbers[numbers.count - 1])
    guard soft <= hard else {
      throw invalid(
        "ulimit soft limit must be less than or equal to hard limit: \(Ulimit.text(soft)) > "
          + Ulimit.text(hard))
    }
  }

  private static func text(_ value: UInt64) -> String { value == .max ? "-1" : "\(value)" }

  /// What this process may not give, as it has no more itself (setrlimit(2)).
  func check(_ machine: Machine) throws(EngineError) {
    guard !machine.capabilities.contains("CAP_SYS_RESOURCE"), let own = machine.hardLimit(name),
      hard > own
    else { return }
    throw EngineError(
      "--ulimit \(name): \(Ulimit.text(hard)) is above this process's own hard limit, \(own)",
      hint: "Raising it needs CAP_SYS_RESOURCE, which is not here; ask for \(own) or less.")
  }

  /// As config.json has it.
  var rlimit: Rlimit { Rlimit(type: "RLIMIT_" + name.uppercased(), soft: soft, hard: hard) }
}
