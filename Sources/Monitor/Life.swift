// A container's life as its keeper tells it:
//
//     RUNROOT/containers/ID/live   while it is kept: when it began, how often it was started again
//     ROOT/containers/ID/exit      afterwards: how it ended
//
// Both are JSON objects with the same members, replaced whole by rename(2):
//
//     {"schema":1,"started_ns":N,"finished_ns":N,"code":137,"oom_killed":true,"restarts":2,
//      "restarting":false,"error":"…","health":"healthy","failing":0,
//      "probes":[{"begun_ns":N,"ended_ns":N,"code":0,"output":"…"}]}

internal import Linux
public import OCI

/// What is known of a container's life.
public struct Life: Equatable, Sendable {
  /// When its program was executed (CLOCK_REALTIME); 0 when it never was.
  public var startedNs: UInt64 = 0
  /// When it ended; 0 while it lives.
  public var finishedNs: UInt64 = 0
  /// Its exit code, 128+n for signal n; nil while it lives for the first time.
  public var code: Int32?
  /// Whether the kernel killed something in it for want of memory.
  public var oomKilled = false
  /// How often its policy started it again.
  public var restarts: UInt64 = 0
  /// Whether it waits to be started again.
  public var restarting = false
  /// Why it could not be started.
  public var error = ""
  /// `starting`, `healthy`, `unhealthy`; empty without a check.
  public var health = ""
  /// Failed checks in a row.
  public var failing: UInt64 = 0

  /// The last checks, the oldest first.
  public var probes: [HealthProbe] = []

  /// Nothing yet.
  public init() {}

  /// The file's content.
  public func encode() -> [UInt8] {
    var json = JSONWriter()
    json.beginObject()
    json.member("schema", Int64(1))
    json.member("started_ns", startedNs)
    json.member("finished_ns", finishedNs)
    if let code { json.member("code", Int64(code)) }
    json.member("oom_killed", oomKilled)
    json.member("restarts", restarts)
    json.member("restarting", restarting)
    if !error.isEmpty { json.member("error", error) }
    if !health.isEmpty {
      json.member("health", health)
      json.member("failing", failing)
      json.key("probes")
      json.beginArray()
      for probe in probes { probe.write(&json) }
      json.endArray()
    }
    json.endObject()
    return json.bytes
  }

  /// Reads the file's content.
  ///
  /// - Throws: `ConfigError` naming the place that cannot be read.
  public static func parse(_ bytes: [UInt8]) throws(ConfigError) -> Life {
    var json = try JSONReader(bytes)
    var life = Life()
    try json.beginObject()
    while try json.nextKey() {
      if json.keyIs("started_ns") {
        life.startedNs = try json.unsigned()
      } else if json.keyIs("finished_ns") {
        life.finishedNs = try json.unsigned()
      } else if json.keyIs("code") {
        life.code = Int32(truncatingIfNeeded: try json.signed(0...255))
      } else if json.keyIs("oom_killed") {
        life.oomKilled = try json.bool()
      } else if json.keyIs("restarts") {
        life.restarts = try json.unsigned()
      } else if json.keyIs("restarting") {
        life.restarting = try json.bool()
      } else if json.keyIs("error") {
        life.error = try json.string()
      } else if json.keyIs("health") {
        life.health = try json.string()
      } else if json.keyIs("failing") {
        life.failing = try json.unsigned()
      } else if json.keyIs("probes") {
        try json.beginArray()
        while try json.nextElement() { life.probes.append(try HealthProbe(&json)) }
      } else {
        try json.skip()
      }
    }
    try json.finish()
    return life
  }
}
