import Steps
import Testing

/// The table of steps is complete.
@Suite struct CatalogTests {
  @Test func idsAreUniqueAndWellFormed() {
    let ids = StepID.allCases.map { $0.rawValue }
    #expect(Set(ids).count == ids.count)
    for id in ids {
      let parts = id.split(separator: ".", omittingEmptySubsequences: false)
      #expect(parts.count >= 2 && parts.allSatisfy { !$0.isEmpty }, "\(id)")
      #expect(id.utf8.allSatisfy { (97...122).contains($0) || $0 == 45 || $0 == 46 }, "\(id)")
    }
  }

  @Test(arguments: StepID.allCases)
  func everyStepIsExplainedInBothLanguages(id: StepID) {
    let info = id.info
    let english = "\(info.english)"
    let chinese = "\(info.chinese)"
    #expect(english.count > 20 && english.hasSuffix("."))
    #expect(english.unicodeScalars.allSatisfy { $0.value < 0x3000 }, "English only")
    #expect(chinese.count > 6 && chinese.hasSuffix("。"))
    #expect(chinese.unicodeScalars.contains { (0x4e00...0x9fff).contains($0.value) })
    #expect(!"\(info.man)".isEmpty)
    #expect(!english.contains("\n") && !chinese.contains("\n"), "one paragraph")
  }

  @Test func whatUndoesIsTeardown() {
    for id in StepID.allCases {
      guard let undo = id.info.undo else { continue }
      #expect(undo.info.phase == .teardown, "\(id.rawValue) is undone by \(undo.rawValue)")
    }
  }

  @Test func everyPhaseButNoneUnknown() {
    let used = Set(StepID.allCases.map { $0.info.phase })
    #expect(used == Set(Phase.allCases))
  }

  @Test(arguments: ["zh", "zh_CN.UTF-8", "zh-Hans"])
  func chineseLocales(locale: String) { #expect(ExplainLanguage(locale: locale) == .zh) }

  @Test(arguments: ["", "en", "C", "de_DE", "xzh"])
  func otherLocales(locale: String) { #expect(ExplainLanguage(locale: locale) == .en) }
}
