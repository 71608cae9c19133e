// A pull parser for JSON (RFC 8259): the caller asks for what it expects, in the order of the file.
//
//   try json.beginObject()
//   while try json.nextKey() {
//     if json.keyIs("path") { path = try json.string() } else { try json.ignoreKey() }
//   }
//
// No tree is built and a key never becomes a String, so reading 8 KB of config.json costs less
// than the process that does it. The reader is stricter than the RFC asks:
//
// - a key twice in one object is an error (RFC 8259, section 4, leaves the meaning open);
// - U+0000 in a string is an error (no kernel interface can take it);
// - nesting, members of an object and elements of an array have limits;
// - a member whose value is null counts as absent, since engines written in Go produce those.
//
// The path of the value being read is always known and part of every error.

/// Reads JSON from bytes, value by value.
public struct JSONReader {
  /// How deep objects and arrays may nest.
  public static let maxDepth = 64
  /// The most members of one object: each new key is compared with those before it.
  public static let maxMembers = 1024
  /// The most elements of one array.
  public static let maxElements = 65_536
  /// Bytes of the largest file accepted when the caller does not say otherwise.
  public static let maxBytes = 16 << 20

  /// The text; behind `end` lie the decoded forms of strings that were written with escapes.
  var bytes: [UInt8]
  let end: Int
  /// The next byte to read.
  var position = 0
  /// Where the token being read began; errors point at it.
  var token = 0

  /// What was ignored, one line each: `linux.fooPath: unknown field, ignored…`.
  public private(set) var warnings: [String] = []

  // An array's type is made when the first array of it is: some 11,000 instructions by callgrind
  // (Notes/decisions.md), as many as reading 140 bytes takes. So both of these are of one type.

  /// The objects and arrays that are open, three numbers each (`Frame`).
  private var frames: [Int] = []
  /// Keys of all open objects, for finding duplicates.
  private var keys: [Int] = []

  /// A piece of `bytes`, which are fewer than 2^32.
  struct Piece {
    let start: Int
    let end: Int
    var count: Int { end - start }

    init(start: Int, end: Int) {
      self.start = start
      self.end = end
    }

    init(packed: Int) { self.init(start: packed >> 32, end: packed & 0xFFFF_FFFF) }
    var packed: Int { start << 32 | end }
  }

  /// An object or array that has been begun: its numbers in `frames`.
  private enum Frame {
    /// Where the keys of this object start in `keys`; -1 in an array.
    static let firstKey = 0
    /// Members or elements begun so far.
    static let count = 1
    /// The key of the member being read, packed; -1 before the first and in arrays.
    static let key = 2
    static let size = 3
  }

  /// Prepares to read; nothing is looked at yet except the size.
  ///
  /// - Throws: `ConfigError` when there are more than `limit` bytes.
  public init(_ bytes: [UInt8], limit: Int = JSONReader.maxBytes) throws(ConfigError) {
    guard bytes.count <= limit else {
      throw ConfigError(
        path: "", message: "\(bytes.count) bytes are more than the limit of \(limit)",
        offset: limit, line: 1)
    }
    self.bytes = bytes
    end = bytes.count
    frames.reserveCapacity(16 * Frame.size)
    keys.reserveCapacity(64)
  }

  /// Checks that nothing but white space follows the value that was read.
  public mutating func finish() throws(ConfigError) {
    skipSpace()
    guard position == end else { throw error("unexpected text after the end of the JSON value") }
  }

  // MARK: Objects and arrays

  /// Steps into an object.
  public mutating func beginObject() throws(ConfigError) {
    try begin(UInt8(ascii: "{"), "an object")
  }

  /// Steps into an array.
  public mutating func beginArray() throws(ConfigError) {
    try begin(UInt8(ascii: "["), "an array")
  }

  private mutating func begin(_ bracket: UInt8, _ wanted: StaticString) throws(ConfigError) {
    guard peek() == bracket else { throw wrongType(wanted) }
    guard frames.count < JSONReader.maxDepth * Frame.size else {
      throw error("nested deeper than \(JSONReader.maxDepth) levels")
    }
    position += 1
    frames.append(bracket == UInt8(ascii: "{") ? keys.count : -1)
    frames.append(0)
    frames.append(-1)
  }

