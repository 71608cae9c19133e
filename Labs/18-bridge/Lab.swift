public import LabKit

/// Lab 18: a switch made of software, and who knows whose name.
public let lab = Lab(
  number: 18, name: "bridge", title: Texts.title, story: Texts.story, belief: Texts.belief,
  questions: [
    Question(
      id: "reach", ask: Texts.reachQuestion,
      choices: [
        Choice("a", Texts.reachNone, why: Texts.reachNoneWhy),
        Choice("b", Texts.reachExposed, why: Texts.reachExposedWhy),
        Choice("c", Texts.reachAll, why: Texts.reachAllWhy),
      ], right: "c", confirmedBy: "pairs"),
    Question(
      id: "learned", ask: Texts.learnedQuestion,
      choices: [
        Choice("a", Texts.learnedAddresses, why: Texts.learnedAddressesWhy),
        Choice("b", Texts.learnedHardware, why: Texts.learnedHardwareWhy),
        Choice("c", Texts.learnedNothing, why: Texts.learnedNothingWhy),
      ], right: "b", confirmedBy: "learned"),
    Question(
      id: "name", ask: Texts.nameQuestion,
      choices: [
        Choice("a", Texts.nameNo, why: Texts.nameNoWhy),
        Choice("b", Texts.nameYes, why: Texts.nameYesWhy),
        Choice("c", Texts.nameID, why: Texts.nameIDWhy),
      ], right: "a", confirmedBy: "name"),
  ],
  experiment: experiment, exercise: exercise, broken: broken)
