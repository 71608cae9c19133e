public import Engine
internal import Linux
public import Measure

/// A container as labs use it; `RunningContainer`, or a stand-in where there is no root.
public protocol LabContainer: AnyObject {
  /// The container's id.
  var id: String { get }
  /// The first process as the host sees it.
  var pid: Int32 { get }
  /// The directory with a controller's files.
  func cgroup(_ controller: String) -> String?
  /// Sends a signal to the first process.
  func kill(_ signal: Int32) throws(EngineError)
  /// SIGTERM, and SIGKILL to what still lives after the grace, in seconds.
  func stop(grace: Double) throws(EngineError)
  /// Waits for the end and tells the exit code; the container is removed.
  func wait() throws(EngineError) -> Int32
  /// What it wrote so far.
  func output() throws(EngineError) -> String
  /// The runtime's steps so far.
  func trace() throws(EngineError) -> Trace
}

extension RunningContainer: LabContainer {}

/// Where containers come from: the engine, or a stand-in.
public protocol LabContainers {
  /// A directory that goes away with the session.
  var runRoot: String { get }
  /// Starts a container in the background.
  func startContainer(_ options: RunOptions) throws(EngineError) -> any LabContainer
}

extension Engine: LabContainers {
  /// `start`, as labs call it.
  public func startContainer(_ options: RunOptions) throws(EngineError) -> any LabContainer {
    try start(options)
  }
}

/// What an experiment or a judge works with: containers, the kernel's files, and a record of it
/// all that is shown while it grows.
public final class Stage {
  /// What has come out so far.
  public internal(set) var record = Record()
  /// Hears of everything as it happens; nil when nobody watches.
  public var audience: (any Audience)?
  var containers: any LabContainers
  /// `--root` of a store of the session's own; nil for the learner's.
  var ownRoot: String?
  /// The way back, while the lab is on a host of its own.
  var home: Home?
  /// What runs beside the lab.
  var background: [Background] = []
  private var living: [any LabContainer] = []
  private var started = 0

  /// Makes a stage.
  public init(containers: any LabContainers, audience: (any Audience)? = nil) {
    self.containers = containers
    self.audience = audience
  }

  /// A name for a cgroup of the lab's own, by which the session finds it when it cleans up.
  public var groupName: String { "lab-\(Processes.current)-group" }

  /// Writes a file that ends with the lab and shows it.
  ///
  /// - Returns: its path.
  /// - Throws: `SystemError` when it cannot be written.
  public func keep(_ name: String, _ caption: Text, _ content: String) throws -> String {
    let path = "\(containers.runRoot)/\(name)"
    try File.replace(path, with: Array(content.utf8))
    audience?.wrote(path, caption, content.trimmedLine)
    return path
  }

  /// Says what happens next.
  public func say(_ text: Text) { audience?.said(text) }

  /// Starts a container and shows the command and some of its steps.
  ///
  /// - Parameters:
  ///   - options: what `drydock run` would be told.
  ///   - steps: step ids (`rootfs.pivot`), with the last part of what they act on where there are
  ///     several (`mount.attach proc`), or names of the files written (`cpu.shares`); with a word
  ///     that is none of these, the command alone is shown.
  /// - Returns: the container, whose program runs already.
  /// - Throws: `EngineError`; `Interrupted`.
  public func start(_ options: RunOptions, steps: [String] = []) throws -> any LabContainer {
    try Interrupt.check()
    let asked = options
    var options = options
    started += 1
    if options.name == nil { options.name = "lab-\(Processes.current)-\(started)" }
    let container = try containers.startContainer(options)
    living.append(container)
    if !steps.isEmpty {
      let trace = try container.trace()
      let all = trace.steps
      let shown = all.filter { step in
        steps.contains {
          $0 == step.id || $0 == "\(step.id) \(step.object.split(separator: "/").last ?? "")"
            || step.object.contains("/\(container.id.prefix(12))/\($0)")
        }
      }
      let run = ShownRun(
        command: Typed.drydock(asked, root: ownRoot), steps: shown,
        stepCount: all.count)
      record.runs.append(run)
      if record.firstStart == nil {
        record.firstStart = Waterfall(trace, command: run.command)
      }
      audience?.ran(run)
    }
    return container
  }

