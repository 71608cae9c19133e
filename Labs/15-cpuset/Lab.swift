public import LabKit

/// Lab 15: where a container may run, and what it is told.
public let lab = Lab(
  number: 15, name: "cpuset", title: Texts.title, story: Texts.story, belief: Texts.belief,
  questions: [
    Question(
      id: "where", ask: Texts.whereQuestion,
      choices: [
        Choice("a", Texts.whereOne, why: Texts.whereOneWhy),
        Choice("b", Texts.whereBoth, why: Texts.whereBothWhy),
        Choice("c", Texts.whereOverflow, why: Texts.whereOverflowWhy),
      ], right: "a", confirmedBy: "only"),
    Question(
      id: "cpuinfo", ask: Texts.infoQuestion,
      choices: [
        Choice("a", Texts.infoOne, why: Texts.infoOneWhy),
        Choice("b", Texts.infoNone, why: Texts.infoNoneWhy),
        Choice("c", Texts.infoAll, why: Texts.infoAllWhy),
      ], right: "c", confirmedBy: "cpuinfo"),
  ],
  experiment: experiment, exercise: exercise, broken: broken)
