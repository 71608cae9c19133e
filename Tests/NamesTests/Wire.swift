@testable import Names

/// Messages as clients and servers write them.
enum Wire {
  /// A question of a client that wishes for recursion.
  static func query(
    _ name: String, _ type: UInt16 = 1, id: UInt16 = 0x1234, flags: UInt16 = 0x0100,
    dnsClass: UInt16 = 1, edns: UInt16? = nil
  ) -> [UInt8] {
    var message = bytes(id) + bytes(flags) + bytes(1) + bytes(0) + bytes(0)
    message += bytes(edns == nil ? 0 : 1)
    message += labels(name) + bytes(type) + bytes(dnsClass)
    if let edns { message += [0] + bytes(41) + bytes(edns) + [0, 0, 0, 0] + bytes(0) }
    return message
  }

  /// A name with its case.
  static func labels(_ name: String) -> [UInt8] {
    var result = [UInt8]()
    for label in name.split(separator: ".") { result += [UInt8(label.utf8.count)] + label.utf8 }
    return result + [0]
  }

  static func bytes(_ value: UInt16) -> [UInt8] {
    [UInt8(value >> 8), UInt8(truncatingIfNeeded: value)]
  }
}

/// An answer taken apart.
struct Answer: Equatable {
  let id: UInt16
  let flags: UInt16
  let question: String
  /// Type and data of each record in the answer section.
  let records: [Record]
  let timesToLive: [UInt32]
  let hasEDNS: Bool
  let extendedCode: UInt8

  struct Record: Equatable {
    let type: UInt16
    let data: [UInt8]
  }

  var code: UInt8 { UInt8(flags & 0xf) }
  var isCut: Bool { flags & 0x0200 != 0 }

  /// nil unless every byte is accounted for.
  init?(_ message: [UInt8]) {
    func number(_ at: Int) -> UInt16 { UInt16(message[at]) << 8 | UInt16(message[at + 1]) }
    guard message.count >= 12, message[2] & 0x80 != 0, number(4) <= 1 else { return nil }
    id = number(0)
    flags = number(2)
    var at = 12
    if number(4) == 1 {
      guard let read = DNSName.read(message, at: 12), read.end + 4 <= message.count else {
        return nil
      }
      question = read.name
      at = read.end + 4
    } else {
      question = ""
    }
    var records = [Record]()
    var lives = [UInt32]()
    var edns = false
    var extended: UInt8 = 0
    for index in 0..<Int(number(6) + number(8) + number(10)) {
      guard let end = DNSName.skip(message, at: at), end + 10 <= message.count else { return nil }
      let length = Int(number(end + 8))
      guard end + 10 + length <= message.count else { return nil }
      if index < Int(number(6)) {
        records.append(
          Record(type: number(end), data: Array(message[(end + 10)..<(end + 10 + length)])))
        lives.append(UInt32(number(end + 4)) << 16 | UInt32(number(end + 6)))
      } else if number(end) == 41 {
        edns = true
        extended = message[end + 4]
      }
      at = end + 10 + length
    }
    guard at == message.count else { return nil }
    self.records = records
    timesToLive = lives
    hasEDNS = edns
    extendedCode = extended
  }
}
