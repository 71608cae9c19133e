public import LabKit

/// Lab 16: what a memory limit counts, and when it kills.
public let lab = Lab(
  number: 16, name: "memory", title: Texts.title, story: Texts.story, belief: Texts.belief,
  questions: [
    Question(
      id: "touched", ask: Texts.touchedQuestion,
      choices: [
        Choice("a", Texts.touchedNull, why: Texts.touchedNullWhy),
        Choice("b", Texts.touchedSlow, why: Texts.touchedSlowWhy),
        Choice("c", Texts.touchedKill, why: Texts.touchedKillWhy),
      ], right: "c", confirmedBy: "code"),
    Question(
      id: "reserved", ask: Texts.reservedQuestion,
      choices: [
        Choice("a", Texts.reservedFine, why: Texts.reservedFineWhy),
        Choice("b", Texts.reservedKilled, why: Texts.reservedKilledWhy),
        Choice("c", Texts.reservedRefused, why: Texts.reservedRefusedWhy),
      ], right: "a", confirmedBy: "reserved"),
  ],
  experiment: experiment, exercise: exercise, broken: broken)
