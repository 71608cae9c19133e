import Measure

/// What was asked for and is not here; nothing when all is.
func missingTable(_ missing: [Missing], _ language: Language) -> Markup {
  guard !missing.isEmpty else { return .empty }
  return tag("h3", [:], .text(Words.missing[language]))
    + table(
      ["", Words.reason[language]],
      missing.map { [tag("code", [:], .text($0.name)), .text($0.reason[language])] })
}

/// A benchmark on the page: what came out, what others published, the figures, what did not count.
struct ExperimentSection {
  let experiment: ExperimentResult
  let summary: ExperimentSummary
  let number: Int
  let language: Language

  var markup: Markup {
    guard !summary.arms.isEmpty else { return .empty }
    return tag(
      "section", ["id": "experiment-\(number)"],
      tag(
        "header", [:],
        tag(
          "div", [:],
          tag(
            "p", ["class": "eyebrow"],
            .text("\(Words.experiment[language]) \(number) · \(experiment.id)")),
          tag("h2", [:], .text(experiment.title[language])))),
      tag("p", ["class": "sentence"], .text(experiment.sentence[language])),
      facts, findings(experiment, summary), published,
      join(ExperimentSection.figures(experiment, summary, language).map { $0.markup(language) }),
      join(experiment.views.dropFirst().map(facet)), voided, leaks,
      missingTable(experiment.missing, language),
      tag(
        "p", ["class": "reason"], .text(language == .en ? "Repeat it: " : "重做："),
        tag("code", [:], .text(experiment.command))))
  }

  private var facts: Markup {
    var facts = [Words.rounds(summary)[language]]
    facts.append(
      "\(Words.noise[language]) " + (summary.noise.map { Decimals.percent($0) } ?? "–"))
    facts.append("\(Words.trust[language]) \(summary.trust.rawValue)")
    if experiment.leaks == [] { facts.append(Words.nothingLeft[language]) }
    return tag("p", ["class": "reason"], .text(facts.joined(separator: " · ")))
  }

  /// The figures that fit what was measured.
  static func figures(
    _ experiment: ExperimentResult, _ summary: ExperimentSummary, _ language: Language
  ) -> [Figure] {
    var figures: [Figure?] = [
      LineFigure.make(experiment, summary, language), LadderFigure.make(experiment, language),
    ]
    // A strip for each of many points on an axis is a wall of dots; the table has their ratios.
    if experiment.axis == nil || experiment.ownArms.count <= 12 {
      figures.append(PairFigure.make(experiment, summary, language))
    }
    figures += (experiment.throttling ?? []).map { ThrottlingFigure.make($0, language) }
    figures.append(TailFigure.make(experiment, summary, language))
    figures.append(NoiseFigure.make(experiment, language))
    return figures.compactMap { $0 }
  }

  private func findings(
    _ experiment: ExperimentResult, _ summary: ExperimentSummary
  ) -> Markup {
    // On an axis each arm's ratio is in the table under the line; here is where the line goes.
    guard experiment.axis == nil else {
      return join(
        Trend.all(experiment, summary).map { trend in
          finding(trend.direction.word, trend.direction.style, trend.text(language))
        })
    }
    return join(
      Finding.all(experiment, summary).map { finding in
        let word = finding.isFloor ? Words.overFloor : finding.comparison?.word
        let style = finding.isFloor ? "same" : finding.comparison?.rawValue ?? "same"
        return self.finding(word, style, finding.text(language))
      })
  }

  private func finding(_ word: Bilingual?, _ style: String, _ text: String) -> Markup {
    tag(
      "p", ["class": "finding"],
      tag("span", ["class": "verdict \(style)"], .text(word?[language] ?? "–")),
      .text(" " + text))
  }

  /// "Published and here", with what of the two can be compared.
  private var published: Markup {
    guard !experiment.published.isEmpty else { return .empty }
    let rows = experiment.published.map { published -> [Markup] in
      [
        .text(published.figure),
        .text(Words.here(published, experiment, summary, language)),
        .text("\(published.hardware), \(published.year)")
          + tag("span", ["class": "reason"], .text(published.source)),
        .text(published.comparability[language]),
      ]
    }
    return tag(
      "h3", [:], .text(language == .en ? "Published, and here" : "已发表的数字与本机"))
      + table(
        [
          Words.published[language], Words.here[language], Words.onWhat[language],
          Words.comparable[language],
        ], rows)
  }

  /// Another figure of the same samples: what came out, its line where there is an axis, its table.
  private func facet(_ view: ExperimentResult) -> Markup {
    guard view.rounds.contains(where: { !$0.samples.isEmpty }) else { return .empty }
    let summary = ExperimentSummary(view)
    // A figure that one arm alone has is compared with nothing but itself.
    let isCompared = view.ownArms.count { !view.values($0.name).isEmpty } > 1
    let figure =
      LineFigure.make(view, summary, language)
      ?? (isCompared ? PairFigure.make(view, summary, language) : nil)
    return tag("h3", [:], .text(view.title[language]))
      + findings(view, summary)
      + (figure?.markup(language) ?? ExperimentNotes.table(view, summary, language))
  }

  /// Numbers that a failed assertion voided are shown, never counted.
  private var voided: Markup {
    let rows = experiment.rounds.flatMap { round in
      round.samples.filter { !$0.isValid }.map { sample -> [Markup] in
        [
          .text("\(round.number)"), .text(sample.arm), .text(experiment.unit.text(sample.value)),
          .text(sample.failedAssertions.joined(separator: "; ")),
        ]
      }
    }
    guard !rows.isEmpty else { return .empty }
    return tag("h3", [:], .text(language == .en ? "Voided numbers" : "作废的数据"))
      + table(
        [
          Words.round[language], Words.arm[language], Words.measured[language],
          language == .en ? "assertion that failed" : "未成立的断言",
        ], rows, numbers: [0, 2])
  }

  private var leaks: Markup {
    guard let leaks = experiment.leaks, !leaks.isEmpty else { return .empty }
    return tag("h3", [:], .text(Words.leaks[language]))
      + tag("ul", ["class": "rules"], join(leaks.map { tag("li", [:], .text($0)) }))
  }
}
