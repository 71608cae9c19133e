public import LabKit

/// Lab 13: how the kernel divides a CPU that two want.
public let lab = Lab(
  number: 13, name: "cpu-shares", title: Texts.title, story: Texts.story, belief: Texts.belief,
  questions: [
    Question(
      id: "split", ask: Texts.splitQuestion,
      choices: [
        Choice("a", Texts.splitEqual, why: Texts.splitEqualWhy),
        Choice("b", Texts.splitAll, why: Texts.splitAllWhy),
        Choice("c", Texts.splitWeights, why: Texts.splitWeightsWhy),
      ], right: "c", confirmedBy: "split"),
    Question(
      id: "cap", ask: Texts.capQuestion,
      choices: [
        Choice("a", Texts.capHalf, why: Texts.capHalfWhy),
        Choice("b", Texts.capWhole, why: Texts.capWholeWhy),
        Choice("c", Texts.capThird, why: Texts.capThirdWhy),
      ], right: "b", confirmedBy: "cap"),
  ],
  experiment: experiment, exercise: exercise, broken: broken)
