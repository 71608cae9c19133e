// `drydock logs`: reads what the monitor writes (Monitor/Log.swift).

import Linux
import Monitor
import OCI

/// Which lines of a log.
public struct LogQuery: Sendable {
  /// `-f`.
  public var isFollowing = false
  /// `-t`.
  public var hasTimes = false
  /// `--details`.
  public var hasDetails = false
  /// `--tail`; nil for all.
  public var tail: Int?
  /// `--since`, nanoseconds since 1970.
  public var since: UInt64?
  /// `--until`, nanoseconds since 1970.
  public var until: UInt64?

  /// All of it.
  public init() {}
}

extension Engine {
  /// Writes a container's log to standard output and standard error.
  ///
  /// - Throws: `EngineError` when there is no such container or it has no log.
  public func logs(_ container: String, _ query: LogQuery) throws(EngineError) {
    let record = try store.find(container)
    guard record.log.driver != "none" else {
      throw EngineError(
        "configured logging driver does not support reading",
        hint: "\(record.name) was made with --log-driver none.", exitCode: 1)
    }
    var reader = LogReader(path: store.directory(record.id) + "/log", query: query)
    do throws(SystemError) {
      try reader.begin()
      while true {
        // Looked at first: what it writes until its end is read below.
        let lives = try? store.isKept(record)
        if try reader.read() { return }
        guard query.isFollowing, lives ?? false else { return }
        if let until = query.until, Clock.wall > until { return }
        try reader.wait()
      }
    } catch {
      if error.errno.code == 32 { return }  // EPIPE: nobody reads us any more
      throw EngineError("reading the log of \(record.name)", error)
    }
  }
}

extension ContainerStore {
  /// Whether a container may write more.
  func isKept(_ record: Record) throws(EngineError) -> Bool {
    if try isHeld(record.id) { return true }
    return try status(record).pid != nil
  }
}

/// Reads a log from its oldest file to its newest, and on as it grows.
private struct LogReader: ~Copyable {
  let path: String
  let query: LogQuery
  private var fd: Int32 = -1
  private var offset: UInt64 = 0
  private var rest: [UInt8] = []
  /// Files that come before the newest, the oldest last.
  private var older: [String] = []
  private var watch: Descriptor?
  /// Whether there is a newer file, and this one is read for the last time.
  private var isLast = false

  init(path: String, query: LogQuery) {
    self.path = path
    self.query = query
  }

  deinit { if fd >= 0 { Descriptors.close(fd) } }

  /// Finds where to begin.
  mutating func begin() throws(SystemError) {
    var files = [path]
    while File.exists("\(path).\(files.count)") { files.append("\(path).\(files.count)") }
    var start: UInt64 = 0
    var depth = files.count - 1
    if var wanted = query.tail {
      for (index, file) in files.enumerated() where File.exists(file) {
        depth = index
        if let found = try LogReader.last(&wanted, of: file) {
          start = found
          break
        }
      }
    }
    older = Array(files[..<depth])
    if File.exists(files[depth]) {
      try open(files[depth])
      offset = start
    }
  }

  /// Where the last lines of a file begin; nil when it has fewer, and then `wanted` are missing.
  private static func last(_ wanted: inout Int, of path: String) throws(SystemError) -> UInt64? {
    let file = try File.open(path, [.readOnly, .noFollow])
    var end = try File.status(of: file.raw, name: path).size
    if wanted == 0 { return end }
    var isFirst = true
    while end > 0 {
      let length = min(end, 64 << 10)
      let bytes = try File.read(file.raw, at: end - length, limit: Int(length), name: path)
      for index in bytes.indices.reversed() where bytes[index] == 10 {
        // The newline at the very end ends the last line.
        if isFirst {
          isFirst = false
          continue
        }
        wanted -= 1
        if wanted == 0 { return end - length + UInt64(index) + 1 }
      }
      end -= length
    }
    if !isFirst { wanted -= 1 }
    return wanted == 0 ? 0 : nil
  }

