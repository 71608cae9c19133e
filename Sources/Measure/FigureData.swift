/// How CPU time was split, with what was expected.
public struct CPUSplit: Codable, Equatable, Sendable {
  /// One bar.
  public struct Bar: Codable, Equatable, Sendable {
    /// Who used it.
    public var label: Bilingual
    /// What was measured, in the split's unit.
    public var value: Double
    /// What was expected; nil for who is only shown, such as the others.
    public var expected: Expected?

    /// Describes a bar.
    public init(label: Bilingual, value: Double, expected: Expected? = nil) {
      self.label = label
      self.value = value
      self.expected = expected
    }
  }

  /// What people read above it.
  public var title: Bilingual
  /// The bars, from top to bottom.
  public var bars: [Bar]
  /// `share` of something, or `cpus`.
  public var unit: Quantity
  /// The command that repeats it.
  public var command: String

  /// Describes a split.
  public init(title: Bilingual, bars: [Bar], unit: Quantity, command: String) {
    self.title = title
    self.bars = bars
    self.unit = unit
    self.command = command
  }
}

/// What a CPU quota did over time.
public struct ThrottlingTimeline: Codable, Equatable, Sendable {
  /// One interval.
  public struct Point: Codable, Equatable, Sendable {
    /// Its end, in milliseconds from the start.
    public var milliseconds: Double
    /// CPUs used on average in it.
    public var cpus: Double
    /// Periods that ended in it.
    public var periods: UInt64
    /// Periods in which the quota ran out.
    public var throttledPeriods: UInt64

    /// Describes an interval.
    public init(milliseconds: Double, cpus: Double, periods: UInt64, throttledPeriods: UInt64) {
      self.milliseconds = milliseconds
      self.cpus = cpus
      self.periods = periods
      self.throttledPeriods = throttledPeriods
    }
  }

  /// What people read above it.
  public var title: Bilingual
  /// The limit in CPUs: quota ÷ period; nil when there is none.
  public var limit: Double?
  /// The intervals in order.
  public var points: [Point]
  /// The command that repeats it.
  public var command: String

  /// Describes a timeline.
  public init(title: Bilingual, limit: Double?, points: [Point], command: String) {
    self.title = title
    self.limit = limit
    self.points = points
    self.command = command
  }

  /// Makes the timeline from snapshots of a sampler that watched the cgroup.
  public init(title: Bilingual, limit: Double?, snapshots: [Snapshot], command: String) {
    self.init(title: title, limit: limit, points: [], command: command)
    guard let start = snapshots.first?.nanoseconds else { return }
    for (before, after) in zip(snapshots, snapshots.dropFirst()) {
      let window = Window(from: before, to: after)
      guard let cpus = window.usedCPUs else { continue }
      points.append(
        Point(
          milliseconds: Double(after.nanoseconds - start) / 1e6, cpus: cpus,
          periods: window.throttling?.periods ?? 0,
          throttledPeriods: window.throttling?.throttledPeriods ?? 0))
    }
  }
}

/// Memory of a cgroup over time, against its limit.
public struct MemoryTimeline: Codable, Equatable, Sendable {
  /// One reading.
  public struct Point: Codable, Equatable, Sendable {
    /// Milliseconds from the start.
    public var milliseconds: Double
    /// Bytes charged.
    public var bytes: UInt64

    /// Describes a reading.
    public init(milliseconds: Double, bytes: UInt64) {
      self.milliseconds = milliseconds
      self.bytes = bytes
    }
  }

  /// Something that happened.
  public struct Event: Codable, Equatable, Sendable {
    /// Milliseconds from the start.
    public var milliseconds: Double
    /// What.
    public var label: Bilingual

    /// Describes an event.
    public init(milliseconds: Double, label: Bilingual) {
      self.milliseconds = milliseconds
      self.label = label
    }
  }

  /// What people read above it.
  public var title: Bilingual
  /// Limit in bytes; nil when there is none.
  public var limitBytes: UInt64?
  /// The kernel's own record of the most, which readings may miss.
  public var peakBytes: UInt64?
  /// The readings in order.
  public var points: [Point]
  /// Such as an OOM kill.
  public var events: [Event]
  /// The command that repeats it.
  public var command: String

  /// Describes a timeline.
  public init(
    title: Bilingual, limitBytes: UInt64?, peakBytes: UInt64?, points: [Point],
    events: [Event] = [], command: String
  ) {
    self.title = title
    self.limitBytes = limitBytes
    self.peakBytes = peakBytes
    self.points = points
    self.events = events
    self.command = command
  }

  /// Makes the timeline from snapshots of a sampler that watched the cgroup.
  ///
  /// A rise of the kernel's count of OOM kills becomes an event.
  public init(title: Bilingual, snapshots: [Snapshot], command: String) {
    self.init(title: title, limitBytes: nil, peakBytes: nil, points: [], command: command)
    guard let start = snapshots.first?.nanoseconds else { return }
    var kills: UInt64?
    for snapshot in snapshots {
      // The files vanish with the container; what was read last stays.
      guard let memory = snapshot.cgroup?.memory else { continue }
      let at = Double(snapshot.nanoseconds - start) / 1e6
      points.append(Point(milliseconds: at, bytes: memory.bytes))
      limitBytes = memory.limitBytes ?? limitBytes
      peakBytes = memory.peakBytes ?? peakBytes
      if let now = memory.oomKills {
        if now > kills ?? 0 {
          let label = Bilingual(en: "OOM kill", zh: "OOM 终止")
          events.append(Event(milliseconds: at, label: label))
        }
        kills = now
      }
    }
  }
}

/// A traced start-up: which step took how long, over what the same calls take at the least.
public struct Waterfall: Codable, Equatable, Sendable {
  /// A step of the trace.
  public struct Step: Codable, Equatable, Sendable {
    /// Such as `net.veth.create`.
    public var id: String
    /// Such as `namespaces`.
    public var phase: String
    /// `runtime` or `init`.
    public var side: String
    /// Nanoseconds from the start of the command.
    public var startNanoseconds: UInt64
    /// Nanoseconds it took.
    public var durationNanoseconds: UInt64

    /// Describes a step.
    public init(
      id: String, phase: String, side: String, startNanoseconds: UInt64,
      durationNanoseconds: UInt64
    ) {
      self.id = id
      self.phase = phase
      self.side = side
      self.startNanoseconds = startNanoseconds
      self.durationNanoseconds = durationNanoseconds
    }
  }

  /// What people read above it.
  public var title: Bilingual
  /// The steps as traced.
  public var steps: [Step]
  /// Nanoseconds of the whole.
  public var totalNanoseconds: UInt64
  /// Nanoseconds between the steps.
  public var unaccountedNanoseconds: UInt64
  /// Nanoseconds a program needs that makes the same calls and nothing else; nil if not measured.
  public var floorNanoseconds: UInt64?
  /// When it began, in nanoseconds of CLOCK_MONOTONIC; nil where the trace does not say.
  public var beganNanoseconds: UInt64?
  /// The command that repeats it.
  public var command: String

  /// Describes a start-up.
  public init(
    title: Bilingual, steps: [Step], totalNanoseconds: UInt64, unaccountedNanoseconds: UInt64,
    floorNanoseconds: UInt64? = nil, command: String
  ) {
    self.title = title
    self.steps = steps
    self.totalNanoseconds = totalNanoseconds
    self.unaccountedNanoseconds = unaccountedNanoseconds
    self.floorNanoseconds = floorNanoseconds
    self.command = command
  }
}
