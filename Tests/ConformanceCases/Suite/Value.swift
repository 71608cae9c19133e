// JSON as a tree. The suite writes configurations that our own types refuse to hold (wrong types,
// unknown and future fields), so it cannot use them.

internal import OCI

/// A JSON value; objects keep their order.
enum Value: Equatable, Sendable {
  case bool(Bool)
  /// The digits as written.
  case number(String)
  case string(String)
  case array([Value])
  case object([Member])

  struct Member: Equatable, Sendable {
    let key: String
    var value: Value
  }

  /// Reads a text; members that are null are left out.
  init(parsing text: String) throws(ConfigError) {
    var json = try JSONReader(Array(text.utf8))
    self = try Value.read(&json)
    try json.finish()
  }

  private static func read(_ json: inout JSONReader) throws(ConfigError) -> Value {
    switch json.peek() {
    case UInt8(ascii: "{"):
      var members: [Member] = []
      try json.beginObject()
      while try json.nextKey() {
        members.append(Member(key: json.keyString(), value: try read(&json)))
      }
      return .object(members)
    case UInt8(ascii: "["):
      var elements: [Value] = []
      try json.beginArray()
      while try json.nextElement() { elements.append(try read(&json)) }
      return .array(elements)
    case UInt8(ascii: "\""): return .string(try json.string())
    case UInt8(ascii: "t"), UInt8(ascii: "f"): return .bool(try json.bool())
    case UInt8(ascii: "-"): return .number(String(try json.signed()))
    default: return .number(String(try json.unsigned()))
    }
  }

  /// The text of a file.
  var text: String {
    var json = JSONWriter(pretty: true)
    write(&json)
    return String(decoding: json.bytes, as: UTF8.self)
  }

  private func write(_ json: inout JSONWriter) {
    switch self {
    case .bool(let value): json.bool(value)
    case .number(let digits):
      if let value = Int64(digits) {
        json.number(value)
      } else {
        json.number(UInt64(digits) ?? 0)
      }
    case .string(let value): json.string(value)
    case .array(let elements):
      json.beginArray()
      for element in elements { element.write(&json) }
      json.endArray()
    case .object(let members):
      json.beginObject()
      for member in members {
        json.key(member.key)
        member.value.write(&json)
      }
      json.endObject()
    }
  }

  /// The value at a path of keys, `linux.resources.memory`; setting makes the objects on the way,
  /// setting nil removes.
  subscript(path: String) -> Value? {
    get {
      var value = self
      for key in path.split(separator: ".") {
        guard let next = value.members.first(where: { $0.key == key })?.value else { return nil }
        value = next
      }
      return value
    }
    set { set(path.split(separator: ".")[...], newValue) }
  }

  private mutating func set(_ path: ArraySlice<Substring>, _ value: Value?) {
    guard let key = path.first else { return }
    var members = members
    let rest = path.dropFirst()
    let index = members.firstIndex { $0.key == key }
    if rest.isEmpty {
      if let index { members.remove(at: index) }
      if let value {
        members.insert(Member(key: String(key), value: value), at: index ?? members.endIndex)
      }
    } else {
      var inner = index.map { members[$0].value } ?? .object([])
      inner.set(rest, value)
      if let index {
        members[index].value = inner
      } else {
        members.append(Member(key: String(key), value: inner))
      }
    }
    self = .object(members)
  }

  /// Adds to the array at a path.
  mutating func append(_ value: Value, to path: String) {
    self[path] = .array((self[path]?.elements ?? []) + [value])
  }

  var members: [Member] { if case .object(let members) = self { members } else { [] } }
  var elements: [Value] { if case .array(let elements) = self { elements } else { [] } }
  var string: String? { if case .string(let text) = self { text } else { nil } }
  var strings: [String] { elements.compactMap(\.string) }
  var integer: Int64? { if case .number(let digits) = self { Int64(digits) } else { nil } }
  var isTrue: Bool { self == .bool(true) }
}

extension Value: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral,
  ExpressibleByStringInterpolation
{
  init(stringLiteral value: String) { self = .string(value) }
  init(integerLiteral value: Int64) { self = .number(String(value)) }
  init(booleanLiteral value: Bool) { self = .bool(value) }
  init(arrayLiteral elements: Value...) { self = .array(elements) }
  init(dictionaryLiteral pairs: (String, Value)...) {
    self = .object(pairs.map { Member(key: $0.0, value: $0.1) })
  }

  init(_ strings: [String]) { self = .array(strings.map { .string($0) }) }
  init(_ number: Int) { self = .number(String(number)) }
}
