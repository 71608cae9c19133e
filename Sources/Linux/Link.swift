internal import CLinux
internal import CNetlink

/// Network links, by rtnetlink(7) through libnl-route.
public enum Link {
  /// Sets a link up in this network namespace, as `ip link set NAME up` does.
  ///
  /// - Throws: `SystemError` naming the link.
  public static func setUp(_ name: String) throws(SystemError) {
    let index = unsafe lx_link_index(name)
    guard index > 0 else { throw SystemError("if_nametoindex(3)", Errno(Int32(-index)), name) }
    guard let socket = unsafe nl_socket_alloc() else {
      throw SystemError("nl_socket_alloc(3)", Errno(12), name)
    }
    defer { unsafe nl_socket_free(socket) }
    try check(unsafe nl_connect(socket, NETLINK_ROUTE), "nl_connect(3)", name)
    guard let wanted = unsafe rtnl_link_alloc(), let change = unsafe rtnl_link_alloc() else {
      throw SystemError("rtnl_link_alloc(3)", Errno(12), name)
    }
    defer {
      unsafe rtnl_link_put(wanted)
      unsafe rtnl_link_put(change)
    }
    unsafe rtnl_link_set_ifindex(wanted, Int32(index))
    unsafe rtnl_link_set_flags(change, 1)  // IFF_UP, netdevice(7)
    try check(unsafe rtnl_link_change(socket, wanted, change, 0), "RTM_NEWLINK", name)
  }

  /// libnl's errors are minus its own numbers, which map to errnos only in part; the text says
  /// which call it was.
  private static func check(
    _ code: Int32, _ call: StaticString, _ name: String
  ) throws(SystemError) {
    guard code < 0 else { return }
    let errno: Int32 =
      switch -code {
      case NLE_PERM: 1
      case NLE_NODEV, NLE_OBJ_NOTFOUND: 19
      case NLE_NOMEM: 12
      case NLE_BUSY: 16
      case NLE_EXIST: 17
      case NLE_OPNOTSUPP: 95
      case NLE_NOACCESS: 13
      default: 22
      }
    throw SystemError(call, Errno(errno), name)
  }
}
