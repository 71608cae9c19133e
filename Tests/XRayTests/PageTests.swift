import FoundationXML
import Linux
import Measure
import Testing

import struct Foundation.Data

@testable import Report
@testable import XRay

/// The pages, of this very process.
@Suite struct PageTests {
  private func picture(name: String = "self") throws -> Picture {
    try Picture(pid: Processes.current, name: name)
  }

  @Test(arguments: Language.allCases) func theTerminalPageKeepsItsWidth(_ language: Language) throws
  {
    let page = TerminalPage(language: language, width: 80, isPlain: true).text(try picture())
    for line in page.split(separator: "\n") {
      #expect(TextWidth.columns(line) <= 80, "\(line)")
    }
    #expect(!page.contains("\u{1B}"))
    #expect(page.contains("PID \(Processes.current)"))
    for section in try picture().pages { #expect(page.contains(section.title[language])) }
    #expect(
      TerminalPage(language: language, width: 80, isPlain: false).text(try picture())
        .contains("\u{1B}[1m"))
  }

  @Test func everySectionSaysWhatItWasReadFrom() throws {
    for section in try picture().pages {
      #expect(!section.sources.isEmpty, "\(section.id)")
      #expect(!section.blocks.isEmpty || !section.problems.isEmpty, "\(section.id)")
    }
  }

  @Test(arguments: Language.allCases) func thePageIsWellFormed(_ language: Language) throws {
    let hostile = "</style><script>alert(\"1\")</script> & ' \u{0}\u{1B}[2J\u{FFFE}\u{202E}"
    let html = HTMLPage(language: language).html(try picture(name: hostile))
    let parser = XMLParser(data: Data(html.utf8))
    #expect(parser.parse(), "line \(parser.lineNumber): \(String(describing: parser.parserError))")
    #expect(!html.contains("<script") && html.contains("<svg"))
    #expect(!html.contains("url(") && !html.contains("@import"))
  }

  @Test func aNameCannotDriveTheTerminal() throws {
    for isPlain in [true, false] {
      let text = TerminalPage(language: .en, width: 80, isPlain: isPlain)
        .text(try picture(name: "a\u{1B}[2Jb\u{202E}c\r\u{9B}31m"))
      #expect(!text.contains("\u{1B}[2J") && !text.contains("\u{202E}"))
      #expect(!text.contains("\r") && !text.contains("\u{9B}"))
    }
  }

  @Test func theJSONIsReadAgain() throws {
    let picture = try picture(name: "a\"\\\n\u{1}")
    guard case .object(let all) = try JSON(parsing: Array(picture.json().utf8)) else {
      Issue.record("no object")
      return
    }
    #expect(all["name"] == .string("a\"\\\n\u{1}"))
    #expect(all["pid"] == .number("\(Processes.current)"))
    guard case .object(let sections)? = all["sections"] else {
      Issue.record("no sections")
      return
    }
    #expect(sections.count == 10)
  }

  @Test func filesAreWrittenShort() {
    #expect(
      Sources.collapsed([
        "/proc/7/status", "/proc/7/ns/mnt", "/proc/7/ns/net", "rtnetlink(7) here",
        "/sys/fs/cgroup/cpu/drydock/1f", "/sys/fs/cgroup/memory/drydock/1f",
      ]) == [
        "/proc/7/status", "/proc/7/ns/{mnt,net}", "rtnetlink(7) here",
        "/sys/fs/cgroup/{cpu,memory}/drydock/1f",
      ])
    #expect(Sources.collapsed([]) == [])
  }
}
