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
