public import LabKit

/// Lab 17: what a network namespace has, and a cable into it.
public let lab = Lab(
  number: 17, name: "veth", title: Texts.title, story: Texts.story, belief: Texts.belief,
  questions: [
    Question(
      id: "new", ask: Texts.newQuestion,
      choices: [
        Choice("a", Texts.newNothing, why: Texts.newNothingWhy),
        Choice("b", Texts.newDown, why: Texts.newDownWhy),
        Choice("c", Texts.newUp, why: Texts.newUpWhy),
      ], right: "b", confirmedBy: "bare"),
    Question(
      id: "localhost", ask: Texts.localQuestion,
      choices: [
        Choice("a", Texts.localBoth, why: Texts.localBothWhy),
        Choice("b", Texts.localHost, why: Texts.localHostWhy),
        Choice("c", Texts.localInside, why: Texts.localInsideWhy),
      ], right: "c", confirmedBy: "localhost"),
    Question(
      id: "delete", ask: Texts.deleteQuestion,
      choices: [
        Choice("a", Texts.deleteBoth, why: Texts.deleteBothWhy),
        Choice("b", Texts.deleteStays, why: Texts.deleteStaysWhy),
        Choice("c", Texts.deleteRefused, why: Texts.deleteRefusedWhy),
      ], right: "a", confirmedBy: "gone"),
  ],
  experiment: experiment, exercise: exercise, broken: broken)
