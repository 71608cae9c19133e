internal import Measure

extension LabOutcome {
  /// A lab's record as the report keeps it.
  init(_ lab: Lab, _ record: Record, answers: [String: String]) {
    let predictions = lab.questions.map { question -> Prediction in
      func text(_ key: String?) -> Bilingual? {
        question.choices.first { $0.key == key }?.text.bilingual
      }
      let verdict = record.finding(question.confirmedBy)?.verdict
      let confirmed = verdict?.isPass == true
      let truth =
        confirmed
        ? text(question.right) ?? Bilingual("") : (verdict ?? .inconclusive([])).word
      return Prediction(
        question: question.ask.bilingual, answer: text(answers[question.id]), truth: truth,
        isCorrect: confirmed && answers[question.id] == question.right)
    }
    let evidence = record.exhibits.map { exhibit in
      Measure.Evidence(
        path: exhibit.path, meaning: exhibit.caption.bilingual,
        before: exhibit.readings.first?.value,
        after: exhibit.readings.count > 1 ? exhibit.readings.last?.value : nil)
    }
    let checks = record.findings.map { finding -> Check in
      let values = "\(finding.expected) / \(finding.seen)"
      if let expectation = finding.expectation, let measured = finding.measured {
        var check = Check(
          finding.what.bilingual, expected: expectation, measured: Interval(exactly: measured))
        check.verdict = finding.verdict
        return check
      }
      var check = Check(
        Bilingual(
          en: "\(finding.what.en) (expected / seen: \(values))",
          zh: "\(finding.what.zh)（预期 / 实测：\(values)）"),
        holds: true, otherwise: Bilingual(""))
      check.verdict = finding.verdict
      return check
    }
    self.init(
      number: lab.number, id: lab.name, title: lab.title.bilingual, predictions: predictions,
      evidence: evidence, checks: checks,
      sentence: LabOutcome.sentence(lab, record),
      command: "drydock lab start --yes \(lab.number)", window: record.window,
      splits: record.splits, throttling: record.throttling, memory: record.memory)
  }

  /// The explanation of the first question that the kernel decided, else why it did not.
  private static func sentence(_ lab: Lab, _ record: Record) -> Bilingual {
    if let reason = record.verdict.reason { return reason }
    guard let question = lab.questions.first,
      let choice = question.choices.first(where: { $0.key == question.right })
    else { return lab.story.bilingual }
    return choice.why.with(record.facts).bilingual
  }
}
