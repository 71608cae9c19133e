public import LabKit

/// Lab 14: what a CPU quota does, on a free machine too.
public let lab = Lab(
  number: 14, name: "cpu-quota", title: Texts.title, story: Texts.story, belief: Texts.belief,
  questions: [
    Question(
      id: "amount", ask: Texts.amountQuestion,
      choices: [
        Choice("a", Texts.amountAll, why: Texts.amountAllWhy),
        Choice("b", Texts.amountOne, why: Texts.amountOneWhy),
        Choice("c", Texts.amountQuota, why: Texts.amountQuotaWhy),
      ], right: "c", confirmedBy: "amount"),
    Question(
      id: "throttled", ask: Texts.throttleQuestion,
      choices: [
        Choice("a", Texts.throttleNone, why: Texts.throttleNoneWhy),
        Choice("b", Texts.throttleHalf, why: Texts.throttleHalfWhy),
        Choice("c", Texts.throttleAll, why: Texts.throttleAllWhy),
      ], right: "c", confirmedBy: "throttled"),
  ],
  experiment: experiment, exercise: exercise, broken: broken)
