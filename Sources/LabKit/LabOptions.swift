internal import Linux
public import Measure

/// What the lab commands can be told.
public struct LabOptions: Equatable, Sendable {
  /// What is not an option: the command, labs, `exercise` or `broken`.
  public var words: [String] = []
  /// `--lang`.
  public var language: Language
  /// `--yes`: nobody is at the keyboard.
  public var isHeadless = false
  /// `--json`.
  public var isJSON = false
  /// `--answer QUESTION=KEY`, for headless runs.
  public var answers: [String: String] = [:]
  /// `--out DIR`: where the report goes.
  public var out = "."
  /// `--workdir DIR`: the learner's scripts and journal.
  public var work: String
  /// `--root DIR`: the engine's.
  public var root = "/var/lib/drydock"
  /// `--run-root DIR`: what sessions are kept beneath.
  public var runRoot = "/run/drydock"
  /// `--runtime FILE`: the OCI runtime to use.
  public var runtime: String?

  /// Reads arguments.
  ///
  /// - Throws: `LabError` naming the option that is unknown or lacks its value.
  public init(
    _ arguments: [String], environment: [String: String]
  ) throws(LabError) {
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].compactMap { environment[$0] }
      .first { !$0.isEmpty }
    language = Language(locale: locale ?? "")
    let home = environment["HOME"].flatMap { $0.isEmpty ? nil : $0 } ?? "/root"
    work = environment["DRYDOCK_LABS"] ?? "\(home)/.drydock/labs"
    var rest = arguments[...]
    func value(_ name: String) throws(LabError) -> String {
      guard let value = rest.popFirst() else { throw LabError("\(name) needs a value") }
      return value
    }
    while let word = rest.popFirst() {
      switch word {
      case "--yes", "-y": isHeadless = true
      case "--json": isJSON = true
      case "--out": out = try value(word)
      case "--workdir": work = try value(word)
      case "--root": root = try value(word)
      case "--run-root": runRoot = try value(word)
      case "--runtime": runtime = try value(word)
      case "--lang":
        let name = try value(word)
        guard let language = Language(rawValue: name) else {
          throw LabError("no such language: \(name)", hint: "There are en and zh.")
        }
        self.language = language
      case "--answer":
        let pair = try value(word).split(separator: "=").map(String.init)
        guard pair.count == 2 else { throw LabError("--answer needs QUESTION=KEY") }
        answers[pair[0]] = pair[1]
      default:
        guard !word.hasPrefix("-") else {
          throw LabError("unknown option: \(word)", hint: "See drydock lab help.")
        }
        words.append(word)
      }
    }
  }

  /// Where all of it lies on this machine.
  var place: Place {
    var place = Place(work: work)
    place.root = root
    place.sessions = "\(runRoot)/labs"
    return place
  }
}
