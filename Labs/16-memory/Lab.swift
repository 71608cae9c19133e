public import LabKit

/// Lab 16: what a memory limit counts, and when it kills.
public let lab = Lab(
  number: 16, name: "memory", title: Texts.title, story: Texts.story, belief: Texts.belief,
  questions: [
    Question(
      id: "touched", ask: Texts.touchedQuestion,
      choices: [
        Choice("a", Texts.touchedNull, why: Texts.touchedNullWhy),
        Choice("b", Texts.touchedKill, why: Texts.touchedKillWhy),
        Choice("c", Texts.touchedSlow, why: Texts.touchedSlowWhy),
      ], right: "b", confirmedBy: "code"),
    Question(
      id: "reserved", ask: Texts.reservedQuestion,
      choices: [
        Choice("a", Texts.reservedKilled, why: Texts.reservedKilledWhy),
        Choice("b", Texts.reservedRefused, why: Texts.reservedRefusedWhy),
        Choice("c", Texts.reservedFine, why: Texts.reservedFineWhy),
      ], right: "c", confirmedBy: "reserved"),
  ],
  experiment: experiment, exercise: exercise, broken: broken)
