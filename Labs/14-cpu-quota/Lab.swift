public import LabKit

/// Lab 14: what a CPU quota does, on a free machine too.
public let lab = Lab(
  number: 14, name: "cpu-quota", title: Texts.title, story: Texts.story, belief: Texts.belief,
  questions: [
    Question(
      id: "amount", ask: Texts.amountQuestion,
      choices: [
        Choice("a", Texts.amountQuota, why: Texts.amountQuotaWhy),
        Choice("b", Texts.amountAll, why: Texts.amountAllWhy),
        Choice("c", Texts.amountOne, why: Texts.amountOneWhy),
      ], right: "a", confirmedBy: "amount"),
    Question(
      id: "throttled", ask: Texts.throttleQuestion,
      choices: [
        Choice("a", Texts.throttleNone, why: Texts.throttleNoneWhy),
        Choice("b", Texts.throttleAll, why: Texts.throttleAllWhy),
        Choice("c", Texts.throttleHalf, why: Texts.throttleHalfWhy),
      ], right: "b", confirmedBy: "throttled"),
  ],
  experiment: experiment, exercise: exercise, broken: broken)
