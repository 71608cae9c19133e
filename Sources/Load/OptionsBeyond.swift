internal import Linux

extension CommandLineReader {
  /// The options that the classic tool has not.
  mutating func readExtension(_ word: String) throws(Amounts.Refused) {
    switch word {
    case "--cpu-method":
      let name = try argument(word)
      guard let method = CPUMethod.named(name) else {
        throw Amounts.Refused("invalid cpu method: \(name) (one of \(CPUMethod.names))")
      }
      options.cpuMethod = method
    case "--cpu-load":
      let text = try argument(word)
      let digits = text.hasSuffix("%") ? text.dropLast() : text[...]
      guard let load = Amounts.decimal(digits), load > 0, load <= 100 else {
        throw Amounts.Refused("invalid cpu load (above 0, to 100 percent): \(text)")
      }
      options.cpuLoad = load
    case "--cpu-ops": options.cpuOps = try operations(word)
    case "--ops": options.ops = try operations(word)
    case "--io-method":
      switch try argument(word) {
      case "sync": options.ioMethod = .sync
      case "syncfs": options.ioMethod = .syncfs
      case let name:
        throw Amounts.Refused("invalid io method: \(name) (one of sync, syncfs)")
      }
    case "--metrics": options.metrics = true
    case "--metrics-json": options.metricsJSON = try path(word)
    case "--interval":
      options.interval = try Amounts.duration(try argument(word))
    case "--verify": break  // it always does
    case "--vm-method": options.vmMethod = try method(word, "vm")
    case "--hdd-method": options.hddMethod = try method(word, "hdd")
    case "--hdd-write-size":
      options.hddWriteSize = try block(word, "hdd write size", in: 512...(1 << 30))
    case "--syscall-method": options.syscallMethod = try method(word, "syscall")
    case "--net-bytes": options.netBytes = try block(word, "net bytes", in: 8...(16 << 20))
    case "--net-connect": options.netConnect = try end(word)
    case "--net-listen":
      options.netListen = try end(word)
      options.others[.netListen] = 1
    case "--rate":
      let text = try argument(word)
      guard let rate = Amounts.decimal(text[...]), rate >= 0.1, rate <= 10_000_000 else {
        throw Amounts.Refused("invalid rate (requests a second, 0.1 to 10000000): \(text)")
      }
      options.rate = rate
    default:
      guard let kind = Options.Kind.named(word) else {
        throw Amounts.Refused("unrecognized option: \(word)")
      }
      options.others[kind] = try workers(try argument(word), kind: kind.name)
    }
  }

  private mutating func method<Method: RawRepresentable & CaseIterable>(
    _ option: String, _ kind: String
  ) throws(Amounts.Refused) -> Method where Method.RawValue == String {
    let name = try argument(option)
    if let method = Method(rawValue: name) { return method }
    let known = Method.allCases.map(\.rawValue).joined(separator: ", ")
    throw Amounts.Refused("invalid \(kind) method: \(name) (one of \(known))")
  }

  private mutating func block(
    _ option: String, _ what: String, in range: ClosedRange<Int64>
  ) throws(Amounts.Refused) -> Int64 {
    let text = try argument(option)
    let bytes = try Amounts.size(text)
    guard range.contains(bytes) else {
      throw Amounts.Refused(
        "invalid \(what): \(text) (\(range.lowerBound) to \(range.upperBound) bytes)")
    }
    return bytes
  }

  /// `HOST:PORT`, `[HOST]:PORT`, or to listen on all addresses `PORT`; hosts are numbers, no names.
  private mutating func end(_ option: String) throws(Amounts.Refused) -> SocketAddress {
    let text = try argument(option)
    let colon = text.lastIndex(of: ":")
    let host = colon.map { text[..<$0] } ?? ""
    let port = colon.map { text[text.index(after: $0)...] } ?? text[...]
    let bare = host.hasPrefix("[") && host.hasSuffix("]") ? host.dropFirst().dropLast() : host
    let all = option == "--net-listen" && colon == nil ? IPAddress(v4: 0) : nil
    guard let address = all ?? IPAddress(bare), let port = UInt16(port), port > 0,
      address.isV6 == host.hasPrefix("[")
    else {
      throw Amounts.Refused(
        "invalid argument to option '\(option)': \(text) (such as 10.0.0.2:5001 or [fd00::2]:5001, "
          + "an address and not a name)")
    }
    return SocketAddress(address, port)
  }
}
