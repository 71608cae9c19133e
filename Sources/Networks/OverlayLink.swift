// What makes a network's bridge span several hosts:
//
//     ip link add vx-0123456789ab mtu 1450 type vxlan id 4097 local 10.200.9.1 dstport 4789 \
//       nolearning proxy
//     ip link set vx-0123456789ab master br-0123456789ab up
//
// Who is behind it drydock-dns learns from the other hosts (Peers.swift of the module Names).

public import Linux
public import Steps

/// A network's VXLAN link.
public struct OverlayLink: Equatable, Sendable {
  /// The link's name.
  public var name: String
  /// The bridge it is a port of.
  public var bridge: String
  /// Number, address and port.
  public var vxlan: VXLAN
  /// Bytes.
  public var mtu: UInt32

  /// Describes one.
  public init(name: String, bridge: String, vxlan: VXLAN, mtu: UInt32) {
    self.name = name
    self.bridge = bridge
    self.vxlan = vxlan
    self.mtu = mtu
  }

  /// Whether it is there and set up, which comes last.
  public var isReady: Bool { Netlink.isUp(name) }

  /// Makes it where it is missing and attaches it; one made here is gone after a failure.
  ///
  /// - Throws: `StepFailure`; EEXIST when another link of this host has its number and port.
  public func make(_ glass: Glass) throws(StepFailure) {
    let netlink = try Stepping.at(.netVxlanCreate) { () throws(SystemError) in try Netlink() }
    let isNew = Netlink.index(of: name) == nil
    if isNew {
      try glass.around(
        .netVxlanCreate,
        .described(
          call: "RTM_NEWLINK", object: name,
          shell: "ip link add \(name) mtu \(mtu) type vxlan id \(vxlan.id) local \(vxlan.local)"
            + " dstport \(vxlan.port) nolearning proxy", see: Evidence("/proc/net/dev", name))
      ) { () throws(SystemError) in
        do throws(SystemError) { try netlink.makeVXLAN(name, vxlan, mtu: mtu) } catch {
          // Another command was faster; else it is another link that has the number.
          guard error.errno == .exists, Netlink.index(of: name) != nil else { throw error }
        }
      }
    }
    do throws(StepFailure) {
      try glass.around(
        .netVxlanAttach,
        .described(
          call: "RTM_NEWLINK", object: "\(name) → \(bridge)",
          shell: "ip link set \(name) master \(bridge) up",
          see: Evidence("/sys/class/net/\(name)/master/uevent", "INTERFACE"))
      ) { () throws(SystemError) in
        guard let index = Netlink.index(of: bridge) else {
          throw SystemError("if_nametoindex(3)", .noDevice, bridge)
        }
        try netlink.attach(name, to: index)
      }
    } catch {
      if isNew {
        do throws(StepFailure) { try remove(Glass()) } catch {
          File.report("drydock: \(name) is left: \(error.text)\n")
        }
      }
      throw error
    }
  }

  /// Removes it; one that is gone is fine.
  ///
  /// - Throws: `StepFailure`.
  public func remove(_ glass: Glass) throws(StepFailure) {
    guard Netlink.index(of: name) != nil else { return }
    try glass.around(
      .netLinkDelete,
      .described(call: "RTM_DELLINK", object: name, shell: "ip link delete \(name)")
    ) { () throws(SystemError) in try Netlink().removeIfThere(name) }
  }
}
