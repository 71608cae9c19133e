// `--change`: lines of a Dockerfile that concern how an image is run (docker commit, docker import).

internal import OCI

extension ImageSettings {
  /// Applies one line, such as `CMD ["sh"]` or `ENV A=1`.
  ///
  /// - Throws: `ImageError` when it is none of those that an image can be given afterwards.
  public mutating func apply(_ line: String) throws(ImageError) {
    let text = line.trimmed
    let word = text.prefix { $0 != " " && $0 != "\t" }.uppercased()
    let rest = String(text.dropFirst(word.count)).trimmed
    guard !rest.isEmpty else {
      throw ImageError("invalid change: '\(line)'", hint: "Write an instruction and its value.")
    }
    switch word {
    case "CMD": command = try words(rest)
    case "ENTRYPOINT":
      entrypoint = try words(rest)
      // As a Dockerfile has it: a new entrypoint takes the old command away.
      command = nil
    case "ENV": for (key, value) in try ImageSettings.pairs(rest) { set(key, value) }
    case "LABEL":
      for (key, value) in try ImageSettings.pairs(rest) {
        labels.removeAll { $0.key == key }
        labels.append(KeyValue(key, value))
      }
      labels.sort { $0.key < $1.key }
    case "EXPOSE":
      for port in rest.split(separator: " ") {
        let whole = port.contains("/") ? String(port) : "\(port)/tcp"
        guard let number = UInt16(whole.prefix { $0 != "/" }), number > 0 else {
          throw ImageError("invalid port: \(port)")
        }
        if !exposedPorts.contains(whole) { exposedPorts.append(whole) }
      }
    case "VOLUME":
      let places =
        rest.hasPrefix("[") ? try words(rest) : rest.split(separator: " ").map { String($0) }
      volumes += places.filter { !volumes.contains($0) }
    case "USER": user = rest
    case "WORKDIR":
      workingDirectory =
        rest.hasPrefix("/") ? rest : (workingDirectory == "/" ? "" : workingDirectory) + "/" + rest
    case "STOPSIGNAL": stopSignal = rest
    default:
      throw ImageError(
        "\(word.lowercased()) is not a valid change command",
        hint: "There are CMD, ENTRYPOINT, ENV, EXPOSE, LABEL, STOPSIGNAL, USER, VOLUME and WORKDIR."
      )
    }
  }

  /// `["a", "b"]` as it stands, everything else as a line for the shell.
  private func words(_ text: String) throws(ImageError) -> [String] {
    guard text.hasPrefix("[") else { return (shell ?? ["/bin/sh", "-c"]) + [text] }
    do throws(ConfigError) {
      var json = try JSONReader(Array(text.utf8))
      let words = try json.strings()
      try json.finish()
      return words
    } catch {
      throw ImageError("invalid list '\(text)'", error)
    }
  }

  private mutating func set(_ key: String, _ value: String) {
    let entry = "\(key)=\(value)"
    if let place = environment.firstIndex(where: { $0.hasPrefix(key + "=") }) {
      environment[place] = entry
    } else {
      environment.append(entry)
    }
  }

  /// `A=1 B="two words"`, or the old `A value`.
  private static func pairs(_ text: String) throws(ImageError) -> [(String, String)] {
    let first = text.prefix { $0 != " " && $0 != "\t" }
    guard first.contains("=") else {
      let value = String(text.dropFirst(first.count)).trimmed
      guard !value.isEmpty else { throw ImageError("invalid change: '\(text)' has no value") }
      return [(String(first), value)]
    }
    var pairs = [(String, String)]()
    for word in try split(text) {
      guard let equals = word.firstIndex(of: "="), equals > word.startIndex else {
        throw ImageError("invalid change: '\(word)' is no NAME=VALUE")
      }
      pairs.append((String(word[..<equals]), String(word[word.index(after: equals)...])))
    }
    return pairs
  }

  /// Words as a shell splits them: quotes hold blanks together, a backslash keeps what follows.
  private static func split(_ text: String) throws(ImageError) -> [String] {
    var words = [String]()
    var word = ""
    var hasWord = false
    var quote: Character?
    var escaped = false
    for character in text {
      if escaped {
        word.append(character)
        escaped = false
      } else if character == "\\", quote != "'" {
        escaped = true
        hasWord = true
      } else if character == quote {
        quote = nil
      } else if quote == nil, character == "\"" || character == "'" {
        quote = character
        hasWord = true
      } else if quote == nil, character == " " || character == "\t" {
        if hasWord { words.append(word) }
        word = ""
        hasWord = false
      } else {
        word.append(character)
        hasWord = true
      }
    }
    guard quote == nil else {
      throw ImageError("invalid change: a quote is not closed in '\(text)'")
    }
    if hasWord { words.append(word) }
    return words
  }
}

extension String {
  /// Without blanks at both ends.
  fileprivate var trimmed: String {
    var text = self[...]
    while let first = text.first, first.isWhitespace { text = text.dropFirst() }
    while let last = text.last, last.isWhitespace { text = text.dropLast() }
    return String(text)
  }
}
