import OCI
import Testing

@testable import Runtime

/// The instructions that answer ENOSYS, run by a small interpreter of classic BPF.
@Suite struct SeccompNewerTests {
  static let x8664: UInt32 = 0xc000_003e
  static let i386: UInt32 = 0x4000_0003
  static let allow: UInt32 = 0x7fff_0000
  static let denied: UInt32 = 0x0005_0001
  static let missing: UInt32 = 0x0005_0026

  private func rules(_ names: [String], _ errno: UInt32? = nil) -> Seccomp {
    var rules = Seccomp(defaultAction: "SCMP_ACT_ERRNO")
    rules.defaultErrnoRet = errno
    rules.architectures = ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"]
    rules.syscalls = [SeccompRule(names: names, action: "SCMP_ACT_ALLOW")]
    return rules
  }

  /// What a filter returns for a call without arguments (seccomp(2), struct seccomp_data).
  private func answer(_ program: [UInt8], _ number: UInt32, _ architecture: UInt32) -> UInt32? {
    var accumulator: UInt32 = 0
    var at = 0
    while at * 8 + 8 <= program.count {
      let bytes = program[(at * 8)..<(at * 8 + 8)].map { UInt32($0) }
      let value = bytes[4] | bytes[5] << 8 | bytes[6] << 16 | bytes[7] << 24
      at += 1
      let isTrue: Bool
      switch bytes[0] | bytes[1] << 8 {
      case 0x20:
        accumulator = value == 0 ? number : value == 4 ? architecture : 0
        continue
      case 0x06: return value
      case 0x05:
        at += Int(value)
        continue
      case 0x15: isTrue = accumulator == value
      case 0x25: isTrue = accumulator > value
      case 0x35: isTrue = accumulator >= value
      case 0x45: isTrue = accumulator & value != 0
      case let code:
        Issue.record("instruction \(code)")
        return nil
      }
      at += Int(isTrue ? bytes[2] : bytes[3])
    }
    return nil
  }

  #if arch(x86_64)
    @Test func whatIsYoungerThanTheRulesDoesNotExist() throws {
      // 39 on x86_64 and 20 on i386; 231 and 252 are the highest named.
      let program = try SeccompCompiler.compile(rules(["getpid", "exit_group"]))
      for (number, architecture, expected) in [
        (39, Self.x8664, Self.allow), (231, Self.x8664, Self.allow), (57, Self.x8664, Self.denied),
        (232, Self.x8664, Self.missing), (1000, Self.x8664, Self.missing),
        (20, Self.i386, Self.allow), (252, Self.i386, Self.allow), (2, Self.i386, Self.denied),
        (253, Self.i386, Self.missing),
        // x32's numbers are judged by the rules.
        (0x4000_0000 + 39, Self.x8664, Self.allow), (0x4000_0000 + 57, Self.x8664, Self.denied),
        (0x4000_0000 + 600, Self.x8664, Self.denied),
      ] as [(UInt32, UInt32, UInt32)] {
        #expect(answer(program, number, architecture) == expected, "\(number) \(architecture)")
      }
    }

    @Test func whoNamesAnErrnoKeepsIt() throws {
      let program = try SeccompCompiler.compile(rules(["getpid"], 6))
      #expect(answer(program, 1000, Self.x8664) == 0x0005_0006)
      var open = rules(["getpid"])
      open.defaultAction = "SCMP_ACT_ALLOW"
      open.syscalls[0].action = "SCMP_ACT_ERRNO"
      #expect(answer(try SeccompCompiler.compile(open), 1000, Self.x8664) == Self.allow)
    }
  #endif
}
