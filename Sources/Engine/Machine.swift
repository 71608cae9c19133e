import Linux

/// What the rules for options need to know of this machine.
struct Machine: Sendable {
  /// The CPUs that containers may be put on.
  var cpus: Set<Int>
  /// The CPUs as the kernel writes them, `0-1`.
  var cpuList: String
  /// Capabilities that can be given at all (capabilities(7), bounding set).
  var capabilities: [String]
  /// Memory nodes.
  var nodes: Set<Int> = [0]
  /// The nodes as the kernel writes them.
  var nodeList = "0"
  /// This process's own hard limit of getrlimit(2), by the name of `--ulimit`.
  var hardLimit: @Sendable (String) -> UInt64? = { _ in nil }

  /// Looks.
  static func here() throws(EngineError) -> Machine {
    let (list, cpus) = try numbers("/sys/devices/system/cpu/online", else: "0")
    let (nodeList, nodes) = try numbers("/sys/devices/system/node/online", else: "0")
    return Machine(
      cpus: cpus, cpuList: list, capabilities: CapabilitySet.bounding.names, nodes: nodes,
      nodeList: nodeList,
      hardLimit: { name in
        // A name that the kernel does not know has no limit that could be exceeded.
        guard let number = Identity.limitNumber("RLIMIT_" + name.uppercased()) else { return nil }
        return try? Identity.limit(number).hard
      })
  }

  private static func numbers(
    _ path: String, else usual: String
  ) throws(EngineError) -> (String, Set<Int>) {
    let list = try asked("looking at \(path)") { () throws(SystemError) in
      File.exists(path) ? try File.text(path).trimmedLine : usual
    }
    guard let numbers = CPUList.parse(list) else {
      throw EngineError("\(path) says \(list): not a list of numbers")
    }
    return (list, numbers)
  }
}

/// Lists of CPUs as `0-2,5` (cpuset(7), formats).
enum CPUList {
  /// The numbers; nil when the text is not such a list.
  static func parse(_ text: String) -> Set<Int>? {
    var numbers = Set<Int>()
    for range in text.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = range.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
      guard let first = number(ends[0]), let last = number(ends[ends.count - 1]), first <= last
      else { return nil }
      numbers.formUnion(first...last)
    }
    return numbers
  }

  /// Digits only, and no more CPUs than any kernel can be built for (CONFIG_NR_CPUS).
  private static func number(_ text: Substring) -> Int? {
    guard text.utf8.allSatisfy({ (48...57).contains($0) }), let value = Int(text), value < 8192
    else { return nil }
    return value
  }
}