  /// Moves to the next member whose value is not null; false at the end of the object.
  public mutating func nextKey() throws(ConfigError) -> Bool {
    let top = frames.count - Frame.size
    precondition(top >= 0 && frames[top + Frame.firstKey] >= 0)
    while true {
      var found = peek()
      if found == UInt8(ascii: "}") {
        position += 1
        keys.removeLast(keys.count - frames[top + Frame.firstKey])
        frames.removeLast(Frame.size)
        return false
      }
      if frames[top + Frame.count] > 0 {
        guard found == UInt8(ascii: ",") else { throw error("expected , or } in this object") }
        position += 1
        found = peek()
      }
      guard found == UInt8(ascii: "\"") else {
        frames[top + Frame.key] = -1
        throw error("expected a key in double quotes")
      }
      let key = try stringPiece()
      frames[top + Frame.key] = key.packed
      frames[top + Frame.count] += 1
      guard frames[top + Frame.count] <= JSONReader.maxMembers else {
        throw error("an object of more than \(JSONReader.maxMembers) members")
      }
      for other in frames[top + Frame.firstKey]..<keys.count
      where same(key, Piece(packed: keys[other])) {
        throw error("the key is there twice")
      }
      keys.append(key.packed)
      guard peek() == UInt8(ascii: ":") else { throw error("expected : after the key") }
      position += 1
      guard peek() == UInt8(ascii: "n") else { return true }
      try literal("null")
    }
  }

  /// Moves to the next element; false at the end of the array.
  public mutating func nextElement() throws(ConfigError) -> Bool {
    let top = frames.count - Frame.size
    precondition(top >= 0 && frames[top + Frame.firstKey] < 0)
    let found = peek()
    if found == UInt8(ascii: "]") {
      position += 1
      frames.removeLast(Frame.size)
      return false
    }
    if frames[top + Frame.count] > 0 {
      guard found == UInt8(ascii: ",") else { throw error("expected , or ] in this array") }
      position += 1
    }
    frames[top + Frame.count] += 1
    guard frames[top + Frame.count] <= JSONReader.maxElements else {
      throw error("an array of more than \(JSONReader.maxElements) elements")
    }
    return true
  }

  private var currentKey: Piece? {
    guard let packed = frames.last, packed >= 0 else { return nil }
    return Piece(packed: packed)
  }

  /// Whether the member being read has this name.
  public func keyIs(_ name: StaticString) -> Bool {
    guard let key = currentKey else { return false }
    return holds(key, name)
  }

  /// The name of the member being read.
  public func keyString() -> String {
    guard let key = currentKey else { return "" }
    return makeString(key)
  }

  // MARK: Errors

  /// Describes a fault at the value being read.
  public func error(_ message: String) -> ConfigError {
    var line = 1
    let offset = min(token, end)
    for byte in bytes[..<offset] where byte == UInt8(ascii: "\n") { line += 1 }
    return ConfigError(path: path, message: message, offset: offset, line: line)
  }

  /// Describes a fault at a member of the object that was read just now.
  public func error(_ message: String, in member: String) -> ConfigError {
    let fault = error(message)
    let path = fault.path.isEmpty ? member : "\(fault.path).\(member)"
    return ConfigError(path: path, message: message, offset: fault.offset, line: fault.line)
  }

  /// Says that a member the specification requires is not there.
  public func missing(_ member: String) -> ConfigError {
    error("is required and missing", in: member)
  }

  /// Steps over a member that the specification does not have, with a warning: it must not be an
  /// error (config.md, "Extensibility").
  public mutating func ignoreKey() throws(ConfigError) {
    warn("unknown field, ignored: not in the OCI runtime specification 1.2")
    try skip()
  }

  /// Keeps a warning about the value being read; after sixteen the rest is not listed.
  mutating func warn(_ message: String) {
    if warnings.count < 16 { warnings.append(path + ": " + message) }
  }

  func wrongType(_ wanted: StaticString) -> ConfigError {
    guard position < end else { return error("the text ends where \(wanted) is expected") }
    let found: StaticString =
      switch bytes[position] {
      case UInt8(ascii: "{"): "an object"
      case UInt8(ascii: "["): "an array"
      case UInt8(ascii: "\""): "a string"
      case UInt8(ascii: "t"), UInt8(ascii: "f"): "true or false"
      case UInt8(ascii: "n"): "null"
      case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): "a number"
      default: "something that is not JSON"
      }
    return error("expected \(wanted), found \(found)")
  }

  /// The path of the value being read, such as `linux.namespaces[2].type`.
  public var path: String {
    var path = ""
    for frame in stride(from: 0, to: frames.count, by: Frame.size) {
      let begun = frames[frame + Frame.count]
      if begun > 0, frames[frame + Frame.firstKey] < 0 { path += "[\(begun - 1)]" }
      let packed = frames[frame + Frame.key]
      guard packed >= 0 else { continue }
      let piece = Piece(packed: packed)
      let key = makeString(piece)
      if key.utf8.allSatisfy(JSONReader.isPlain) && !key.isEmpty {
        path += path.isEmpty ? key : ".\(key)"
      } else {
        path += "[\"\(key)\"]"
      }
    }
    return path
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
      true
    default: false
    }
  }
}
