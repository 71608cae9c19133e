// The options of an overlay as mountinfo shows them (kernel Documentation/filesystems/overlayfs).
//
//   lowerdir=/top:/middle:/bottom[::/data]   one option, from the top down; `::` before layers that
//                                            only hold data of files above
//   lowerdir+=/top,lowerdir+=/middle         one option a layer, on newer kernels
//   upperdir=/…,workdir=/…
//
// Blank, comma, line feed, backslash and (newer kernels) colon within a path are octal escapes. An
// older kernel shows a colon as it was given to mount(2): `\:`, whose backslash is escaped.

/// What an overlay is made of.
struct OverlayOptions: Equatable {
  /// From the top down.
  var lower: [String] = []
  /// Layers that hold data only, below all others.
  var data: [String] = []
  /// Where changes go; nil for a read-only overlay.
  var upper: String?
  var work: String?

  init(_ options: String) {
    for option in options.split(separator: ",") {
      guard let equals = option.firstIndex(of: "=") else { continue }
      let value = option[option.index(after: equals)...]
      switch option[..<equals] {
      case "lowerdir": readLower(value)
      case "lowerdir+": lower.append(OverlayOptions.path(value))
      case "datadir+": data.append(OverlayOptions.path(value))
      case "upperdir": upper = OverlayOptions.path(value)
      case "workdir": work = OverlayOptions.path(value)
      default: break
      }
    }
  }

  private mutating func readLower(_ value: Substring) {
    var isData = false
    var wasEmpty = false
    for (index, part) in OverlayOptions.paths(value).enumerated() {
      if part.isEmpty {
        if index > 0 { wasEmpty = true }
        continue
      }
      isData = isData || wasEmpty
      if isData { data.append(part) } else { lower.append(part) }
    }
  }

  private static func path(_ value: Substring) -> String {
    paths(value).joined(separator: ":")
  }

  /// Splits at colons that are not escaped, and undoes the escapes.
  static func paths(_ value: Substring) -> [String] {
    var paths: [[UInt8]] = [[]]
    func add(_ byte: UInt8) { paths[paths.count - 1].append(byte) }
    var rest = value.utf8[...]
    var wasBackslash = false
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "\\"), rest.count >= 3,
        let code = UInt8(String(decoding: rest.prefix(3), as: UTF8.self), radix: 8)
      {
        rest.removeFirst(3)
        wasBackslash = code == UInt8(ascii: "\\")
        add(code)
      } else if byte == UInt8(ascii: ":"), wasBackslash {
        // `\:` as it was given: the backslash goes.
        paths[paths.count - 1].removeLast()
        add(byte)
        wasBackslash = false
      } else if byte == UInt8(ascii: ":") {
        paths.append([])
      } else {
        add(byte)
        wasBackslash = byte == UInt8(ascii: "\\")
      }
    }
    return paths.map { String(decoding: $0, as: UTF8.self) }
  }
}
