public import LabKit

/// Lab 6: chroot moves the name /, pivot_root moves the root.
public let lab = Lab(
  number: 6, name: "rootfs", title: Texts.title, story: Texts.story, belief: Texts.belief,
  questions: [
    Question(
      id: "chroot", ask: Texts.chrootQuestion,
      choices: [
        Choice("a", Texts.chrootNo, why: Texts.chrootNoWhy),
        Choice("b", Texts.chrootBug, why: Texts.chrootBugWhy),
        Choice("c", Texts.chrootYes, why: Texts.chrootYesWhy),
      ], right: "c", confirmedBy: "chroot"),
    Question(
      id: "pivot", ask: Texts.pivotQuestion,
      choices: [
        Choice("a", Texts.pivotHost, why: Texts.pivotHostWhy),
        Choice("b", Texts.pivotStay, why: Texts.pivotStayWhy),
        Choice("c", Texts.pivotRefused, why: Texts.pivotRefusedWhy),
      ], right: "b", confirmedBy: "pivot"),
    Question(
      id: "shared", ask: Texts.sharedQuestion,
      choices: [
        Choice("a", Texts.sharedEINVAL, why: Texts.sharedEINVALWhy),
        Choice("b", Texts.sharedWorks, why: Texts.sharedWorksWhy),
        Choice("c", Texts.sharedEBUSY, why: Texts.sharedEBUSYWhy),
      ], right: "a", confirmedBy: "shared"),
  ],
  experiment: experiment, exercise: exercise, broken: broken)
