// What becomes of a question: an answer from the table, or another server's.

internal import Linux

/// Answers from the table, taking turns where a name has several.
struct Answering {
  /// What is to be done.
  enum Outcome {
    case reply([UInt8])
    /// To these servers, or the host's when there are none.
    case forward(DNSQuery, [IPAddress], asker: String)
    case nothing
  }

  /// Whose turn it is, by name and type: getaddrinfo(3) asks for both families at once.
  private var turns: [String: Int] = [:]

  /// More names than a table has; then the turns begin anew.
  private static let mostTurns = 4096

  mutating func take(
    _ message: [UInt8], from address: IPAddress, on network: String, overTCP: Bool,
    _ table: NameTable
  ) -> Outcome {
    let query: DNSQuery
    do throws(DNSQuery.Failure) { query = try DNSQuery(message) } catch {
      guard case .code(let code) = error,
        let reply = DNSQuery.answer(code, toUnreadable: message)
      else { return .nothing }
      return .reply(reply)
    }
    func answer(_ code: DNSQuery.Code, _ records: [DNSQuery.Record] = []) -> Outcome {
      .reply(query.answer(code, records, overTCP: overTCP))
    }
    guard query.ednsVersion == 0 else { return .reply(query.badVersion()) }
    // Not an open resolver (RFC 5358): who is on none of our networks gets nothing.
    guard let asker = table.asker(address, on: network) else { return answer(.refused) }
    guard query.dnsClass == 1, query.type != DNSQuery.Kind.axfr, query.type != DNSQuery.Kind.ixfr
    else { return answer(.refused) }

    if let addresses = table.addresses(of: query.name, for: asker) {
      // A name that has no record of the type exists all the same (RFC 2308, 2.2): were it denied, a
      // client that asked for AAAA first would not ask for A.
      return answer(.noError, turned(records(addresses, query.type), query))
    }
    if let bytes = DNSName.reverse(query.name), let asked = IPAddress(bytes: bytes),
      let name = table.name(of: asked, for: asker)
    {
      let isAsked = query.type == DNSQuery.Kind.ptr || query.type == DNSQuery.Kind.any
      return answer(.noError, isAsked ? [.name(name)] : [])
    }
    // Nothing outside can be reached: that there is no such name is the whole truth there. SERVFAIL,
    // as Docker says, makes clients ask again and again. Of the host it would not be true.
    guard asker.mayForward else { return answer(asker.id.isEmpty ? .refused : .noName) }
    return .forward(query, asker.upstreams, asker: asker.id)
  }

  private func records(_ addresses: [IPAddress], _ type: UInt16) -> [DNSQuery.Record] {
    addresses.filter { address in
      switch type {
      case DNSQuery.Kind.a: !address.isV6
      case DNSQuery.Kind.aaaa: address.isV6
      case DNSQuery.Kind.any: true
      default: false
      }
    }.map { .address($0) }
  }

  /// Another one first each time: most clients take the first.
  private mutating func turned(
    _ records: [DNSQuery.Record], _ query: DNSQuery
  ) -> [DNSQuery.Record] {
    guard records.count > 1 else { return records }
    if turns.count >= Answering.mostTurns { turns.removeAll() }
    let key = "\(query.type) \(query.name)"
    let turn = turns[key, default: 0] % records.count
    turns[key] = turn + 1
    return Array(records[turn...] + records[..<turn])
  }
}
