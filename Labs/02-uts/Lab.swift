public import LabKit

/// Lab 2: a host name for each UTS namespace, and nothing more than that.
public let lab = Lab(
  number: 2, name: "uts", title: Texts.title, story: Texts.story, belief: Texts.belief,
  questions: [
    Question(
      id: "name", ask: Texts.nameQuestion,
      choices: [
        Choice("a", Texts.nameInside, why: Texts.nameInsideWhy),
        Choice("b", Texts.nameWeb, why: Texts.nameWebWhy),
        Choice("c", Texts.nameSame, why: Texts.nameSameWhy),
      ], right: "c", confirmedBy: "host"),
    Question(
      id: "shared", ask: Texts.sharedQuestion,
      choices: [
        Choice("a", Texts.sharedId, why: Texts.sharedIdWhy),
        Choice("b", Texts.sharedHost, why: Texts.sharedHostWhy),
        Choice("c", Texts.sharedNone, why: Texts.sharedNoneWhy),
      ], right: "b", confirmedBy: "shared"),
    Question(
      id: "plain", ask: Texts.plainQuestion,
      choices: [
        Choice("a", Texts.plainEPERM, why: Texts.plainEPERMWhy),
        Choice("b", Texts.plainWorks, why: Texts.plainWorksWhy),
        Choice("c", Texts.plainHost, why: Texts.plainHostWhy),
      ], right: "a", confirmedBy: "plain"),
  ],
  experiment: experiment, exercise: exercise, broken: broken)
