internal import Linux
internal import Measure

/// Why nothing at all can be shown.
public struct XRayError: Error, Equatable, Sendable {
  /// What is wrong.
  public let message: String
  /// What to try.
  public let hint: String
}

/// The process that is looked at, held by its directory in /proc: when it ends meanwhile, reads
/// fail with ESRCH, and never show another process that got the same number (proc(5)).
final class Subject {
  let pid: Int32
  private let directory: Descriptor

  /// - Throws: `XRayError` when there is no such process.
  init(_ pid: Int32) throws(XRayError) {
    self.pid = pid
    do throws(SystemError) {
      directory = try File.open("/proc/\(pid)", [.path, .directory])
      // A zombie has a directory and nothing in it.
      let state = Status(try File.text("status", limit: 1 << 20, at: directory.raw))["State"]
      guard let state, !state.hasPrefix("Z"), !state.hasPrefix("X") else {
        throw SystemError("open(2)", .noProcess, "/proc/\(pid)")
      }
    } catch {
      throw XRayError(
        message: error.errno == .noEntry || error.errno == .noProcess
          ? "No such process: \(pid)" : error.text,
        hint: error.errno == .noEntry
          ? "It has ended, or /proc is mounted with hidepid and hides it from who is not root."
          : error.errno == .noProcess
            ? "It has ended: the kernel keeps nothing of it." : "Try it as root.")
    }
  }

  /// A file in /proc/PID as text; nil is noted.
  func text(_ file: String, _ notes: inout Notes, limit: Int = 16 << 20) -> String? {
    notes.reading("/proc/\(pid)/\(file)") { () throws(SystemError) in
      try File.text(file, limit: limit, at: directory.raw)
    }
  }

  /// The target of a link in /proc/PID; nil is noted.
  func link(_ file: String, _ notes: inout Notes) -> String? {
    notes.reading("/proc/\(pid)/\(file)") { () throws(SystemError) in
      try File.link(file, at: directory.raw)
    }
  }

  /// A file in /proc/PID, opened; nil is noted.
  func open(_ file: String, _ notes: inout Notes) -> Descriptor? {
    do throws(SystemError) {
      let opened = try File.open(file, .readOnly, at: directory.raw)
      notes.add(source: "/proc/\(pid)/\(file)")
      return opened
    } catch {
      notes.problem("/proc/\(pid)/\(file)", error)
      return nil
    }
  }

  /// Whether it still lives.
  var lives: Bool { (try? File.link("ns/pid", at: directory.raw)) != nil }
}

/// What could not be read, and why.
struct Problem: Equatable, Sendable {
  /// The file.
  let path: String
  /// The kernel's answer, and what it means here.
  let reason: Bilingual
}

/// What a section was read from, and what of it could not be read.
struct Notes {
  private(set) var sources: [String] = []
  private(set) var problems: [Problem] = []

  mutating func add(source: String) {
    if !sources.contains(source) { sources.append(source) }
  }

  mutating func problem(_ path: String, _ reason: Bilingual) {
    let problem = Problem(path: path, reason: reason)
    if !problems.contains(problem) { problems.append(problem) }
  }

  mutating func problem(_ path: String, _ error: SystemError) {
    let answer = "\(error.errno.message) (\(error.errno.name))"
    let meaning: Bilingual
    switch error.errno {
    case .access, .perm:
      meaning = Bilingual(en: "only root may read it here", zh: "这里只有 root 可以读取")
    case .noProcess:
      meaning = Bilingual(en: "the process has ended meanwhile", zh: "进程在读取期间已结束")
    case .noEntry:
      meaning = Bilingual(
        en: "it is gone, or this kernel has no such file", zh: "它已消失，或此内核没有这个文件")
    default: meaning = Bilingual(en: "the kernel refused", zh: "内核拒绝")
    }
    problem(path, Bilingual(en: "\(meaning.en): \(answer)", zh: "\(meaning.zh)：\(answer)"))
  }

  /// Reads; what was read becomes a source, what could not be a problem.
  mutating func reading<Value>(
    _ path: String, _ body: () throws(SystemError) -> Value
  ) -> Value? {
    do throws(SystemError) {
      let value = try body()
      add(source: path)
      return value
    } catch {
      problem(path, error)
      return nil
    }
  }

  /// A file of the host's as text; nil is noted.
  mutating func text(_ path: String, limit: Int = 16 << 20) -> String? {
    reading(path) { () throws(SystemError) in try File.text(path, limit: limit) }
  }

  /// A file that not every kernel or cgroup has: when it is missing nothing is noted.
  mutating func optional(_ path: String) -> String? {
    do throws(SystemError) {
      let text = try File.text(path, limit: 1 << 20)
      add(source: path)
      return text
    } catch {
      if error.errno != .noEntry && error.errno != .notDirectory { problem(path, error) }
      return nil
    }
  }
}

/// /proc/PID/status: `Name:\tvalue` lines (proc_pid_status(5)).
struct Status {
  private var fields: [String: String] = [:]

  init(_ text: String) {
    for line in text.split(separator: "\n") {
      guard let colon = line.firstIndex(of: ":") else { continue }
      let key = String(line[..<colon])
      // The first counts: what the process calls itself comes first, and its line feeds are escaped.
      guard fields[key] == nil else { continue }
      let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
      fields[key] = String(value)
    }
  }

  subscript(_ key: String) -> String? { fields[key] }

  /// Numbers between blanks or tabs; what is none is left out.
  func numbers(_ key: String) -> [Int64] {
    (fields[key] ?? "").split { $0 == "\t" || $0 == " " }.compactMap { Int64($0) }
  }
}
