import Measure
import Testing

@testable import Report

@Suite struct TextWidthTests {
  @Test(arguments: [
    ("abc", 3), ("中文", 4), ("1024:512，单 CPU", 16), ("e\u{301}", 1), ("±µ×", 3), ("", 0), ("한글", 4),
  ])
  func columns(text: String, columns: Int) {
    #expect(TextWidth.columns(text) == columns)
  }

  @Test func fitsByColumnsNotCharacters() {
    #expect(TextWidth.fit("中文", 6) == "中文  ")
    #expect(TextWidth.fit("中文中文", 6) == "中文… ", "half a character fits nowhere")
    #expect(TextWidth.fit("abcdef", 4, plain: true) == "abc~")
    #expect(TextWidth.fit("7", 3, alignRight: true) == "  7")
  }

  @Test func wrapsAtSpacesAndBetweenIdeographs() {
    #expect(TextWidth.wrap("one two three", 8) == ["one two", "three"])
    #expect(TextWidth.wrap("一二三，四五", 6) == ["一二", "三，四", "五"])
    #expect(TextWidth.wrap("上限 64 MB 内", 8) == ["上限 64", "MB 内"])
    #expect(TextWidth.wrap("", 8) == [])
  }
}

@Suite struct SparklineTests {
  @Test func levels() {
    #expect(Sparkline.text([0, 1, 2, 3, 4, 5, 6, 7], plain: false) == "▁▂▃▄▅▆▇█")
    #expect(Sparkline.text([0, nil, 7], plain: true) == "0 7")
    #expect(Sparkline.text([3, 3], plain: false) == "▄▄")
    #expect(Sparkline.text([nil], plain: false) == "")
  }
}

@Suite struct TerminalTests {
  @Test func goldenLabTableInEnglish() {
    let lines = table(.en)
    #expect(
      lines == """
        check                expected            measured            verdict      trust
        --------------------------------------------------------------------------------
        1 A container is a process                                   fail         A
          same kernel inside and outside                             pass
          the host sees the process                                  fail
            PID 4711 is not in the host's /proc
          The container runs on the host's kernel, and the host sees it as PID 4711.
        13 CPU shares                                                inconclusive D
          1024:512, one CPU  66.7 % +- 3.0 %     66.7 % [66.1, 67.3] pass
          the same on two free CPUs
                             50.0 % +- 5.0 %     61.0 %              inconclusive
            too few free CPUs: wanted 2, had 1.43
          Shares divide a contended CPU 66.7 to 33.3; they are no cap on a free one.
        14 CPU quota                                                 pass         A
          CPU used under --cpus 0.5
                             50.0 % +- 3.0 %     49.8 %              pass
          periods in which the quota ran out before the period did
                             33 +- 2             31                  pass
          Half a CPU means 50 ms in every 100 ms, then a stop, on an idle machine too.
        16 Memory limit                                              pass         A
          exit code of 150M touched
                             137                 137                 pass
          peak               64.0 MiB +- 1.0 MiB 64.0 MiB            pass
          Touching 150 MB under a 64 MB limit ends in SIGKILL; reserving it does not.

        """)
  }

  @Test func goldenLabTableInChinese() {
    #expect(
      table(.zh) == """
        检查                 预期                实测                结论         可信度
        --------------------------------------------------------------------------------
        1 容器就是进程                                               未通过       A
          容器内外是同一内核                                         通过
          主机能看到该进程                                           未通过
            主机的 /proc 中没有 PID 4711
          容器运行在主机内核上，主机看到它是 PID 4711。
        13 CPU 份额                                                  无法判定     D
          1024:512，单 CPU   66.7 % +- 3.0 %     66.7 % [66.1, 67.3] 通过
          在两个空闲 CPU 上  50.0 % +- 5.0 %     61.0 %              无法判定
            空闲 CPU 不足：需要 2 个，只有 1.43 个
          份额把争用的 CPU 按 66.7 比 33.3 划分；CPU 空闲时它不是上限。
        14 CPU 配额                                                  通过         A
          --cpus 0.5 下的 CPU 用量
                             50.0 % +- 3.0 %     49.8 %              通过
          配额先于周期用尽的周期数
                             33 +- 2             31                  通过
          半个 CPU 意味着每 100 ms 只运行 50 ms，随后停住，机器空闲时也是如此。
        16 内存上限                                                  通过         A
          写入 150M 的退出码 137                 137                 通过
          峰值               64.0 MiB +- 1.0 MiB 64.0 MiB            通过
          在 64 MB 上限下写入 150 MB 会被 SIGKILL 终止；只保留则不会。

        """)
  }

  /// The lab table alone, in plain text.
  private func table(_ language: Language) -> String {
    var document = Fixture.document()
    document.experiments = []
    let text = TerminalReport(language: language, plain: true).text(document)
    return text.split(separator: "\n\n", maxSplits: 1).last.map(String.init) ?? ""
  }

  @Test(arguments: [Language.en, .zh], [true, false])
  func nothingIsWiderThanAsked(language: Language, plain: Bool) {
    for width in [72, 80, 132] {
      let report = TerminalReport(language: language, width: width, plain: plain)
      for document in [Fixture.document(), SuiteFixture.document] {
        for line in report.text(document).split(separator: "\n") {
          let bare = line.replacing(#/\u{1B}\[[0-9]+m/#, with: "")
          #expect(TextWidth.columns(bare) <= width, "\(bare)")
        }
      }
    }
  }

  @Test func plainEnglishIsASCII() {
    let text = TerminalReport(plain: true).text(Fixture.document())
    let strange = text.unicodeScalars.filter { !$0.isASCII }
    #expect(strange.isEmpty, "\(strange.map(String.init))")
  }

  /// Beside the row where there is room, whole; else below it.
  @Test func publishedFiguresStandBesideOurs() throws {
    var document = Fixture.document()
    document.experiments = [Fixture.start]
    func lines(_ width: Int) -> [Substring] {
      TerminalReport(width: width, plain: true).text(document).split(separator: "\n")
    }
    let wide = lines(120)
    let row = try #require(wide.firstIndex { $0.hasPrefix("Start of /bin/true") })
    #expect(wide[row].contains("crun 47.3 ms (2023, 16 cores,"))
    #expect(wide[row + 1].hasSuffix("  Linux 6.5)"))
    #expect(wide.contains { $0.hasPrefix("  published: youki README; here") })
    #expect(lines(100).contains { $0.hasPrefix("  published: crun 47.3 ms (2023, 16 cores,") })
  }

  @Test func aQuotaOverTimeIsALine() throws {
    var document = Fixture.document()
    document.experiments = [SuiteFixture.quota]
    let text = TerminalReport(plain: true).text(document)
    #expect(text.contains("20 % of a CPU, over time, 450 ms: 4 of 4 periods throttled"))
    #expect(text.contains("    700000000770000000077"))
  }

  @Test func namesCannotDriveTheTerminal() {
    var document = Fixture.document(title: Bilingual("\u{1B}]0;owned\u{7}\r\nx"))
    document.labs[0].checks[0].text = Bilingual("\u{1B}[2J")
    let text = TerminalReport(plain: true).text(document)
    #expect(!text.contains("\u{1B}") && !text.contains("\u{7}") && !text.contains("\r"))
  }
}
