internal import CLinux

/// Network links of this network namespace.
public enum Link {
  /// Sets a link up, as `ip link set NAME up` does (netdevice(7), SIOCSIFFLAGS).
  ///
  /// The ioctl and not netlink: for one flag of one link, libnl's start-up alone would cost more
  /// than the call.
  ///
  /// - Throws: `SystemError` naming the link.
  public static func setUp(_ name: String) throws(SystemError) {
    try check(unsafe lx_link_up(name), "ioctl(2) SIOCSIFFLAGS", name)
  }
}
