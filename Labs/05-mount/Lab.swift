public import LabKit

/// Lab 5: a mount namespace is a table, and propagation ties tables together.
public let lab = Lab(
  number: 5, name: "mount", title: Texts.title, story: Texts.story, belief: Texts.belief,
  questions: [
    Question(
      id: "private", ask: Texts.privateQuestion,
      choices: [
        Choice("a", Texts.privateFile, why: Texts.privateFileWhy),
        Choice("b", Texts.privateEmpty, why: Texts.privateEmptyWhy),
        Choice("c", Texts.privateNothing, why: Texts.privateNothingWhy),
      ], right: "b", confirmedBy: "directory"),
    Question(
      id: "shared", ask: Texts.sharedQuestion,
      choices: [
        Choice("a", Texts.sharedFile, why: Texts.sharedFileWhy),
        Choice("b", Texts.sharedEmpty, why: Texts.sharedEmptyWhy),
        Choice("c", Texts.sharedRefused, why: Texts.sharedRefusedWhy),
      ], right: "a", confirmedBy: "shared"),
    Question(
      id: "left", ask: Texts.leftQuestion,
      choices: [
        Choice("a", Texts.leftGone, why: Texts.leftGoneWhy),
        Choice("b", Texts.leftEmpty, why: Texts.leftEmptyWhy),
        Choice("c", Texts.leftStays, why: Texts.leftStaysWhy),
      ], right: "c", confirmedBy: "left"),
  ],
  experiment: experiment, exercise: exercise, broken: broken)
