/// One lab: all that its folder under Labs/ defines.
///
/// The order in which a learner meets it: predict, run, look, explain, change.
public struct Lab: Sendable {
  /// Its place in the course, such as 13.
  public var number: Int
  /// Its name on the command line, such as `cpu-shares`.
  public var name: String
  /// What it is about, in a few words.
  public var title: Text
  /// What happens in it, in a few sentences.
  public var story: Text
  /// What many people believe, wrongly.
  public var belief: Text
  /// What is asked before anything runs.
  public var questions: [Question]
  /// The experiment on real containers: it starts them, shows evidence and reports findings.
  public var experiment: @Sendable (Stage) throws -> Void
  /// The part that the learner writes.
  public var exercise: Assignment
  /// The broken state that the learner repairs.
  public var broken: Assignment

  /// Puts a lab together.
  public init(
    number: Int, name: String, title: Text, story: Text, belief: Text, questions: [Question],
    experiment: @escaping @Sendable (Stage) throws -> Void, exercise: Assignment,
    broken: Assignment
  ) {
    self.number = number
    self.name = name
    self.title = title
    self.story = story
    self.belief = belief
    self.questions = questions
    self.experiment = experiment
    self.exercise = exercise
    self.broken = broken
  }

  /// The folder under Labs/ and in the learner's work directory: `13-cpu-shares`.
  public var folder: String { (number < 10 ? "0" : "") + "\(number)-\(name)" }
}

/// A prediction: a question with answers to choose from.
public struct Question: Sendable {
  /// Its id in the progress journal.
  public var id: String
  /// The question.
  public var ask: Text
  /// The answers.
  public var choices: [Choice]
  /// The key of the right one.
  public var right: String
  /// The id of the finding that confirms it: the kernel decides, not this file.
  public var confirmedBy: String

  /// Makes a question.
  public init(id: String, ask: Text, choices: [Choice], right: String, confirmedBy: String) {
    self.id = id
    self.ask = ask
    self.choices = choices
    self.right = right
    self.confirmedBy = confirmedBy
  }
}

/// One answer, with what to tell those who choose it.
public struct Choice: Sendable {
  /// The letter that is typed.
  public var key: String
  /// The answer.
  public var text: Text
  /// Why it is wrong, or what makes it right; may use the stage's facts in braces.
  public var why: Text

  /// Makes an answer.
  public init(_ key: String, _ text: Text, why: Text) {
    self.key = key
    self.text = text
    self.why = why
  }
}

/// A shell script that the learner writes or repairs, judged on real containers.
public struct Assignment: Sendable {
  /// The script's name in the work directory.
  public var file: String
  /// What to do, and how the script is called.
  public var task: Text
  /// The script as the learner finds it: with a gap, or with the fault.
  public var start: String
  /// A script that passes, for the tests.
  public var solution: String
  /// Scripts that must fail, and the cause that must be found, for the tests.
  public var wrong: [Planted]
  /// The hints, from a nudge to nearly the solution; those with a cause are given when the last
  /// check saw it.
  public var hints: [Hint]
  /// Runs the script on real containers, reads the kernel and reports findings.
  public var judge: @Sendable (Stage, Script) throws -> Void

  /// Makes an assignment.
  public init(
    file: String, task: Text, start: String, solution: String, wrong: [Planted], hints: [Hint],
    judge: @escaping @Sendable (Stage, Script) throws -> Void
  ) {
    self.file = file
    self.task = task
    self.start = start
    self.solution = solution
    self.wrong = wrong
    self.hints = hints
    self.judge = judge
  }
}

/// A wrong script and the cause that a check must name.
public struct Planted: Sendable {
  /// What it does wrong, for the test's output.
  public var name: String
  /// The whole script.
  public var script: String
  /// The cause the judge must report.
  public var cause: String

  /// Makes one.
  public init(_ name: String, cause: String, _ script: String) {
    self.name = name
    self.cause = cause
    self.script = script
  }
}

/// One hint.
public struct Hint: Sendable {
  /// What it says.
  public var text: Text
  /// Given when the last check reported this cause; nil for the general ladder.
  public var cause: String?

  /// Makes a hint of the ladder, or one for a cause.
  public init(_ text: Text, cause: String? = nil) {
    self.text = text
    self.cause = cause
  }
}

extension Lab {
  /// What the lab lacks by the rules of the course; empty when it is complete.
  ///
  /// What only shows on real containers (evidence, verdicts, planted causes) is checked by
  /// `Record.problems` and the tests.
  public func problems() -> [String] {
    var found = [String]()
    func need(_ condition: Bool, _ text: String) { if !condition { found.append(text) } }
    need(number > 0, "no number")
    need(!name.isEmpty, "no name")
    for text in texts where text.en.isEmpty || text.zh.isEmpty { found.append("an empty text") }
    need(!questions.isEmpty, "no prediction question")
    for question in questions {
      need(question.choices.count >= 3, "\(question.id): fewer than three answers")
      need(
        question.choices.contains { $0.key == question.right }, "\(question.id): no right answer")
      need(!question.confirmedBy.isEmpty, "\(question.id): no finding confirms it")
      let keys = Set(question.choices.map(\.key))
      need(keys.count == question.choices.count, "\(question.id): two answers with one key")
    }
    for (what, part) in [("exercise", exercise), ("broken state", broken)] {
      need(part.file.hasSuffix(".sh"), "\(what): no script")
      need(part.start.hasPrefix("#!/bin/sh\n"), "\(what): nothing to start from")
      need(part.solution.hasPrefix("#!/bin/sh\n"), "\(what): no solution")
      need(part.wrong.count >= 2, "\(what): fewer than two planted wrong scripts")
      need(part.hints.filter { $0.cause == nil }.count >= 3, "\(what): fewer than three hints")
      need(part.hints.contains { $0.cause != nil }, "\(what): no hint for what the check saw")
      for hint in part.hints {
        guard let cause = hint.cause else { continue }
        need(
          part.wrong.contains { $0.cause == cause },
          "\(what): nothing planted shows the cause \(cause)")
      }
    }
    return found
  }

  /// Every text of the lab's definition.
  var texts: [Text] {
    var all = [title, story, belief, exercise.task, broken.task]
    for question in questions {
      all.append(question.ask)
      for choice in question.choices { all += [choice.text, choice.why] }
    }
    return all + exercise.hints.map(\.text) + broken.hints.map(\.text)
  }
}
