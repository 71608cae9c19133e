import Foundation

/// The file of `--trace`, as the tests read it.
struct TraceFile: Decodable {
  struct Step: Decodable {
    let id: String
    let phase: String
    let side: String
    let call: String
    let object: String
    let shell: String?
    let start_ns: UInt64
    let duration_ns: UInt64
    let errno: String?
  }

  let schema: Int
  let container: String
  let total_ns: UInt64
  let unaccounted_ns: UInt64
  let steps: [Step]

  init(_ path: String) throws {
    self = try JSONDecoder().decode(
      TraceFile.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
  }

  /// Every occurrence of every step, numbered as `--fault ID#N` counts: on each side apart.
  var occurrences: [String] {
    var counts: [String: Int] = [:]
    var result = [String]()
    for step in steps {
      let count = (counts[step.side + step.id] ?? 0) + 1
      counts[step.side + step.id] = count
      let text = "\(step.id)#\(count)"
      if !result.contains(text) { result.append(text) }
    }
    return result
  }
}
