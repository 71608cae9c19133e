import Linux
import Testing

/// Files of a kernel 6.18, as they were.
enum Recorded {
  private static let folder =
    #filePath.split(separator: "/").dropLast().map { "/" + $0 }.joined() + "/Recorded"

  static func text(_ name: String) throws -> String { try File.text("\(folder)/\(name)") }

  /// A message a line, in hexadecimal.
  static func messages(_ name: String) throws -> [[UInt8]] {
    try text(name).split(separator: "\n").map { line in
      let digits = Array(line)
      return try stride(from: 0, to: digits.count - 1, by: 2).map {
        try #require(UInt8(String(digits[$0...($0 + 1)]), radix: 16))
      }
    }
  }

  /// What a reader must bear: every beginning of a text at a few hundred places, and bytes turned.
  static func damaged(_ text: String) -> [String] {
    let bytes = Array(text.utf8)
    let step = max(1, bytes.count / 300)
    var all = stride(from: 0, to: bytes.count, by: step).map {
      String(decoding: bytes[..<$0], as: UTF8.self)
    }
    for at in stride(from: 0, to: bytes.count, by: step) {
      var turned = bytes
      turned[at] = turned[at] &+ 131
      all.append(String(decoding: turned, as: UTF8.self))
    }
    return all + [String(repeating: text, count: 50), String(repeating: ":", count: 100_000)]
  }
}

/// A directory that goes with the test.
final class Scratch {
  let path: String

  init() throws {
    path = "/tmp/xray-test-\(Processes.current)-\(UInt64.random(in: 0...UInt64.max))"
    try File.makeDirectories(path)
  }

  deinit {
    do { try File.removeTree(path) } catch { Issue.record("\(error)") }
  }

  func write(_ name: String, bytes: Int) throws {
    try File.makeDirectories(
      (path + "/" + name).split(separator: "/").dropLast().map { "/" + $0 }.joined())
    try File.replace(path + "/" + name, with: [UInt8](repeating: 120, count: bytes))
  }

  /// A shell in the directory.
  func shell(_ script: String) throws {
    let result = try Child.run("/bin/sh", ["sh", "-ec", "cd \(path); " + script])
    try #require(result.status.code == 0, "\(String(decoding: result.error, as: UTF8.self))")
  }
}
