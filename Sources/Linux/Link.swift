internal import CLinux
internal import CNetlink

/// Network links, by rtnetlink(7) through libnl.
public enum Link {
  /// Sets a link of this network namespace up, as `ip link set NAME up` does.
  ///
  /// One RTM_NEWLINK message with an `ifinfomsg`, and its acknowledgement. The bare message and
  /// not libnl-route's objects: those would register every kind of link at each start.
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
    var message = ifinfomsg()
    message.ifi_index = Int32(index)
    message.ifi_flags = 1  // IFF_UP, netdevice(7)
    message.ifi_change = 1
    let size = MemoryLayout<ifinfomsg>.size
    let sent = unsafe nl_send_simple(
      socket, Int32(RTM_NEWLINK), 0x4 /* NLM_F_ACK */, &message, size)
    try check(sent, "RTM_NEWLINK", name)
    try check(unsafe nl_wait_for_ack(socket), "RTM_NEWLINK", name)
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
