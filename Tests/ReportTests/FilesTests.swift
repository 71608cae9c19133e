import Linux
import Measure
import Testing

@testable import Report

@Suite struct TablesTests {
  /// Rows of a CSV text by RFC 4180.
  private func rows(_ csv: String) -> [[String]] {
    var rows: [[String]] = [[]]
    var field = ""
    var isQuoted = false
    var last: Character = ","
    for character in csv {
      if character == "\"" {
        if !isQuoted && last == "\"" { field.append("\"") }
        isQuoted.toggle()
      } else if isQuoted {
        field.append(character)
      } else if character == "," || character == "\n" {
        rows[rows.count - 1].append(field)
        field = ""
        if character == "\n" { rows.append([]) }
      } else {
        field.append(character)
      }
      last = character
    }
    return rows.dropLast()
  }

  @Test func everySampleHasALineWithAllColumns() {
    let document = Fixture.document()
    let rows = rows(Tables.samples(document))
    #expect(rows.count == 1 + 12 * 5, "discards and voided numbers too")
    #expect(Set(rows.map(\.count)) == [19])
    #expect(rows.filter { $0[2] == "steal" }.count == 5)
    #expect(rows.filter { $0[18] == "the seccomp filter was not loaded" }.count == 1)
  }

  @Test func summaryHasChecksAndArms() {
    let rows = rows(Tables.summary(Fixture.document()))
    #expect(Set(rows.map(\.count)) == [16])
    #expect(rows.filter { $0[0] == "lab" }.count == 8)
    #expect(
      rows.filter { $0[0] == "experiment" }.map { $0[2] } == ["drydock", "crun", "runc", "c"])
  }

  @Test func summaryHasFacets() {
    var document = Fixture.document()
    document.experiments[0].facets = [Facet("half", title: Bilingual("half"), unit: .nanoseconds)]
    for round in document.experiments[0].rounds.indices {
      for sample in document.experiments[0].rounds[round].samples.indices {
        let value = document.experiments[0].rounds[round].samples[sample].value
        document.experiments[0].rounds[round].samples[sample].facets = ["half": value * 5e5]
      }
    }
    let rows = rows(Tables.summary(document)).filter { $0[0] == "experiment" }
    let id = document.experiments[0].id
    #expect(
      rows.map { $0[1] } == Array(repeating: id, count: 4)
        + Array(repeating: "\(id)/half", count: 4))
    // The declared unit, however large the numbers are.
    #expect(Set(rows.suffix(4).map { $0[3] }) == ["nanoseconds"])
    for (whole, half) in zip(rows.prefix(4), rows.suffix(4)) {
      #expect(Double(half[5]) == Double(whole[5]).map { $0 * 5e5 })
    }
  }

  @Test(arguments: [
    ("plain", "plain"), ("a,b", "\"a,b\""), ("a\"b", "\"a\"\"b\""), ("a\r\nb", "\"a\r\nb\""),
    ("=HYPERLINK(1)", "'=HYPERLINK(1)"), ("-2.5", "-2.5"),
  ])
  func fields(text: String, field: String) {
    #expect(Tables.field(text) == field)
  }
}

@Suite struct MarkdownTests {
  @Test func hostileTextsStayInTheirCell() {
    var document = Fixture.document(title: Bilingual("a\n# b"))
    document.labs[0].checks[0].text = Bilingual("x | y <b> `z` [l](u)")
    document.command = "echo `id`"
    let text = MarkdownReport().markdown(document)
    #expect(text.hasPrefix("# a \\# b\n"))
    #expect(text.contains("x \\| y &lt;b&gt; \\`z\\` \\[l\\](u)"))
    #expect(text.contains("`` echo `id` ``"))
  }

  @Test func bothLanguages() {
    #expect(MarkdownReport(language: .zh).markdown(Fixture.document()).contains("无法判定"))
    #expect(MarkdownReport().markdown(Fixture.document()).contains("inconclusive"))
  }
}

