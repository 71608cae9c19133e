public import Measure

/// `report.html`: one file without scripts and without the network.
///
/// It is XML as well as HTML, so that a test can prove it well-formed.
public struct HTMLReport {
  /// Which language.
  public var language: Language

  /// Chooses the language.
  public init(language: Language = .en) { self.language = language }

  /// The whole page.
  public func html(_ document: ResultDocument) -> String {
    // Intervals are resampled: once, for all that the page says of them.
    let summaries = document.experiments.map(ExperimentSummary.init)
    let head = tag(
      "head", [:],
      tag("meta", ["charset": "utf-8"]),
      tag("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"]),
      tag("meta", ["name": "color-scheme", "content": "light dark"]),
      tag("title", [:], .text(document.title[language])),
      tag("style", [:], .raw(Style.sheet)))
    let body = tag(
      "body", [:],
      tag(
        "main", [:], heading(document), notices(document), glance(document, summaries),
        join(document.labs.map(section)), join(document.waterfalls.map(section)),
        join(
          zip(document.experiments, summaries).enumerated().map {
            ExperimentSection(
              experiment: $0.element.0, summary: $0.element.1, number: $0.offset + 1,
              language: language
            ).markup
          }),
        environment(document)))
    let lang = language == .en ? "en" : "zh-Hans"
    let page = tag(
      "html", ["lang": lang, "xmlns": "http://www.w3.org/1999/xhtml"], head, body)
    return "<!DOCTYPE html>\n" + page.source + "\n"
  }

  private func text(_ en: String, _ zh: String) -> Markup { .text(language == .en ? en : zh) }

  private func heading(_ document: ResultDocument) -> Markup {
    let environment = document.environment
    let facts =
      [
        "Linux \(environment.kernel)", "\(environment.cpuModel) × \(environment.cpus)",
        "cgroup \(environment.cgroupMode)", document.startedAt,
      ] + (document.profile.map { ["\(Words.profile[language]) \($0)"] } ?? [])
    return tag("p", ["class": "eyebrow"], .text("Drydock"))
      + tag("h1", [:], .text(document.title[language]))
      + tag(
        "p", ["class": "lead"],
        join(
          facts.enumerated().map { index, fact in
            (index > 0 ? .text(" · ") : .empty) + tag("span", [:], .text(fact))
          }))
  }

  /// What a reader must know before any figure: a run cut short, and what is not here.
  private func notices(_ document: ResultDocument) -> Markup {
    var parts = Markup.empty
    if document.isInterrupted {
      parts += tag("p", ["class": "notice"], .text(Words.interrupted[language]))
    }
    let leaking = document.experiments.filter { !($0.leaks ?? []).isEmpty }.map(\.id)
    if !leaking.isEmpty {
      parts += tag(
        "p", ["class": "notice"],
        .text("\(Words.leaks[language]): \(leaking.joined(separator: ", "))"))
    }
    return parts + missingTable(document.missing, language)
  }

  func pill(_ verdict: Verdict) -> Markup {
    let sign =
      switch verdict {
      case .pass: "✓"
      case .fail: "✗"
      case .inconclusive: "?"
      }
    return tag(
      "span", ["class": "verdict \(verdict.word.en)"],
      .text("\(sign) \(verdict.word[language])"))
  }

  // MARK: - Labs

  private func section(_ lab: LabOutcome) -> Markup {
    let figures =
      lab.splits.map { SplitFigure.make($0, language) }
      + lab.throttling.map { ThrottlingFigure.make($0, language) }
      + lab.memory.map { MemoryFigure.make($0, language) }
    return tag(
      "section", ["id": "lab-\(lab.number)"],
      tag(
        "header", [:],
        tag(
          "div", [:],
          tag("p", ["class": "eyebrow"], .text("\(Words.lab[language]) \(lab.number) · \(lab.id)")),
          tag("h2", [:], .text(lab.title[language]))),
        pill(lab.verdict)),
      tag("p", ["class": "sentence"], .text(lab.sentence[language])),
      predictions(lab.predictions), checks(lab.checks),
      join(figures.map { $0.markup(language) }), evidence(lab.evidence), repeatWith(lab.command))
  }

  private func predictions(_ predictions: [Prediction]) -> Markup {
    let rows = predictions.map { prediction -> [Markup] in
      [
        .text(prediction.question[language]), .text(prediction.answer?[language] ?? "–"),
        .text(prediction.truth[language]),
        .text(prediction.answer == nil ? "" : prediction.isCorrect ? "✓" : "✗"),
      ]
    }
    guard !rows.isEmpty else { return .empty }
    return table(
      language == .en
        ? ["asked before the run", "answered", "came out", ""] : ["实验前的提问", "回答", "结果", ""],
      rows)
  }

  private func checks(_ checks: [Check]) -> Markup {
    let rows = checks.map { check -> [Markup] in
      let reason = check.verdict.reason.map {
        tag("span", ["class": "reason"], .text($0[language]))
      }
      return [
        .text(check.text[language]) + (reason ?? .empty),
        .text(check.expected?.text ?? Words.yes[language]),
        .text(Words.measured(check, language)),
        pill(check.verdict),
      ]
    }
    guard !rows.isEmpty else { return .empty }
    return table(
      [
        Words.check[language], Words.expected[language], Words.measured[language],
        Words.verdict[language],
      ], rows, numbers: [1, 2])
  }

  private func evidence(_ evidence: [Evidence]) -> Markup {
    guard !evidence.isEmpty else { return .empty }
    func content(_ text: String?) -> Markup {
      guard let text else { return .text(Words.nothing[language]) }
      return tag("pre", [:], .text(text))
    }
    let rows = evidence.map { item -> [Markup] in
      [
        tag("code", [:], .text(item.path))
          + tag("span", ["class": "reason"], .text(item.meaning[language])),
        content(item.before), content(item.after),
      ]
    }
    return tag("h3", [:], .text(Words.evidence[language]))
      + table(
        [Words.file[language], Words.before[language], Words.after[language]], rows)
  }

  private func repeatWith(_ command: String) -> Markup {
    tag("p", ["class": "reason"], text("Repeat it: ", "重做："), tag("code", [:], .text(command)))
  }

  // MARK: - Benchmarks

  private func section(_ waterfall: Waterfall) -> Markup {
    tag(
      "section", [:],
      tag("h2", [:], text("A start-up, step by step", "逐步看一次启动")),
      WaterfallFigure.make(waterfall, language).markup(language))
  }

  // MARK: - Environment

  private func environment(_ document: ResultDocument) -> Markup {
    let environment = document.environment
    let filesystem = environment.filesystem.map { "\($0.type) \($0.mountPoint) (\($0.options))" }
    let facts: [(String, String?)] = [
      (language == .en ? "kernel" : "内核", environment.kernel),
      ("CPU", "\(environment.cpuModel) × \(environment.cpus)"),
      (language == .en ? "memory" : "内存", Quantity.bytes.text(Double(environment.memoryBytes))),
      (language == .en ? "swap" : "交换空间", Quantity.bytes.text(Double(environment.swapBytes))),
      ("cgroup", environment.cgroupMode),
      (language == .en ? "virtualisation" : "虚拟化", environment.virtualisation),
      (language == .en ? "clock source" : "时钟源", environment.clockSource),
      (language == .en ? "filesystem" : "文件系统", filesystem),
      ("git", environment.revision), ("SHA-256", environment.binaryDigest),
      (language == .en ? "seed" : "种子", "\(document.seed)"),
    ]
    let rows = facts.compactMap { name, value in
      value.map { tag("div", [:], tag("dt", [:], .text(name)), tag("dd", [:], .text($0))) }
    }
    let mitigations = environment.mitigations.sorted { $0.key < $1.key }.map {
      [Markup.text($0.key), .text($0.value)]
    }
    return tag(
      "section", [:], tag("h2", [:], .text(Words.environment[language])),
      tag("dl", ["class": "facts"], join(rows)),
      tag(
        "details", [:],
        tag("summary", [:], text("Mitigations and CPU flags", "漏洞缓解与 CPU 标志")),
        table(["", ""], mitigations),
        tag("p", [:], tag("code", [:], .text(environment.cpuFlags.joined(separator: " "))))),
      repeatWith(document.command))
      + TrustNotes.markup(language)
      + tag(
        "footer", [:],
        text(
          "Everything here derives from result.json; rendering it again gives the same bytes.",
          "此处一切均由 result.json 得出；再次生成会得到完全相同的字节。"))
  }
}
