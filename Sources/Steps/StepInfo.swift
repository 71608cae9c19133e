/// What is always true of a step.
public struct StepInfo: Sendable {
  /// Where in a container's start it belongs.
  public let phase: Phase
  /// The manual page, or the document where no page exists.
  public let man: StaticString
  /// The step that undoes it; nil when it ends with the process or the namespace.
  public let undo: StepID?
  /// What it means, in English.
  public let english: StaticString
  /// What it means, in simplified Chinese.
  public let chinese: StaticString

  init(
    _ phase: Phase, _ man: StaticString, undo: StepID? = nil, en english: StaticString,
    zh chinese: StaticString
  ) {
    self.phase = phase
    self.man = man
    self.undo = undo
    self.english = english
    self.chinese = chinese
  }
}
