internal import Crypto
internal import Linux

/// The name of content by its content: `sha256:` and 64 hexadecimal digits (OCI image
/// specification, descriptor.md, "Digests").
public struct Digest: Hashable, Sendable, CustomStringConvertible {
  /// 64 lower-case hexadecimal digits.
  public let hex: String

  /// Reads `sha256:HEX`; nil for everything else, other algorithms included.
  public init?(_ text: String) {
    guard text.hasPrefix("sha256:") else { return nil }
    self.init(hex: String(text.dropFirst(7)))
  }

  /// Wraps 64 lower-case hexadecimal digits; nil for everything else.
  public init?(hex: String) {
    guard hex.utf8.count == 64,
      hex.utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) })
    else { return nil }
    self.hex = hex
  }

  /// The digest of bytes.
  public init(of bytes: [UInt8]) {
    var hasher = Hasher()
    unsafe bytes.withUnsafeBytes { unsafe hasher.update($0) }
    self = hasher.finish()
  }

  fileprivate init(_ sum: some Sequence<UInt8>) {
    hex = sum.hexadecimal
  }

  /// `sha256:HEX`.
  public var description: String { "sha256:" + hex }
  /// The first 12 digits, as people type it.
  public var short: String { String(hex.prefix(12)) }

  /// SHA-256, piece by piece.
  package struct Hasher {
    private var hash = Crypto.SHA256()

    package init() {}

    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
      unsafe hash.update(bufferPointer: bytes)
    }
    package func finish() -> Digest { Digest(hash.finalize()) }
  }
}
