import Linux

/// Which subnets are taken: by other networks, and by what the host has routes to.
struct SubnetPlan {
  let others: [Network]
  let routes: [IPPrefix]

  /// Refuses a subnet that shares an address with one that is taken.
  func check(_ prefix: IPPrefix) throws(EngineError) {
    for network in others {
      for subnet in network.settings.subnets where subnet.prefix.overlaps(prefix) {
        throw NetworkOptions.refused(
          "invalid pool request: Pool overlaps with other one on this address space: "
            + "\(prefix) and \(subnet.prefix) of the network \(network.name)",
          hint: "Choose another --subnet, or leave it out.")
      }
    }
    for route in routes where route.overlaps(prefix) {
      throw NetworkOptions.refused(
        "the subnet \(prefix) is in use by the host: it has a route to \(route)",
        hint: "`ip route` shows it. Choose another --subnet, or leave it out.")
    }
  }

  /// The first subnet that is free.
  ///
  /// - Parameters:
  ///   - pools: where from, each with the length of one network's.
  ///   - isV6: of which family.
  /// - Returns: a subnet with its gateway.
  /// - Throws: `EngineError` when all are taken.
  func free(in pools: [AddressPool], isV6: Bool) throws(EngineError) -> Subnet {
    let taken =
      (others.flatMap { $0.settings.subnets.map { $0.prefix } } + routes)
      .filter { $0.base.isV6 == isV6 }
    for pool in pools where pool.base.base.isV6 == isV6 {
      var base = pool.base.base
      var count = 0
      // A pool of IPv6 has more than anybody could try.
      while pool.base.contains(base), count < 65_536 {
        let candidate = IPPrefix(base, length: pool.size)
        guard let clash = taken.first(where: { $0.overlaps(candidate) }) else {
          return Subnet(prefix: candidate, gateway: base.advanced(by: 1))
        }
        // Behind the one that is in the way, at a border of this size.
        let next = max(clash.last, candidate.last)
        guard next < pool.base.last else { break }
        base = next.advanced(by: 1)
        count += 1
      }
    }
    throw NetworkOptions.refused(
      "could not find an available, non-overlapping \(isV6 ? "IPv6" : "IPv4") address pool among"
        + " the defaults to assign to the network",
      hint: "Remove a network (`drydock network prune`), or name a --subnet.")
  }
}

/// Subnets for networks that name none (`default-address-pools`).
struct AddressPool: Equatable, Sendable {
  /// All of it.
  var base: IPPrefix
  /// The length of one network's subnet.
  var size: Int

  /// As Docker has them: 172.17.0.0/16 to 172.31.0.0/16, then 192.168.0.0/20 and so on; and unique
  /// local addresses of IPv6 (RFC 4193).
  static let usual: [AddressPool] =
    (17...31).compactMap { IPPrefix("172.\($0).0.0/16") }.map { AddressPool(base: $0, size: 16) }
    + [("192.168.0.0/16", 20), ("fd00:d0c::/48", 64)].compactMap { text, size in
      IPPrefix(text).map { AddressPool(base: $0, size: size) }
    }
}
