public import LabKit

/// Lab 3: what a PID namespace renumbers, and what it leaves to /proc.
public let lab = Lab(
  number: 3, name: "pid", title: Texts.title, story: Texts.story, belief: Texts.belief,
  questions: [
    Question(
      id: "list", ask: Texts.listQuestion,
      choices: [
        Choice("a", Texts.listOwn, why: Texts.listOwnWhy),
        Choice("b", Texts.listNothing, why: Texts.listNothingWhy),
        Choice("c", Texts.listHost, why: Texts.listHostWhy),
      ], right: "c", confirmedBy: "list"),
    Question(
      id: "self", ask: Texts.selfQuestion,
      choices: [
        Choice("a", Texts.selfBoth, why: Texts.selfBothWhy),
        Choice("b", Texts.selfOne, why: Texts.selfOneWhy),
        Choice("c", Texts.selfHost, why: Texts.selfHostWhy),
      ], right: "a", confirmedBy: "self"),
    Question(
      id: "nspid", ask: Texts.nspidQuestion,
      choices: [
        Choice("a", Texts.nspidOne, why: Texts.nspidOneWhy),
        Choice("b", Texts.nspidTwo, why: Texts.nspidTwoWhy),
        Choice("c", Texts.nspidSwitch, why: Texts.nspidSwitchWhy),
      ], right: "b", confirmedBy: "nspid"),
  ],
  experiment: experiment, exercise: exercise, broken: broken)
