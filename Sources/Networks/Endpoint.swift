// One container's place on one network: a veth pair, of which the host's end is a port of the
// network's bridge and the other one has the container's addresses.
//
//     ip link add veth0123456a0 mtu 1500 type veth peer name eth0 address 02:42:… netns PID
//     ip link set veth0123456a0 master drydock0 up
//     within the container:
//       ip address add 10.200.0.2/16 broadcast 10.200.255.255 dev eth0
//       ip link set eth0 up
//       ip route add default via 10.200.0.1 proto static
//
// All of it is done from outside, in a moment in which this single-threaded process visits the
// container's network namespace (setns(2)): init has enough to do meanwhile.

public import Linux
public import Steps

/// An address of a container, with the length of its subnet.
public struct InterfaceAddress: Hashable, Sendable, LosslessStringConvertible {
  /// The address itself.
  public var address: IPAddress
  /// Bits of the subnet.
  public var length: Int

  /// Puts them together.
  public init(_ address: IPAddress, length: Int) {
    self.address = address
    self.length = length
  }

  /// `10.200.0.2/16`; else nil.
  public init?(_ text: String) {
    guard let (address, length) = IPPrefix.parts(text) else { return nil }
    self.init(address, length: length)
  }

  /// `10.200.0.2/16`.
  public var description: String { "\(address)/\(length)" }
}

/// One container's place on one network.
public struct Endpoint: Equatable, Sendable {
  /// The network's name, for people.
  public var network = ""
  /// The link inside.
  public var name = "eth0"
  /// The link on the host.
  public var outside = ""
  /// The bridge's name.
  public var bridge = ""
  /// The hardware address of the link inside.
  public var hardware: MACAddress?
  /// Bytes.
  public var mtu: UInt32 = 1500
  /// At most one of each family.
  public var addresses: [InterfaceAddress] = []
  /// Default routes; none on an internal network, or where another network has them.
  public var gateways: [IPAddress] = []
  /// Whether the port reaches no other isolated one (`icc=false`).
  public var isIsolated = false

  /// Nothing yet.
  public init() {}

  /// Connects a network namespace.
  ///
  /// - Parameters:
  ///   - namespace: an open descriptor of it.
  ///   - pid: a process in it, for the equivalent commands.
  ///   - glass: through which every step is seen.
  /// - Throws: `StepFailure`; what was made before it is gone then.
  public func connect(
    _ namespace: Int32, pid: Int32, _ glass: Glass
  ) throws(StepFailure) {
    do throws(StepFailure) {
      try make(namespace, pid, glass)
      try NetworkNamespace.visit(namespace, step: .netAddressAdd) { () throws(StepFailure) in
        try configure(pid, glass)
      }
    } catch {
      // The pair would go with the namespace, but later than the failure is told.
      if error.id != .netVethCreate { disconnect(glass) }
      throw error
    }
  }

  /// The pair, with its end on the host made a port of the bridge.
  private func make(
    _ namespace: Int32, _ pid: Int32, _ glass: Glass
  ) throws(StepFailure) {
    let netlink = try Stepping.at(.netVethCreate) { () throws(SystemError) in try Netlink() }
    guard let port = Netlink.index(of: bridge) else {
      throw StepFailure(
        .netVethAttach, SystemError("if_nametoindex(3)", .noDevice, "the bridge \(bridge)"))
    }
    try glass.around(
      .netVethCreate,
      .described(
        call: "RTM_NEWLINK", object: "\(outside) ↔ \(name)",
        shell: "ip link add \(outside) mtu \(mtu) type veth peer name \(name) mtu \(mtu)"
          + (hardware.map { " address \($0)" } ?? "") + " netns \(pid)",
        see: Evidence("/proc/\(pid)/net/dev", name))
    ) { () throws(SystemError) in
      do throws(SystemError) {
        try netlink.makePair(
          outside, peer: name, in: namespace, address: hardware, mtu: mtu)
      } catch  where error.errno == .exists {
        // The pair of this container's life before: the kernel takes it when it finds the time
        // (network_namespaces(7)), perhaps at this moment, and this container starts sooner.
        try netlink.removeIfThere(outside)
        try netlink.makePair(
          outside, peer: name, in: namespace, address: hardware, mtu: mtu)
      }
    }
    try glass.around(
      .netVethAttach,
      .described(
        call: "RTM_NEWLINK", object: "\(outside) → \(bridge)",
        shell: "ip link set \(outside) master \(bridge) up",
        see: Evidence("/sys/class/net/\(outside)/master/uevent", "INTERFACE"))
    ) { () throws(SystemError) in try netlink.attach(outside, to: port) }
    guard isIsolated, let index = Netlink.index(of: outside) else { return }
    try glass.around(
      .netVethIsolate,
      .described(
        call: "RTM_SETLINK", object: outside,
        shell: "bridge link set dev \(outside) isolated on",
        see: Evidence("/sys/class/net/\(outside)/brport/isolated"))
    ) { () throws(SystemError) in try netlink.isolate(outside, index: index) }
  }

