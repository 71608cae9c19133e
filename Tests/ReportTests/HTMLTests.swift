import FoundationXML
import Measure
import Testing

import class Foundation.NSObject
import struct Foundation.Data

@testable import Report

@Suite struct HTMLTests {
  /// Counts elements and remembers where the parser stopped.
  private final class Reader: NSObject, XMLParserDelegate {
    var counts: [String: Int] = [:]
    var texts = ""

    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
      qualifiedName: String?, attributes: [String: String]
    ) { counts[name, default: 0] += 1 }

    func parser(_ parser: XMLParser, foundCharacters text: String) { texts += text }
  }

  private func read(_ html: String) -> Reader? {
    let parser = XMLParser(data: Data(html.utf8))
    let reader = Reader()
    parser.delegate = reader
    guard parser.parse() else {
      Issue.record(
        "line \(parser.lineNumber), column \(parser.columnNumber): \(String(describing: parser.parserError))"
      )
      return nil
    }
    return reader
  }

  @Test(arguments: Language.allCases)
  func isWellFormedWithAllFigures(language: Language) throws {
    let reader = try #require(read(HTMLReport(language: language).html(Fixture.document())))
    // Split, throttling, memory, waterfall, pairs, tail, noise.
    #expect(reader.counts["figure"] == 7)
    #expect(reader.counts["svg"] == 7)
    // Each figure: how, command, what would make it wrong; and a table under it.
    #expect(reader.counts["figcaption"] == 7)
    #expect((reader.counts["details"] ?? 0) >= 7)
    #expect(reader.counts["script"] == nil)
    #expect(reader.counts["img"] == nil && reader.counts["link"] == nil)
  }

  @Test func needsNoNetwork() {
    let html = HTMLReport().html(Fixture.document())
    let addresses = html.matches(of: #/https?:[^"]*/#).map { String($0.output) }
    #expect(
      Set(addresses) == ["http://www.w3.org/1999/xhtml", "http://www.w3.org/2000/svg"],
      "only the names of namespaces")
    #expect(!html.contains("url(") && !html.contains("@import"))
  }

  @Test func hostileStringsStayTexts() throws {
    let hostile = "</style></title><script>alert(\"1\")</script><!-- ]]> & ' \u{0}\u{1B}[2J\u{FFFE}"
    var document = Fixture.document(title: Bilingual(hostile))
    document.command = hostile
    document.environment.cpuModel = hostile
    document.labs[0].evidence[0].path = hostile
    document.labs[0].evidence[0].after = hostile
    document.labs[1].splits[0].bars[0].label = Bilingual(hostile)
    document.experiments[0].arms[1].label = Bilingual(hostile)
    document.waterfalls[0].steps[0].id = hostile
    document.waterfalls[0].steps[0].phase = hostile
    let html = HTMLReport().html(document)
    let reader = try #require(read(html))
    #expect(reader.counts["script"] == nil)
    #expect(reader.texts.contains("<script>alert(\"1\")</script>"), "shown, not run")
    #expect(!html.contains("<script"))
  }

  @Test func emptyAndStrangeDataDoNotBreakIt() throws {
    var document = Fixture.document()
    document.experiments[0].rounds = []
    document.labs[1].splits[0].bars = []
    document.labs[2].throttling[0].points = []
    document.labs[2].throttling[0].limit = nil
    document.labs[3].memory[0].points = []
    document.labs[3].memory[0].limitBytes = nil
    document.waterfalls[0].steps = []
    document.waterfalls[0].totalNanoseconds = 0
    let html = HTMLReport().html(document)
    _ = try #require(read(html))
    #expect(!html.contains("nan") && !html.contains("\"n/a\"") && !html.contains("inf\""))
    #expect(!TerminalReport().text(document).isEmpty)
    #expect(!MarkdownReport().markdown(document).isEmpty)
  }

  @Test func manyStepsAreDrawnUpToALimitAndListedAll() throws {
    var document = Fixture.document()
    let step = document.waterfalls[0].steps[0]
    document.waterfalls[0].steps = (0..<90).map { index in
      var copy = step
      copy.id = "step.\(index)"
      copy.durationNanoseconds = UInt64(1000 + index)
      return copy
    }
    let html = HTMLReport().html(document)
    #expect(html.contains("The 44 longest of 90 steps are drawn"))
    #expect(html.contains("step.0<"), "the table has the shortest too")
  }

  @Test func sameDocumentSameBytes() throws {
    let first = try ReportFiles.render(Fixture.document(), language: .zh)
    let read = try ResultDocument(json: Array(try Fixture.document().json().utf8))
    let second = try ReportFiles.render(read, language: .zh)
    #expect(first.map(\.name) == second.map(\.name))
    for (one, two) in zip(first, second) { #expect(one.content == two.content, "\(one.name)") }
  }
}

@Suite struct AxisTests {
  @Test func roundTicks() {
    #expect(Axis(low: 0, high: 1, from: 0, to: 100).ticks.count == 6)
    #expect(Axis(low: 0, high: 64, from: 0, to: 1).ticks == [0, 20, 40, 60])
    #expect(
      Axis(low: 1, high: 30, from: 0, to: 1, isLogarithmic: true).ticks.map { $0.rounded() }
        == [1, 2, 5, 10, 20])
  }

  @Test func aRangeOfNothingIsInTheMiddle() {
    #expect(Axis(low: 3, high: 3, from: 0, to: 10)(3) == 5)
    #expect(Axis(low: 0, high: 2, from: 100, to: 0)(0.5) == 75)
  }
}
