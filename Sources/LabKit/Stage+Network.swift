// Networks in labs. They are made on a host of the session's own: a network namespace, in which this
// process, its engine and all that they start are from then on.
//
//     the learner's machine         links, rules, routes, ip_forward: nobody touches them
//     - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - -
//     the session's host            lo, bridges, rules, ip_forward, drydock-dns
//        ├── containers             each with a network namespace, as always
//        └── namespaces by hand     `unshare --net`, among them other hosts
//
// The kernel takes a network namespace with everything in it when the last process has left it
// (network_namespaces(7)): that is how nothing stays, whatever ends the lab. /sys/class/net goes on
// showing the machine's links, since a sysfs belongs to the namespace it was mounted in (sysfs(5)).

public import Engine
internal import Linux
internal import Measure
internal import Steps

/// The way back from a host of the session's own.
final class Home {
  let namespace: Descriptor

  init() throws(SystemError) {
    namespace = try File.open("/proc/thread-self/ns/net", .readOnly)
  }
}

/// A program that runs beside the lab and ends with it.
final class Background {
  let child: Child

  init(_ child: consuming Child) { self.child = child }
}

extension Stage {
  /// Moves to a host of the session's own: a network namespace in which loopback is up.
  ///
  /// Its engine has a store of its own, as with `ownStore`, for networks are written down in the
  /// store. `stopAll` moves back.
  ///
  /// - Parameter hasIPv6: whether links get link-local addresses of IPv6. They are ready only after
  ///   a second or two (RFC 4862, 5.4), and neighbours talk about them without being asked.
  /// - Returns: the engine of that host.
  /// - Throws: `SystemError` of unshare(2); `EngineError` when its root cannot be made; `LabError`.
  public func ownHost(hasIPv6: Bool = false) throws -> Engine {
    let engine = try Engine(root: try folder("store"), runRoot: containers.runRoot)
    try bareHost(hasIPv6: hasIPv6)
    containers = engine
    return engine
  }

  /// The same with the learner's store: for containers without a network (`--network none`).
  ///
  /// - Throws: `SystemError` of unshare(2); `LabError`.
  public func bareHost(hasIPv6: Bool = false) throws {
    let way = try Home()
    try Processes.unshare(.network)
    home = way
    try host(["sh", "-c", Self.preparation(hasIPv6)], isShown: false)
  }

  /// Another host, made by hand and as bare as `ownHost`.
  ///
  /// - Returns: the process that keeps it.
  /// - Throws: as `namespace` does.
  public func otherHost(hasIPv6: Bool = false, isShown: Bool = true) throws -> Int32 {
    let pid = try namespace(isShown: isShown)
    try inside(pid, ["sh", "-c", Self.preparation(hasIPv6)], isShown: false)
    return pid
  }

  /// What a machine has done to its loopback long before anybody logs in.
  private static func preparation(_ hasIPv6: Bool) -> String {
    let file = "/proc/sys/net/ipv6/conf/default/disable_ipv6"
    return "ip link set lo up" + (hasIPv6 ? "" : "; [ ! -e \(file) ] || echo 1 > \(file)")
  }

  /// A network namespace without a container, as `unshare --net` makes it: kept by a process that
  /// sleeps, and gone with it.
  ///
  /// - Returns: the process that keeps it.
  /// - Throws: `SystemError`; `Interrupted`; `LabError` when it does not come to be.
  public func namespace(isShown: Bool = true) throws -> Int32 {
    let own = Kernel.read("/proc/thread-self/ns/net")
    let pid = try launch(["unshare", "--net", "sleep", "1000"], isShown: isShown)
    // unshare(2) and execve(2) come a moment after the start.
    let isThere = try wait {
      Kernel.read("/proc/\(pid)/comm") == "sleep" && Kernel.read("/proc/\(pid)/ns/net") != own
    }
    guard isThere else { throw LabError("unshare --net made no network namespace") }
    return pid
  }

  /// Starts a program in the background; it ends with the lab, or by `end`.
  ///
  /// - Returns: its pid.
  /// - Throws: `SystemError`; `Interrupted`.
  public func launch(_ words: [String], isShown: Bool = true) throws -> Int32 {
    try Interrupt.check()
    if isShown {
      let command = words.map(Typed.quoted).joined(separator: " ") + " &"
      audience?.ran(ShownRun(command: command, steps: [], stepCount: 0))
    }
    let null = try File.open("/dev/null", .readWrite)
    let child = try Child(
      "/bin/sh", ["sh", "-c", "exec \"$@\"", "sh"] + words, input: null.raw, output: null.raw,
      error: null.raw, deathSignal: Signal.kill)
    let pid = child.pid
    background.append(Background(child))
    return pid
  }

  /// Ends a program that was launched, and with it the namespace that it kept.
  ///
  /// - Throws: `SystemError`.
  public func end(_ pid: Int32) throws {
    guard let index = background.firstIndex(where: { $0.child.pid == pid }) else { return }
    try background[index].child.signal(Signal.kill)
    // Dropped, it is waited for.
    background.remove(at: index)
  }

