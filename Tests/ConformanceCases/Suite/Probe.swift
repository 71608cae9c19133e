// The program inside the container: this same static binary under the name /probe.
//
//   probe call NAME|NUMBER [ARGUMENT…]    makes a system call, prints its result or minus its errno
//   probe call32 NUMBER [ARGUMENT…]       the same through the 32-bit entry
//   probe scheduler                       policy flags nice priority runtime deadline period
//   probe args [ARGUMENT…]                prints argv, one a line
//   probe descriptors                     prints the numbers of its open descriptors

internal import CConformance
internal import Linux

enum Probe {
  static func run(_ words: [String]) -> Int32 {
    let arguments = words.dropFirst(2)
    switch words.dropFirst().first {
    case "call", "call32":
      guard let name = arguments.first else { return 2 }
      let known = unsafe conformance_number(name)
      let number = Int(name) ?? known
      var values: [UInt] = arguments.dropFirst().map { word in
        if let value = Int(word) { return UInt(bitPattern: value) }
        if word.hasPrefix("0x") { return UInt(word.dropFirst(2), radix: 16) ?? 0 }
        return UInt(word) ?? 0
      }
      values += Array(repeating: 0, count: max(0, 6 - values.count))
      let result =
        words[1] == "call"
        ? unsafe conformance_call(number, values) : unsafe conformance_call32(number, values)
      print("\(result)")
    case "scheduler":
      var values = Array(repeating: UInt(0), count: 7)
      let result = unsafe conformance_scheduler(&values)
      guard result == 0 else {
        print("\(result)")
        return 1
      }
      print(values.map { "\(Int(bitPattern: $0))" }.joined(separator: " "))
    case "args": for word in arguments { print(word) }
    case "descriptors":
      var open: [Int] = []
      for number in 0..<256 {
        // The list in /proc/self/fd would hold the descriptor it is read by.
        if (try? File.status(of: Int32(number))) != nil { open.append(number) }
      }
      print(open.map { "\($0)" }.joined(separator: " "))
    default: return 2
    }
    return 0
  }

  private static func print(_ line: String) {
    do { try File.write(1, (line + "\n").utf8, name: "standard output") } catch {
      File.report("probe: \(error.text)\n")
    }
  }
}
