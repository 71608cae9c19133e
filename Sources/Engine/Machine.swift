import Linux

/// What the rules for options need to know of this machine.
struct Machine: Sendable {
  /// The CPUs that containers may be put on.
  var cpus: Set<Int>
  /// The CPUs as the kernel writes them, `0-1`.
  var cpuList: String
  /// Capabilities that can be given at all (capabilities(7), bounding set).
  var capabilities: [String]

  /// Looks.
  static func here() throws(EngineError) -> Machine {
    let list = try asked("counting CPUs") { () throws(SystemError) in
      try File.text("/sys/devices/system/cpu/online").trimmedLine
    }
    guard let cpus = CPUList.parse(list) else {
      throw EngineError("/sys/devices/system/cpu/online says \(list): not a list of CPUs")
    }
    return Machine(cpus: cpus, cpuList: list, capabilities: CapabilitySet.bounding.names)
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
