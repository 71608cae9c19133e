// A child in namespaces that its maker does not enter: made by a helper, with CLONE_PARENT (clone(2)).

internal import Linux
internal import OCI
internal import Steps

/// A child made in namespaces that this process must not enter itself.
enum ParentedClone {
  /// A helper process enters the namespaces, makes the child with CLONE_PARENT and ends; the child
  /// is then this process's own.
  ///
  /// `socket` is the child's end of the channel and closed here. Returns the child's pid.
  static func run(
    socket: Int32, mine: Int32, namespaces: NamespaceFlags, cgroup: Int32, watcher: Watcher? = nil,
    enter: () throws(RuntimeError) -> Void, child: () -> Never
  ) throws(RuntimeError) -> Int32 {
    let helper = try lookingUp { () throws(SystemError) in try Processes.clone([]) }
    if helper == 0 {
      Descriptors.close(mine)
      do throws(RuntimeError) {
        try enter()
        let pid = try lookingUp { () throws(SystemError) in
          try Processes.cloneSibling(namespaces, cgroup: cgroup)
        }
        if pid == 0 { child() }
        Channel.send([MessageKind.child.rawValue] + Array(String(pid).utf8), over: socket)
        Processes.exit(0)
      } catch {
        Channel.send(error.payload, over: socket)
        Processes.exit(1)
      }
    }
    // Or its end would never be seen.
    Descriptors.close(socket)
    // Init waits for a word of ours before it says anything, so the helper's comes first.
    var pid: Int32 = 0
    while pid == 0 {
      guard let message = Channel.receive(over: mine), let first = message.first else { break }
      if first == MessageKind.child.rawValue {
        pid = Int32(String(decoding: message.dropFirst(), as: UTF8.self)) ?? 0
      } else if first == MessageKind.failed.rawValue {
        _ = try? Processes.wait(helper)
        throw RuntimeError(payload: message)
      } else if let kind = MessageKind(rawValue: first) {
        try Creation.relay(message, kind, watcher, over: mine)
      }
    }
    _ = try? Processes.wait(helper)
    guard pid > 0 else {
      throw RuntimeError("entering the namespaces failed: the helper process ended early")
    }
    return pid
  }
}