@Suite struct FilesTests {
  @Test func writesAllAndReadsBack() throws {
    let directory = "/tmp/drydock-report-tests-\(SeededRandom.freshSeed())"
    defer {
      do {
        try File.removeTree(directory)
      } catch {
        Issue.record("\(error)")
      }
    }
    let paths = try ReportFiles.write(Fixture.document(), to: "\(directory)/deep/er")
    #expect(
      try File.list("\(directory)/deep/er")
        == ["report.html", "report.md", "result.json", "samples.csv", "summary.csv"])
    #expect(try ReportFiles.read(paths[0]) == Fixture.document())
    #expect {
      try ReportFiles.read("\(directory)/none.json")
    } throws: { error in
      (error as? DocumentError)?.text.contains("none.json") == true
    }
  }
}

@Suite struct CompareTests {
  /// The fixture with its first arm (and its twin) slower by a factor.
  private func document(slower factor: Double) -> ResultDocument {
    var document = Fixture.document()
    for round in document.experiments[0].rounds.indices {
      for sample in document.experiments[0].rounds[round].samples.indices {
        let arm = document.experiments[0].rounds[round].samples[sample].arm
        if arm.hasPrefix("drydock") {
          document.experiments[0].rounds[round].samples[sample].value *= factor
        }
      }
    }
    return document
  }

  @Test(arguments: [(1.0, 0), (1.3, 2), (0.7, 4), (1.012, 3)] as [(Double, Int32)])
  func exitCodes(factor: Double, code: Int32) {
    let outcome = Compare().run(old: Fixture.document(), new: document(slower: factor))
    #expect(outcome.exitCode == code, "\(outcome)")
  }

  @Test func otherEnvironmentsAreRefusedUnlessTold() {
    var other = document(slower: 1.3)
    other.environment.kernel = "6.19"
    let refused = Compare().run(old: Fixture.document(), new: other)
    #expect(refused.exitCode == 1)
    #expect(refused.lines[0].contains("(kernel)"))
    let told = Compare(acceptsOtherEnvironment: true).run(old: Fixture.document(), new: other)
    #expect(told.exitCode == 2)
    #expect(told.lines[0].contains("kernel"), "it still says so")
  }

  @Test func fewRoundsDecideNothing() {
    var short = document(slower: 2)
    short.experiments[0].rounds.removeLast(7)
    #expect(Compare().run(old: Fixture.document(), new: short).exitCode == 3)
  }

  @Test func nothingInCommonIsAnError() {
    var other = Fixture.document()
    other.experiments[0].id = "another"
    #expect(Compare().run(old: Fixture.document(), new: other).exitCode == 1)
    var unit = Fixture.document()
    unit.experiments[0].unit = .microseconds
    #expect(Compare().run(old: Fixture.document(), new: unit).exitCode == 1)
  }
}

@Suite struct TrustTests {
  @Test func gradesByTheTable() {
    var document = Fixture.document()
    #expect(Trust(ExperimentSummary(document.experiments[0])) == .C, "one number was voided")
    for round in document.experiments[0].rounds.indices {
      for sample in document.experiments[0].rounds[round].samples.indices {
        document.experiments[0].rounds[round].samples[sample].failedAssertions = []
      }
    }
    #expect(ExperimentSummary(document.experiments[0]).trust == .B, "two rounds were disturbed")
    for round in document.experiments[0].rounds.indices {
      document.experiments[0].rounds[round].steal = 0
      document.experiments[0].rounds[round].discarded = nil
    }
    #expect(ExperimentSummary(document.experiments[0]).trust == .A)
    document.experiments[0].rounds.removeLast(7)
    #expect(ExperimentSummary(document.experiments[0]).trust == .D)
  }

  @Test func gradesOfLabs() {
    #expect(Trust(Fixture.process) == .A, "facts need no quiet machine")
    #expect(Trust(Fixture.shares) == .D, "inconclusive")
    #expect(Trust(Fixture.quota) == .A)
    var unwatched = Fixture.quota
    unwatched.window = nil
    #expect(Trust(unwatched) == .C)
  }
}
