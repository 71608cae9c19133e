import Measure
import Testing

@testable import Report

@Suite struct JSONTests {
  private func parse(_ text: String) throws(DocumentError) -> JSON {
    try JSON(parsing: Array(text.utf8))
  }

  @Test func valuesOfEveryKind() throws {
    let json = try parse(
      #" {"b": [1, -2.5e3, true, false, null], "a": {"x": "\u4f60\n\"\ud83d\ude00"}} "#)
    #expect(
      json
        == .object([
          "b": .array([.number("1"), .number("-2.5e3"), .bool(true), .bool(false), .null]),
          "a": .object(["x": .string("你\n\"😀")]),
        ]))
    #expect(try parse(json.text) == json)
  }

  @Test func keysAreSortedAndControlCharactersEscaped() {
    let text = JSON.object(["b": .array([]), "a": .string("\u{1}\t\\")]).text
    #expect(text == "{\n  \"a\": \"\\u0001\\t\\\\\",\n  \"b\": []\n}\n")
  }

  @Test(arguments: [
    "", "{", "[1,]", "{\"a\":1,\"a\":2}", "nul", "1 2", "\"\\x\"", "\"\u{1}\"", "\"open",
    "\"\\ud83d\"", "[1e999]", "--1", "1.", "{\"a\" 1}", "\"\\u12\"",
  ])
  func brokenTextsAreRefusedWithAPlace(text: String) {
    #expect { try parse(text) } throws: { error in
      (error as? DocumentError)?.text.contains("at byte") == true
    }
  }

  @Test func depthHasALimit() {
    let deep = String(repeating: "[", count: 100_000)
    #expect(throws: DocumentError.self) { try parse(deep) }
  }
}

@Suite struct DocumentFileTests {
  @Test func readsWhatItWroteToTheLastBit() throws {
    let document = Fixture.document()
    let text = try document.json()
    let back = try ResultDocument(json: Array(text.utf8))
    #expect(back == document)
    #expect(try back.json() == text)
  }

  /// Documents from before quotas over time were recorded are of the same version.
  @Test func whatOlderDocumentsLackIsNil() throws {
    var document = Fixture.document()
    document.labs = []
    document.experiments = [SuiteFixture.quota]
    #expect(try ResultDocument(json: Array(document.json().utf8)) == document)
    document.experiments[0].throttling = nil
    let text = try document.json()
    #expect(!text.contains("throttling\": ["))
    #expect(try ResultDocument(json: Array(text.utf8)).experiments[0].throttling == nil)
  }

  @Test func counters64BitsWide() throws {
    var document = Fixture.document()
    document.seed = .max
    document.environment.memoryBytes = UInt64.max - 1
    let back = try ResultDocument(json: Array(try document.json().utf8))
    #expect(back.seed == .max)
    #expect(back.environment.memoryBytes == UInt64.max - 1)
  }

  @Test func anotherSchemaIsRefusedWithBothVersions() throws {
    let text = try Fixture.document().json()
    let other = text.replacing("\"schema\": 2", with: "\"schema\": 1")
    #expect {
      try ResultDocument(json: Array(other.utf8))
    } throws: { error in
      let message = (error as? DocumentError)?.text ?? ""
      return message.contains("version 1") && message.contains("knows 2")
    }
    #expect(throws: DocumentError.self) { try ResultDocument(json: Array("[]".utf8)) }
  }

  @Test func aMissingMemberIsNamed() throws {
    let text = try Fixture.document().json()
    let other = text.replacing("\"cgroupMode\"", with: "\"cgroupmode\"")
    #expect {
      try ResultDocument(json: Array(other.utf8))
    } throws: { error in
      (error as? DocumentError)?.text.contains("environment.cgroupMode is missing") == true
    }
  }

  @Test func whatIsNotFiniteIsNamed() {
    var document = Fixture.document()
    document.experiments[0].rounds[0].steal = .nan
    #expect { try document.json() } throws: { error in
      (error as? DocumentError)?.text.contains("steal") == true
    }
  }
}

@Suite struct TraceFileTests {
  private func waterfall(_ text: String) throws(DocumentError) -> Waterfall {
    try Waterfall(trace: Array(text.utf8), title: Bilingual("t"), command: "c")
  }

  @Test func readsWhatTheRuntimeWrites() throws {
    let waterfall = try waterfall(
      """
      {"schema":1,"container":"ID","total_ns":2345678,"unaccounted_ns":12345,
       "steps":[{"id":"uts.sethostname","phase":"namespaces","side":"init",
         "call":"sethostname(2)","object":"web","shell":null,"man":"sethostname(2)",
         "see":"/proc/4711/ns/uts","undo":null,"start_ns":1234,"duration_ns":567,"errno":null}]}
      """)
    #expect(waterfall.totalNanoseconds == 2_345_678)
    #expect(waterfall.unaccountedNanoseconds == 12_345)
    #expect(
      waterfall.steps == [
        .init(
          id: "uts.sethostname", phase: "namespaces", side: "init", startNanoseconds: 1234,
          durationNanoseconds: 567)
      ])
  }

  @Test(arguments: [
    ("{}", "schema is missing"), ("[", "at byte"),
    (#"{"schema":2,"total_ns":1,"unaccounted_ns":0,"steps":[]}"#, "version 2"),
    (#"{"schema":1,"total_ns":-1,"unaccounted_ns":0,"steps":[]}"#, "total_ns"),
  ])
  func saysWhatIsWrong(text: String, part: String) {
    #expect { try waterfall(text) } throws: { error in
      (error as? DocumentError)?.text.contains(part) == true
    }
  }
}
