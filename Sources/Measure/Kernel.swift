public import Linux

/// Reading what the kernel shows; what is not there is nil, for containers come and go.
public enum Kernel {
  /// A file's text, or a link's target; without the last line feed.
  public static func read(_ path: String) -> String? {
    do throws(SystemError) {
      if try File.status(path, follow: false).isLink, !path.hasPrefix("/sys/") {
        return try File.link(path)
      }
      return try File.text(path, limit: 8 << 20).trimmedLine
    } catch {
      return nil
    }
  }

  /// A field of `/proc/PID/status`, such as `NSpid`.
  public static func status(_ pid: Int32, _ field: String) -> String? {
    for line in (read("/proc/\(pid)/status") ?? "").split(separator: "\n") {
      guard let colon = line.firstIndex(of: ":"), line[..<colon] == field else { continue }
      let value = line[line.index(after: colon)...]
      return value.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
    return nil
  }

  /// A number in a file of `key value` lines.
  public static func keyed(_ path: String, _ key: String) -> UInt64? {
    for line in (read(path) ?? "").split(separator: "\n") {
      let fields = line.split(whereSeparator: \.isWhitespace)
      if fields.count >= 2, fields[0] == key { return UInt64(fields[1]) }
    }
    return nil
  }

  /// The names in a directory; none when it is not there.
  public static func list(_ path: String) -> [String] {
    do throws(SystemError) { return try File.list(path) } catch { return [] }
  }

  /// The CPUs a list such as `0-2,5` names (cpuset(7)).
  public static func cpuList(_ text: String) -> [Int] {
    text.split(separator: ",").flatMap { part -> [Int] in
      let ends = part.split(separator: "-").compactMap { Int($0) }
      guard let first = ends.first, let last = ends.last, first <= last else { return [] }
      return Array(first...last)
    }
  }
}

/// What /proc tells of other processes.
extension Processes {
  /// Whether it exists and is not a zombie.
  public static func isAlive(_ pid: Int32) -> Bool { startTime(pid) != nil }

  /// Its parent (proc_pid_stat(5), field 4).
  public static func parent(_ pid: Int32) -> Int32? {
    guard let fields = stat(pid), fields.count > 1 else { return nil }
    return Int32(fields[1])
  }

  /// Its state, such as `R`, or `Z` for a zombie (field 3).
  public static func state(_ pid: Int32) -> String? { stat(pid)?.first.map(String.init) }

  /// The CPU it last ran on (field 39).
  public static func lastCPU(_ pid: Int32) -> Int? {
    guard let fields = stat(pid), fields.count > 36 else { return nil }
    return Int(fields[36])
  }

  /// Every process.
  public static func all() -> [Int32] { Kernel.list("/proc").compactMap { Int32($0) } }

  /// The children of a process, zombies too.
  public static func children(of pid: Int32) -> [Int32] {
    all().filter { parent($0) == pid }
  }

  /// The processes in the same namespace of a kind, such as `pid`; zombies are in none.
  public static func sharing(_ kind: String, with pid: Int32) -> [Int32] {
    guard let name = Kernel.read("/proc/\(pid)/ns/\(kind)") else { return [] }
    return all().filter { Kernel.read("/proc/\($0)/ns/\(kind)") == name }
  }

  /// Whether a signal is in a set of `/proc/PID/status`, such as `SigCgt` (proc_pid_status(5)).
  public static func has(_ signal: Int32, in set: String, of pid: Int32) -> Bool {
    let bits = Kernel.status(pid, set).flatMap { UInt64($0, radix: 16) } ?? 0
    return bits & 1 << UInt64(signal - 1) != 0
  }

  /// The processes of a cgroup.
  public static func inCgroup(_ directory: String) -> [Int32] {
    (Kernel.read("\(directory)/cgroup.procs") ?? "").split(separator: "\n").compactMap { Int32($0) }
  }

  /// kill(2) with SIGKILL; a process that is gone is no error.
  ///
  /// - Throws: `SystemError` naming the pid.
  public static func end(_ pid: Int32) throws(SystemError) {
    do throws(SystemError) {
      try kill(pid, Signal.kill)
    } catch {
      guard error.errno == .noProcess else { throw error }
    }
  }

  /// The fields after the command, which may itself hold blanks and parentheses.
  private static func stat(_ pid: Int32) -> [Substring]? {
    guard let text = Kernel.read("/proc/\(pid)/stat"), let close = text.lastIndex(of: ")") else {
      return nil
    }
    return text[text.index(after: close)...].split(separator: " ")
  }
}
