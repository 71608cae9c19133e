internal import Linux
internal import Report

/// A student's machine: a process of qemu and a folder.
///
///     disk.qcow2     what differs from the machine all began with (qcow2's backing file)
///     port           of this host, which leads to the machine's sshd
///     pid            qemu's
///     monitor        its monitor socket (Monitor.swift)
///     console        its serial line, a socket; console.log: all that was written to it
public struct Machine: Sendable {
  /// The student's name, and the machine's.
  public let name: String
  let classroom: Classroom

  init(_ name: String, _ classroom: Classroom) {
    self.name = name
    self.classroom = classroom
  }

  /// Where its files are.
  public var folder: String { "\(classroom.folder)/machines/\(name)" }
  var disk: String { folder + "/disk.qcow2" }
  /// The serial line's socket.
  public var console: String { folder + "/console" }

  /// The process; nil when the machine is off.
  ///
  /// A pid may be somebody else's by now, so the command line must name the folder.
  public var pid: Int32? {
    guard let text = try? File.text(folder + "/pid"), let pid = Int32(text.trimmedLine),
      let words = try? File.text("/proc/\(pid)/cmdline", limit: 1 << 16), words.contains(folder)
    else { return nil }
    return pid
  }

  /// The port of this host that leads to its sshd; nil when it has never been started.
  public var port: UInt16? {
    (try? File.text(folder + "/port")).flatMap { UInt16($0.trimmedLine) }
  }

  /// How a machine is, in a word.
  public enum State: String, Sendable {
    /// No process.
    case off
    /// Running.
    case up
    /// There, and does not run: paused, or qemu does not answer.
    case stuck
  }

  /// How it is.
  public var state: State {
    guard pid != nil else { return .off }
    do throws(ClassroomError) {
      let monitor = try Monitor(folder + "/monitor")
      return try monitor.status() == "running" ? .up : .stuck
    } catch { return .stuck }
  }
}
