import Linux
import Testing

@testable import LabKit

/// Every text of the labs and of LabKit, as it stands in the sources.
///
/// The sources are read, not the values: nobody can forget to register a text here.
@Suite struct TextTests {
  @Test func everyTextHasItsChineseAndItIsNotStale() throws {
    let texts = try TextSource.all()
    #expect(texts.count > 250)
    for text in texts {
      #expect(
        text.stamp == Text.stamp(of: text.en),
        """
        \(text.place): the English is not the one that was translated. When the Chinese says the \
        same again, the stamp is \(Text.stamp(of: text.en)). English: \(text.en)
        """)
      #expect(!text.en.isEmpty && !text.zh.isEmpty, "\(text.place): a language is missing")
      #expect(
        Set(Text.names(in: text.en)) == Set(Text.names(in: text.zh)),
        "\(text.place): the languages fill in different values: \(text.en)")
    }
  }

  @Test func chineseIsChineseAndSetAsSuch() throws {
    for text in try TextSource.all() {
      let han = text.zh.unicodeScalars.contains { (0x4e00...0x9fff).contains($0.value) }
      #expect(han || text.en == text.zh, "\(text.place): not Chinese: \(text.zh)")
      // Half-width punctuation right after a Chinese character.
      var previous: Unicode.Scalar = " "
      for scalar in text.zh.unicodeScalars {
        let afterHan = (0x4e00...0x9fff).contains(previous.value)
        #expect(
          !(afterHan && ",;!?".unicodeScalars.contains(scalar)), "\(text.place): \(text.zh)")
        previous = scalar
      }
    }
  }

  @Test func aStaleTextIsSeen() {
    let text = Text("000000", en: "new", zh: "旧")
    #expect(text.stamp != Text.stamp(of: text.en))
  }

  @Test func namesAreFilledAndOthersStay() {
    let text = Text("", en: "{a} of {b} in {print $2}", zh: "{b} 中的 {a}")
    #expect(text.with(["a": "1", "b": "2"]).en == "1 of 2 in {print $2}")
    #expect(text.with(["a": "1"]).zh == "{b} 中的 1")
    #expect(Text.names(in: text.en) == ["a", "b"])
  }
}

/// `Text("stamp", en: "…", zh: "…")` found in Swift sources.
struct TextSource {
  var place: String
  var stamp: String
  var en: String
  var zh: String

  /// The repository's root, found from this file.
  static let root = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()

  static func all() throws -> [TextSource] {
    var texts = [TextSource]()
    var folders = ["Sources/LabKit"]
    for lab in try File.list("\(root)/Labs") where lab.first?.isNumber == true {
      folders.append("Labs/\(lab)")
    }
    for folder in folders {
      for name in try File.list("\(root)/\(folder)") where name.hasSuffix(".swift") {
        let source = try File.text("\(root)/\(folder)/\(name)")
        texts += find(in: source, place: "\(folder)/\(name)")
      }
    }
    return texts
  }

  static func find(in source: String, place: String) -> [TextSource] {
    var texts = [TextSource]()
    var rest = source[...]
    while let start = rest.firstRange(of: "Text(") {
      rest = rest[start.upperBound...]
      var copy = rest
      guard let stamp = literal(&copy), skip(&copy, ", en:"), let en = literal(&copy),
        skip(&copy, ", zh:"), let zh = literal(&copy)
      else { continue }
      texts.append(TextSource(place: place, stamp: stamp, en: en, zh: zh))
      rest = copy
    }
    return texts
  }

  /// Reads over white space and the characters of `text`.
  private static func skip(_ rest: inout Substring, _ text: String) -> Bool {
    for character in text where character != " " {
      rest = rest.drop(while: \.isWhitespace)
      guard rest.first == character else { return false }
      rest = rest.dropFirst()
    }
    return true
  }

  /// Reads a string literal of one or several lines.
  private static func literal(_ rest: inout Substring) -> String? {
    rest = rest.drop(while: \.isWhitespace)
    if rest.hasPrefix("\"\"\"") {
      rest = rest.dropFirst(3)
      guard let end = rest.firstRange(of: "\"\"\"") else { return nil }
      var lines = rest[..<end.lowerBound].split(
        separator: "\n", omittingEmptySubsequences: false)
      rest = rest[end.upperBound...]
      let indent = lines.popLast()?.count ?? 0
      var text = ""
      for (index, line) in lines.dropFirst().enumerated() {
        let line = line.dropFirst(indent)
        if line.hasSuffix("\\") {
          text += unescaped(line.dropLast())
        } else {
          text += unescaped(line) + (index < lines.count - 2 ? "\n" : "")
        }
      }
      return text
    }
    guard rest.first == "\"" else { return nil }
    rest = rest.dropFirst()
    var end = rest.startIndex
    while end < rest.endIndex, rest[end] != "\"" {
      end = rest.index(end, offsetBy: rest[end] == "\\" ? 2 : 1)
    }
    let text = unescaped(rest[..<end])
    rest = rest[end...].dropFirst()
    return text
  }

  private static func unescaped(_ text: Substring) -> String {
    var out = ""
    var isEscaped = false
    for character in text {
      if isEscaped {
        out.append(character == "n" ? "\n" : character == "t" ? "\t" : character)
        isEscaped = false
      } else if character == "\\" {
        isEscaped = true
      } else {
        out.append(character)
      }
    }
    return out
  }
}
