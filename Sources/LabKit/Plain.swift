internal import Linux
internal import Measure

/// The small JSON documents of `list`, `hint`, `check` and `progress` (RFC 8259).
enum Plain {
  /// A string with what must be escaped.
  static func string(_ text: String) -> String {
    var out = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case "\n": out += "\\n"
      case let scalar where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out + "\""
  }

  /// An object; the values are JSON already.
  static func object(_ members: [(String, String)]) -> String {
    "{" + members.map { "\(string($0)):\($1)" }.joined(separator: ",") + "}"
  }

  /// What a check came to.
  static func check(_ lab: Lab, _ part: Part, _ record: Record, _ language: Language) -> String {
    let findings = record.findings.map { finding in
      object([
        ("id", string(finding.id)), ("what", string(finding.what[language])),
        ("expected", string(finding.expected)), ("seen", string(finding.seen)),
        ("verdict", string(finding.verdict.word.en)),
        ("reason", finding.verdict.reason.map { string($0[language]) } ?? "null"),
        ("cause", finding.isFailure ? finding.cause.map(string) ?? "null" : "null"),
      ])
    }
    return object([
      ("lab", "\(lab.number)"), ("part", string(part.rawValue)),
      ("verdict", string(record.verdict.word.en)),
      ("cause", record.cause.map(string) ?? "null"),
      ("findings", "[" + findings.joined(separator: ",") + "]"),
    ])
  }

  /// Writes a line to standard output.
  ///
  /// - Returns: the exit code.
  static func put(_ text: String) -> Int32 {
    do throws(SystemError) {
      try File.write(1, Array((text + "\n").utf8), name: "standard output")
      return 0
    } catch {
      LabCommand.complain(LabError(error))
      return 125
    }
  }
}
