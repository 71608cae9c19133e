public import LabKit

/// Lab 13: how the kernel divides a CPU that two want.
public let lab = Lab(
  number: 13, name: "cpu-shares", title: Texts.title, story: Texts.story, belief: Texts.belief,
  questions: [
    Question(
      id: "split", ask: Texts.splitQuestion,
      choices: [
        Choice("a", Texts.splitEqual, why: Texts.splitEqualWhy),
        Choice("b", Texts.splitWeights, why: Texts.splitWeightsWhy),
        Choice("c", Texts.splitAll, why: Texts.splitAllWhy),
      ], right: "b", confirmedBy: "split"),
    Question(
      id: "cap", ask: Texts.capQuestion,
      choices: [
        Choice("a", Texts.capHalf, why: Texts.capHalfWhy),
        Choice("b", Texts.capThird, why: Texts.capThirdWhy),
        Choice("c", Texts.capWhole, why: Texts.capWholeWhy),
      ], right: "c", confirmedBy: "cap"),
  ],
  experiment: experiment, exercise: exercise, broken: broken)
