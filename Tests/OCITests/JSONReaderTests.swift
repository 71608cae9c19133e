import OCI
import Testing

/// Reads one JSON value of any kind and forgets it.
private func check(_ text: [UInt8]) throws(ConfigError) {
  var json = try JSONReader(text)
  try json.skip()
  try json.finish()
}

private func string(_ text: String) throws(ConfigError) -> String {
  var json = try JSONReader(Array(text.utf8))
  let value = try json.string()
  try json.finish()
  return value
}

@Suite struct JSONReaderTests {
  @Test(arguments: [
    "{}", "[]", " [ ] ", "0", "-0", "-1.5e+10", "1E5", "0.0", "true", "false", "null", #""""#,
    #"{"a":{"b":[1,2,{"c":null}]}}"#, "[1,[2,[3]]]", "\"é汉😀\"", "\t\r\n{}\n",
  ])
  func valid(text: String) throws {
    try check(Array(text.utf8))
  }

  @Test(arguments: [
    "", " ", "{", "}", "[", "]", "[1,]", "[,1]", "[1 2]", "{,}", #"{"a"}"#, #"{"a":}"#,
    #"{"a":1,}"#, #"{"a":1 "b":2}"#, "{a:1}", "{1:1}", "01", "-", "+1", ".5", "1.", "1e", "1e+",
    "0x10", "NaN", "Infinity", "nul", "nulll", "True", "'a'", #"""#, #""a"#, "\"\n\"", "\"\t\"",
    #""\x""#, #""\u12""#, #""\u12g4""#, #""\ud800""#, #""\ud800\u0041""#, #""\udc00""#,
    #""\u0000""#,
    "{} {}", "[] x", "1 2", "// c\n1", "\u{FEFF}1", "\"a\\",
  ])
  func invalid(text: String) {
    #expect(throws: ConfigError.self) { try check(Array(text.utf8)) }
  }

  /// RFC 3629, section 4: overlong forms, surrogates, beyond U+10FFFF, cut short.
  @Test(
    arguments: [
      [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xC2], [0xC2, 0x41], [0xE0, 0x80, 0x80],
      [0xE0, 0x9F, 0xBF], [0xED, 0xA0, 0x80], [0xE2, 0x82], [0xE2, 0x82, 0x41],
      [0xF0, 0x80, 0x80, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFF],
    ] as [[UInt8]])
  func invalidUTF8(bytes: [UInt8]) {
    let quote = UInt8(ascii: "\"")
    #expect(throws: ConfigError.self) { try check([quote] + bytes + [quote]) }
    #expect(throws: ConfigError.self) { try check([quote] + bytes) }
  }

  @Test func escapes() throws {
    #expect(try string(#""a\"\\\/\b\f\n\r\tz""#) == "a\"\\/\u{8}\u{c}\n\r\tz")
    #expect(try string(#""\u0041\u00e9\u6c49\ud83d\ude00!""#) == "Aé汉😀!")
    #expect(try string("\"é\\u0041汉\"") == "éA汉")
  }

  @Test func escapedKeysAreTheSameKeys() throws {
    let text = document().replacing("\"ociVersion\"", with: #""oci\u0056ersion""#)
    #expect(refusal(text) == nil)
    let twice = #"{"ociVersion": "1.2.0", "oci\u0056ersion": "1.2.0"}"#
    #expect(refusal(twice)?.path == "ociVersion")
    #expect(refusal(twice)?.message == "the key is there twice")
  }

  @Test func duplicateKeysAreNamed() {
    let error = refusal(#"{"root": {"path": "a", "readonly": true, "path": "b"}}"#)
    #expect(error?.path == "root.path")
    #expect(error?.message == "the key is there twice")
    // The same key in two objects is no duplicate.
    let apart = document(linux: #""devices": [{"type":"p","path":"/a"},{"type":"p","path":"/b"}]"#)
    #expect(refusal(apart) == nil)
    // Null counts as absent, but a key stays a key.
    #expect(refusal(#"{"root": null, "root": {"path": "a"}}"#)?.path == "root")
  }

  @Test func depthHasALimit() throws {
    func nested(_ depth: Int) -> [UInt8] {
      [UInt8](repeating: UInt8(ascii: "["), count: depth)
        + [UInt8](repeating: UInt8(ascii: "]"), count: depth)
    }
    try check(nested(JSONReader.maxDepth))
    let error = #expect(throws: ConfigError.self) { try check(nested(JSONReader.maxDepth + 1)) }
    #expect(error?.message == "nested deeper than 64 levels")
    // Far deeper than any stack: the reader must not follow.
    let deep = document().replacing("\"rootfs\"", with: String(repeating: "[", count: 1_000_000))
    #expect(refusal(deep)?.path == "root.path")
    let deeper = String(repeating: "{\"annotations\":", count: 100_000)
    #expect(refusal(deeper)?.path == "annotations.annotations")
  }

  @Test func sizeHasALimit() {
    let big = [UInt8](repeating: 0x20, count: JSONReader.maxBytes + 1)
    let error = #expect(throws: ConfigError.self) { try Config.parse(big) }
    #expect(error?.message == "16777217 bytes are more than the limit of 16777216")
    #expect(throws: ConfigError.self) { try Config.parse(Array(document().utf8), limit: 100) }
  }

  @Test func membersAndElementsHaveLimits() {
    var members = ""
    for n in 0...JSONReader.maxMembers { members += "\(n == 0 ? "" : ",")\"k\(n)\":\"\"" }
    let error = refusal(document("\"annotations\": {\(members)}"))
    #expect(error?.path == "annotations.k1024")
    let masked = "[" + String(repeating: "\"/\",", count: JSONReader.maxElements) + "\"/\"]"
    #expect(
      refusal(document(linux: "\"maskedPaths\": \(masked)"))?.path == "linux.maskedPaths[65536]")
  }

  @Test func numbersHaveRanges() throws {
    func signed(_ text: String) throws -> Int64 {
      var json = try JSONReader(Array(text.utf8))
      return try json.signed()
    }
    func unsigned(_ text: String) throws -> UInt64 {
      var json = try JSONReader(Array(text.utf8))
      return try json.unsigned()
    }
    #expect(try signed("-9223372036854775808") == .min)
    #expect(try signed("9223372036854775807") == .max)
    #expect(try unsigned("18446744073709551615") == .max)
    #expect(try unsigned("-0") == 0)
    for text in ["9223372036854775808", "-9223372036854775809", "1.0", "1e3", "\"1\"", "true"] {
      #expect(throws: ConfigError.self) { try signed(text) }
    }
    for text in ["18446744073709551616", "99999999999999999999999", "-1"] {
      #expect(throws: ConfigError.self) { try unsigned(text) }
    }
  }

  @Test func errorsKnowTheirPlace() {
    let error = refusal(
      "{\n  \"ociVersion\": \"1.2.0\",\n  \"mounts\": [\n    {\"destination\": 7}\n  ]\n}")
    #expect(error?.line == 4)
    #expect(error?.offset == 61)
    #expect(
      error?.text
        == "mounts[0].destination: expected a string, found a number (line 4, byte 61)")
    let odd = refusal(document(#""annotations": {"org.example/x y": 1}"#))
    #expect(odd?.path == #"annotations["org.example/x y"]"#)
  }
}
