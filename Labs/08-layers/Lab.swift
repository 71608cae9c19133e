public import LabKit

/// Lab 8: a layer is its tar, named by a digest, and kept once.
public let lab = Lab(
  number: 8, name: "layers", title: Texts.title, story: Texts.story, belief: Texts.belief,
  questions: [
    Question(
      id: "time", ask: Texts.timeQuestion,
      choices: [
        Choice("a", Texts.timeSame, why: Texts.timeSameWhy),
        Choice("b", Texts.timeOther, why: Texts.timeOtherWhy),
        Choice("c", Texts.timeImage, why: Texts.timeImageWhy),
      ], right: "b", confirmedBy: "time"),
    Question(
      id: "shared", ask: Texts.sharedQuestion,
      choices: [
        Choice("a", Texts.sharedTwice, why: Texts.sharedTwiceWhy),
        Choice("b", Texts.sharedRun, why: Texts.sharedRunWhy),
        Choice("c", Texts.sharedOnce, why: Texts.sharedOnceWhy),
      ], right: "c", confirmedBy: "layers"),
    Question(
      id: "diffid", ask: Texts.diffQuestion,
      choices: [
        Choice("a", Texts.diffAll, why: Texts.diffAllWhy),
        Choice("b", Texts.diffID, why: Texts.diffIDWhy),
        Choice("c", Texts.diffNone, why: Texts.diffNoneWhy),
      ], right: "b", confirmedBy: "diffid"),
  ],
  experiment: experiment, exercise: exercise, broken: broken)
