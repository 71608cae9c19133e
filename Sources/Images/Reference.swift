// Names of images as Docker reads them (distribution, reference.go's grammar):
//
//     [domain/]path[:tag][@sha256:HEX]
//
//     busybox                    docker.io/library/busybox:latest
//     me/tool:2                  docker.io/me/tool:2
//     localhost:5000/tool        localhost:5000/tool:latest
//
// The first part is a domain when it has a point, a colon or upper-case letters in it, or is
// localhost. Kept is the whole name; people see it as short as they type it.

/// A name of an image.
public struct Reference: Hashable, Sendable {
  /// `docker.io`.
  public let domain: String
  /// `library/busybox`.
  public let path: String
  /// What stands behind the colon; nil when nothing does.
  public var tag: String?
  /// What stands behind the @; nil when nothing does.
  public let digest: Digest?

  private static let hub = "docker.io"
  private static let official = "library/"

  /// Reads a name as people type it.
  ///
  /// - Throws: `ImageError` with Docker's words.
  public init(_ text: String) throws(ImageError) {
    var rest = text[...]
    var digest: Digest?
    if let at = rest.firstIndex(of: "@") {
      guard let found = Digest(String(rest[rest.index(after: at)...])) else {
        throw Reference.invalid(text, "behind the @ comes sha256: and 64 hexadecimal digits")
      }
      digest = found
      rest = rest[..<at]
    }
    var tag: String?
    // A colon before a slash is a port's.
    if let colon = rest.lastIndex(of: ":"), !rest[colon...].contains("/") {
      tag = String(rest[rest.index(after: colon)...])
      rest = rest[..<colon]
    }
    if let tag, !Reference.isTag(tag) {
      throw Reference.invalid(
        text, "a tag has up to 128 letters, digits, _ . and -, and begins with none of . and -")
    }
    if Digest(hex: String(rest)) != nil {
      throw ImageError(
        "invalid repository name (\(rest)), cannot specify 64-byte hexadecimal strings",
        hint: "It would be taken for an id.")
    }
    var domain = Reference.hub
    if let slash = rest.firstIndex(of: "/"), Reference.looksLikeDomain(rest[..<slash]) {
      domain = String(rest[..<slash])
      rest = rest[rest.index(after: slash)...]
      if domain == "index.docker.io" { domain = Reference.hub }
    }
    var path = String(rest)
    if domain == Reference.hub, !path.contains("/") { path = Reference.official + path }
    guard Reference.isDomain(domain), Reference.isPath(path) else {
      if path.lowercased() != path, Reference.isPath(path.lowercased()) {
        throw ImageError(
          "invalid reference format: repository name (\(path)) must be lowercase",
          hint: "Try: \(text.lowercased())")
      }
      throw Reference.invalid(
        text, "a name has lower-case letters and digits, with / . _ or - between them")
    }
    guard domain.utf8.count + 1 + path.utf8.count <= 255 else {
      throw ImageError(
        "invalid reference format: repository name must not be more than 255 characters")
    }
    self.domain = domain
    self.path = path
    self.tag = tag
    self.digest = digest
  }

  /// Reads a name under which something is to be kept: the tag is `latest` when none is given.
  ///
  /// - Throws: `ImageError` with Docker's words; also for a digest, which names itself.
  public static func forTagging(_ text: String) throws(ImageError) -> Reference {
    var reference = try Reference(text)
    guard reference.digest == nil else {
      throw ImageError("refusing to create a tag with a digest reference")
    }
    reference.tag = reference.tag ?? "latest"
    return reference
  }

  private static func invalid(_ text: String, _ hint: String) -> ImageError {
    ImageError("invalid reference format: '\(text)'", hint: "In it, \(hint).")
  }

  /// The whole repository: `docker.io/library/busybox`.
  public var repository: String { "\(domain)/\(path)" }

  /// The repository as people see it: `busybox`.
  public var familiar: String {
    guard domain == Reference.hub else { return repository }
    return path.hasPrefix(Reference.official) ? String(path.dropFirst(8)) : path
  }

  /// What it is kept under: `docker.io/library/busybox:latest`.
  public var key: String { "\(repository):\(tag ?? "latest")" }

  /// As people see it: `busybox:latest`, or `busybox@sha256:…`.
  public var text: String {
    if let tag { return "\(familiar):\(tag)" }
    return digest.map { "\(familiar)@\($0)" } ?? familiar
  }

  // MARK: Grammar

  private static func looksLikeDomain(_ part: Substring) -> Bool {
    part == "localhost" || part.contains(where: { $0 == "." || $0 == ":" || $0.isUppercase })
  }

  private static func isTag(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    guard let first = bytes.first, bytes.count <= 128, isWord(first) else { return false }
    return bytes.allSatisfy { isWord($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") }
  }

  private static func isDomain(_ text: String) -> Bool {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count <= 2 else { return false }
    if parts.count == 2, parts[1].isEmpty || !parts[1].utf8.allSatisfy({ (48...57).contains($0) }) {
      return false
    }
    return parts[0].split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
      guard let first = label.utf8.first, let last = label.utf8.last else { return false }
      let dash = UInt8(ascii: "-")
      return first != dash && last != dash
        && label.utf8.allSatisfy { isWord($0) && $0 != UInt8(ascii: "_") || $0 == dash }
    }
  }

  private static func isPath(_ text: String) -> Bool {
    text.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { isComponent($0) }
  }

  /// `[a-z0-9]+` with separators between: one point, one or two underscores, any number of dashes.
  private static func isComponent(_ text: Substring) -> Bool {
    var separator = ""
    var hasBegun = false
    for character in text {
      if character.isASCII, character.isLowercase || character.isNumber {
        guard hasBegun || separator.isEmpty else { return false }
        guard separator.isEmpty || isSeparator(separator) else { return false }
        hasBegun = true
        separator = ""
      } else {
        separator.append(character)
      }
    }
    return hasBegun && separator.isEmpty
  }

  private static func isSeparator(_ text: String) -> Bool {
    text == "." || text == "_" || text == "__" || text.allSatisfy { $0 == "-" }
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
      || byte == UInt8(ascii: "_")
  }
}
