// What other runtimes fail, and why it is they who are wrong (or old) and not the case.
//
// A case listed here that passes is a failure of this list: it cannot go stale. Notes/conformance.md
// is printed from it.

/// A failure that was judged.
struct Known {
  /// What `--version` begins with.
  let runtime: String
  let id: String
  let reason: String

  static func reason(_ runtime: String, _ id: String) -> String? {
    all.first { runtime.hasPrefix($0.runtime) && $0.id == id }?.reason
  }

  static let all: [Known] = []
}
