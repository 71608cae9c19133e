internal import CLinux

/// A connection that is made to see whether it can be.
package enum Connecting {
  /// Connects and closes.
  ///
  /// A datagram is empty, and only an answer to it counts.
  ///
  /// - Parameters:
  ///   - address: where to.
  ///   - port: where to.
  ///   - source: an own address; nil lets the kernel choose.
  ///   - isDatagram: UDP instead of TCP.
  ///   - milliseconds: how long to wait.
  /// - Throws: `SystemError`: ECONNREFUSED, ETIMEDOUT when nothing was heard, and others.
  package static func attempt(
    _ address: IPAddress, _ port: UInt16, from source: IPAddress? = nil, isDatagram: Bool = false,
    milliseconds: Int32
  ) throws(SystemError) {
    let to = address.bytes
    let result: Int
    if let source, source.isV6 == address.isV6 {
      result = unsafe lx_try_connect(
        to, source.bytes, to.count, port, isDatagram ? 1 : 0, milliseconds)
    } else {
      result = unsafe lx_try_connect(to, nil, to.count, port, isDatagram ? 1 : 0, milliseconds)
    }
    try check(result, "connect(2)", "\(address) port \(port)")
  }
}
