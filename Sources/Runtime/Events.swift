// `events`: what a container uses, and when the kernel killed in it for want of memory. One JSON
// object a line, in runc's shape:
//
//   {"type":"stats","id":"web","data":{"cpu":…,"memory":…,"pids":…,"blkio":…,"hugetlb":…}}
//   {"type":"oom","id":"web"}
//
// Out of memory is told by the kernel, not looked for:
//   v1  "EVENTFD MEMORY.OOM_CONTROL" into cgroup.event_control makes an eventfd(2) count
//       (kernel Documentation/admin-guide/cgroup-v1/memory.rst, section 10)
//   v2  memory.events is modified (inotify(7)); its line `oom_kill N` is compared with before

internal import Linux
internal import OCI

extension Command {
  static let eventsFlags = [
    Flag("stats", .switched, "print the figures once, and end"),
    Flag("interval", .value, "between two prints of the figures: 5s (the default), 500ms, 1m"),
    Flag("help", short: "h", .switched, "print this"),
  ]

  func events() throws(RuntimeError) -> Int32 {
    let interval = try duration(options["interval"] ?? "5s")
    let container = try store.load(try options.id(name))
    guard container.state.pid != nil else { throw container.notRunning }
    if options.has("stats") {
      try printStats(container)
      return 0
    }
    let end = try container.handle()
    var watch = try OOMWatch(container.state.cgroups)
    var next = Clock.now + interval
    while true {
      let now = Clock.now
      let left = next > now ? (next - now) / 1_000_000 + 1 : 0
      let ready = try lookingUp { () throws(SystemError) in
        try Linux.Events.wait(
          [end.raw, watch.raw], milliseconds: Int32(clamping: left))
      }
      if ready & 2 != 0, try watch.happened() { try printOOM(container.id) }
      if ready & 1 != 0 { return 0 }
      if Clock.now >= next {
        try printStats(container)
        next += interval
      }
    }
  }

  private func printStats(_ container: Container) throws(RuntimeError) {
    guard let cgroups = try container.cgroups() else { throw container.notRunning }
    var json = JSONWriter()
    json.beginObject()
    json.member("type", "stats")
    json.member("id", container.id)
    json.key("data")
    CgroupStats(cgroups: cgroups).write(&json)
    json.endObject()
    try print(json.bytes + [10])
  }

  private func printOOM(_ id: String) throws(RuntimeError) {
    var json = JSONWriter()
    json.beginObject()
    json.member("type", "oom")
    json.member("id", id)
    json.endObject()
    try print(json.bytes + [10])
  }

  /// `5s`, `500ms`, `1m` and `1h` in nanoseconds.
  private func duration(_ text: String) throws(RuntimeError) -> UInt64 {
    let units: [(StaticString, UInt64)] = [
      ("ms", 1_000_000), ("s", 1_000_000_000), ("m", 60_000_000_000), ("h", 3_600_000_000_000),
    ]
    let digits = String(decoding: text.utf8.prefix { (0x30...0x39).contains($0) }, as: UTF8.self)
    let unit = String(text.dropFirst(digits.utf8.count))
    guard let count = UInt64(digits), count > 0, count < 1_000_000,
      let factor = units.first(where: { $0.0.equals(unit) })?.1
    else { throw RuntimeError("events: --interval \(text): not a time such as 5s or 500ms") }
    return count * factor
  }
}

/// Readable when the kernel killed for want of memory in a cgroup.
private struct OOMWatch: ~Copyable {
  private let news: Descriptor
  private let file: String
  private let isUnified: Bool
  private var kills: UInt64

  var raw: Int32 { news.raw }

  init(_ cgroups: [State.Cgroup]) throws(RuntimeError) {
    let place = try OOMWatch.place(cgroups)
    let file = place.directory + (place.isUnified ? "/memory.events" : "/memory.oom_control")
    let news = try OOMWatch.open(file, place.directory, place.isUnified)
    self.news = news
    self.file = file
    isUnified = place.isUnified
    kills = place.isUnified ? OOMWatch.kills(file) : 0
  }

  private static func place(
    _ cgroups: [State.Cgroup]
  ) throws(RuntimeError) -> (directory: String, isUnified: Bool) {
    for cgroup in cgroups where cgroup.controllers.parts(",").contains("memory") {
      return (cgroup.path, false)
    }
    guard let cgroup = cgroups.first(where: { $0.controllers.isEmpty }) else {
      throw RuntimeError("this machine has no memory controller to ask for events")
    }
    return (cgroup.path, true)
  }

  private static func open(
    _ file: String, _ directory: String, _ isUnified: Bool
  ) throws(RuntimeError) -> Descriptor {
    try lookingUp { () throws(SystemError) in
      if isUnified { return try Notification.changes(of: file) }
      let counter = try Notification.counter()
      let control = try File.open(file, .readOnly)
      try File.set(directory + "/cgroup.event_control", "\(counter.raw) \(control.raw)")
      return counter
    }
  }

  /// Takes the news, and tells whether there was a kill among them.
  mutating func happened() throws(RuntimeError) -> Bool {
    let raw = news.raw
    _ = try lookingUp { () throws(SystemError) in try File.readSome(raw, 4096) }
    // v1 wakes for the end of the cgroup too; then its files are gone.
    guard isUnified else { return File.exists(file) }
    let now = OOMWatch.kills(file)
    defer { kills = now }
    return now > kills
  }

  /// The line `oom_kill N`; 0 when the cgroup is gone.
  private static func kills(_ file: String) -> UInt64 {
    guard let text = try? File.text(file) else { return 0 }
    for line in text.parts("\n") where line.hasPrefix("oom_kill ") {
      return UInt64(line.dropFirst(9)) ?? 0
    }
    return 0
  }
}
