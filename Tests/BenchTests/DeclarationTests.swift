import BenchmarkExperiments
import BenchmarkKit
import Measure
import Testing

/// What can be known of experiments before any of them runs.
struct DeclarationTests {
  @Test func idsAreUniqueAndGrouped() {
    let ids = Suite.all.map(\.id)
    #expect(Set(ids).count == ids.count)
    for id in ids {
      let parts = id.split(separator: ".")
      #expect(parts.count == 2, "\(id)")
      #expect(id.utf8.allSatisfy { $0 == 45 || $0 == 46 || 97...122 ~= $0 || 48...57 ~= $0 })
    }
    // A group's experiments stand together, as they are printed.
    var seen: [String] = []
    for group in Suite.all.map(\.group) where seen.last != group { seen.append(group) }
    #expect(Set(seen).count == seen.count, "\(seen)")
  }

  @Test(arguments: Suite.all.map(\.id))
  func everythingIsSaidInBothLanguages(id: String) throws {
    let declaration = try #require(Suite.all.first { $0.id == id })
    var texts = [declaration.title, declaration.sentence, declaration.caveat]
    texts += declaration.published.map(\.comparability) + declaration.facets.map(\.title)
    if let axis = declaration.axis { texts.append(axis.label) }
    for text in texts {
      #expect(!text.en.isEmpty)
      #expect(!text.en.unicodeScalars.contains(where: isHan), "\(text.en)")
      #expect(!text.zh.isEmpty)
    }
    // A title may be a word that both have (getppid(2)); a sentence may not.
    for text in [declaration.sentence, declaration.caveat]
      + declaration.published.map(\.comparability)
    {
      #expect(text.zh.unicodeScalars.contains(where: isHan), "\(text.zh)")
    }
    #expect(Set(declaration.facets.map(\.name)).count == declaration.facets.count)
  }

  private func isHan(_ scalar: Unicode.Scalar) -> Bool { 0x4e00...0x9fff ~= scalar.value }

  /// By the declared seconds: what a run really takes is watched by the runner.
  @Test(arguments: Profile.allCases)
  func theSuiteFitsItsProfile(profile: Profile) {
    let seconds = Suite.all.map { $0.seconds(in: profile) }.reduce(0, +)
    #expect(seconds > 0)
    #expect(seconds <= profile.seconds)
  }

  @Test func fullHasEveryGroup() {
    for group in Set(Suite.all.map(\.group)) {
      #expect(Suite.all.contains { $0.group == group && $0.rounds[.full] != nil }, "\(group)")
    }
    for declaration in Suite.all {
      #expect(declaration.secondsARound > 0, "\(declaration.id)")
      for (profile, rounds) in declaration.rounds where profile != .smoke {
        #expect(rounds >= Comparison.fewestRounds, "\(declaration.id)")
      }
    }
  }
}
