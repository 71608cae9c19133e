/// Turns `Encodable` values into `JSON`, by the containers of the standard library.
enum JSONEncoding {
  /// Encodes one value.
  ///
  /// - Throws: `EncodingError` for a number that is not finite.
  static func encode(_ value: some Encodable) throws -> JSON {
    let node = Node()
    try value.encode(to: TreeEncoder(node: node, codingPath: []))
    return node.json
  }

  /// A place in the tree that is still being filled.
  private final class Node {
    var scalar = JSON.null
    var members: [String: Node]?
    var elements: [Node]?

    var json: JSON {
      if let members { return .object(members.mapValues(\.json)) }
      if let elements { return .array(elements.map(\.json)) }
      return scalar
    }
  }

  private struct TreeEncoder: Encoder {
    let node: Node
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
      node.members = node.members ?? [:]
      return KeyedEncodingContainer(Members(node: node, codingPath: codingPath))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
      node.elements = node.elements ?? []
      return Elements(node: node, codingPath: codingPath)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer {
      Scalar(node: node, codingPath: codingPath)
    }
  }

  private struct Scalar: SingleValueEncodingContainer {
    let node: Node
    let codingPath: [any CodingKey]

    func encodeNil() { node.scalar = .null }
    func encode(_ value: Bool) { node.scalar = .bool(value) }
    func encode(_ value: String) { node.scalar = .string(value) }
    func encode(_ value: Double) throws {
      guard value.isFinite else {
        throw EncodingError.invalidValue(
          value, .init(codingPath: codingPath, debugDescription: "not a finite number"))
      }
      node.scalar = .number("\(value)")
    }
    func encode(_ value: Float) throws { try encode(Double(value)) }
    func encode(_ value: Int) { node.scalar = .number("\(value)") }
    func encode(_ value: Int8) { node.scalar = .number("\(value)") }
    func encode(_ value: Int16) { node.scalar = .number("\(value)") }
    func encode(_ value: Int32) { node.scalar = .number("\(value)") }
    func encode(_ value: Int64) { node.scalar = .number("\(value)") }
    func encode(_ value: UInt) { node.scalar = .number("\(value)") }
    func encode(_ value: UInt8) { node.scalar = .number("\(value)") }
    func encode(_ value: UInt16) { node.scalar = .number("\(value)") }
    func encode(_ value: UInt32) { node.scalar = .number("\(value)") }
    func encode(_ value: UInt64) { node.scalar = .number("\(value)") }
    func encode(_ value: some Encodable) throws {
      try value.encode(to: TreeEncoder(node: node, codingPath: codingPath))
    }
  }

  private struct Members<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let node: Node
    let codingPath: [any CodingKey]

    private func member(_ key: any CodingKey) -> Node {
      let child = Node()
      node.members?[key.stringValue] = child
      return child
    }

    func encodeNil(forKey key: Key) { member(key).scalar = .null }
    func encode(_ value: some Encodable, forKey key: Key) throws {
      try Scalar(node: member(key), codingPath: codingPath + [key]).encode(value)
    }
    func nestedContainer<Nested: CodingKey>(
      keyedBy type: Nested.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Nested> {
      TreeEncoder(node: member(key), codingPath: codingPath + [key]).container(keyedBy: type)
    }
    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
      TreeEncoder(node: member(key), codingPath: codingPath + [key]).unkeyedContainer()
    }
    func superEncoder() -> any Encoder { TreeEncoder(node: node, codingPath: codingPath) }
    func superEncoder(forKey key: Key) -> any Encoder {
      TreeEncoder(node: member(key), codingPath: codingPath + [key])
    }
  }

  private struct Elements: UnkeyedEncodingContainer {
    let node: Node
    let codingPath: [any CodingKey]
    var count: Int { node.elements?.count ?? 0 }

    private func element() -> Node {
      let child = Node()
      node.elements?.append(child)
      return child
    }

    func encodeNil() { element().scalar = .null }
    func encode(_ value: some Encodable) throws {
      try Scalar(node: element(), codingPath: codingPath).encode(value)
    }
    func nestedContainer<Nested: CodingKey>(
      keyedBy type: Nested.Type
    ) -> KeyedEncodingContainer<Nested> {
      TreeEncoder(node: element(), codingPath: codingPath).container(keyedBy: type)
    }
    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
      TreeEncoder(node: element(), codingPath: codingPath).unkeyedContainer()
    }
    func superEncoder() -> any Encoder { TreeEncoder(node: element(), codingPath: codingPath) }
  }
}
