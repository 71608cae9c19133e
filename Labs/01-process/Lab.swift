public import LabKit

/// Lab 1: the same kernel, and a process that the host sees.
public let lab = Lab(
  number: 1, name: "process", title: Texts.title, story: Texts.story, belief: Texts.belief,
  questions: [
    Question(
      id: "kernel", ask: Texts.kernelQuestion,
      choices: [
        Choice("a", Texts.kernelImage, why: Texts.kernelImageWhy),
        Choice("b", Texts.kernelSame, why: Texts.kernelSameWhy),
        Choice("c", Texts.kernelNone, why: Texts.kernelNoneWhy),
      ], right: "b", confirmedBy: "kernel"),
    Question(
      id: "pid", ask: Texts.pidQuestion,
      choices: [
        Choice("a", Texts.pidOther, why: Texts.pidOtherWhy),
        Choice("b", Texts.pidHidden, why: Texts.pidHiddenWhy),
        Choice("c", Texts.pidOne, why: Texts.pidOneWhy),
      ], right: "a", confirmedBy: "pid"),
  ],
  experiment: experiment, exercise: exercise, broken: broken)
