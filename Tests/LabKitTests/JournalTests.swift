import Linux
import Testing

@testable import LabKit

@Suite final class JournalTests {
  let directory: String
  let lab: Lab

  init() throws {
    lab = try #require(allLabs.first { $0.name == "cpu-shares" })
    directory = "/tmp/labkit-journal-\(Processes.current)-\(Clock.now)"
    try File.makeDirectories(directory)
  }

  deinit {
    do { try File.removeTree(directory) } catch { Issue.record("\(error)") }
  }

  @Test func anAnswerIsLocked() throws {
    let path = "\(directory)/journal.tsv"
    var journal = try Journal(path: path)
    let question = lab.questions[0]
    #expect(try journal.lock(lab, question, "a") == "a")
    #expect(try journal.lock(lab, question, "b") == "a")
    // Nor does a later run of the program change it, nor a line added by hand.
    var again = try Journal(path: path)
    #expect(try again.lock(lab, question, "b") == "a")
    try again.add(lab, "predict", question.id, "b")
    #expect(try Journal(path: path).answer(lab, question) == "a")
    #expect(again.answer(allLabs[2], allLabs[2].questions[0]) == nil)
  }

  @Test func theScoreCountsRightAnswersAndWhatIsDone() throws {
    var journal = try Journal(path: nil)
    #expect(journal.standing(lab) == Standing(questions: 2))
    _ = try journal.lock(lab, lab.questions[0], lab.questions[0].right)
    _ = try journal.lock(lab, lab.questions[1], "a")
    try journal.add(lab, "verdict", "lab", "inconclusive")
    try journal.add(lab, "check", "exercise", "fail", cause: "quota")
    try journal.add(lab, "check", "broken", "pass")
    let standing = journal.standing(lab)
    #expect(standing.answered == 2 && standing.right == 1)
    #expect(standing.verdict == "inconclusive")
    #expect(!standing.exercise && standing.broken && !standing.isDone)
    // Once passed it stays passed.
    try journal.add(lab, "check", "exercise", "pass")
    try journal.add(lab, "check", "exercise", "fail", cause: "quota")
    #expect(journal.standing(lab).isDone)
  }

  @Test func hintsBecomeMoreDirectAndFollowTheCheck() throws {
    var journal = try Journal(path: nil)
    let exercise = lab.exercise
    func next() throws -> Hint {
      let events = journal.events.filter { $0.lab == lab.number && $0.about == "exercise" }
      let (index, hint) = try #require(exercise.nextHint(events))
      try journal.add(lab, "hint", "exercise", "\(index)")
      return hint
    }
    let ladder = exercise.hints.filter { $0.cause == nil }.map(\.text)
    #expect(try next().text == ladder[0])
    try journal.add(lab, "check", "exercise", "fail", cause: "quota")
    #expect(try next().cause == "quota")
    #expect(try next().text == ladder[1])
    try journal.add(lab, "check", "exercise", "fail", cause: "swapped")
    #expect(try next().cause == "swapped")
    #expect(try next().text == ladder[2])
    #expect(try next().text == ladder[2])
    // A check that passed leaves no cause to speak of.
    try journal.add(lab, "check", "exercise", "pass")
    #expect(try next().cause == nil)
  }
}
