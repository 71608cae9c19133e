// Links, addresses, routes and neighbours are changed by rtnetlink(7), with libnl: a request and its
// acknowledgement, which has the kernel's errno.
//
//     Netlink                       one socket, which speaks for the network namespace it was made in
//     Netlink+Links.swift           veth pairs, bridges, and what is changed of a link
//     Netlink+Addresses.swift       addresses, routes
//     Netlink+Tunnels.swift         VXLAN, and who is behind it
//
// Reading is done by RouteSocket.swift.

internal import CNetlink

/// An rtnetlink(7) socket that changes things.
@safe public struct Netlink: ~Copyable {
  private let socket: OpaquePointer
  /// What the kernel said to the request that failed last: libnl's own numbers are fewer.
  private let said: UnsafeMutablePointer<Int32>

  /// Connects to the network namespace of the calling thread.
  ///
  /// - Throws: `SystemError` of socket(2) or bind(2).
  public init() throws(SystemError) {
    guard let socket = unsafe nl_socket_alloc() else {
      throw SystemError("nl_socket_alloc(3)", Errno(12), "rtnetlink")
    }
    let code = unsafe nl_connect(socket, 0)  // NETLINK_ROUTE
    guard code >= 0 else {
      unsafe nl_socket_free(socket)
      throw SystemError("socket(2) AF_NETLINK", Netlink.errno(of: code), "rtnetlink")
    }
    unsafe self.socket = socket
    unsafe said = UnsafeMutablePointer<Int32>.allocate(capacity: 1)
    unsafe said.pointee = 0
    unsafe nl_socket_modify_err_cb(
      socket, NL_CB_CUSTOM,
      { _, error, said in
        guard let error = unsafe error, let said = unsafe said else { return -1 }
        unsafe said.assumingMemoryBound(to: Int32.self).pointee = error.pointee.error
        // Any of libnl's negative numbers ends the wait.
        return -1
      }, said)
  }

  deinit {
    unsafe nl_socket_free(socket)
    unsafe said.deallocate()
  }

  /// Connects to another network namespace, given by an open descriptor of it.
  ///
  /// The calling thread goes in (setns(2)), makes the socket and comes back.
  ///
  /// - Throws: `SystemError`; EPERM without CAP_SYS_ADMIN.
  public static func opened(in namespace: Int32, _ name: String) throws(SystemError) -> Netlink {
    let home = try File.open("/proc/thread-self/ns/net", .readOnly)
    try Processes.join(namespace, .network, name: name)
    let made: Netlink
    do throws(SystemError) {
      made = try Netlink()
    } catch {
      try Processes.join(home.raw, .network, name: "the way back")
      throw error
    }
    try Processes.join(home.raw, .network, name: "the way back")
    return made
  }

  /// Sends a request that libnl makes and waits for its acknowledgement.
  ///
  /// - Parameters:
  ///   - call: the message's name, for the error.
  ///   - object: what it is about, for the error.
  ///   - body: the call of libnl, which returns less than 0 when it failed.
  /// - Throws: `SystemError` with the kernel's errno.
  func change(
    _ call: StaticString, _ object: @autoclosure () -> String,
    _ body: (OpaquePointer) -> Int32
  ) throws(SystemError) {
    unsafe said.pointee = 0
    let code = unsafe body(socket)
    guard code < 0 else { return }
    let errno = unsafe said.pointee
    throw SystemError(call, errno < 0 ? Errno(-errno) : Netlink.errno(of: code), object())
  }

  /// The errno that one of libnl's numbers stands for (netlink/errno.h), where there is one.
  private static func errno(of code: Int32) -> Errno {
    switch -code {
    case 5: Errno(12)  // NLE_NOMEM
    case 6: Errno(17)  // NLE_EXIST
    case 7, 21: Errno(22)  // NLE_INVAL, NLE_MSG_TRUNC
    case 8: Errno(34)  // NLE_RANGE
    case 10: Errno(95)  // NLE_OPNOTSUPP
    case 11: Errno(97)  // NLE_AF_NOSUPPORT
    case 12: Errno(2)  // NLE_OBJ_NOTFOUND
    case 27, 28: Errno(1)  // NLE_ACCESS, NLE_PERM
    default: Errno(5)
    }
  }

  // MARK: Messages that libnl has no name for

  /// Sends a message made of a fixed head and attributes (nlmsg_alloc_simple(3), nl_send_sync(3)).
  func send(
    _ call: StaticString, _ type: UInt16, flags: Int32 = 0, _ object: @autoclosure () -> String,
    _ bytes: [UInt8]
  ) throws(SystemError) {
    guard let message = unsafe nlmsg_alloc_simple(Int32(type), flags) else {
      throw SystemError(call, Errno(12), object())
    }
    let appended = unsafe bytes.withUnsafeBytes {
      unsafe nlmsg_append(message, UnsafeMutableRawPointer(mutating: $0.baseAddress), $0.count, 4)
    }
    guard appended >= 0 else {
      unsafe nlmsg_free(message)
      throw SystemError(call, Errno(12), object())
    }
    // It frees the message, sent or not.
    try unsafe change(call, object()) { unsafe nl_send_sync($0, message) }
  }
}
