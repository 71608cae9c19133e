public import LabKit

/// Lab 19: what publishing a port is, and what it is not.
public let lab = Lab(
  number: 19, name: "ports", title: Texts.title, story: Texts.story, belief: Texts.belief,
  questions: [
    Question(
      id: "outside", ask: Texts.outsideQuestion,
      choices: [
        Choice("a", Texts.outsideYes, why: Texts.outsideYesWhy),
        Choice("b", Texts.outsideListen, why: Texts.outsideListenWhy),
        Choice("c", Texts.outsideMasked, why: Texts.outsideMaskedWhy),
      ], right: "a", confirmedBy: "outside"),
    Question(
      id: "loopback", ask: Texts.loopbackQuestion,
      choices: [
        Choice("a", Texts.loopbackYes, why: Texts.loopbackYesWhy),
        Choice("b", Texts.loopbackRefused, why: Texts.loopbackRefusedWhy),
        Choice("c", Texts.loopbackNothing, why: Texts.loopbackNothingWhy),
      ], right: "c", confirmedBy: "loopback"),
    Question(
      id: "localnet", ask: Texts.localnetQuestion,
      choices: [
        Choice("a", Texts.localnetYes, why: Texts.localnetYesWhy),
        Choice("b", Texts.localnetDropped, why: Texts.localnetDroppedWhy),
        Choice("c", Texts.localnetSelf, why: Texts.localnetSelfWhy),
      ], right: "b", confirmedBy: "localnet"),
    Question(
      id: "silent", ask: Texts.silentQuestion,
      choices: [
        Choice("a", Texts.silentOpen, why: Texts.silentOpenWhy),
        Choice("b", Texts.silentWaits, why: Texts.silentWaitsWhy),
        Choice("c", Texts.silentRefused, why: Texts.silentRefusedWhy),
      ], right: "c", confirmedBy: "silent"),
  ],
  experiment: experiment, exercise: exercise, broken: broken)
