// A question (RFC 1035, 4.1), and what came with it:
//
//     0   id                  chosen by who asks; the answer carries it
//     2   QR opcode AA TC RD  RA Z AD CD rcode
//     4   how many questions, answers, authorities, additional records
//     12  name, type, class   the one question
//     ..  records             additional ones: OPT says how long an answer over UDP may be (RFC 6891)

/// One question of a client, as far as it matters here.
public struct DNSQuery: Sendable {
  /// The types asked for (RFC 1035, 3.2.2; RFC 3596).
  enum Kind {
    static let a: UInt16 = 1
    static let ptr: UInt16 = 12
    static let aaaa: UInt16 = 28
    static let opt: UInt16 = 41
    static let ixfr: UInt16 = 251
    static let axfr: UInt16 = 252
    static let any: UInt16 = 255
  }

  /// Answers without an address (RFC 1035, 4.1.1).
  public enum Code: UInt8, Sendable {
    /// There may be records, or none of that type.
    case noError = 0
    /// The question cannot be read.
    case formatError = 1
    /// The servers that would know do not answer.
    case serverFailure = 2
    /// There is no such name.
    case noName = 3
    /// Such operations are not known.
    case notImplemented = 4
    /// Not for you.
    case refused = 5
  }

  /// Why a message is no question to be answered.
  public enum Failure: Error, Equatable, Sendable {
    /// Nothing is to be said: too short, or an answer itself.
    case silence
    /// It is to be answered so.
    case code(Code)
  }

  /// The client's number for it.
  public let id: UInt16
  /// Bytes 2 and 3.
  public let flags: UInt16
  /// The name in lower case, without a dot at the end.
  public let name: String
  /// The record type asked for.
  public let type: UInt16
  /// The class; 1 is the Internet's.
  public let dnsClass: UInt16
  /// Name, type and class as the client wrote them.
  public let question: [UInt8]
  /// Bytes of the longest answer over UDP, when the client says so by EDNS.
  public let ednsSize: UInt16?
  /// The version of EDNS: 0.
  public let ednsVersion: UInt8

  /// The longest message that is read as a question, in bytes: a name of 255, EDNS with options.
  public static let limit = 4096

  /// Reads a message.
  ///
  /// - Throws: `Failure`: what to do with one that is no question.
  public init(_ message: [UInt8]) throws(Failure) {
    guard message.count >= 12, message.count <= DNSQuery.limit, message[2] & 0x80 == 0 else {
      throw .silence
    }
    func number(_ at: Int) -> UInt16 { UInt16(message[at]) << 8 | UInt16(message[at + 1]) }
    id = number(0)
    flags = number(2)
    guard flags >> 11 & 0xf == 0 else { throw .code(.notImplemented) }
    // More than one question is defined and answered nowhere (RFC 9619).
    guard number(4) == 1, number(6) == 0, let read = DNSName.read(message, at: 12),
      read.end + 4 <= message.count
    else { throw .code(.formatError) }
    name = read.name
    type = number(read.end)
    dnsClass = number(read.end + 2)
    question = Array(message[12..<(read.end + 4)])

    // IXFR has an authority record; EDNS, TSIG and SIG(0) are additional ones.
    let records = Int(number(8)) + Int(number(10))
    guard records <= 8 else { throw .code(.formatError) }
    var at = read.end + 4
    var size: UInt16?
    var version: UInt8 = 0
    for _ in 0..<records {
      guard let end = DNSName.skip(message, at: at), end + 10 <= message.count else {
        throw .code(.formatError)
      }
      let length = Int(number(end + 8))
      guard end + 10 + length <= message.count else { throw .code(.formatError) }
      if number(end) == Kind.opt {
        // One at most, and the root's (RFC 6891, 6.1.1).
        guard size == nil, end == at + 1 else { throw .code(.formatError) }
        size = number(end + 2)
        version = message[end + 5]
      }
      at = end + 10 + length
    }
    ednsSize = size
    ednsVersion = version
  }

  /// Bytes of the longest answer that the client takes over UDP (RFC 1035, 2.3.4; RFC 6891, 6.2.3).
  public var udpLimit: Int { max(512, Int(ednsSize ?? 512)) }
}
