// Which subnets this host knows a way to: RTM_GETROUTE (rtnetlink(7)).

public import Linux

/// The routes of the calling thread's network namespace.
public enum HostRoutes {
  /// The targets of all its unicast routes but the default ones, with the link they leave by.
  ///
  /// - Returns: subnet and number of the link.
  /// - Throws: `SystemError`.
  public static func subnets() throws(SystemError) -> [(prefix: IPPrefix, link: Int32)] {
    let socket = try RouteSocket("routes")
    // RTM_GETROUTE with NLM_F_DUMP and an empty struct rtmsg, answered by RTM_NEWROUTE.
    try socket.send(26, flags: 0x300, [UInt8](repeating: 0, count: 12))
    return try socket.receiveAll(24).compactMap { message in
      // family, dst_len, src_len, tos, table, protocol, scope, type, flags.
      guard message.count >= 12, message[7] == 1 /* RTN_UNICAST */, message[1] > 0 else {
        return nil
      }
      var target: IPAddress?
      var link: Int32 = 0
      for (type, value) in attributes(message, from: 12) {
        if type == 1 { target = IPAddress(bytes: value) }  // RTA_DST
        if type == 4 { link = Int32(bitPattern: number(value, 0)) }  // RTA_OIF
      }
      guard let target else { return nil }
      let prefix = IPPrefix(target, length: Int(message[1]))
      // Every link has these.
      if prefix.base.isV6, prefix.base.bytes[0] == 0xfe || prefix.base.bytes[0] == 0xff {
        return nil
      }
      return (prefix, link)
    }
  }
}
