internal import Engine
internal import Measure

/// Runs a learner's script through its judge.
public enum Judging {
  /// Judges a script on containers.
  ///
  /// - Returns: the findings. A script that cannot even be run is a finding, not an error.
  /// - Throws: what keeps the judge itself from working; all its containers are gone then.
  public static func judge(
    _ assignment: Assignment, script: Script, containers: any LabContainers,
    audience: (any Audience)? = nil
  ) throws -> Record {
    let stage = Stage(containers: containers, audience: audience)
    do {
      try assignment.judge(stage, script)
    } catch is ScriptRefused {
      // The finding that says so is in the record already.
    } catch {
      try stage.stopAll()
      throw error
    }
    try stage.stopAll()
    try Interrupt.check()
    return stage.record
  }
}

/// The script did not run to its end; the record says why.
struct ScriptRefused: Error {}

extension Stage {
  /// Runs the learner's script; when it fails or takes too long, that is the finding.
  ///
  /// - Throws: `Interrupted`; `SystemError`; an error that ends the judging quietly when the
  ///   script failed.
  public func run(
    _ script: Script, _ arguments: [String], within seconds: Double = 10
  ) throws -> Script.Result {
    let result = try script.run(arguments, within: seconds)
    if result.timedOut {
      let reason = Words.scriptTimedOut.with(["seconds": Decimals.short(seconds)])
      find(
        Finding(
          "script", Words.scriptEnds, expected: "0", seen: "SIGKILL", .fail(reason.bilingual),
          cause: "timeout"))
      throw ScriptRefused()
    }
    guard result.code == 0 else {
      let reason = Words.scriptFailed.with([
        "code": "\(result.code)", "complaint": result.complaint,
      ])
      find(
        Finding(
          "script", Words.scriptEnds, expected: "0", seen: "\(result.code)",
          .fail(reason.bilingual), cause: "script-failed"))
      throw ScriptRefused()
    }
    return result
  }
}