  /// Within the container's network namespace: addresses and routes.
  private func configure(_ pid: Int32, _ glass: Glass) throws(StepFailure) {
    let netlink = try Stepping.at(.netAddressAdd) { () throws(SystemError) in try Netlink() }
    let index = try Stepping.at(.netAddressAdd) { () throws(SystemError) in
      guard let index = Netlink.index(of: name) else {
        throw SystemError("if_nametoindex(3)", .noDevice, name)
      }
      return index
    }
    let inside = "nsenter -t \(pid) -n ip"
    let sysctl = "/proc/sys/net/ipv6/conf/\(name)/disable_ipv6"
    if !addresses.contains(where: { $0.address.isV6 }), File.exists(sysctl) {
      // Else it would ask for routers, and take what they say.
      try glass.around(
        .netSysctl,
        .described(
          call: "write(2)", object: "\(sysctl) ← 1",
          shell: "nsenter -t \(pid) -n sh -c 'echo 1 > \(sysctl)'", see: Evidence(sysctl))
      ) { () throws(SystemError) in try File.set(sysctl, "1") }
    }
    for address in addresses {
      try glass.around(
        .netAddressAdd,
        .described(
          call: "RTM_NEWADDR", object: "\(address) on \(name)",
          shell: "\(inside) address add \(address)"
            + (address.address.isV6 ? " nodad" : " broadcast +") + " dev \(name)",
          see: Evidence(address.address.isV6 ? "/proc/net/if_inet6" : "/proc/net/fib_trie"))
      ) { () throws(SystemError) in
        try netlink.add(address.address, length: address.length, to: index)
      }
    }
    try glass.around(
      .netLinkUp,
      .described(
        call: "RTM_NEWLINK", object: name, shell: "\(inside) link set \(name) up",
        see: Evidence("/proc/net/route", name))
    ) { () throws(SystemError) in try netlink.setUp(name) }
    try addRoutes(netlink, index, pid, glass)
  }

  /// Gives a container the default routes of this network, when those of another one went.
  ///
  /// - Throws: `StepFailure`.
  public func restoreRoutes(
    _ namespace: Int32, pid: Int32, _ glass: Glass
  ) throws(StepFailure) {
    try NetworkNamespace.visit(namespace, step: .netRouteAdd) { () throws(StepFailure) in
      let netlink = try Stepping.at(.netRouteAdd) { () throws(SystemError) in try Netlink() }
      guard let index = Netlink.index(of: name) else { return }
      do throws(StepFailure) { try addRoutes(netlink, index, pid, glass) } catch {
        // It has them: another command was faster.
        guard error.error.errno == .exists else { throw error }
      }
    }
  }

  private func addRoutes(
    _ netlink: borrowing Netlink, _ index: Int32, _ pid: Int32, _ glass: Glass
  ) throws(StepFailure) {
    let inside = "nsenter -t \(pid) -n ip"
    for gateway in gateways {
      let target = IPPrefix(IPAddress(0, isV6: gateway.isV6), length: 0)
      try glass.around(
        .netRouteAdd,
        .described(
          call: "RTM_NEWROUTE", object: "default via \(gateway)",
          shell: "\(inside) \(gateway.isV6 ? "-6 " : "")route add default via \(gateway)"
            + " proto static",
          see: Evidence(gateway.isV6 ? "/proc/net/ipv6_route" : "/proc/net/route", name))
      ) { () throws(SystemError) in try netlink.addRoute(to: target, via: gateway, by: index) }
    }
  }

  /// Takes the pair away again; one that is gone is fine, and what fails is told.
  public func disconnect(_ glass: Glass) {
    guard Netlink.index(of: outside) != nil else { return }
    do throws(StepFailure) {
      try glass.around(
        .netVethDelete,
        .described(
          call: "RTM_DELLINK", object: "\(outside) ↔ \(name)", shell: "ip link delete \(outside)")
      ) { () throws(SystemError) in
        try Netlink().removeIfThere(outside)
      }
    } catch { File.report("drydock: \(outside) is left: \(error.text)\n") }
  }
}

/// Calls within another step's time.
enum Stepping {
  /// Runs what may fail as part of a step.
  static func at<Result: ~Copyable>(
    _ id: StepID, _ body: () throws(SystemError) -> Result
  ) throws(StepFailure) -> Result {
    do { return try body() } catch { throw StepFailure(id, error) }
  }
}

/// A network namespace (network_namespaces(7)).
public enum NetworkNamespace {
  /// Runs a body inside another network namespace; nothing else changes places.
  ///
  /// A process that cannot come back ends: whatever it did next would be done in the wrong place.
  ///
  /// - Parameters:
  ///   - namespace: an open descriptor of it.
  ///   - step: who fails when it cannot be entered.
  ///   - body: runs in it, in a process with one thread or on the thread that calls.
  /// - Returns: what the body returns.
  /// - Throws: `StepFailure`, the body's own or that of setns(2).
  public static func visit<Result>(
    _ namespace: Int32, step: StepID, _ body: () throws(StepFailure) -> Result
  ) throws(StepFailure) -> Result {
    let home = try Stepping.at(step) { () throws(SystemError) in
      try File.open("/proc/thread-self/ns/net", .readOnly)
    }
    try Stepping.at(step) { () throws(SystemError) in
      try Processes.join(namespace, .network, name: "the container's network namespace")
    }
    defer {
      do throws(SystemError) { try Processes.join(home.raw, .network, name: "the way back") } catch
      {
        File.report("drydock: \(error.text)\n")
        Processes.exit(125)
      }
    }
    return try body()
  }
}
