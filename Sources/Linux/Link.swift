internal import CLinux

/// Network links.
public enum Link {
  /// Sets a link of this network namespace up, as `ip link set NAME up` does.
  ///
  /// netdevice(7), SIOCSIFFLAGS: three calls where rtnetlink(7) takes eight, at every start.
  ///
  /// - Throws: `SystemError` naming the link.
  public static func setUp(_ name: String) throws(SystemError) {
    let result = unsafe name.withCString { unsafe lx_link_up($0) }
    try check(result, "ioctl(2) SIOCSIFFLAGS", name)
  }
}
