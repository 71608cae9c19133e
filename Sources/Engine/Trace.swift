public import Linux

/// What `--trace FILE` recorded: the runtime's steps with their times.
///
/// The file (CLOCK_MONOTONIC nanoseconds from the start of the command):
///
///     {"schema":1,"container":"ID","total_ns":N,"unaccounted_ns":N,"steps":[
///       {"id":"uts.sethostname","phase":"namespaces","side":"runtime","call":"sethostname(2)",
///        "object":"web","shell":"hostname web","man":"sethostname(2)",
///        "see":"/proc/4711/ns/uts","undo":null,"start_ns":N,"duration_ns":N,"errno":null}]}
public struct Trace: Equatable, Sendable {
  /// The runtime's id of the container.
  public var container: String
  /// In the order they began.
  public var steps: [TracedStep]
  /// From the start of the command to the last step's end.
  public var totalNs: UInt64
  /// The part of the total that no step accounts for.
  public var unaccountedNs: UInt64

  /// Makes a trace.
  public init(container: String, steps: [TracedStep], totalNs: UInt64, unaccountedNs: UInt64) {
    self.container = container
    self.steps = steps
    self.totalNs = totalNs
    self.unaccountedNs = unaccountedNs
  }
}

/// One step as it was taken.
public struct TracedStep: Equatable, Sendable {
  /// Such as `uts.sethostname`.
  public var id: String
  /// config, cgroup, namespaces, rootfs, network, security, exec or teardown.
  public var phase: String
  /// Who took it: `runtime` or `init`.
  public var side: String
  /// The system call or netlink message.
  public var call: String
  /// What it was about.
  public var object: String
  /// The same by hand, with the real values; nil where no command exists.
  public var shell: String?
  /// The manual page.
  public var man: String
  /// Where the effect can be seen; nil where nowhere.
  public var see: String?
  /// The step that undoes it; nil where nothing is to be undone.
  public var undo: String?
  /// From the start of the command.
  public var startNs: UInt64
  /// How long it took.
  public var durationNs: UInt64
  /// What the kernel answered; nil when it worked.
  public var errno: Errno?

  /// Makes a step; what is not given is empty.
  public init(
    id: String, phase: String, side: String = "runtime", call: String = "", object: String = "",
    shell: String? = nil, man: String = "", see: String? = nil, undo: String? = nil,
    startNs: UInt64 = 0, durationNs: UInt64 = 0, errno: Errno? = nil
  ) {
    self.id = id
    self.phase = phase
    self.side = side
    self.call = call
    self.object = object
    self.shell = shell
    self.man = man
    self.see = see
    self.undo = undo
    self.startNs = startNs
    self.durationNs = durationNs
    self.errno = errno
  }
}
