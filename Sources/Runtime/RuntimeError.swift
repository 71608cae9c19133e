public import Linux
public import OCI
public import Steps

/// What the runtime tells people when it cannot do what they asked.
///
/// Some texts are matched by engines and must stay: containerd looks for `container not running`
/// and `does not exist`, podman for `executable file not found` and `permission denied`.
public struct RuntimeError: Error, Equatable, Sendable {
  /// What failed: the call, the errno, the object.
  public var message: String
  /// The likely cause, or what to try; may be empty.
  public var hint: String
  /// 125 the runtime's own failure, 126 cannot execute, 127 not found; 1 for the commands of
  /// runc and crun that know only that.
  public var exitCode: Int32

  /// Makes an error.
  public init(_ message: String, hint: String = "", exitCode: Int32 = 125) {
    self.message = message
    self.hint = hint
    self.exitCode = exitCode
  }

  /// A failed step, with the likely cause.
  public init(_ failure: StepFailure) {
    self.init(failure.text, hint: RuntimeError.cause(failure))
  }

  /// A failed call that is no step: something was looked up.
  public init(_ error: SystemError, hint: String = "") {
    self.init(error.text, hint: hint)
  }

  /// A config.json that cannot be used.
  public init(_ error: ConfigError) { self.init("config.json: " + error.text) }

  /// What usually is behind a step that failed so.
  private static func cause(_ failure: StepFailure) -> String {
    let errno = failure.error.errno
    switch failure.id {
    case .processClone where errno == .perm:
      return "new namespaces need root (CAP_SYS_ADMIN), or a user namespace beside them"
    case .processClone where errno.code == 28:
      return "a limit in /proc/sys/user/max_*_namespaces is reached"
    case .cgroupCreate where errno == .readOnly || errno == .access || errno == .perm:
      return "the cgroup tree is read-only or not yours; run as root on the host"
    case .cgroupDelegate where errno == .busy:
      return "processes are in that cgroup itself, and on v2 only the innermost may hold any: move"
        + " them into one beside the container's, or choose another linux.cgroupsPath"
    case .cgroupLimit where errno == .noEntry:
      return "this kernel or cgroup version has no such limit, so it could not be enforced"
    case .cgroupLimit where errno == .busy:
      return "the group already uses more than the new limit"
    case .cgroupLimit where errno == .invalid && failure.error.object.contains("limit_in_bytes"):
      return "memory may not be above memory and swap together: set both (memory, memory-swap)"
    case .cgroupLimit where errno == .access:
      return "the cgroup above allows less; it must be changed first"
    case .cgroupLimit where errno == .invalid || errno.code == 34:
      return "the kernel refuses the value; its range is in cgroups(7)"
    case .mountAttach where errno == .noDevice:
      return "the kernel does not have this filesystem; /proc/filesystems lists those it has"
    case .mountBind where errno == .noEntry: return "the source of the mount does not exist"
    case .rootfsPivot where errno == .invalid:
      return "the new root must be a mount point, and neither it nor its parent may be shared"
    case .rootfsOverlay where errno == .invalid || errno == .noEntry:
      return "lower, upper and work must exist, and upper and work be on one filesystem that is"
        + " not itself an overlay"
    case .processRlimit where errno == .perm:
      return "raising a hard limit needs CAP_SYS_RESOURCE; ulimit -Hn shows the present one"
    case .capsSet where errno == .perm:
      return "more was asked for than the runtime itself has; CapBnd in /proc/self/status shows it"
    case .processOomScore where errno == .access:
      return "a value below the caller's own needs CAP_SYS_RESOURCE"
    case .seccompLoad where errno == .access:
      return "without no_new_privs a filter needs CAP_SYS_ADMIN"
    case .devNode where errno == .perm:
      return "device nodes need CAP_MKNOD in the first user namespace"
    default: return ""
    }
  }
}

extension RuntimeError {
  /// As init sends it over the channel: exit code, message, NUL, hint.
  var payload: [UInt8] {
    [MessageKind.failed.rawValue, UInt8(truncatingIfNeeded: exitCode)]
      + Array(message.utf8.prefix(30_000)) + [0] + Array(hint.utf8.prefix(10_000))
  }

  init(payload: [UInt8]) {
    let parts = payload.dropFirst(2).split(
      separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
    self.init(
      String(decoding: parts.first ?? [], as: UTF8.self),
      hint: parts.count > 1 ? String(decoding: parts[1], as: UTF8.self) : "",
      exitCode: payload.count > 1 ? Int32(payload[1]) : 125)
  }
}

/// Runs a body that throws `SystemError`s outside any step, and gives them the runtime's type.
@inline(__always)
func lookingUp<R: ~Copyable>(
  hint: @autoclosure () -> String = "", _ body: () throws(SystemError) -> R
) throws(RuntimeError) -> R {
  do {
    return try body()
  } catch {
    throw RuntimeError(error, hint: hint())
  }
}

/// Runs steps and gives their failures the runtime's type.
@inline(__always) @discardableResult
func stepping<R>(_ body: () throws(StepFailure) -> R) throws(RuntimeError) -> R {
  do {
    return try body()
  } catch {
    throw RuntimeError(error)
  }
}
