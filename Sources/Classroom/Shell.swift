internal import Linux

/// ssh(1) into a machine, as root or as the student.
struct Shell {
  let classroom: Classroom
  /// The machine's, where its host key is remembered.
  let folder: String
  let port: UInt16

  /// The words before a command.
  ///
  /// - Parameters:
  ///   - user: root or student.
  ///   - more: options of ssh(1).
  /// - Returns: ssh's arguments, its name not included.
  func arguments(_ user: String, _ more: [String] = []) -> [String] {
    [
      "-F", "none", "-i", classroom.keys, "-p", "\(port)", "-o", "IdentitiesOnly=yes", "-o",
      "BatchMode=yes", "-o", "StrictHostKeyChecking=accept-new", "-o",
      "UserKnownHostsFile=\(folder)/known_hosts", "-o", "HostKeyAlias=machine", "-o",
      "LogLevel=ERROR", "-o", "ConnectTimeout=20",
    ] + more + ["\(user)@127.0.0.1"]
  }

  /// Runs a script as root.
  ///
  /// - Returns: what it printed.
  /// - Throws: `ClassroomError` with what went wrong.
  @discardableResult
  func root(_ script: String) throws(ClassroomError) -> String {
    try Tool("ssh", package: "openssh-client")(
      arguments("root") + ["sh", "-es"], input: Array(script.utf8))
  }

  /// Waits until the machine lets somebody in.
  ///
  /// - Throws: `ClassroomError` with the last reason.
  func wait(seconds: Int, _ script: String = "true") throws(ClassroomError) {
    let deadline = Clock.now + UInt64(seconds) * 1_000_000_000
    while true {
      do throws(ClassroomError) {
        try root(script)
        return
      } catch {
        if Clock.now > deadline { throw error }
      }
      Clock.sleep(300_000_000)
    }
  }
}
