public import Linux

/// Moments between the writes of the engine and of its monitor, at which a test can make the process
/// die or the write fail: `DRYDOCK_FAULT=ID[:ERRNO|kill]`, as `--fault` does it for a step.
///
/// A step changes the kernel's state and can be explained; these change files of ours.
public enum Point {
  /// All there are, in the order in which a container passes them.
  public static let all = [
    "store.begin", "store.layer", "store.config", "store.commit", "launch.config",
    "launch.monitor", "monitor.start", "monitor.live", "monitor.log", "monitor.exit",
    "monitor.delete", "monitor.bundle", "store.bundle", "store.rename", "store.clear",
    "store.forget",
  ]

  /// What is planted: the id, and the errno of the failure or nil for death.
  private static let planted: (id: String, errno: Errno?)? = {
    for entry in Processes.environment where entry.hasPrefix("DRYDOCK_FAULT=") {
      let parts = entry.dropFirst(14).split(separator: ":", maxSplits: 1)
      guard let id = parts.first else { return nil }
      if parts.count < 2 { return (String(id), Errno(5)) }
      return (String(id), parts[1] == "kill" ? nil : Errno(named: String(parts[1])) ?? Errno(5))
    }
    return nil
  }()

  /// Goes on, unless a test planted something here.
  ///
  /// - Throws: `SystemError` with the planted errno.
  public static func pass(_ id: String) throws(SystemError) {
    guard let planted, planted.id == id else { return }
    guard let errno = planted.errno else {
      // As abruptly as anything can be: no destructor, no handler.
      try Processes.kill(Processes.current, Signal.kill)
      return
    }
    throw SystemError("planted fault", errno, id)
  }
}
