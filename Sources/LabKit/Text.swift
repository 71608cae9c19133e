public import Measure

/// What learners read, in both languages side by side.
///
/// `{name}` is a place to be filled with a value. The stamp is `Text.stamp(of:)` of the English as
/// it was when the Chinese was last checked against it: whoever changes the English makes the
/// stamp stale, and a test says so until the Chinese has been looked at again.
public struct Text: Sendable, Equatable {
  /// The stamp of the English that the Chinese translates.
  public let stamp: String
  /// English.
  public let en: String
  /// 简体中文.
  public let zh: String

  /// Makes a text; both languages are needed.
  public init(_ stamp: String, en: String, zh: String) {
    self.stamp = stamp
    self.en = en
    self.zh = zh
  }

  /// The text in a language.
  public subscript(language: Language) -> String { language == .en ? en : zh }

  /// The pair of texts, as the report keeps it.
  public var bilingual: Bilingual { Bilingual(en: en, zh: zh) }

  /// The same text with `{name}` replaced by values, which are the same in every language.
  public func with(_ values: [String: String]) -> Text {
    Text(stamp, en: Text.fill(en, values), zh: Text.fill(zh, values))
  }

  /// The same text with `{name}` replaced by another text.
  public func with(_ name: String, _ value: Text) -> Text {
    Text(stamp, en: Text.fill(en, [name: value.en]), zh: Text.fill(zh, [name: value.zh]))
  }

  /// Six hexadecimal digits of FNV-1a over the text.
  public static func stamp(of text: String) -> String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return String(String(hash & 0xff_ffff | 0x100_0000, radix: 16).dropFirst())
  }

  /// The names in braces, in order.
  public static func names(in text: String) -> [String] {
    var names = [String]()
    var rest = text[...]
    while let open = rest.firstIndex(of: "{") {
      rest = rest[rest.index(after: open)...]
      guard let close = rest.firstIndex(of: "}") else { break }
      let name = rest[..<close]
      if !name.isEmpty, name.allSatisfy({ $0.isLetter || $0.isNumber }) {
        names.append(String(name))
      }
    }
    return names
  }

  private static func fill(_ text: String, _ values: [String: String]) -> String {
    var out = ""
    var rest = text[...]
    while let open = rest.firstIndex(of: "{") {
      out += rest[..<open]
      rest = rest[open...]
      guard let close = rest.firstIndex(of: "}") else { break }
      let name = String(rest[rest.index(after: open)..<close])
      out += values[name] ?? String(rest[...close])
      rest = rest[rest.index(after: close)...]
    }
    return out + rest
  }
}
