public import LabKit

/// Lab 7: an overlay copies whole files, once, and deletes by a sign.
public let lab = Lab(
  number: 7, name: "overlay", title: Texts.title, story: Texts.story, belief: Texts.belief,
  questions: [
    Question(
      id: "copy", ask: Texts.copyQuestion,
      choices: [
        Choice("a", Texts.copyByte, why: Texts.copyByteWhy),
        Choice("b", Texts.copyBlock, why: Texts.copyBlockWhy),
        Choice("c", Texts.copyWhole, why: Texts.copyWholeWhy),
      ], right: "c", confirmedBy: "copied"),
    Question(
      id: "again", ask: Texts.againQuestion,
      choices: [
        Choice("a", Texts.againWhole, why: Texts.againWholeWhy),
        Choice("b", Texts.againNothing, why: Texts.againNothingWhy),
        Choice("c", Texts.againBlock, why: Texts.againBlockWhy),
      ], right: "b", confirmedBy: "inode"),
    Question(
      id: "gone", ask: Texts.goneQuestion,
      choices: [
        Choice("a", Texts.goneNothing, why: Texts.goneNothingWhy),
        Choice("b", Texts.goneDevice, why: Texts.goneDeviceWhy),
        Choice("c", Texts.goneEmpty, why: Texts.goneEmptyWhy),
      ], right: "b", confirmedBy: "whiteout"),
  ],
  experiment: experiment, exercise: exercise, broken: broken)
