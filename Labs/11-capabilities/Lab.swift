public import LabKit

/// Lab 11: what uid 0 may do is in a mask.
public let lab = Lab(
  number: 11, name: "capabilities", title: Texts.title, story: Texts.story, belief: Texts.belief,
  questions: [
    Question(
      id: "count", ask: Texts.countQuestion,
      choices: [
        Choice("a", Texts.countAll, why: Texts.countAllWhy),
        Choice("b", Texts.countSome, why: Texts.countSomeWhy),
        Choice("c", Texts.countNone, why: Texts.countNoneWhy),
      ], right: "b", confirmedBy: "count"),
    Question(
      id: "raw", ask: Texts.rawQuestion,
      choices: [
        Choice("a", Texts.rawRefused, why: Texts.rawRefusedWhy),
        Choice("b", Texts.rawWorks, why: Texts.rawWorksWhy),
        Choice("c", Texts.rawUser, why: Texts.rawUserWhy),
      ], right: "a", confirmedBy: "raw"),
    Question(
      id: "user", ask: Texts.userQuestion,
      choices: [
        Choice("a", Texts.userWorks, why: Texts.userWorksWhy),
        Choice("b", Texts.userStart, why: Texts.userStartWhy),
        Choice("c", Texts.userRefused, why: Texts.userRefusedWhy),
      ], right: "c", confirmedBy: "user"),
  ],
  experiment: experiment, exercise: exercise, broken: broken)
