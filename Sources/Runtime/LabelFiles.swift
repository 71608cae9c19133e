// The files of /proc into which the labels of the next execve(2) are written (proc_pid_attr(5)).
//
// Through the host's /proc: what stands at /proc inside may be anything (CVE-2019-16884,
// CVE-2019-19921). The kernel takes a label only from the process itself, by a file that it opened
// itself. So a handle on /proc is all that can be brought along; it is let go at once, since from
// it a way would lead to every process of the host for whoever could look into this one.

internal import Linux
internal import OCI

/// Opened for one process: by the runtime before the clone, by the child as its first deed.
final class LabelFiles {
  private var proc: Int32
  /// Where AppArmor and SELinux want theirs, or -1.
  private(set) var apparmor: Int32 = -1
  private(set) var selinux: Int32 = -1
  private let process: Process

  /// A handle on /proc while it is surely that; nil when no label is to be set.
  ///
  /// - Throws: `RuntimeError` when /proc is something else.
  init?(_ process: Process?) throws(RuntimeError) {
    guard let process, process.selinuxLabel != nil || process.isConfined else { return nil }
    self.process = process
    proc = try lookingUp { () throws(SystemError) in
      try File.open("/proc", [.path, .directory]).release()
    }
    guard try lookingUp({ () throws(SystemError) in try Descriptors.isProc(proc) }) else {
      throw RuntimeError("/proc is not a proc filesystem: no label can be set through it")
    }
  }

  /// What must be open in the child.
  var descriptors: [Int32] { [proc, apparmor, selinux] }

  /// In the child: its own files are opened and /proc let go.
  func open() throws(RuntimeError) {
    if process.isConfined {
      apparmor = try openOwn("attr/apparmor/exec")
      // Older kernels have one file for all modules.
      if apparmor < 0 { apparmor = try openOwn("attr/exec") }
    }
    if process.selinuxLabel != nil { selinux = try openOwn("attr/exec") }
    Descriptors.close(proc)
    proc = -1
  }

  /// -1 when there is no such file.
  private func openOwn(_ file: String) throws(RuntimeError) -> Int32 {
    do throws(SystemError) {
      return try File.open("thread-self/" + file, .writeOnly, at: proc).release()
    } catch {
      guard error.errno == .noEntry else { throw RuntimeError(error) }
      return -1
    }
  }
}

extension Process {
  /// Whether AppArmor is to be told; without it every process is unconfined.
  fileprivate var isConfined: Bool { apparmorProfile != nil && SecurityModule.apparmor.isOn }
}