  /// Ends what was launched, and moves back to the learner's machine.
  ///
  /// - Throws: `SystemError` of setns(2).
  func leaveHost() throws {
    background = []
    guard let way = home else { return }
    try Processes.join(way.namespace.raw, .network, name: "the machine's network namespace")
    home = nil
  }

  /// `drydock network create NAME`, shown with its steps.
  ///
  /// - Parameters:
  ///   - name: the network's name.
  ///   - engine: the engine of the session's own host.
  ///   - steps: the ids of the steps that are shown (`net.bridge.create`); none for the command alone.
  ///   - change: what else is asked for.
  /// - Returns: the network, and all steps.
  /// - Throws: `EngineError`; `Interrupted`.
  public func network(
    _ name: String, on engine: Engine, steps: [String] = [],
    change: (inout NetworkOptions) -> Void = { _ in }
  ) throws -> (info: NetworkInfo, steps: [TracedStep]) {
    try Interrupt.check()
    var options = NetworkOptions(name: name)
    change(&options)
    let recorder = StepRecorder()
    _ = try engine.createNetwork(options, watching: recorder)
    let run = ShownRun(
      command: Typed.network(options),
      steps: recorder.steps.filter { steps.contains($0.id) },
      stepCount: recorder.steps.count)
    record.runs.append(run)
    audience?.ran(run)
    return (try engine.network(name), recorder.steps)
  }

  /// Runs a command in the network namespace of a process (nsenter(1)).
  ///
  /// - Throws: as `host` does.
  @discardableResult
  public func inside(_ pid: Int32, _ words: [String], isShown: Bool = true) throws -> String {
    try host(["nsenter", "-t", "\(pid)", "-n"] + words, isShown: isShown)
  }

  /// Runs a command that may fail.
  ///
  /// - Returns: its exit code, and the last line that it wrote to standard error, or else to
  ///   standard output.
  /// - Throws: `SystemError`; `Interrupted`.
  public func attempt(
    _ words: [String], isShown: Bool = true
  ) throws -> (code: Int32, output: String, complaint: String) {
    try Interrupt.check()
    if isShown {
      let command = words.map(Typed.quoted).joined(separator: " ")
      audience?.ran(ShownRun(command: command, steps: [], stepCount: 0))
    }
    // What it complains of is compared: in English.
    let environment = Processes.environment.filter { !$0.hasPrefix("LC_ALL=") } + ["LC_ALL=C"]
    let result = try Child.run(
      "/bin/sh", ["sh", "-c", "exec \"$@\"", "sh"] + words, environment: environment)
    try Interrupt.check()
    let complaint = String(decoding: result.error, as: UTF8.self).split(separator: "\n").last ?? ""
    return (
      result.status.code, String(decoding: result.output, as: UTF8.self).trimmedLine,
      String(complaint.prefix(160))
    )
  }

  /// Shows what a command tells of the kernel, such as `ip`, `bridge` or `nft`, which ask by netlink.
  ///
  /// - Parameters:
  ///   - words: the command.
  ///   - pid: a process in the network namespace; nil is the session's host.
  ///   - caption: what it shows.
  ///   - moment: when this is.
  /// - Returns: what it wrote.
  /// - Throws: as `host` does.
  @discardableResult
  public func ask(
    _ words: [String], in pid: Int32? = nil, _ caption: Text, _ moment: Exhibit.Moment
  ) throws -> String {
    let words = (pid.map { ["nsenter", "-t", "\($0)", "-n"] } ?? []) + words
    let answer = try host(words, isShown: false)
    note(
      words.map(Typed.quoted).joined(separator: " "), caption, moment, answer.isEmpty ? "-" : answer
    )
    return answer
  }
}

/// Keeps the steps that the engine itself takes.
final class StepRecorder: StepObserver {
  private(set) var steps: [TracedStep] = []

  func before(_ step: StepRecord, _ operation: borrowing Operation) -> Disposition { .proceed }

  func after(_ step: StepRecord) {
    let info = step.id.info
    steps.append(
      TracedStep(
        id: step.id.rawValue, phase: info.phase.rawValue, side: step.side.name, call: step.call,
        object: step.object, shell: step.shell, man: "\(info.man)",
        startNs: step.start, durationNs: step.duration, errno: step.errno))
  }
}

extension Typed {
  /// `drydock network create` with what is asked for.
  static func network(_ options: NetworkOptions) -> String {
    var words = ["drydock", "network", "create"]
    if options.driver != "bridge" { words += ["-d", options.driver] }
    for subnet in options.subnets { words += ["--subnet", subnet] }
    if options.isInternal { words.append("--internal") }
    for option in options.options { words += ["-o", quoted(option)] }
    return (words + [options.name]).joined(separator: " ")
  }
}
