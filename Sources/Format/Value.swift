/// What can be shown: the shape of JSON, with the members of an object in their order.
public indirect enum Value: Equatable, Sendable {
  case null
  case bool(Bool)
  case number(Int64)
  case real(Double)
  case string(String)
  case list([Value])
  case object([Member])

  /// A member of an object.
  public struct Member: Equatable, Sendable {
    /// Its name.
    public let key: String
    /// What it is.
    public let value: Value
    /// Asked for by `.Label "x"` only: no part of JSON.
    public let isMethod: Bool

    /// Makes one.
    public init(_ key: String, _ value: Value, isMethod: Bool = false) {
      self.key = key
      self.value = value
      self.isMethod = isMethod
    }
  }

  /// A member of an object by its name.
  public subscript(key: String) -> Value? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.key == key }?.value
  }

  /// A list of strings.
  public static func strings(_ list: [String]) -> Value { .list(list.map { .string($0) }) }

  /// As a template prints it: Go's way for lists and maps.
  public var text: String {
    switch self {
    case .null: "<no value>"
    case .bool(let value): value ? "true" : "false"
    case .number(let value): "\(value)"
    case .real(let value): "\(value)"
    case .string(let value): value
    case .list(let list): "[" + list.map { $0.text }.joined(separator: " ") + "]"
    case .object(let members):
      "map[" + members.map { "\($0.key):\($0.value.text)" }.joined(separator: " ") + "]"
    }
  }

  /// Whether `{{if}}` takes it for true: not for nothing, 0 and what is empty.
  var isTrue: Bool {
    switch self {
    case .null: false
    case .bool(let value): value
    case .number(let value): value != 0
    case .real(let value): value != 0
    case .string(let value): !value.isEmpty
    case .list(let list): !list.isEmpty
    case .object(let members): !members.isEmpty
    }
  }

  /// As JSON (RFC 8259): in one line, or with four blanks a level as Docker prints it.
  public func json(pretty: Bool = false) -> String {
    var text = ""
    write(to: &text, pretty: pretty, level: 0)
    return text
  }

  private func write(to text: inout String, pretty: Bool, level: Int) {
    func breakLine(_ level: Int) {
      if pretty { text += "\n" + String(repeating: "    ", count: level) }
    }
    switch self {
    case .null: text += "null"
    case .bool, .number, .real: text += self.text
    case .string(let value): Value.quote(value, to: &text)
    case .list(let list):
      text += "["
      for (index, value) in list.enumerated() {
        if index > 0 { text += "," }
        breakLine(level + 1)
        value.write(to: &text, pretty: pretty, level: level + 1)
      }
      if !list.isEmpty { breakLine(level) }
      text += "]"
    case .object(let members):
      text += "{"
      for (index, member) in members.filter({ !$0.isMethod }).enumerated() {
        if index > 0 { text += "," }
        breakLine(level + 1)
        Value.quote(member.key, to: &text)
        text += pretty ? ": " : ":"
        member.value.write(to: &text, pretty: pretty, level: level + 1)
      }
      if !members.isEmpty { breakLine(level) }
      text += "}"
    }
  }

  private static func quote(_ value: String, to text: inout String) {
    text += "\""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\t": text += "\\t"
      case "\r": text += "\\r"
      case _ where scalar.value < 32 || scalar.value == 127:
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}

extension Value: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  /// A string.
  public init(stringLiteral value: String) { self = .string(value) }
  /// Yes or no.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  /// A whole number.
  public init(integerLiteral value: Int64) { self = .number(value) }
  /// A list.
  public init(arrayLiteral elements: Value...) { self = .list(elements) }
  /// An object whose members stay in their order.
  public init(dictionaryLiteral elements: (String, Value)...) {
    self = .object(elements.map { Member($0.0, $0.1) })
  }
}
