internal import Linux

/// SHA-256 (FIPS 180-4), small rather than fast: it names the binary that was measured, once.
public struct SHA256 {
  private var state: [UInt32] = [
    0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a,
    0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
  ]
  /// The message schedule, kept so that a block needs no allocation.
  private var words = [UInt32](repeating: 0, count: 64)

  private static let constants: [UInt32] = [
    0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4,
    0xab1c_5ed5, 0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe,
    0x9bdc_06a7, 0xc19b_f174, 0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f,
    0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da, 0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7,
    0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967, 0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc,
    0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85, 0xa2bf_e8a1, 0xa81a_664b,
    0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070, 0x19a4_c116,
    0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
    0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7,
    0xc671_78f2,
  ]

  /// The digest of some bytes, in lower-case hexadecimal.
  public static func hex(_ bytes: [UInt8]) -> String {
    var digest = SHA256()
    let whole = bytes.count / 64 * 64
    for start in stride(from: 0, to: whole, by: 64) { digest.compress(bytes, from: start) }
    // A one bit, zeros, and the length in bits as 64 bits, up to a multiple of 64 bytes.
    var tail = Array(bytes[whole...]) + [0x80]
    while tail.count % 64 != 56 { tail.append(0) }
    let length = UInt64(bytes.count) * 8
    for shift in stride(from: 56, through: 0, by: -8) {
      tail.append(UInt8(truncatingIfNeeded: length >> UInt64(shift)))
    }
    for start in stride(from: 0, to: tail.count, by: 64) { digest.compress(tail, from: start) }
    return digest.state.map { word in
      let text = String(word, radix: 16)
      return String(repeating: "0", count: 8 - text.count) + text
    }.joined()
  }

  private mutating func compress(_ bytes: [UInt8], from start: Int) {
    for index in 0..<16 {
      var word: UInt32 = 0
      for byte in (start + 4 * index)..<(start + 4 * index + 4) {
        word = word << 8 | UInt32(bytes[byte])
      }
      words[index] = word
    }
    func rotated(_ word: UInt32, _ bits: UInt32) -> UInt32 { word >> bits | word << (32 - bits) }
    for index in 16..<64 {
      let (x, y) = (words[index - 15], words[index - 2])
      let first = rotated(x, 7) ^ rotated(x, 18) ^ (x >> 3)
      let second = rotated(y, 17) ^ rotated(y, 19) ^ (y >> 10)
      words[index] = words[index - 16] &+ first &+ words[index - 7] &+ second
    }
    var (a, b, c, d) = (state[0], state[1], state[2], state[3])
    var (e, f, g, h) = (state[4], state[5], state[6], state[7])
    for index in 0..<64 {
      let sum1 = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)
      let choice = (e & f) ^ (~e & g)
      let first = h &+ sum1 &+ choice &+ SHA256.constants[index] &+ words[index]
      let sum0 = rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)
      let majority = (a & b) ^ (a & c) ^ (b & c)
      (h, g, f, e, d, c, b, a) = (g, f, e, d &+ first, c, b, a, first &+ sum0 &+ majority)
    }
    for (index, word) in [a, b, c, d, e, f, g, h].enumerated() { state[index] &+= word }
  }

  /// The digest of a file, at most 256 MiB; nil when it cannot be read.
  public static func hex(ofFile path: String) -> String? {
    do {
      return hex(try File.read(path, limit: 256 << 20))
    } catch {
      return nil
    }
  }
}

/// The revision of a git work tree, read from its files, for git itself may not be installed.
public enum GitRevision {
  /// The commit of the work tree that holds `directory`; nil when there is none.
  ///
  /// `.git` is a directory or, in a linked work tree, a file `gitdir: PATH`; `HEAD` is a commit
  /// or `ref: NAME`; a ref is a file, or a line of packed-refs (gitrepository-layout(5)).
  public static func find(from directory: String) -> String? {
    var path = directory
    while true {
      if let git = gitDirectory(path) { return head(git) }
      guard let slash = path.lastIndex(of: "/"), path != "/" else { return nil }
      path = slash == path.startIndex ? "/" : String(path[..<slash])
    }
  }

  private static func gitDirectory(_ path: String) -> String? {
    let git = "\(path)/.git"
    if File.exists("\(git)/HEAD") { return git }
    guard let link = content(git)?.trimmedLine, link.hasPrefix("gitdir: ") else { return nil }
    let target = String(link.dropFirst("gitdir: ".count))
    return target.hasPrefix("/") ? target : "\(path)/\(target)"
  }

  private static func head(_ git: String) -> String? {
    guard let head = content("\(git)/HEAD")?.trimmedLine else { return nil }
    guard head.hasPrefix("ref: ") else { return head }
    let name = head.dropFirst("ref: ".count)
    var common = git
    if let link = content("\(git)/commondir")?.trimmedLine {
      common = link.hasPrefix("/") ? link : "\(git)/\(link)"
    }
    if let commit = content("\(common)/\(name)")?.trimmedLine { return commit }
    let packed = (content("\(common)/packed-refs") ?? "").split(separator: "\n")
    return packed.first { $0.hasSuffix(" \(name)") }.map { String($0.prefix(40)) }
  }
}
