internal import Engine
internal import LabKit
internal import Measure

/// range.sh: containers whose ranges of ids overlap, as entries in /etc/subuid have done.
let broken = Assignment(
  file: "range.sh", task: Texts.brokenTask,
  start: """
    #!/bin/sh
    number=$1
    echo "0:$((100000 + number * 1000)):65536"

    """,
  solution: """
    #!/bin/sh
    number=$1
    echo "0:$((100000 + number * 65536)):65536"

    """,
  wrong: [
    Planted(
      "makes the ranges small enough to fit", cause: "small",
      """
      #!/bin/sh
      echo "0:$((100000 + $1 * 1000)):1000"

      """),
    Planted(
      "starts at the host's own ids", cause: "host",
      """
      #!/bin/sh
      echo "0:$(($1 * 65536)):65536"

      """),
    Planted(
      "is off by one", cause: "overlap",
      """
      #!/bin/sh
      echo "0:$((100000 + $1 * 65535)):65536"

      """),
  ],
  hints: [
    Hint(Texts.brokenHint1), Hint(Texts.brokenHint2), Hint(Texts.brokenHint3),
    Hint(Texts.hintSmall, cause: "small"), Hint(Texts.hintHost, cause: "host"),
    Hint(Texts.hintOverlap, cause: "overlap"),
  ],
  judge: judgeBroken)

@Sendable private func judgeBroken(_ stage: Stage, _ script: Script) throws {
  var ranges: [(first: UInt32, count: UInt32)] = []
  for number in 0..<3 {
    let map = try stage.run(script, ["\(number)"]).lines.last ?? ""
    do {
      let container = try sleeper(stage, [map])
      guard let line = IDMap(container.pid).lines.first else {
        throw LabError("/proc/\(container.pid)/uid_map cannot be read")
      }
      ranges.append((line.outside, line.count))
    } catch let error as EngineError {
      stage.find(
        Finding(
          "form", Texts.findForm, expected: "0:HOST:SIZE", seen: map,
          .fail(Bilingual(error.message))))
      return
    }
  }
  let shown = ranges.map { "\($0.first)+\($0.count)" }.joined(separator: " ")
  // Debian's own users, and nobody, are below.
  let lowest = ranges.map(\.first).min() ?? 0
  stage.find(
    "host", Texts.findHost, expected: "≥ 65536", seen: "\(lowest)", if: lowest >= 65536,
    otherwise: Texts.hostTaken, cause: "host")
  let least = ranges.map(\.count).min() ?? 0
  stage.find(
    "small", Texts.findSmall, expected: "≥ 65536", seen: "\(least)", if: least >= 65536,
    otherwise: Texts.tooSmall, cause: "small")
  let sorted = ranges.sorted { $0.first < $1.first }
  let overlaps = zip(sorted, sorted.dropFirst()).count { $1.first - $0.first < $0.count }
  stage.find(
    "overlap", Texts.findOverlap, expected: "0", seen: "\(overlaps) (\(shown))", if: overlaps == 0,
    otherwise: Texts.overlapping, cause: "overlap")
}
