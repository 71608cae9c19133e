// The glass: every operation by which the runtime changes the kernel's state goes through
// `Glass.perform` with a step's id and the operation as a value.
//
//   nobody watches   a branch, then the system call
//   somebody does    before(record) → the system call, a fault, or a pretended result → after(record)
//
// Steps happen in two processes, the runtime and the container's init. Init's observer sends its
// records to the runtime (Relay.swift), which shows them.

public import Linux

/// Where in a container's start a step belongs.
public enum Phase: String, CaseIterable, Sendable {
  case config, cgroup, namespaces, rootfs, network, security, exec, teardown
}

/// Which process makes the step.
public enum Side: UInt8, Sendable {
  /// The runtime, in the host's namespaces.
  case runtime = 0
  /// The container's init, between clone3 and exec.
  case `init` = 1

  /// `runtime` or `init`.
  public var name: String { self == .runtime ? "runtime" : "init" }
}

/// What is to be done with a step that is about to happen.
public enum Disposition: Equatable, Sendable {
  /// Do it.
  case proceed
  /// Do not, and let it have failed so.
  case fail(Errno)
  /// Let this process die here.
  case die
  /// Do not, and let it have succeeded with this result (a descriptor, a pid, or 0).
  case pretend(Int)
}

/// A step that happened or is about to, rendered for people and for files.
public struct StepRecord: Equatable, Sendable {
  /// Which step.
  public var id: StepID
  /// In which process.
  public var side: Side
  /// What it acts on: a path, a value, a name.
  public var object: String
  /// The equivalent command with the real values; nil where no command exists.
  public var shell: String?
  /// The system call or netlink message.
  public var call: String
  /// A file of /proc or /sys that shows the effect; `/proc/self` is the process that acts.
  public var see: String
  /// Only the lines of `see` that contain this matter; empty means all.
  public var needle: String
  /// CLOCK_MONOTONIC, nanoseconds.
  public var start: UInt64 = 0
  /// Nanoseconds.
  public var duration: UInt64 = 0
  /// nil when it succeeded.
  public var errno: Errno?
}

/// Somebody who watches steps.
public protocol StepObserver: AnyObject {
  /// A step is about to happen.
  func before(_ step: StepRecord, _ operation: borrowing Operation) -> Disposition
  /// It happened, or failed.
  func after(_ step: StepRecord)
}

/// A step that failed: which, and what the kernel said.
public struct StepFailure: Error, Equatable, Sendable {
  /// The step.
  public let id: StepID
  /// The call, the errno and the object.
  public let error: SystemError

  /// Describes a failed step.
  public init(_ id: StepID, _ error: SystemError) {
    self.id = id
    self.error = error
  }

  /// `mount.attach: mount(2) proc on /proc: operation not permitted (EPERM)`.
  public var text: String { "\(id.rawValue): \(error.text)" }
}

/// Performs operations, through the eyes of an observer when there is one.
public final class Glass {
  /// Who watches; nil is nobody.
  public var observer: (any StepObserver)?
  /// Which process this is.
  public var side: Side = .runtime

  /// Nobody watches, unless told.
  public init(observer: (any StepObserver)? = nil) { self.observer = observer }

  /// Performs one operation as a step.
  ///
  /// - Returns: What the operation yields: a pid, a descriptor, or 0.
  /// - Throws: `StepFailure` with the step and the system's error.
  @inline(__always) @discardableResult
  public func perform(
    _ id: StepID, _ operation: @autoclosure () -> Operation
  ) throws(StepFailure) -> Int {
    if let observer { return try watched(id, operation(), observer) }
    do {
      return try operation().perform()
    } catch {
      throw StepFailure(id, error)
    }
  }

  /// Performs as a step something that is not one system call, such as running a hook.
  ///
  /// - Throws: `StepFailure` with the step and the body's error.
  public func around(
    _ id: StepID, _ description: @autoclosure () -> Operation,
    _ body: () throws(SystemError) -> Void
  ) throws(StepFailure) {
    guard let observer else {
      do {
        return try body()
      } catch {
        throw StepFailure(id, error)
      }
    }
    let operation = description()
    var record = StepRecord(id, side, operation)
    let disposition = observer.before(record, operation)
    record.start = Clock.now
    var failure: SystemError?
    switch disposition {
    case .proceed:
      do throws(SystemError) {
        try body()
      } catch {
        failure = error
      }
    case .fail(let errno): failure = SystemError("(planted fault)", errno, record.object)
    case .die: Glass.die()
    case .pretend: break
    }
    record.duration = Clock.now - record.start
    record.errno = failure?.errno
    observer.after(record)
    if let failure { throw StepFailure(id, failure) }
  }

  private func watched(
    _ id: StepID, _ operation: Operation, _ observer: any StepObserver
  ) throws(StepFailure) -> Int {
    var record = StepRecord(id, side, operation)
    let disposition = observer.before(record, operation)
    record.start = Clock.now
    var result = 0
    var failure: SystemError?
    switch disposition {
    case .proceed:
      do throws(SystemError) {
        result = try operation.perform()
      } catch {
        failure = error
      }
    case .fail(let errno): failure = SystemError("(planted fault)", errno, record.object)
    case .die: Glass.die()
    case .pretend(let value): result = value
    }
    // The child of a clone comes through here too, as init: its side of the clone is no step.
    if id == .processClone, failure == nil, result == 0, disposition == .proceed { return 0 }
    record.duration = Clock.now - record.start
    record.errno = failure?.errno
    // Only now is it known who was made.
    if id == .processClone, result > 0 { record.see = "/proc/\(result)/status" }
    observer.after(record)
    if let failure { throw StepFailure(id, failure) }
    return result
  }

  /// Ends this process as kill -9 would.
  ///
  /// PID 1 of a namespace is deaf to its own SIGKILL, hence the exit behind it.
  private static func die() -> Never {
    _ = try? Processes.kill(Processes.current, Signal.kill)
    Processes.exit(137)
  }
}

extension StepRecord {
  init(_ id: StepID, _ side: Side, _ operation: borrowing Operation) {
    self.id = id
    self.side = side
    object = operation.object
    shell = operation.shell
    call = operation.call
    let evidence = operation.evidence
    see = evidence.see
    needle = evidence.needle
  }
}
