import Measure

/// The table at the top of the page: a row a lab, a row an experiment.
extension HTMLReport {
  func glance(_ document: ResultDocument, _ summaries: [ExperimentSummary]) -> Markup {
    var parts = Markup.empty
    if !document.labs.isEmpty {
      let rows = document.labs.map { lab -> [Markup] in
        [
          .text("\(lab.number)"),
          tag("a", ["href": "#lab-\(lab.number)"], .text(lab.title[language])),
          .text(lab.sentence[language]), pill(lab.verdict), .text(Trust(lab).rawValue),
        ]
      }
      parts += table(
        [
          "", Words.lab[language], language == .en ? "what came out" : "结果",
          Words.verdict[language], Words.trust[language],
        ], rows)
    }
    if !document.experiments.isEmpty {
      let rows = document.experiments.enumerated().map { index, experiment -> [Markup] in
        let summary = summaries[index]
        let subject = summary.arms.first
        let floor = summary.arms.first { $0.arm.name == experiment.floor }?.here?.middle
        let scale = experiment.unit.scale(for: subject?.here?.middle ?? 0)
        return [
          tag("a", ["href": "#experiment-\(index + 1)"], .text(experiment.title[language]))
            + (subject.map { tag("span", ["class": "reason"], .text($0.arm.label[language])) }
              ?? .empty),
          .text(subject?.here.map { Words.interval($0, scale) } ?? "n/a"),
          .text(floor.map(scale.text) ?? "–"),
          .text(subject?.overFloor.map { Decimals.significant($0.middle) } ?? "–"),
          headline(experiment, summary), published(experiment.published),
          .text(summary.trust.rawValue),
        ]
      }
      let overview = table(
        [
          Words.experiment[language], Words.here[language], Words.floor[language],
          Words.overFloor[language], Words.verdict[language], Words.published[language],
          Words.trust[language],
        ], rows, numbers: [1, 2, 3])
      parts += tag("div", ["class": "glance"], overview)
    }
    return parts
  }

  /// Against the first arm that is not a floor, nothing where there is none; on an axis, where the
  /// first line goes.
  private func headline(_ experiment: ExperimentResult, _ summary: ExperimentSummary) -> Markup {
    if let trend = Trend.all(experiment, summary).first {
      let word = trend.direction.word[language]
      return tag("span", ["class": "verdict \(trend.direction.style)"], .text(word))
        + tag("span", ["class": "reason"], .text(trend.span(language)))
    }
    guard let finding = Finding.headline(Finding.all(experiment, summary)), !finding.isFloor,
      let comparison = finding.comparison
    else { return .text("–") }
    return tag(
      "span", ["class": "verdict \(comparison.rawValue)"], .text(comparison.word[language]))
      + tag("span", ["class": "reason"], .text(finding.other.label[language]))
  }

  private func published(_ published: [Published]) -> Markup {
    guard let first = published.first else { return .text("–") }
    return .text(first.figure)
      + tag("span", ["class": "reason"], .text("\(first.year), \(first.hardware)"))
  }
}
