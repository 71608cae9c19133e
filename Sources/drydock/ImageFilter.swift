import Engine
import Images
import OCI

/// `images --filter`, and the repository that may stand behind.
struct ImageFilter {
  private var isDangling: Bool?
  private var patterns: [String] = []
  private var labels: [String] = []
  private var before: Int64?
  private var since: Int64?

  /// Reads the filters.
  ///
  /// - Throws: `EngineError` for one that there is not.
  init(_ filters: [String], _ repository: String?, _ engine: Engine) throws {
    for filter in filters {
      let pair = filter.split(separator: "=", maxSplits: 1).map { String($0) }
      guard pair.count == 2 else {
        throw EngineError("invalid filter: '\(filter)'", hint: "Write NAME=VALUE.", exitCode: 1)
      }
      switch pair[0] {
      case "dangling": isDangling = pair[1] == "true" || pair[1] == "1"
      case "reference": patterns.append(pair[1])
      case "label": labels.append(pair[1])
      case "before": before = try engine.image(pair[1]).image.createdNs
      case "since": since = try engine.image(pair[1]).image.createdNs
      default:
        throw EngineError(
          "invalid filter '\(pair[0])'", hint: "One of dangling, label, reference, before, since.",
          exitCode: 1)
      }
    }
    if let repository { patterns.append(repository) }
  }

  /// Those that pass.
  func apply(_ images: [ImageInfo], _ engine: Engine) throws -> [ImageInfo] {
    try images.filter { image in
      if !labels.isEmpty {
        let own = try engine.image(image.id).config.settings.labels
        let isMet = labels.allSatisfy { label in
          own.contains { $0.key == label || "\($0.key)=\($0.value)" == label }
        }
        guard isMet else { return false }
      }
      if let isDangling, isDangling != (image.repository == nil) { return false }
      if let before, image.createdNs >= before { return false }
      if let since, image.createdNs <= since { return false }
      return patterns.isEmpty || patterns.contains { matches(image, $0) }
    }
  }

  private func matches(_ image: ImageInfo, _ pattern: String) -> Bool {
    guard let repository = image.repository, let tag = image.tag else { return false }
    if Glob.matches(repository, pattern) { return true }
    return Glob.matches("\(repository):\(tag)", pattern)
  }
}

/// Patterns as path.Match of Go has them: `*` and `?` stop at a slash.
enum Glob {
  static func matches(_ text: String, _ pattern: String) -> Bool {
    matches(Array(text)[...], Array(pattern)[...])
  }

  private static func matches(_ text: ArraySlice<Character>, _ pattern: ArraySlice<Character>)
    -> Bool
  {
    guard let first = pattern.first else { return text.isEmpty }
    switch first {
    case "*":
      if matches(text, pattern.dropFirst()) { return true }
      guard let next = text.first, next != "/" else { return false }
      return matches(text.dropFirst(), pattern)
    case "?":
      guard let next = text.first, next != "/" else { return false }
      return matches(text.dropFirst(), pattern.dropFirst())
    default:
      return text.first == first && matches(text.dropFirst(), pattern.dropFirst())
    }
  }
}
