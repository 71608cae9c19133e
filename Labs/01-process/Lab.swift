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
        Choice("a", Texts.pidHidden, why: Texts.pidHiddenWhy),
        Choice("b", Texts.pidOne, why: Texts.pidOneWhy),
        Choice("c", Texts.pidOther, why: Texts.pidOtherWhy),
      ], right: "c", confirmedBy: "pid"),
  ],
  experiment: experiment, exercise: exercise, broken: broken)
