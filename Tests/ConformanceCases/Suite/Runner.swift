// Runs cases against a runtime and keeps what came out.

internal import Linux
internal import OCI

/// Which runtime is tried: its name and version as `--version` tells them.
struct Subject {
  /// `runc 1.1.5+ds1`.
  let name: String

  init(_ runtime: [String]) throws {
    let result = try Child.run(runtime[0], runtime + ["--version"])
    let line = String(decoding: result.output, as: UTF8.self).split(separator: "\n").first ?? ""
    name = line.split(separator: " ").filter { $0 != "version" }.joined(separator: " ")
    guard result.status == .exited(0), !name.isEmpty else {
      throw Failure(text: "\(runtime[0]) --version does not say what it is")
    }
  }
}

/// What came of one case.
struct Result {
  enum Kind: String { case passed, failed, skipped, known }
  let one: Case
  let kind: Kind
  let message: String
  let milliseconds: UInt64

  /// A line for people; nothing when it passed.
  var line: String? {
    switch kind {
    case .passed: nil
    case .failed: "FAIL  \(one.id)\n      \(one.level.rawValue): \(one.text)\n      \(message)\n"
    case .skipped: "skip  \(one.id): \(message)\n"
    case .known: "known \(one.id): \(message)\n"
    }
  }
}

struct Runner {
  let bench: Bench
  let subject: Subject
  let keeps: Bool
  private(set) var results: [Result] = []
  private var serial = 0

  init(bench: Bench, subject: Subject, keeps: Bool) {
    self.bench = bench
    self.subject = subject
    self.keeps = keeps
  }

  var failed: [Result] { results.filter { $0.kind == .failed } }

  /// A container that does nothing must work, else every case would fail for one reason.
  mutating func preflight() throws {
    let trial = try Trial(bench, id: "preflight")
    defer { try? trial.clear() }
    do {
      _ = try trial.runProgram()
      try trial.delete()
    } catch let failure as Failure {
      let hint =
        failure.text.contains("hybrid")
        ? "\n  try --cgroup1-only: the runtime refuses the hybrid layout of cgroups" : ""
      throw Failure(text: "\(subject.name) cannot run `true`: \(failure.text)\(hint)")
    }
  }

  @discardableResult
  mutating func judge(_ one: Case) -> Result {
    serial += 1
    let began = Clock.now
    var (kind, message) = attempt(one, id: "c\(serial)")
    if let known = Known.find(subject.name, one.id) {
      if kind == .failed {
        (kind, message) = (.known, known.reason)
      } else if kind == .passed, known.always {
        (kind, message) = (.failed, "passes, though Known.swift says: \(known.reason)")
      }
    }
    let result = Result(
      one: one, kind: kind, message: message, milliseconds: (Clock.now - began) / 1_000_000)
    results.append(result)
    return result
  }

  private func attempt(_ one: Case, id: String) -> (Result.Kind, String) {
    do {
      let trial = try Trial(bench, id: id)
      defer {
        if !keeps {
          do { try trial.clear() } catch { File.report("conformance: \(one.id): \(error)\n") }
        }
      }
      try one.body(trial)
      return (.passed, "")
    } catch let failure as Failure {
      return (.failed, failure.text)
    } catch let skip as Skip {
      return (.skipped, skip.text)
    } catch let error as SystemError {
      return (.failed, "the case itself: " + error.text)
    } catch {
      return (.failed, "the case itself: \(error)")
    }
  }

  // MARK: Reports

  private func count(_ kind: Result.Kind) -> Int { results.filter { $0.kind == kind }.count }

  var summary: String {
    "\(subject.name): \(count(.passed)) passed, \(count(.failed)) failed, "
      + "\(count(.known)) known to fail, \(count(.skipped)) not possible here\n"
  }

  var json: String {
    var json = JSONWriter(pretty: true)
    json.beginObject()
    json.member("runtime", subject.name)
    json.member("specification", "1.2.0")
    for kind in [Result.Kind.passed, .failed, .known, .skipped] {
      json.member(kind.rawValue, Int64(count(kind)))
    }
    json.key("cases")
    json.beginArray()
    for result in results {
      json.beginObject()
      json.member("id", result.one.id)
      json.member("level", result.one.level.rawValue)
      json.member("requirement", result.one.text)
      json.member("result", result.kind.rawValue)
      if !result.message.isEmpty { json.member("message", result.message) }
      json.member("milliseconds", result.milliseconds)
      json.endObject()
    }
    json.endArray()
    json.endObject()
    return String(decoding: json.bytes, as: UTF8.self) + "\n"
  }
}
