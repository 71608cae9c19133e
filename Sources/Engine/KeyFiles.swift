import Linux

/// `--env-file` and `--label-file`: a line a value, `#` begins a comment.
enum KeyFiles {
  /// The variables: those of the files, then those of the command line, so that these count.
  static func environment(_ options: RunOptions) throws(EngineError) -> [String] {
    var list = [String]()
    for file in options.environmentFiles {
      list += try lines(file, what: "environment", option: "--env-file")
    }
    return list + options.environment
  }

  /// The labels by key; the command line's count over the files'.
  static func labels(_ options: RunOptions) throws(EngineError) -> [String: String] {
    var labels: [String: String] = [:]
    for file in options.labelFiles {
      for line in try lines(file, what: "label", option: "--label-file") { labels.set(line) }
    }
    for label in options.labels {
      guard !label.isEmpty, !label.hasPrefix("=") else {
        throw EngineError("invalid label format: \"\(label)\"", hint: "KEY or KEY=VALUE.")
      }
      labels.set(label)
    }
    return labels
  }

  private static func lines(
    _ path: String, what: String, option: String
  ) throws(EngineError) -> [String] {
    let bytes: [UInt8]
    do throws(SystemError) {
      bytes = try File.read(path, limit: 1 << 20)
    } catch {
      throw EngineError("open \(path): \(error.errno.message)", hint: "\(option) takes a file.")
    }
    var list = [String]()
    for piece in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      guard let text = String(validating: piece, as: UTF8.self) else {
        throw EngineError("env file \(path) contains invalid utf8 bytes at line \(list.count + 1)")
      }
      let line = text.drop { $0 == " " || $0 == "\t" || $0 == "\u{FEFF}" }
      let kept = line.hasSuffix("\r") || line.hasSuffix("\r\n") ? line.dropLast() : line
      if kept.isEmpty || kept.hasPrefix("#") { continue }
      let key = kept.prefix { $0 != "=" }
      guard !key.isEmpty else {
        throw EngineError("poorly formatted \(what): no variable name on line '\(kept)'")
      }
      guard !key.contains(where: { $0 == " " || $0 == "\t" }) else {
        throw EngineError("poorly formatted \(what): variable '\(key)' contains whitespaces")
      }
      list.append(String(kept))
    }
    return list
  }
}
