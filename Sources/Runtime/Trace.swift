// The file of `--trace`: one JSON object.
//
//   schema, container, began_ns, total_ns, unaccounted_ns
//   steps[]: id, phase, side, call, object, shell, man, see, needle, undo, start_ns, duration_ns,
//            errno
//
// began_ns is the start of the command on CLOCK_MONOTONIC, from which start_ns counts. unaccounted_ns is the time in which no step was
// under way, in either process: reading, parsing, waiting.

internal import Linux
internal import OCI
package import Steps

/// Writes traces.
package enum Trace {
  /// Writes what was seen so far, if a trace was asked for.
  static func write(
    _ watcher: Watcher?, id: String, began: UInt64
  ) throws(RuntimeError) {
    guard let watcher, let path = watcher.options.trace else { return }
    let bytes = json(watcher.records, id: id, began: began, total: Clock.now - began)
    try lookingUp { () throws(SystemError) in try File.replace(path, with: bytes) }
  }

  /// The file's text.
  ///
  /// - Parameters:
  ///   - seen: The steps, in any order.
  ///   - id: The container.
  ///   - began: When the command began, on CLOCK_MONOTONIC, in nanoseconds.
  ///   - total: How long it took, in nanoseconds.
  /// - Returns: The object and a line feed.
  package static func json(
    _ seen: [StepRecord], id: String, began: UInt64, total: UInt64
  ) -> [UInt8] {
    let records = seen.sorted { $0.start < $1.start }
    var json = JSONWriter(pretty: false)
    json.beginObject()
    json.member("schema", Int64(1))
    json.member("container", id)
    json.member("began_ns", Int64(began))
    json.member("total_ns", Int64(total))
    json.member("unaccounted_ns", Int64(total - min(total, covered(records))))
    json.key("steps")
    json.beginArray()
    for record in records { write(record, began, &json) }
    json.endArray()
    json.endObject()
    return json.bytes + [10]
  }

  private static func write(
    _ record: StepRecord, _ began: UInt64, _ json: inout JSONWriter
  ) {
    let info = record.id.info
    json.beginObject()
    json.member("id", record.id.rawValue)
    json.member("phase", info.phase.rawValue)
    json.member("side", record.side.name)
    json.member("call", record.call)
    json.member("object", record.object)
    json.key("shell")
    if let shell = record.shell { json.string(shell) } else { json.null() }
    json.member("man", "\(info.man)")
    json.member("see", record.see)
    json.member("needle", record.needle)
    json.key("undo")
    if let undo = info.undo { json.string(undo.rawValue) } else { json.null() }
    json.member("start_ns", Int64(record.start - min(began, record.start)))
    json.member("duration_ns", Int64(record.duration))
    json.key("errno")
    if let errno = record.errno { json.string(errno.name) } else { json.null() }
    json.endObject()
  }

  /// The time in which at least one step was under way, in nanoseconds.
  private static func covered(_ records: [StepRecord]) -> UInt64 {
    var total: UInt64 = 0
    var end: UInt64 = 0
    for record in records {
      let from = max(record.start, end)
      let to = record.start + record.duration
      if to > from { total += to - from }
      end = max(end, to)
    }
    return total
  }
}
