public import LabKit

/// Lab 12: a filter for system calls, and what gets past it.
public let lab = Lab(
  number: 12, name: "seccomp", title: Texts.title, story: Texts.story, belief: Texts.belief,
  questions: [
    Question(
      id: "mkdirat", ask: Texts.otherQuestion,
      choices: [
        Choice("a", Texts.otherDenied, why: Texts.otherDeniedWhy),
        Choice("b", Texts.otherKilled, why: Texts.otherKilledWhy),
        Choice("c", Texts.otherMade, why: Texts.otherMadeWhy),
      ], right: "c", confirmedBy: "mkdirat"),
    Question(
      id: "root", ask: Texts.rootQuestion,
      choices: [
        Choice("a", Texts.rootDenied, why: Texts.rootDeniedWhy),
        Choice("b", Texts.rootAllowed, why: Texts.rootAllowedWhy),
        Choice("c", Texts.rootRemoves, why: Texts.rootRemovesWhy),
      ], right: "a", confirmedBy: "root"),
    Question(
      id: "ring", ask: Texts.ringQuestion,
      choices: [
        Choice("a", Texts.ringNone, why: Texts.ringNoneWhy),
        Choice("b", Texts.ringMade, why: Texts.ringMadeWhy),
        Choice("c", Texts.ringRoot, why: Texts.ringRootWhy),
      ], right: "b", confirmedBy: "ring"),
  ],
  experiment: experiment, exercise: exercise, broken: broken)
