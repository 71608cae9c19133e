internal import Engine
public import Measure

/// Takes a learner through one lab: predict, run, look, explain, change.
public final class Guide {
  /// The lab.
  public let lab: Lab
  /// What came out, once it has run.
  public private(set) var record = Record()
  private let screen: Screen
  private let language: Language
  private var journal: Journal
  /// Answers given beforehand, by question; nil asks on the terminal.
  private let given: [String: String]?
  private var answers: [String: String] = [:]
  /// The answers that somebody gave.
  private var predictions: [String: String] {
    guard let given else { return answers }
    return answers.filter { given[$0.key] != nil }
  }

  /// Makes a guide.
  ///
  /// - Parameters:
  ///   - lab: the lab.
  ///   - screen: where it is shown.
  ///   - journal: where answers are locked; it belongs to the guide from here on.
  ///   - given: answers for a run without anybody at the keyboard; what is missing is answered
  ///     rightly.
  public init(_ lab: Lab, screen: Screen, journal: Journal, given: [String: String]?) {
    self.lab = lab
    self.screen = screen
    self.journal = journal
    self.given = given
    language = screen.language
  }

  /// The title and the story.
  public func introduce() {
    screen.line()
    let title = Words.lab.with(["number": "\(lab.number)"]).with("title", lab.title)
    screen.paragraph(title[language], style: .strong)
    screen.line()
    screen.paragraph(lab.story[language])
    screen.line()
    screen.paragraph(Words.belief.with("belief", lab.belief)[language])
  }

  /// Asks every question and locks the answers.
  ///
  /// - Throws: `Interrupted`; `SystemError`; `LabError` when the input ends.
  public func predict() throws {
    screen.heading(Words.predict[language])
    for question in lab.questions {
      screen.line()
      screen.paragraph(question.ask[language])
      for choice in question.choices {
        screen.paragraph(choice.text[language], indent: 6, mark: "  \(choice.key))")
      }
      if let locked = journal.answer(lab, question) {
        answers[question.id] = locked
        screen.paragraph(Words.lockedBefore.with(["key": locked])[language], style: .faint)
        continue
      }
      let key = try journal.lock(lab, question, try answer(question))
      answers[question.id] = key
      let words = predictions[question.id] == nil ? Words.nobodyAsked : Words.locked
      screen.paragraph(words.with(["key": key])[language], style: .faint)
    }
  }

  private func answer(_ question: Question) throws -> String {
    if let given { return given[question.id] ?? question.right }
    let keys = question.choices.map(\.key).joined(separator: "/")
    while true {
      guard let line = try screen.ask(Words.answerPrompt.with(["keys": keys])[language]) else {
        throw LabError("no answer: the input has ended", hint: "Without a keyboard use --yes.")
      }
      let key = line.lowercased().filter { $0.isLetter }
      if question.choices.contains(where: { $0.key == key }) { return key }
      screen.paragraph(Words.notAnAnswer.with(["keys": keys])[language])
    }
  }

  /// Runs the experiment and shows what came out.
  ///
  /// - Throws: what the experiment throws; all its containers are gone then.
  public func run(_ containers: any LabContainers) throws {
    screen.heading(Words.run[language])
    let narrator = Narrator(screen)
    let stage = Stage(containers: containers, audience: narrator)
    do {
      try lab.experiment(stage)
    } catch {
      try stage.stopAll()
      throw error
    }
    try stage.stopAll()
    try Interrupt.check()
    record = stage.record
    screen.line()
    screen.line(screen.styled(Words.findings[language], .strong))
    narrator.show(record.findings)
    try journal.add(lab, "verdict", "lab", record.verdict.word.en)
  }

  /// Tells for each question what its answer was worth, and why the wrong ones are wrong.
  ///
  /// - Throws: `SystemError` when the journal cannot be written.
  public func explain() throws {
    screen.heading(Words.explain[language])
    for question in lab.questions {
      guard let key = answers[question.id],
        let chosen = question.choices.first(where: { $0.key == key }),
        let right = question.choices.first(where: { $0.key == question.right })
      else { continue }
      screen.line()
      let words = predictions[question.id] == nil ? Words.theAnswer : Words.youSaid
      screen.paragraph(words.with(["key": key]).with("answer", chosen.text)[language])
      if let finding = record.finding(question.confirmedBy), let reason = finding.verdict.reason {
        let words = finding.isFailure ? Words.contradicted : Words.undecided
        screen.paragraph(words.with(["reason": reason[language]])[language], style: .doubt)
      } else {
        try journal.add(lab, "confirm", question.id, question.right)
        let isRight = key == question.right
        if predictions[question.id] != nil {
          screen.paragraph(
            (isRight ? Words.right : Words.wrong)[language], style: isRight ? .good : .bad)
        }
      }
      screen.paragraph(chosen.why.with(record.facts)[language])
      if key != question.right {
        let words = Words.instead.with(["key": right.key]).with(
          "why", right.why.with(record.facts))
        screen.paragraph(words[language])
      }
    }
  }

  /// The score of this lab.
  public func score() {
    let right = lab.questions.filter { predictions[$0.id] == $0.right }.count
    let (word, _) = Narrator.word(record.verdict)
    let words = predictions.isEmpty ? Words.verdictOnly : Words.score
    let filled = words.with(["right": "\(right)", "all": "\(lab.questions.count)"])
      .with("verdict", word)
    screen.line()
    screen.paragraph(filled[language], style: .strong)
  }

  /// Shows the exercise and the broken state, with the files they are in.
  public func assign(_ files: [String: String]) {
    screen.heading(Words.change[language])
    for part in Part.allCases {
      screen.line()
      screen.paragraph(part.title[language], style: .strong)
      screen.paragraph(part.of(lab).task[language])
      if let path = files[part.rawValue] {
        screen.paragraph(Words.edit.with(["path": path])[language])
      }
    }
    let check = [
      "check": "drydock lab check \(lab.number)", "hint": "drydock lab hint \(lab.number)",
    ]
    screen.line()
    screen.paragraph(Words.thenCheck.with(check)[language])
  }

  /// What the report keeps of it.
  public func outcome() -> LabOutcome {
    LabOutcome(lab, record, answers: predictions)
  }
}

/// The two things a learner does in a lab.
public enum Part: String, CaseIterable, Sendable {
  /// Writing the missing part.
  case exercise
  /// Repairing the broken state.
  case broken

  /// The assignment in a lab.
  public func of(_ lab: Lab) -> Assignment { self == .exercise ? lab.exercise : lab.broken }

  var title: Text { self == .exercise ? Words.exercise : Words.broken }
}
