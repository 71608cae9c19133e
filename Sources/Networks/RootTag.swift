// Several run-roots can be on one machine: two users, tests, labs with a "host" each. What a root makes
// in the kernel has names of its own, so that no root touches another's:
//
//     /run/drydock (the default)   table drydock            bridge drydock0
//     any other                    table drydock-1a2b3c4d   bridge dd1a2b3c4d

/// What the names of a run-root's tables and bridges are told apart by.
public struct RootTag: Hashable, Sendable {
  /// The run-root that has the plain names.
  public static let usual = "/run/drydock"

  /// Eight hexadecimal digits; empty for the usual run-root.
  public let text: String

  /// Of a run-root's absolute path.
  public init(runRoot: String) {
    var path = Substring(runRoot)
    while path.utf8.count > 1, path.utf8.last == UInt8(ascii: "/") { path = path.dropLast() }
    text = path == RootTag.usual ? "" : RootTag.hexadecimal(RootTag.hash(path.utf8))
  }

  /// The table of nf_tables with all of its rules.
  public var table: String { text.isEmpty ? "drydock" : "drydock-\(text)" }

  /// The default network's bridge: a link's name has 15 bytes at most.
  public var bridge: String { text.isEmpty ? "drydock0" : "dd\(text)" }

  /// FNV-1a with 32 bits (draft-eastlake-fnv): the same on every machine and in every version, which
  /// `Hasher` is not.
  public static func hash(_ bytes: some Sequence<UInt8>) -> UInt32 {
    bytes.reduce(0x811c_9dc5) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
  }

  /// Eight digits.
  public static func hexadecimal(_ value: UInt32) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 8 - digits.utf8.count) + digits
  }
}
