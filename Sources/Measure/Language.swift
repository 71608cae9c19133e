/// The languages every text for learners exists in.
public enum Language: String, Codable, CaseIterable, Sendable {
  /// English.
  case en
  /// 简体中文, simplified Chinese.
  case zh

  /// The language of a locale name such as `zh_CN.UTF-8` (locale(7)); English when in doubt.
  public init(locale: String) {
    self = locale.hasPrefix("zh") ? .zh : .en
  }
}

/// One text in both languages, kept together so that neither goes missing in a document.
public struct Bilingual: Codable, Equatable, Hashable, Sendable {
  /// The English text.
  public var en: String
  /// The text in 简体中文.
  public var zh: String

  /// Pairs the two texts.
  public init(en: String, zh: String) {
    self.en = en
    self.zh = zh
  }

  /// A text that is the same in both languages, such as the name of a program.
  public init(_ same: String) {
    self.init(en: same, zh: same)
  }

  /// The text in one language.
  public subscript(_ language: Language) -> String {
    switch language {
    case .en: en
    case .zh: zh
    }
  }
}
