/// The name of an entry, taken apart.
///
/// Parts are bytes with a NUL at their end, as system calls take them: a name need not be UTF-8.
struct TarPath {
  /// Parts without `.` and empty ones; none for the root itself.
  private(set) var parts: [[CChar]] = []
  /// What stands in the archive, for people.
  let text: String
  private let isAbsolute: Bool
  private let leaves: Bool

  /// Deeper than this is no directory of an image: paths end at 4096 bytes (PATH_MAX).
  static let deepest = 256

  init(_ pointer: UnsafePointer<CChar>?) {
    let all = unsafe TarPath.bytes(pointer)
    text = String(decoding: all.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let slash = CChar(bitPattern: UInt8(ascii: "/"))
    let dot = CChar(bitPattern: UInt8(ascii: "."))
    isAbsolute = all.first == slash
    var leaves = false
    for part in all.dropLast().split(separator: slash) where Array(part) != [dot] {
      if Array(part) == [dot, dot] { leaves = true }
      parts.append(Array(part) + [0])
    }
    self.leaves = leaves
  }

  /// Why nothing may be made at this path; nil when it may.
  var fault: String? {
    if text.isEmpty { return "has no name" }
    if isAbsolute { return "has an absolute path" }
    if leaves { return "leaves the layer by '..'" }
    if parts.count > TarPath.deepest { return "lies more than \(TarPath.deepest) directories deep" }
    if text.utf8.count > 4096 { return "has a path of more than 4096 bytes" }
    return nil
  }

  /// The bytes of a C string, its NUL included.
  static func bytes(_ pointer: UnsafePointer<CChar>?) -> [CChar] {
    guard let pointer = unsafe pointer else { return [0] }
    var count = 0
    while unsafe pointer[count] != 0 { count += 1 }
    return unsafe Array(UnsafeBufferPointer(start: pointer, count: count + 1))
  }
}
