// A network's bridge on the host:
//
//     ip link add br-0123456789ab address 02:42:0a:c8:00:01 mtu 1500 type bridge
//     ip address add 10.200.0.1/16 dev br-0123456789ab
//     ip link set br-0123456789ab up

internal import Linux
public import Steps

/// A network's bridge.
public struct Bridge: Equatable, Sendable {
  /// The link's name.
  public var name: String
  /// Bytes.
  public var mtu: UInt32 = 1500
  /// The gateways of its subnets.
  public var addresses: [InterfaceAddress] = []

  /// Describes one.
  public init(name: String) { self.name = name }

  /// Whether it is there.
  public var isThere: Bool { Netlink.index(of: name) != nil }

  /// Whether it is whole: setting it up is the last that is done.
  public var isReady: Bool { Netlink.isUp(name) }

  /// Makes it and sets it up; what was made before a failure is removed.
  ///
  /// A bridge of that name that is there already is taken, and gets the addresses it lacks.
  ///
  /// - Throws: `StepFailure`.
  public func make(_ glass: Glass) throws(StepFailure) {
    let netlink = try Stepping.at(.netBridgeCreate) { () throws(SystemError) in try Netlink() }
    let isNew = !isThere
    do throws(StepFailure) {
      if isNew { try create(netlink, glass) }
      try configure(netlink, glass)
    } catch {
      if isNew, error.id != .netBridgeCreate {
        do throws(StepFailure) { try remove(Glass()) } catch {
          File.report("drydock: \(name) is left: \(error.text)\n")
        }
      }
      throw error
    }
  }

  private func create(_ netlink: borrowing Netlink, _ glass: Glass) throws(StepFailure) {
    // With an address of its own it keeps it: else it would take the lowest of its ports', and
    // containers would remember one that is gone.
    let hardware = addresses.first.map { MACAddress(for: $0.address) }
    try glass.around(
      .netBridgeCreate,
      .described(
        call: "RTM_NEWLINK", object: name,
        shell: "ip link add \(name)" + (hardware.map { " address \($0)" } ?? "")
          + " mtu \(mtu) type bridge", see: Evidence("/proc/net/dev", name))
    ) { () throws(SystemError) in
      do throws(SystemError) {
        try netlink.makeBridge(name, address: hardware, mtu: mtu)
      } catch  where error.errno == .exists {
        // Another command was faster.
      }
    }
  }

  private func configure(_ netlink: borrowing Netlink, _ glass: Glass) throws(StepFailure) {
    let index = try Stepping.at(.netAddressAdd) { () throws(SystemError) in
      guard let index = Netlink.index(of: name) else {
        throw SystemError("if_nametoindex(3)", .noDevice, name)
      }
      return index
    }
    for address in addresses {
      try glass.around(
        .netAddressAdd,
        .described(
          call: "RTM_NEWADDR", object: "\(address) on \(name)",
          shell: "ip address add \(address)"
            + (address.address.isV6 ? " nodad" : " broadcast +") + " dev \(name)",
          see: Evidence(address.address.isV6 ? "/proc/net/if_inet6" : "/proc/net/fib_trie"))
      ) { () throws(SystemError) in
        do throws(SystemError) {
          try netlink.add(address.address, length: address.length, to: index)
        } catch  where error.errno == .exists {
          // It has it already.
        }
      }
    }
    try glass.around(
      .netLinkUp,
      .described(
        call: "RTM_NEWLINK", object: name, shell: "ip link set \(name) up",
        see: Evidence("/proc/net/route", name))
    ) { () throws(SystemError) in try netlink.setUp(name) }
  }

  /// Removes it; one that is gone is fine.
  ///
  /// - Throws: `StepFailure`.
  public func remove(_ glass: Glass) throws(StepFailure) {
    guard isThere else { return }
    try glass.around(
      .netLinkDelete,
      .described(call: "RTM_DELLINK", object: name, shell: "ip link delete \(name)")
    ) { () throws(SystemError) in try Netlink().removeIfThere(name) }
  }
}
