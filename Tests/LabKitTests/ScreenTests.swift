import Measure
import Testing

@testable import LabKit

@Suite struct ScreenTests {
  @Test func widthsFollowTheGrid() {
    #expect(Columns.width("abc") == 3)
    #expect(Columns.width("容器就是进程") == 12)
    #expect(Columns.width("“PID”：1") == 8)
    #expect(Columns.pad("进程", 6) == "进程  ")
  }

  @Test func linesBreakWhereTheyMay() {
    #expect(Columns.wrap("one two three", width: 7) == ["one two", "three"])
    #expect(Columns.wrap("一二三，四", width: 6) == ["一二", "三，四"])
    #expect(Columns.wrap("（一二）三", width: 6) == ["（一", "二）三"])
    #expect(Columns.wrap("a\n\nb", width: 9) == ["a", "", "b"])
    // A path must stay copyable.
    #expect(Columns.wrap("in /sys/fs/cgroup/memory", width: 9) == ["in", "/sys/fs/cgroup/memory"])
  }

  @Test(arguments: Language.allCases) func nothingIsWiderThanTheTerminal(_ language: Language) {
    for width in [40, 80] {
      let screen = Screen(language: language, width: width)
      for lab in allLabs {
        for text in lab.texts { screen.paragraph(text[language], indent: 6, mark: "  a)") }
      }
      for line in screen.kept.split(separator: "\n") {
        // Only one long word may stand out.
        let words = line.split(separator: " ")
        #expect(Columns.width(line) <= width || words.count == 1, "\(line)")
      }
    }
  }

  @Test func plainTerminalsGetPlainText() throws {
    let screen = Screen(language: .en)
    screen.heading("Run")
    screen.paragraph("text", style: .bad)
    screen.command("drydock run --cpus 1.5 stress --cpu 3")
    #expect(screen.kept.unicodeScalars.allSatisfy { $0.value >= 0x20 || $0 == "\n" })
    #expect(Screen(language: .en, isColoured: true).styled("x", .bad) == "\u{1b}[31mx\u{1b}[0m")
    // No emoji in any text of any lab.
    for text in try TextSource.all() {
      let emoji = (text.en + text.zh).unicodeScalars.contains {
        (0x1f000...0x1ffff).contains($0.value) || (0x2600...0x27bf).contains($0.value)
      }
      #expect(!emoji, "\(text.place): \(text.en)")
    }
  }

  @Test func commandsAreNeverBrokenWithinQuotes() {
    let script = "i=0; while [ $i -lt 400000 ]; do i=$((i+1)); done; exec sleep 60; true; true"
    let screen = Screen(language: .en)
    screen.command("drydock run --cpus 0.2 --cpuset-cpus 0 busybox sh -c '\(script)' and more")
    #expect(screen.kept.contains("'\(script)'"))
    #expect(screen.kept.contains(" \\\n"))
    // 'it'\''s one word': three quoted stretches, and no break in any of them.
    let nested = #"sh -c 'trap '\''exit 7'\'' TERM; echo a b'"#
    #expect(Screen.shellWords(nested).count == 3)
    #expect(Screen.shellWords(#"echo "a \" b" c\ d"#).count == 3)
  }
}
