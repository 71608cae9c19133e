// What rules that allow by name say of system calls younger than themselves: ENOSYS, "there is none".
//
// A C library tries a new call and takes the old one when the kernel answers ENOSYS; the EPERM of a
// default action it takes for the last word. So, as with runc, a few instructions before libseccomp's
// answer for every number above the highest that a rule names (seccomp(2), <linux/bpf_common.h>):
//
//        ld  [4]                  the architecture
//        jeq #ARCH, next, end
//        ld  [0]                  the call's number
//        jge #x32, end, next      (x86_64 only: numbers of x32, which are judged by the rules)
//        jgt #LAST, next, end
//        ret ERRNO | ENOSYS
//   end: ld  [4]
//
// Whoever names the errno of the default action has decided, and keeps it.

internal import CSeccomp
internal import OCI

/// The instructions before a filter's own.
enum SeccompNewer {
  private static let x8664: UInt32 = 0xc000_003e
  private static let x32: UInt32 = 0x4000_0000

  /// - Returns: instructions of 8 bytes (struct sock_filter); none for rules that allow what they do
  ///   not name.
  static func answers(_ rules: Seccomp) -> [UInt8] {
    switch rules.defaultAction {
    case "SCMP_ACT_ALLOW", "SCMP_ACT_LOG", "SCMP_ACT_TRACE", "SCMP_ACT_NOTIFY": return []
    default: if rules.defaultErrnoRet != nil { return [] }
    }
    // libseccomp adds the machine's own.
    var tokens = [seccomp_arch_native()]
    for name in rules.architectures {
      let token = unsafe seccomp_arch_resolve_name(name.archName)
      // x32 has no number of its own among the kernel's architectures.
      if !tokens.contains(token), name.archName != "x32" { tokens.append(token) }
    }
    var program = instruction(0x20, 4)
    for token in tokens {
      guard let last = last(rules, token) else { continue }
      let hasX32 = token == x8664
      program += instruction(0x15, token, else: hasX32 ? 4 : 3)
      program += instruction(0x20, 0)
      if hasX32 { program += instruction(0x35, x32, then: 2) }
      program += instruction(0x25, last, else: 1)
      program += instruction(0x06, 0x0005_0000 | 38)
      program += instruction(0x20, 4)
    }
    return program
  }

  /// The highest number on an architecture; nil when no rule names a call that it has.
  private static func last(_ rules: Seccomp, _ token: UInt32) -> UInt32? {
    var last: Int32 = -1
    for rule in rules.syscalls {
      for name in rule.names {
        last = max(last, unsafe seccomp_syscall_resolve_name_arch(token, name))
      }
    }
    return last < 0 ? nil : UInt32(last)
  }

  private static func instruction(
    _ code: UInt16, _ value: UInt32, then: UInt8 = 0, else otherwise: UInt8 = 0
  ) -> [UInt8] {
    let bytes = [then, otherwise] + (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    return [UInt8(truncatingIfNeeded: code), UInt8(truncatingIfNeeded: code >> 8)] + bytes
  }
}
