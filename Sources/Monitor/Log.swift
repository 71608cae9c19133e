// The log, as Docker's json-file driver writes it: one object a line of output.
//
//     {"log":"hello\n","stream":"stdout","time":"2026-01-02T03:04:05.678901234Z"}
//
// A line longer than 16 KiB comes in pieces, of which only the last ends with a newline. Files are
// DIRECTORY/log, log.1, log.2 …, the newest first.
//
// Nothing that happens to the log may reach the container: on a full disk lines are counted
// instead, and one line says so when there is room again. The last megabyte of a disk is left to
// those who could empty it: without room for its index SQLite cannot even be asked which container
// is to be removed.

internal import Linux
internal import OCI
internal import Steps

/// Writes a container's log.
struct Log {
  /// The longest piece of a line.
  private static let longest = 16 << 10

  /// What a log leaves of a disk, in bytes.
  private static let reserve: UInt64 = 1 << 20

  private let path: String
  private let maxBytes: UInt64
  private let maxFiles: UInt64
  private var fd: Int32 = -1
  private var size: UInt64 = 0
  /// Bytes of output that found no room.
  private(set) var lost: UInt64 = 0
  /// What of a line has come so far, of standard output and standard error.
  private var partial: [[UInt8]] = [[], []]

  init(path: String, maxBytes: UInt64, maxFiles: UInt64) {
    self.path = path
    self.maxBytes = maxBytes
    self.maxFiles = max(1, maxFiles)
  }

  /// Takes output as it came; `stream` is 0 for standard output, 1 for standard error.
  mutating func write(_ bytes: [UInt8], stream: Int) {
    var lines = [UInt8]()
    var length: UInt64 = 0
    let now = Clock.rfc3339(Clock.wall)
    var rest = bytes[...]
    while !rest.isEmpty {
      let room = Log.longest - partial[stream].count
      var end = rest.startIndex
      let stop =
        rest.index(rest.startIndex, offsetBy: room, limitedBy: rest.endIndex)
        ?? rest.endIndex
      var isWhole = false
      while end < stop && !isWhole {
        isWhole = rest[end] == 10
        end += 1
      }
      partial[stream] += rest[rest.startIndex..<end]
      rest = rest[end...]
      if isWhole || partial[stream].count >= Log.longest {
        length += UInt64(partial[stream].count)
        Log.append(partial[stream], stream, now, to: &lines)
        partial[stream].removeAll(keepingCapacity: true)
        // Where a new file may begin each line is looked at, else all go at once.
        if maxBytes > 0 {
          put(lines, of: length)
          lines.removeAll(keepingCapacity: true)
          length = 0
        }
      }
    }
    put(lines, of: length)
  }

  /// Writes what has come of lines that will not end.
  mutating func finish() {
    let now = Clock.rfc3339(Clock.wall)
    for stream in 0...1 where !partial[stream].isEmpty {
      var lines = [UInt8]()
      Log.append(partial[stream], stream, now, to: &lines)
      put(lines, of: UInt64(partial[stream].count))
      partial[stream].removeAll()
    }
  }

  private static func append(
    _ text: [UInt8], _ stream: Int, _ time: String, to lines: inout [UInt8]
  ) {
    var json = JSONWriter()
    json.beginObject()
    json.key("log")
    json.string(bytes: text)
    json.member("stream", stream == 0 ? "stdout" : "stderr")
    json.member("time", time)
    json.endObject()
    lines += json.bytes
    lines.append(10)
  }

  /// Writes whole lines: all of them are in the file afterwards, or none is.
  private mutating func put(_ lines: [UInt8], of length: UInt64) {
    guard !lines.isEmpty else { return }
    do throws(SystemError) {
      try Point.pass("monitor.log")
      if maxBytes > 0, size > 0, size + UInt64(lines.count) > maxBytes { try rotate() }
      try open()
      guard try File.room(fd, name: path) >= Log.reserve + UInt64(lines.count) else {
        throw SystemError("write(2)", .noSpace, path)
      }
      if lost > 0 {
        var note = [UInt8]()
        let text = "drydock: \(lost) bytes of output are lost: there was no room for the log\n"
        Log.append(Array(text.utf8), 1, Clock.rfc3339(Clock.wall), to: &note)
        try append(note)
        lost = 0
      }
      try append(lines)
    } catch {
      lost += length
    }
  }

  private mutating func append(_ bytes: [UInt8]) throws(SystemError) {
    do throws(SystemError) {
      try File.write(fd, bytes, name: path)
      size += UInt64(bytes.count)
    } catch {
      // Half a line would make the next one unreadable too.
      do throws(SystemError) { try File.cut(fd, to: size, name: path) } catch {}
      throw error
    }
  }

  private mutating func open() throws(SystemError) {
    guard fd < 0 else { return }
    let file = try File.open(path, [.writeOnly, .create, .append, .noFollow], mode: 0o640)
    size = try File.status(of: file.raw, name: path).size
    fd = file.release()
  }

  private mutating func rotate() throws(SystemError) {
    if fd >= 0 { Descriptors.close(fd) }
    fd = -1
    size = 0
    if maxFiles == 1 { return try File.remove(path) }
    var number = maxFiles - 1
    while number > 0 {
      let older = "\(path).\(number)"
      let newer = number == 1 ? path : "\(path).\(number - 1)"
      if File.exists(newer) { try File.rename(newer, to: older) }
      number -= 1
    }
  }
}
