public import Measure
internal import Report

/// The X-ray as a page.
public struct HTMLPage {
  /// Which language.
  public let language: Language

  /// Chooses the language.
  public init(language: Language) { self.language = language }

  /// The whole page.
  public func html(_ xray: Picture) -> String { "" }
}
