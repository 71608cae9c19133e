// Answers, as the wire has them (RFC 1035, 4.1): the question's header turned, the question itself, then
// records, whose owner is always the question's name (a pointer to byte 12).

package import Linux

extension DNSQuery {
  /// One record of an answer.
  package enum Record: Equatable {
    case address(IPAddress)
    case name(String)
  }

  /// Seconds for which a client may remember an answer: none.
  ///
  /// A container that is started again can have another address, and another container its old one:
  /// who remembers would talk to the wrong one. To ask again costs a few microseconds, as the server
  /// is on the same machine; so nothing is gained by the 5 s to a day that others say.
  static let timeToLive: UInt32 = 0

  /// More records than anybody can use: a message has 65,535 bytes.
  static let mostRecords = 1024

  /// Bytes of the longest answer of ours over UDP: what every link carries in one piece (RFC 9715).
  static let longestDatagram = 1232

  /// An answer of ours.
  ///
  /// Over UDP one that is too long loses records and says so: the client asks again over TCP.
  package func answer(_ code: Code, _ records: [Record] = [], overTCP: Bool = true) -> [UInt8] {
    let limit = overTCP ? 65_535 : min(udpLimit, DNSQuery.longestDatagram)
    let extra = ednsSize == nil ? 0 : 11
    var body = [UInt8]()
    var count = 0
    var isCut = false
    for record in records.prefix(DNSQuery.mostRecords) {
      guard let bytes = encode(record) else { continue }
      if 12 + question.count + body.count + bytes.count + extra > limit {
        isCut = true
        break
      }
      body += bytes
      count += 1
    }
    var message = header(code, isCut: isCut)
    message += [0, 1] + DNSQuery.bytes(UInt16(count)) + [0, 0, 0, ednsSize == nil ? 0 : 1]
    message += question + body
    if ednsSize != nil { message += edns(extendedCode: 0) }
    return message
  }

  /// The answer to a version of EDNS that is not 0: BADVERS (RFC 6891, 6.1.3).
  func badVersion() -> [UInt8] {
    header(.noError, isCut: false) + [0, 1, 0, 0, 0, 0, 0, 1] + question + edns(extendedCode: 1)
  }

  /// The answer to what could not be read: the header alone; nil when there is not even that.
  static func answer(_ code: Code, toUnreadable message: [UInt8]) -> [UInt8]? {
    guard message.count >= 12 else { return nil }
    return [message[0], message[1], 0x80 | message[2] & 0x79, 0x80 | code.rawValue]
      + [UInt8](repeating: 0, count: 8)
  }

  /// QR and AA are ours, RD and CD come back as they came; RA: the rest is asked of others.
  private func header(_ code: Code, isCut: Bool) -> [UInt8] {
    let isOurs: UInt16 = code == .noError || code == .noName ? 0x0400 : 0
    let turned = 0x8000 | isOurs | (isCut ? 0x0200 : 0) | flags & 0x0110 | 0x0080
    return DNSQuery.bytes(id) + DNSQuery.bytes(turned | UInt16(code.rawValue))
  }

  /// An OPT record (RFC 6891, 6.1.2): whoever sent one gets one.
  private func edns(extendedCode: UInt8) -> [UInt8] {
    [0] + DNSQuery.bytes(Kind.opt) + DNSQuery.bytes(UInt16(DNSQuery.longestDatagram))
      + [extendedCode, 0, 0, 0, 0, 0]
  }

  private func encode(_ record: Record) -> [UInt8]? {
    let kind: UInt16
    let data: [UInt8]
    switch record {
    case .address(let address):
      kind = address.isV6 ? Kind.aaaa : Kind.a
      data = address.bytes
    case .name(let name):
      guard let bytes = DNSName.encode(name) else { return nil }
      kind = Kind.ptr
      data = bytes
    }
    let life = DNSQuery.timeToLive
    return [0xc0, 12] + DNSQuery.bytes(kind) + DNSQuery.bytes(1)
      + DNSQuery.bytes(UInt16(life >> 16)) + DNSQuery.bytes(UInt16(truncatingIfNeeded: life))
      + DNSQuery.bytes(UInt16(data.count)) + data
  }

  static func bytes(_ value: UInt16) -> [UInt8] {
    [UInt8(value >> 8), UInt8(truncatingIfNeeded: value)]
  }
}

/// What is passed on between a client and the servers that know the rest.
public enum DNSRelay {
  /// The same message under another number.
  public static func renumbered(_ message: [UInt8], _ id: UInt16) -> [UInt8] {
    guard message.count >= 2 else { return message }
    return DNSQuery.bytes(id) + message[2...]
  }

  /// Whether a message answers a question that was sent out under a number (RFC 5452, 9.1).
  public static func isAnswer(_ message: [UInt8], id: UInt16, question: [UInt8]) -> Bool {
    guard message.count >= 12, message[2] & 0x80 != 0,
      UInt16(message[0]) << 8 | UInt16(message[1]) == id
    else { return false }
    // A server that could not read the question need not repeat it.
    if message[4] == 0, message[5] == 0 { return message[3] & 0xf != 0 }
    guard message[4] == 0, message[5] == 1, message.count >= 12 + question.count else {
      return false
    }
    for (index, byte) in question.enumerated() {
      let other = message[12 + index]
      let isLetter = (65...90).contains(byte & 0xdf)
      // A server may answer in another case.
      guard byte == other || (isLetter && byte | 0x20 == other | 0x20) else { return false }
    }
    return true
  }

  /// The answer's code.
  public static func code(_ message: [UInt8]) -> UInt8 { message.count > 3 ? message[3] & 0xf : 2 }

  /// An answer that is too long for a client over UDP, cut to its question; the client asks again
  /// over TCP.
  public static func cut(_ message: [UInt8], to query: DNSQuery) -> [UInt8] {
    guard message.count > query.udpLimit else { return message }
    return Array(message[..<2]) + [message[2] | 0x02, message[3], 0, 1, 0, 0, 0, 0, 0, 0]
      + query.question
  }
}
