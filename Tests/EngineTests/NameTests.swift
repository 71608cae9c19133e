import Linux
import Testing

@testable import Engine

@Suite("Ids and names")
struct NameTests {
  @Test("An id has 64 hexadecimal digits and does not come twice")
  func ids() {
    let ids = (0..<100).map { _ in Names.newID() }
    #expect(Set(ids).count == 100)
    for id in ids { #expect(id.utf8.count == 64 && Names.isIDPrefix(id)) }
  }

  @Test("A made name is one that may be given")
  func made() throws {
    for word in Names.adjectives + Names.surnames {
      #expect(word.utf8.allSatisfy { (97...122).contains($0) }, "\(word)")
    }
    for attempt in 0..<40 { try Names.check(Names.random(attempt: attempt)) }
    #expect(Set(Names.adjectives).count == Names.adjectives.count)
    #expect(Set(Names.surnames).count == Names.surnames.count)
  }

  @Test("A made name is an adjective and a surname")
  func shape() {
    let parts = Names.random().split(separator: "_").map { String($0) }
    #expect(Names.adjectives.contains(parts[0]))
    #expect(Names.surnames.contains(parts[1]))
  }
}

@Suite("SHA-256")
struct SHA256Tests {
  /// FIPS 180-4 test vectors (NIST, SHA256ShortMsg and the million a's).
  @Test(
    arguments: [
      ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
      ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
      (
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
      ),
    ])
  func vectors(text: String, digest: String) {
    var hash = SHA256()
    hash.update(Array(text.utf8))
    #expect(hash.digest() == digest)
  }

  @Test("A million a's, in pieces of odd sizes")
  func million() {
    var hash = SHA256()
    var left = 1_000_000
    var piece = 1
    while left > 0 {
      let count = min(piece, left)
      hash.update([UInt8](repeating: 97, count: count))
      left -= count
      piece = piece * 3 % 1009 + 1
    }
    #expect(hash.digest() == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
  }
}
