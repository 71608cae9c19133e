import Linux
import Testing

/// Capability sets and limit numbers.
@Suite struct IdentityTests {
  @Test func capabilityNamesInAnyForm() {
    for name in ["CAP_SYS_ADMIN", "cap_sys_admin", "SYS_ADMIN", "sys_admin"] {
      var set = CapabilitySet()
      let known = set.insert(named: name)
      #expect(known)
      #expect(set.mask == 1 << 21)
      #expect(set.names == ["CAP_SYS_ADMIN"])
      var values: [Int32] = []
      set.forEach { values.append($0) }
      #expect(values == [21])
    }
  }

  @Test func theNumbersOfASetInOrder() {
    var values: [Int32] = []
    CapabilitySet(mask: 1 << 63 | 1 << 40 | 1).forEach { values.append($0) }
    #expect(values == [0, 40, 63])
    CapabilitySet().forEach { _ in Issue.record("the empty set has a number") }
  }

  @Test(arguments: ["", "CAP_", "CAP_NONSENSE", "CAP_SYS_ADMIN,CAP_CHOWN", "all"])
  func unknownCapabilities(name: String) {
    var set = CapabilitySet()
    let known = set.insert(named: name)
    #expect(!known)
    #expect(set.mask == 0)
  }

  @Test func theBoundingSetIsWhatTheKernelShows() throws {
    let line = try #require(
      try File.text("/proc/self/status").split(separator: "\n").first {
        $0.hasPrefix("CapBnd:")
      })
    let mask = try #require(UInt64(line.dropFirst(7).drop { $0 == "\t" }, radix: 16))
    #expect(CapabilitySet.bounding.mask == mask)
  }

  @Test func limitNumbersAreTheKernels() {
    #expect(Identity.limitNumber("RLIMIT_CPU") == 0)
    #expect(Identity.limitNumber("RLIMIT_NOFILE") == 7)
    #expect(Identity.limitNumber("RLIMIT_RTTIME") == 15)
    #expect(Identity.limitNumber("RLIMIT_NOPE") == nil)
    #expect(Identity.limitNumber("NOFILE") == nil)
  }
}
