import Foundation
import Linux
import Measure
import Testing

@testable import Report

@Suite final class MergeTests {
  private let directory: String

  init() throws {
    directory = "/tmp/drydock-merge-tests-\(SeededRandom.freshSeed())"
    try File.makeDirectory(directory)
  }

  deinit {
    do { try File.removeTree(directory) } catch { Issue.record("\(error)") }
  }

  /// Another machine, on which everything of drydock takes so many times as long.
  private static func machine(_ kernel: String, slower factor: Double) -> ResultDocument {
    var document = SuiteFixture.document
    document.environment.kernel = kernel
    for experiment in document.experiments.indices {
      for round in document.experiments[experiment].rounds.indices {
        for sample in document.experiments[experiment].rounds[round].samples.indices {
          let arm = document.experiments[experiment].rounds[round].samples[sample].arm
          guard arm.hasPrefix("drydock") else { continue }
          document.experiments[experiment].rounds[round].samples[sample].value *= factor
        }
      }
    }
    return document
  }

  /// Made once: in a debug build that takes some seconds.
  private static let merged = Result { try three() }

  private func merged() throws -> MergedReport { try MergeTests.merged.get() }

  private static func three() throws -> MergedReport {
    var third = machine("6.12.1", slower: 3)
    third.experiments.removeFirst()
    return try MergedReport([
      ("a.json", SuiteFixture.document), ("b.json", machine("6.1.0", slower: 2)), ("c.json", third),
    ])
  }

  @Test func machinesAreColumnsOfRatios() throws {
    let report = try merged()
    let row = try #require(report.rows.first { $0.name.en == "drydock-runtime ÷ crun" })
    let ratios = row.cells.map { $0?.ratio.middle }
    let first = try #require(ratios[0])
    #expect(abs(try #require(ratios[1]) / first - 2) < 1e-9)
    #expect(ratios[2] == nil, "the third did not measure it")
    #expect(row.cells[0]?.comparison == .better && row.cells[1]?.comparison == .worse)
    #expect(report.partial.map(\.id) == ["start.true"])
    #expect(report.partial[0].lacking == ["3"])
    let density = report.rows.filter { $0.id == "density.bytes" }
    #expect(density.count == 10, "each arm over its own control")
  }

  @Test(arguments: Language.allCases)
  func allFormsSayWhatDiffersAndShowNoRawTimes(language: Language) throws {
    let report = try merged()
    let forms = [
      report.text(language: language), report.markdown(language: language),
      report.html(language: language),
    ]
    for (index, form) in forms.enumerated() {
      let wanted = ["b.json"] + (language == .en ? ["not comparable", "kernel"] : ["不可比较", "内核"])
      for word in wanted {
        let isThere = form.replacing("\n", with: language == .en ? " " : "").contains(word)
        #expect(isThere, "\(word) in form \(index)")
      }
      let hasRawTime = form.contains("4.55 ms")
      #expect(!hasRawTime, "form \(index)")
    }
    let isWithin = forms[0].split(separator: "\n").allSatisfy { TextWidth.columns($0) <= 80 }
    #expect(isWithin)
  }

  @Test func theSameBytesAgain() throws {
    let (one, two) = (try merged(), try MergeTests.three())
    let isSame = one.html() == two.html() && one.markdown() == two.markdown()
    #expect(isSame)
  }

  @Test(.enabled(if: Chromium.isReady, "needs Debian's chromium"), arguments: Language.allCases)
  func nothingSticksOutOfThePage(language: Language) throws {
    let complaints = try Chromium.complaints(merged().html(language: language), in: directory)
    #expect(complaints == [], "\(complaints.joined(separator: "\n"))")
  }

  @Test func oneIsNotMany() {
    #expect {
      try MergedReport([("a.json", SuiteFixture.document)])
    } throws: { error in (error as? DocumentError)?.text.contains("two results or more") == true }
  }

  @Test func theSameRunTwiceIsSaid() {
    #expect {
      try MergedReport([("a.json", SuiteFixture.document), ("b.json", SuiteFixture.document)])
    } throws: { error in
      (error as? DocumentError)?.text.hasPrefix("a.json and b.json are the same run") == true
    }
  }

  @Test func emptyDocumentsAreSaid() {
    var empty = SuiteFixture.document
    empty.experiments = []
    #expect {
      try MergedReport([("a.json", SuiteFixture.document), ("b.json", empty)])
    } throws: { error in
      (error as? DocumentError)?.text.hasPrefix("b.json holds no benchmark") == true
    }
  }

  /// Whatever is wrong with one of the files: its path, what is wrong, and nothing written.
  @Test(arguments: [
    ("schema", "schema version 1, this program knows 2"), ("truncated", "at byte"),
    ("other", "no schema version"), ("list", "no schema version"), ("missing", "is missing"),
    ("empty", "expected a value"), ("huge", "more than"), ("none", "ENOENT"),
  ])
  func badFilesAreSaidAndNothingIsWritten(kind: String, expected: String) throws {
    let good = try SuiteFixture.document.json()
    let (path, fine) = ("\(directory)/\(kind).json", "\(directory)/fine.json")
    try File.replace(fine, with: good.utf8)
    let text: String? =
      switch kind {
      case "schema": good.replacing("\"schema\": 2", with: "\"schema\": 1")
      case "truncated": String(good.prefix(good.count / 2))
      case "other": "{\"a\": 1}"
      case "list": "[1, 2]"
      case "missing": good.replacing("\"startedAt\"", with: "\"began\"")
      case "empty": ""
      default: nil
      }
    if let text { try File.replace(path, with: text.utf8) }
    if kind == "huge" {
      // A hole: it takes no room.
      try File.replace(path, with: [])
      try #require(FileHandle(forWritingAtPath: path)).truncate(atOffset: 300 << 20)
    }
    let out = directory + "/out"
    #expect {
      try ReportFiles.write(try ReportFiles.merge([fine, path]), to: out)
    } throws: { error in
      let text = (error as? DocumentError)?.text ?? ""
      return text.contains(path) && text.contains(expected)
    }
    #expect(!File.exists(out))
  }

  @Test func bothFilesAreWritten() throws {
    let paths = try ReportFiles.write(try merged(), to: directory + "/out")
    #expect(try File.list(directory + "/out") == ["report.html", "report.md"])
    #expect(paths.count == 2)
  }
}
