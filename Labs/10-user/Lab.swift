public import LabKit

/// Lab 10: whom the host sees when a container says root.
public let lab = Lab(
  number: 10, name: "user", title: Texts.title, story: Texts.story, belief: Texts.belief,
  questions: [
    Question(
      id: "plain", ask: Texts.plainQuestion,
      choices: [
        Choice("a", Texts.plainOwn, why: Texts.plainOwnWhy),
        Choice("b", Texts.plainNobody, why: Texts.plainNobodyWhy),
        Choice("c", Texts.plainRoot, why: Texts.plainRootWhy),
      ], right: "c", confirmedBy: "plain"),
    Question(
      id: "mapped", ask: Texts.mappedQuestion,
      choices: [
        Choice("a", Texts.mappedFirst, why: Texts.mappedFirstWhy),
        Choice("b", Texts.mappedRoot, why: Texts.mappedRootWhy),
        Choice("c", Texts.mappedNobody, why: Texts.mappedNobodyWhy),
      ], right: "a", confirmedBy: "mapped"),
    Question(
      id: "unmapped", ask: Texts.unmappedQuestion,
      choices: [
        Choice("a", Texts.unmappedRoot, why: Texts.unmappedRootWhy),
        Choice("b", Texts.unmappedOverflow, why: Texts.unmappedOverflowWhy),
        Choice("c", Texts.unmappedFirst, why: Texts.unmappedFirstWhy),
      ], right: "b", confirmedBy: "unmapped"),
  ],
  experiment: experiment, exercise: exercise, broken: broken)