  /// Waits for a container's own end, at most so many seconds.
  ///
  /// - Returns: its exit code.
  /// - Throws: `EngineError`; `Interrupted`; `LabError` when it does not end.
  public func finish(_ container: any LabContainer, within seconds: Double = 15) throws -> Int32 {
    let deadline = Clock.now + UInt64(seconds * 1e9)
    while Processes.isAlive(container.pid) {
      guard Clock.now < deadline else {
        throw LabError("container \(container.id.prefix(12)) did not end in \(seconds) s")
      }
      try Interrupt.sleep(milliseconds: 20)
    }
    forget(container)
    return try container.wait()
  }

  /// Ends a container and waits until it is gone.
  ///
  /// - Throws: `EngineError`.
  @discardableResult
  public func stop(_ container: any LabContainer) throws -> Int32 {
    forget(container)
    if Processes.isAlive(container.pid) {
      do throws(EngineError) {
        try container.kill(9)
      } catch {
        // It may have ended just now; wait() tells the truth.
        if Processes.isAlive(container.pid) { throw error }
      }
    }
    return try container.wait()
  }

  /// Ends every container that still runs and all that was launched, and leaves the lab's own host.
  ///
  /// - Throws: `EngineError` of the first that would not end, after all have been tried.
  public func stopAll() throws {
    var first: (any Error)?
    for container in living {
      do { try stop(container) } catch { first = first ?? error }
    }
    do { try leaveHost() } catch { first = first ?? error }
    if let first { throw first }
  }

  func forget(_ container: any LabContainer) {
    living.removeAll { $0.id == container.id }
  }

  /// Reads a kernel file and shows it, with its path and what it was before.
  ///
  /// - Parameters:
  ///   - path: the file, under /proc or /sys; a link is shown by its target.
  ///   - caption: what it shows.
  ///   - moment: when this is.
  ///   - keep: the only lines to keep: those that begin so.
  /// - Returns: the content without the last line feed; nil when there is no such file.
  @discardableResult
  public func look(
    _ path: String, _ caption: Text, _ moment: Exhibit.Moment, keep: [String] = []
  ) -> String? {
    let value = Kernel.read(path).map { text in
      keep.isEmpty
        ? text
        : text.split(separator: "\n").filter { line in keep.contains { line.hasPrefix($0) } }
          .joined(separator: "\n")
    }
    note(path, caption, moment, value)
    return value
  }

  /// Records what a kernel file holds for somebody else, such as inside a container.
  public func note(
    _ path: String, _ caption: Text, _ moment: Exhibit.Moment, _ value: String?
  ) {
    let reading = Exhibit.Reading(moment: moment, value: value)
    if let index = record.exhibits.firstIndex(where: { $0.path == path }) {
      record.exhibits[index].readings.append(reading)
    } else {
      record.exhibits.append(Exhibit(path: path, caption: caption, readings: [reading]))
    }
    if let item = record.exhibits.first(where: { $0.path == path }) { audience?.looked(item) }
  }

  /// Lets the containers run for a while and counts what they used.
  ///
  /// - Returns: a window for each container, in order.
  /// - Throws: `SystemError`; `Interrupted`.
  public func watch(_ containers: [any LabContainer], seconds: Double) throws -> [Window] {
    let samplers = containers.map { container in
      Sampler(cgroup: CgroupPaths { container.cgroup($0) })
    }
    var before = [Snapshot]()
    for sampler in samplers { before.append(try sampler.read()) }
    try Interrupt.sleep(milliseconds: Int(seconds * 1000))
    var windows = [Window]()
    for (index, sampler) in samplers.enumerated() {
      windows.append(Window(from: before[index], to: try sampler.read()))
    }
    return windows
  }

  /// Adds a finding and shows it.
  public func find(_ finding: Finding) {
    record.findings.append(finding)
    audience?.found(finding)
  }

  /// Holds a measured value against the expected one and adds the finding.
  public func find(
    _ id: String, _ what: Text, expected: Expected, measured: Double, doubts: [Doubt] = [],
    cause: String? = nil
  ) {
    var finding = Finding(
      id, what, expected: expected.text, seen: expected.unit.text(measured),
      expected.judge(Interval(exactly: measured), doubts: doubts), cause: cause)
    finding.expectation = expected
    finding.measured = measured
    find(finding)
  }

