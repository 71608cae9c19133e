// RTM_NEWADDR, RTM_NEWROUTE and their opposites (rtnetlink(7)).

internal import CNetlink

extension Netlink {
  /// Gives a link an address.
  ///
  /// An IPv6 one is not asked for on the link first (RFC 4862, duplicate address detection): who
  /// gives it knows that it is free.
  ///
  /// - Throws: `SystemError`; EEXIST when the link has it.
  public func add(
    _ address: IPAddress, length: Int, to index: Int32
  ) throws(SystemError) {
    try unsafe withAddress(address, length, index) { (made) throws(SystemError) in
      try unsafe change("RTM_NEWADDR", "\(address)/\(length)") {
        unsafe rtnl_addr_add($0, made, Netlink.create)
      }
    }
  }

  /// Takes an address from a link.
  ///
  /// - Throws: `SystemError`; EADDRNOTAVAIL when the link does not have it.
  public func remove(
    _ address: IPAddress, length: Int, from index: Int32
  ) throws(SystemError) {
    try unsafe withAddress(address, length, index) { (made) throws(SystemError) in
      try unsafe change("RTM_DELADDR", "\(address)/\(length)") {
        unsafe rtnl_addr_delete($0, made, 0)
      }
    }
  }

  private func withAddress(
    _ address: IPAddress, _ length: Int, _ index: Int32,
    _ body: (OpaquePointer) throws(SystemError) -> Void
  ) throws(SystemError) {
    guard let made = unsafe rtnl_addr_alloc() else {
      throw Netlink.noMemory(address.description)
    }
    defer { unsafe rtnl_addr_put(made) }
    unsafe rtnl_addr_set_ifindex(made, index)
    try unsafe Netlink.with(address, length: length) { unsafe rtnl_addr_set_local(made, $0) }
    if address.isV6 {
      unsafe rtnl_addr_set_flags(made, 2)  // IFA_F_NODAD
    } else if length < 31 {
      let last = IPPrefix(address, length: length).last
      try unsafe Netlink.with(last) { unsafe rtnl_addr_set_broadcast(made, $0) }
    }
    try unsafe body(made)
  }

  /// Adds a route.
  ///
  /// - Parameters:
  ///   - target: where to; `0.0.0.0/0` and `::/0` are the default route.
  ///   - gateway: by whom; nil for what is on the link itself.
  ///   - index: by which link; 0 lets the kernel find it.
  /// - Throws: `SystemError`; EEXIST when there is such a route, ENETUNREACH when the gateway is not
  ///   on a link.
  public func addRoute(
    to target: IPPrefix, via gateway: IPAddress?, by index: Int32
  ) throws(SystemError) {
    try unsafe withRoute(target, gateway, index) { (route) throws(SystemError) in
      try unsafe change("RTM_NEWROUTE", "\(target)") {
        unsafe rtnl_route_add($0, route, Netlink.create)
      }
    }
  }

  /// Removes a route.
  ///
  /// - Throws: `SystemError`; ESRCH when there is none.
  public func removeRoute(
    to target: IPPrefix, via gateway: IPAddress?, by index: Int32
  ) throws(SystemError) {
    try unsafe withRoute(target, gateway, index) { (route) throws(SystemError) in
      try unsafe change("RTM_DELROUTE", "\(target)") { unsafe rtnl_route_delete($0, route, 0) }
    }
  }

  private func withRoute(
    _ target: IPPrefix, _ gateway: IPAddress?, _ index: Int32,
    _ body: (OpaquePointer) throws(SystemError) -> Void
  ) throws(SystemError) {
    guard let route = unsafe rtnl_route_alloc(), let hop = unsafe rtnl_route_nh_alloc() else {
      throw Netlink.noMemory(target.description)
    }
    defer { unsafe rtnl_route_put(route) }
    try unsafe Netlink.with(target.base, length: target.length) {
      unsafe rtnl_route_set_dst(route, $0)
    }
    unsafe rtnl_route_set_protocol(route, 4)  // RTPROT_STATIC
    if let gateway {
      try unsafe Netlink.with(gateway) { unsafe rtnl_route_nh_set_gateway(hop, $0) }
    }
    if index > 0 { unsafe rtnl_route_nh_set_ifindex(hop, index) }
    // The hop belongs to the route from now on.
    unsafe rtnl_route_add_nexthop(route, hop)
    try unsafe body(route)
  }
}
