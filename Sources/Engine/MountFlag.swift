/// `--mount type=bind|volume|tmpfs,source=…,target=…,readonly,…`: comma-separated values, where one
/// with a comma in it stands in double quotes (RFC 4180).
extension MountRequest {
  /// Reads it.
  ///
  /// - Throws: `EngineError` in the words of Docker's client.
  init(mount text: String) throws(EngineError) {
    func invalid(_ reason: String) -> EngineError {
      EngineError(
        "invalid argument \"\(text)\" for \"--mount\" flag: \(reason)",
        hint: "type=bind|volume|tmpfs,source=…,target=…[,readonly]")
    }
    guard let fields = MountRequest.fields(text) else {
      throw invalid("bare \" in non-quoted field")
    }
    self.init()
    var own: [String: Set<String>] = [:]  // which options of one kind there are
    for field in fields {
      let pair = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let key = pair[0].lowercased()
      guard
        pair.count == 2 || ["readonly", "ro", "volume-nocopy", "bind-nonrecursive"].contains(key)
      else { throw invalid("invalid field '\(field)' must be a key=value pair") }
      let value = pair.count == 2 ? String(pair[1]) : "true"
      func flag() throws(EngineError) -> Bool {
        guard let flag = MountRequest.boolean(value) else {
          throw invalid("invalid value for \(key): \(value)")
        }
        return flag
      }
      if let kind = key.split(separator: "-").first, key.contains("-") {
        own[String(kind), default: []].insert(key)
      }
      switch key {
      case "type":
        guard let kind = Kind(rawValue: value.lowercased()) else {
          throw EngineError(
            "mount type unknown: \"\(value)\"", hint: "There are bind, volume and tmpfs.")
        }
        self.kind = kind
      case "source", "src": source = value
      case "target", "dst", "destination": target = MountRequest.plain(value)
      case "readonly", "ro": isReadOnly = try flag()
      case "consistency": break
      case "bind-propagation":
        guard MountRequest.propagations.contains(value) else {
          throw invalid("invalid propagation mode: \(value)")
        }
        propagation = value
      case "bind-nonrecursive": isRecursive = try !flag()
      case "volume-nocopy": isFilled = try !flag()
      case "volume-label": settings.labels.set(value)
      case "volume-driver": settings.driver = value
      case "volume-opt": settings.options.set(value)
      case "tmpfs-size": options.append("size=\(try Amount.bytes(value))")
      case "tmpfs-mode":
        guard let mode = UInt32(value, radix: 8), mode <= 0o7777 else {
          throw invalid("invalid value for tmpfs-mode: \(value)")
        }
        options.append("mode=\(String(mode, radix: 8))")
      default: throw invalid("unexpected key '\(pair[0])' in '\(field)'")
      }
    }
    guard !target.isEmpty else { throw invalid("target is required") }
    for kind in own.keys.sorted() where kind != self.kind.rawValue {
      throw invalid("cannot mix '\(kind)-*' options with mount type '\(self.kind.rawValue)'")
    }
    if kind == .bind {
      guard !source.isEmpty else { throw refusal("field Source must not be empty") }
      source = MountRequest.plain(source)
    }
    try checkPlaces()
    try settings.check()
  }

  /// The values between commas; nil when a quote is not closed.
  private static func fields(_ text: String) -> [String]? {
    var fields = [""]
    var quoted = false
    for character in text {
      if character == "\"" {
        quoted.toggle()
      } else if character == ",", !quoted {
        fields.append("")
      } else {
        fields[fields.count - 1].append(character)
      }
    }
    return quoted ? nil : fields
  }

  /// As Go's strconv.ParseBool reads them.
  private static func boolean(_ text: String) -> Bool? {
    if ["1", "t", "T", "true", "TRUE", "True"].contains(text) { return true }
    if ["0", "f", "F", "false", "FALSE", "False"].contains(text) { return false }
    return nil
  }
}

extension [String: String] {
  /// Takes `KEY=VALUE`, or `KEY` for an empty value.
  mutating func set(_ text: String) {
    let pair = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    self[String(pair[0])] = pair.count > 1 ? String(pair[1]) : ""
  }
}
