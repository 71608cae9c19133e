/// Turns `JSON` into `Decodable` values, by the containers of the standard library.
enum JSONDecoding {
  /// Decodes one value.
  ///
  /// - Throws: `DecodingError` naming the member that is missing or of a wrong type.
  static func decode<Value: Decodable>(_ type: Value.Type, from json: JSON) throws -> Value {
    try Value(from: TreeDecoder(json: json, codingPath: []))
  }

  private struct TreeDecoder: Decoder {
    let json: JSON
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(
      keyedBy type: Key.Type
    ) throws -> KeyedDecodingContainer<Key> {
      guard case .object(let members) = json else { throw mismatch([String: JSON].self, self) }
      return KeyedDecodingContainer(Members(members: members, codingPath: codingPath))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
      guard case .array(let elements) = json else { throw mismatch([JSON].self, self) }
      return Elements(elements: elements, codingPath: codingPath)
    }

    func singleValueContainer() -> any SingleValueDecodingContainer { Scalar(decoder: self) }
  }

  private static func mismatch(_ type: Any.Type, _ decoder: TreeDecoder) -> DecodingError {
    .typeMismatch(
      type, .init(codingPath: decoder.codingPath, debugDescription: "another type is there"))
  }

  private struct Scalar: SingleValueDecodingContainer {
    let decoder: TreeDecoder
    var codingPath: [any CodingKey] { decoder.codingPath }

    func decodeNil() -> Bool { decoder.json == .null }
    func decode(_ type: Bool.Type) throws -> Bool {
      guard case .bool(let value) = decoder.json else { throw mismatch(type, decoder) }
      return value
    }
    func decode(_ type: String.Type) throws -> String {
      guard case .string(let value) = decoder.json else { throw mismatch(type, decoder) }
      return value
    }
    private func number<Value: LosslessStringConvertible>(_ type: Value.Type) throws -> Value {
      guard case .number(let digits) = decoder.json, let value = Value(digits) else {
        throw mismatch(type, decoder)
      }
      return value
    }
    func decode(_ type: Double.Type) throws -> Double { try number(type) }
    func decode(_ type: Float.Type) throws -> Float { try number(type) }
    func decode(_ type: Int.Type) throws -> Int { try number(type) }
    func decode(_ type: Int8.Type) throws -> Int8 { try number(type) }
    func decode(_ type: Int16.Type) throws -> Int16 { try number(type) }
    func decode(_ type: Int32.Type) throws -> Int32 { try number(type) }
    func decode(_ type: Int64.Type) throws -> Int64 { try number(type) }
    func decode(_ type: UInt.Type) throws -> UInt { try number(type) }
    func decode(_ type: UInt8.Type) throws -> UInt8 { try number(type) }
    func decode(_ type: UInt16.Type) throws -> UInt16 { try number(type) }
    func decode(_ type: UInt32.Type) throws -> UInt32 { try number(type) }
    func decode(_ type: UInt64.Type) throws -> UInt64 { try number(type) }
    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try Value(from: decoder) }
  }

  private struct Members<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let members: [String: JSON]
    let codingPath: [any CodingKey]
    var allKeys: [Key] { members.keys.compactMap(Key.init(stringValue:)) }

    private func member(_ key: any CodingKey) throws -> TreeDecoder {
      guard let json = members[key.stringValue] else {
        throw DecodingError.keyNotFound(
          key, .init(codingPath: codingPath, debugDescription: "missing"))
      }
      return TreeDecoder(json: json, codingPath: codingPath + [key])
    }

    func contains(_ key: Key) -> Bool { members[key.stringValue] != nil }
    func decodeNil(forKey key: Key) throws -> Bool { try member(key).json == .null }
    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
      try Value(from: try member(key))
    }
    func nestedContainer<Nested: CodingKey>(
      keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
      try member(key).container(keyedBy: type)
    }
    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
      try member(key).unkeyedContainer()
    }
    func superDecoder() throws -> any Decoder {
      TreeDecoder(json: .object(members), codingPath: codingPath)
    }
    func superDecoder(forKey key: Key) throws -> any Decoder { try member(key) }
  }

  private struct Elements: UnkeyedDecodingContainer {
    let elements: [JSON]
    let codingPath: [any CodingKey]
    var currentIndex = 0
    var count: Int? { elements.count }
    var isAtEnd: Bool { currentIndex >= elements.count }

    init(elements: [JSON], codingPath: [any CodingKey]) {
      self.elements = elements
      self.codingPath = codingPath
    }

    private mutating func element() throws -> TreeDecoder {
      guard !isAtEnd else {
        throw DecodingError.valueNotFound(
          JSON.self, .init(codingPath: codingPath, debugDescription: "the array ends too early"))
      }
      defer { currentIndex += 1 }
      return TreeDecoder(json: elements[currentIndex], codingPath: codingPath)
    }

    mutating func decodeNil() throws -> Bool {
      guard !isAtEnd, elements[currentIndex] == .null else { return false }
      currentIndex += 1
      return true
    }
    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
      try Value(from: try element())
    }
    mutating func nestedContainer<Nested: CodingKey>(
      keyedBy type: Nested.Type
    ) throws -> KeyedDecodingContainer<Nested> {
      try element().container(keyedBy: type)
    }
    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
      try element().unkeyedContainer()
    }
    mutating func superDecoder() throws -> any Decoder { try element() }
  }
}
