import OCI
import Testing

@testable import Runtime

/// An access of a program: what the kernel asks the rules about.
private struct Access {
  let type: UInt32
  let major: UInt32
  let minor: UInt32
  /// 1 mknod, 2 read, 4 write.
  let access: UInt32
}

/// As much of the BPF machine as the device program uses; nil when it does anything else.
private func verdict(_ program: [UInt8], _ access: Access) -> UInt64? {
  guard program.count % 8 == 0 else { return nil }
  let context = [access.access << 16 | access.type, access.major, access.minor]
  var registers = [UInt64](repeating: 0, count: 11)
  var at = 0
  for _ in 0..<10_000 {
    guard at >= 0, at * 8 + 8 <= program.count else { return nil }
    let code = program[(at * 8)..<(at * 8 + 8)].map { $0 }
    let (dst, src) = (Int(code[1] & 15), Int(code[1] >> 4))
    let offset = Int(Int16(bitPattern: UInt16(code[2]) | UInt16(code[3]) << 8))
    let low = UInt32(code[4]) | UInt32(code[5]) << 8 | UInt32(code[6]) << 16 | UInt32(code[7]) << 24
    // Immediates are sign-extended to 64 bits.
    let value = UInt64(bitPattern: Int64(Int32(bitPattern: low)))
    at += 1
    switch code[0] {
    case 0x61:
      guard src == 1, offset % 4 == 0, (0..<3).contains(offset / 4) else { return nil }
      registers[dst] = UInt64(context[offset / 4])
    case 0xbf: registers[dst] = registers[src]
    case 0xb7: registers[dst] = value
    case 0x57: registers[dst] &= value
    case 0x77: registers[dst] >>= value
    case 0x55: if registers[dst] != value { at += offset }
    case 0x15: if registers[dst] == value { at += offset }
    case 0x95: return registers[0]
    default: return nil
    }
  }
  return nil
}

/// Whether every instruction can be reached: the kernel's verifier refuses what has others.
private func isReachedThroughout(_ program: [UInt8]) -> Bool {
  var reached = Set<Int>()
  var waiting = [0]
  while let at = waiting.popLast() {
    guard at >= 0, at * 8 < program.count else { return false }
    guard reached.insert(at).inserted else { continue }
    let code = program[at * 8]
    let offset = Int16(bitPattern: UInt16(program[at * 8 + 2]) | UInt16(program[at * 8 + 3]) << 8)
    if code == 0x55 || code == 0x15 { waiting.append(at + 1 + Int(offset)) }
    if code != 0x95 { waiting.append(at + 1) }
  }
  return reached.count * 8 == program.count
}

/// Device rules: the text for v1, and the BPF program for v2 by its verdicts.
@Suite struct DeviceRuleTests {
  private func rule(
    _ allow: Bool, _ type: String, _ major: Int64?, _ minor: Int64?, _ access: String
  ) -> DeviceRule {
    var rule = DeviceRule(allow: allow)
    rule.type = type
    rule.major = major
    rule.minor = minor
    rule.access = access
    return rule
  }

  private func expect(
    _ rules: [DeviceRule], _ cases: [(String, UInt32, UInt32, String, Bool)],
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let program = DeviceRule.program(rules)
    #expect(isReachedThroughout(program), sourceLocation: sourceLocation)
    for (type, major, minor, letters, allowed) in cases {
      var bits: UInt32 = 0
      for letter in letters { bits |= letter == "m" ? 1 : letter == "r" ? 2 : 4 }
      let access = Access(type: type == "b" ? 1 : 2, major: major, minor: minor, access: bits)
      #expect(
        verdict(program, access) == (allowed ? 1 : 0), "\(type) \(major):\(minor) \(letters)",
        sourceLocation: sourceLocation)
    }
  }

  @Test func texts() {
    #expect(DeviceRule(allow: false).text == "a")
    #expect(rule(true, "c", 1, 3, "rwm").text == "c 1:3 rwm")
    #expect(rule(true, "b", nil, 0, "r").text == "b *:0 r")
    #expect(rule(true, "c", 136, -1, "rw").text == "c 136:* rw")
  }

  @Test func withoutRulesNothingIsAllowed() {
    expect([], [("c", 1, 3, "r", false), ("b", 8, 0, "m", false)])
  }

  @Test func theUsualContainer() {
    expect(
      [DeviceRule(allow: false)] + DeviceRule.always,
      [
        ("c", 1, 3, "rw", true), ("c", 1, 3, "rwm", true), ("c", 1, 11, "r", false),
        ("c", 1, 11, "m", true), ("b", 8, 0, "m", true), ("b", 8, 0, "rm", false),
        ("b", 8, 0, "w", false), ("c", 136, 0, "rw", true), ("c", 136, 77, "r", true),
        ("c", 5, 0, "rw", true), ("c", 5, 1, "rw", false), ("b", 1, 3, "r", false),
      ])
  }

  @Test func theLastMatchDecides() {
    expect(
      [
        DeviceRule(allow: true), rule(false, "c", 1, nil, "rwm"), rule(true, "c", 1, 3, "r"),
        rule(false, "b", 8, 1, "w"),
      ],
      [
        ("c", 1, 3, "r", true), ("c", 1, 3, "w", false), ("c", 1, 3, "rw", false),
        ("c", 1, 5, "r", false), ("c", 2, 5, "rwm", true), ("b", 8, 1, "r", true),
        ("b", 8, 1, "w", false), ("b", 8, 1, "rw", false), ("b", 8, 2, "w", true),
      ])
  }

  @Test func largeNumbers() {
    expect(
      [rule(true, "c", 4095, 1_048_575, "rwm")],
      [("c", 4095, 1_048_575, "r", true), ("c", 4095, 1_048_574, "r", false)])
  }

  @Test func everythingAllowed() {
    expect(
      [DeviceRule(allow: true)], [("c", 1, 11, "rwm", true), ("b", 259, 7, "w", true)])
  }

  @Test func whatALaterRuleMakesVoidIsLeftOut() {
    let rules = [
      rule(true, "c", 1, 3, "r"), DeviceRule(allow: false), rule(true, "c", 1, 5, "r"),
    ]
    #expect(rules.reduced == Array(rules[1...]))
    // What no rule names is denied.
    #expect([rules[0]].reduced == [DeviceRule(allow: false), rules[0]])
    #expect([DeviceRule]().reduced.isEmpty)
  }
}
