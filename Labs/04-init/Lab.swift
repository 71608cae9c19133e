public import LabKit

/// Lab 4: what PID 1 hears, and whom it must bury.
public let lab = Lab(
  number: 4, name: "init", title: Texts.title, story: Texts.story, belief: Texts.belief,
  questions: [
    Question(
      id: "kill", ask: Texts.killQuestion,
      choices: [
        Choice("a", Texts.killEnds, why: Texts.killEndsWhy),
        Choice("b", Texts.killDenied, why: Texts.killDeniedWhy),
        Choice("c", Texts.killNothing, why: Texts.killNothingWhy),
      ], right: "c", confirmedBy: "kill"),
    Question(
      id: "orphans", ask: Texts.orphanQuestion,
      choices: [
        Choice("a", Texts.orphanThree, why: Texts.orphanThreeWhy),
        Choice("b", Texts.orphanNone, why: Texts.orphanNoneWhy),
        Choice("c", Texts.orphanHost, why: Texts.orphanHostWhy),
      ], right: "a", confirmedBy: "zombies"),
    Question(
      id: "stop", ask: Texts.stopQuestion,
      choices: [
        Choice("a", Texts.stopQuick, why: Texts.stopQuickWhy),
        Choice("b", Texts.stopWhole, why: Texts.stopWholeWhy),
        Choice("c", Texts.stopSixty, why: Texts.stopSixtyWhy),
      ], right: "b", confirmedBy: "slow"),
  ],
  experiment: experiment, exercise: exercise, broken: broken)
