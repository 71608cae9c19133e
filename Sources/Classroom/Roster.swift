internal import Linux

/// Who is in a class: a CSV with a line a student (RFC 4180), its first column the machine's name.
///
///     name,email
///     ana,ana@example.org
public struct Roster: Equatable, Sendable {
  /// The names, in the file's order.
  public let names: [String]

  /// What a line of the header may be called.
  private static let headers = ["name", "student", "id"]

  /// Reads a file.
  ///
  /// - Throws: `ClassroomError` with every line that is wrong, not only the first.
  public init(path: String) throws(ClassroomError) {
    let text = try ClassroomError.told { () throws(SystemError) in
      try File.text(path, limit: 1 << 20)
    }
    try self.init(text, called: path)
  }

  /// Reads a text.
  init(_ text: String, called path: String) throws(ClassroomError) {
    var names: [String] = []
    var lines: [String: Int] = [:]
    var complaints: [String] = []
    for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      .enumerated()
    {
      let field = line.prefix { $0 != "," && $0 != ";" && $0 != "\t" }
      let name = Roster.unquoted(field)
      if line.allSatisfy({ $0.isWhitespace }) || line.hasPrefix("#") { continue }
      if names.isEmpty, index == 0, Roster.headers.contains(name.lowercased()) { continue }
      if let complaint = Roster.complaint(name) {
        complaints.append("line \(index + 1): \(complaint)")
      } else if let first = lines[name] {
        complaints.append("line \(index + 1): \(name) is on line \(first) too")
      } else {
        lines[name] = index + 1
        names.append(name)
      }
    }
    if !complaints.isEmpty {
      throw ClassroomError(
        "\(path): " + complaints.joined(separator: "\n  "),
        hint: "a name a line: lower-case letters, digits and -, such as ana or group-3")
    }
    if names.isEmpty { throw ClassroomError("\(path) names nobody") }
    self.names = names
  }

  private static func unquoted(_ field: Substring) -> String {
    field.count > 1 && field.first == "\"" && field.last == "\""
      ? String(field.dropFirst().dropLast()) : String(field)
  }

  /// What is wrong with a name; nil for one that can be a host's (RFC 1123).
  static func complaint(_ name: String) -> String? {
    let isRight =
      !name.isEmpty && name.utf8.count <= 32 && !name.hasPrefix("-") && !name.hasSuffix("-")
      && name.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 45 }
    return isRight
      ? nil : "\"\(name)\" can be no machine's name: at most 32 of a-z, 0-9 and - in between"
  }
}