  /// Adds a finding that a condition decides.
  public func find(
    _ id: String, _ what: Text, expected: String, seen: String, if condition: Bool,
    otherwise reason: Text, cause: String? = nil
  ) {
    find(
      Finding(
        id, what, expected: expected, seen: seen,
        condition ? .pass : .fail(reason.bilingual), cause: cause))
  }

  /// Keeps a figure for the report.
  public func record(split: CPUSplit) { record.splits.append(split) }

  /// Keeps a figure for the report.
  public func record(throttling: ThrottlingTimeline) { record.throttling.append(throttling) }

  /// Keeps a figure for the report.
  public func record(memory: MemoryTimeline) { record.memory.append(memory) }

  /// Keeps what the machine did during the experiment.
  public func record(window: Window) { record.window = window }

  /// Names a value that the explanations use.
  public func fact(_ name: String, _ value: String) { record.facts[name] = value }
}

/// Who follows a lab as it happens.
public protocol Audience: AnyObject {
  /// Something is about to happen.
  func said(_ text: Text)
  /// A container was started.
  func ran(_ run: ShownRun)
  /// A file was written that is part of the experiment.
  func wrote(_ path: String, _ caption: Text, _ content: String)
  /// A kernel file was read.
  func looked(_ exhibit: Exhibit)
  /// Something was compared.
  func found(_ finding: Finding)
}

/// Commands as people would type them.
enum Typed {
  /// `drydock run` with the options that are set, and the network: without one typed there is another.
  static func drydock(
    _ options: RunOptions, root: String? = nil
  ) -> String {
    var words = ["drydock"] + (root.map { ["--root", quoted($0)] } ?? []) + ["run"]
    func add(_ name: String, _ value: String?) { if let value { words += [name, value] } }
    add("--name", options.name)
    add("--cpu-shares", options.cpuShares.map { "\($0)" })
    add("--cpus", options.cpus.map(Decimals.short))
    add("--cpuset-cpus", options.cpusetCpus)
    add("--memory", options.memory.map(size))
    add("--memory-swap", options.memorySwap.map { $0 < 0 ? "-1" : size($0) })
    add("--hostname", options.hostname)
    add("--user", options.user)
    for name in options.capDrop { add("--cap-drop", name) }
    for name in options.capAdd { add("--cap-add", name) }
    for option in options.securityOptions { add("--security-opt", quoted(option)) }
    for map in options.uidMap { add("--uidmap", map) }
    for map in options.gidMap { add("--gidmap", map) }
    add("--uts", options.uts.isEmpty ? nil : options.uts)
    for volume in options.volumes { add("-v", quoted(volume)) }
    if options.hasInit { words.append("--init") }
    for hook in options.hooks { add("--hook", quoted(hook)) }
    add("--network", options.network)
    for server in options.dns { add("--dns", server) }
    for link in options.links { add("--link", link) }
    for port in options.published { add("-p", port) }
    words.append(options.image)
    for word in options.command { words.append(quoted(word)) }
    return words.joined(separator: " ")
  }

  private static func size(_ bytes: Int64) -> String {
    bytes % (1 << 20) == 0 ? "\(bytes >> 20)m" : "\(bytes)"
  }

  static func quoted(_ word: String) -> String {
    let plain = word.allSatisfy { $0.isLetter || $0.isNumber || "-_./=:,%".contains($0) }
    guard !plain || word.isEmpty else { return word }
    let parts = word.split(separator: "'", omittingEmptySubsequences: false)
    return "'" + parts.joined(separator: #"'\''"#) + "'"
  }
}

extension Stage {
  /// Waits until a container has written so many lines.
  ///
  /// - Throws: `LabError` when it does not within ten seconds; `EngineError`; `Interrupted`.
  public func lines(of container: any LabContainer, atLeast count: Int) throws -> [String] {
    let deadline = Clock.now + 10_000_000_000
    while true {
      try Interrupt.check()
      let output = try container.output()
      let lines = output.split(separator: "\n").map(String.init)
      if lines.count >= count, output.hasSuffix("\n") { return lines }
      guard Clock.now < deadline else {
        throw LabError("the container wrote \(lines.count) lines, not \(count): \(output)")
      }
      try Interrupt.sleep(milliseconds: 20)
    }
  }
}