  private mutating func open(_ path: String) throws(SystemError) {
    if fd >= 0 { Descriptors.close(fd) }
    fd = try File.open(path, [.readOnly, .noFollow]).release()
    offset = 0
    rest = []
    watch = nil
    isLast = false
  }

  /// Shows everything there is now; true when `--until` has come.
  mutating func read() throws(SystemError) -> Bool {
    while true {
      if fd < 0 {
        guard File.exists(path) else { return false }
        try open(path)
      }
      var output: [[UInt8]] = [[], []]
      let bytes = try File.read(fd, at: offset, limit: 256 << 10, name: path)
      offset += UInt64(bytes.count)
      rest += bytes
      var start = 0
      while let end = rest[start...].firstIndex(of: 10) {
        if show(Array(rest[start..<end]), &output) {
          try put(output)
          return true
        }
        start = end + 1
      }
      rest.removeFirst(start)
      try put(output)
      guard bytes.isEmpty else { continue }
      // The end of this file; perhaps there is a newer one.
      if let next = older.popLast() {
        try open(next)
      } else if isLast {
        try open(newer())
      } else if try hasRotated() {
        // What came between the last read and the renaming is read first.
        isLast = true
      } else {
        return false
      }
    }
  }

  /// The file that came after this one: between two looks there may have been several.
  private func newer() throws(SystemError) -> String {
    let own = try File.status(of: fd, name: path).inode
    var number = 1
    while File.exists("\(path).\(number)") {
      if try File.status("\(path).\(number)").inode == own {
        return number == 1 ? path : "\(path).\(number - 1)"
      }
      number += 1
    }
    // Dropped meanwhile: the oldest that is left comes next.
    return number == 1 ? path : "\(path).\(number - 1)"
  }

  private func hasRotated() throws(SystemError) -> Bool {
    guard File.exists(path) else { return false }
    let now = try File.status(path)
    return now.inode != (try File.status(of: fd, name: path)).inode
  }

  private func put(_ output: [[UInt8]]) throws(SystemError) {
    for (stream, bytes) in output.enumerated() where !bytes.isEmpty {
      try File.write(Int32(stream + 1), bytes, name: "standard output")
    }
  }

  /// Shows one line; true when it is too new.
  private func show(_ line: [UInt8], _ output: inout [[UInt8]]) -> Bool {
    var text = ""
    var stream = 0
    var time = ""
    do throws(ConfigError) {
      var json = try JSONReader(line)
      try json.beginObject()
      while try json.nextKey() {
        if json.keyIs("log") {
          text = try json.string()
        } else if json.keyIs("stream") {
          stream = try json.string() == "stderr" ? 1 : 0
        } else if json.keyIs("time") {
          time = try json.string()
        } else {
          try json.skip()
        }
      }
    } catch {
      return false  // a line that a power cut has left half-written
    }
    if query.since != nil || query.until != nil {
      let moment = Moment.rfc3339(time) ?? 0
      if let since = query.since, moment < since { return false }
      if let until = query.until, moment > until { return true }
    }
    // Both streams in the order in which they came, as far as that can be seen.
    if !output[1 - stream].isEmpty {
      do throws(SystemError) { try put(output) } catch {}
      output = [[], []]
    }
    if query.hasTimes { output[stream] += Array("\(time) ".utf8) }
    // As Docker: what was noted of the line and a blank, also when that is nothing.
    if query.hasDetails { output[stream].append(32) }
    output[stream] += Array(text.utf8)
    return false
  }

  /// Waits until there may be more.
  mutating func wait() throws(SystemError) {
    guard fd >= 0 else { return Clock.sleep(10_000_000) }
    if watch == nil { watch = try Notification.changes(of: path) }
    let raw = watch?.raw ?? -1
    if try Events.wait([raw], milliseconds: 50) != 0 { _ = try? File.readSome(raw, 4096) }
  }
}
