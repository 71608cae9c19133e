internal import Linux

/// From what people call a container to a pid, for containers of other engines.
public enum Finding {
  /// The pid of a container that podman or Docker knows.
  ///
  /// Their CLI is asked where one is installed; else the cgroups' names are searched, in which all
  /// engines put a container's id, for one that begins with it.
  ///
  /// - Parameter reference: a name, an id, or its beginning.
  /// - Returns: the pid of its first process.
  /// - Throws: `XRayError` when it is not found, is not running, or is one of several.
  public static func pid(of reference: String) throws(XRayError) -> Int32 {
    for engine in ["podman", "docker"] {
      if let pid = try ask(engine, reference) { return pid }
    }
    var notes = Notes()
    if let pid = try search(HostProcesses(&notes).list, reference) { return pid }
    throw XRayError(
      message: "No such container: \(reference)",
      hint: "Give a name or id of drydock, podman or Docker, or the pid of one of its processes.")
  }

  /// `ENGINE inspect`; nil when there is no such CLI or it does not know the container.
  private static func ask(_ engine: String, _ reference: String) throws(XRayError) -> Int32? {
    let path = Processes.environment.first { $0.hasPrefix("PATH=") }?.dropFirst(5) ?? ""
    let places = path.split(separator: ":").map { "\($0)/\(engine)" }
    guard let program = places.first(where: { File.isExecutable($0) }) else { return nil }
    let format = "{{.State.Pid}} {{.State.Status}}"
    let words = [engine, "container", "inspect", "--format", format, "--", reference]
    // A CLI that cannot be started, or whose daemon is down, does not know the container either.
    guard let result = try? Child.run(program, words), result.status == .exited(0) else {
      return nil
    }
    let fields = String(decoding: result.output.prefix(200), as: UTF8.self)
      .split { $0 == " " || $0 == "\n" }
    guard let first = fields.first, let pid = Int32(first) else { return nil }
    guard pid > 0 else {
      throw XRayError(
        message: "Container \(reference) of \(engine) is not running"
          + (fields.count > 1 ? " (\(fields[1]))" : ""),
        hint: "Of a container that has ended the kernel keeps nothing.")
    }
    return pid
  }

  /// The first process of the container whose id begins so.
  static func search(_ processes: [HostProcess], _ prefix: String) throws(XRayError) -> Int32? {
    // Fewer digits would be a guess.
    guard prefix.utf8.count >= 6, prefix.allSatisfy({ $0.isHexDigit }) else { return nil }
    var found: [String: HostProcess] = [:]
    for process in processes {
      // conmon and shims have cgroups of their own beside the container's; what is deepest inside
      // a pid namespace and has pid 1 there is the container's init.
      guard let id = CgroupPaths.containerID(process.cgroup), id.hasPrefix(prefix.lowercased())
      else { continue }
      if let other = found[id], rank(other) <= rank(process) { continue }
      found[id] = process
    }
    guard found.count < 2 else {
      throw XRayError(
        message: "Multiple IDs found with provided prefix: \(prefix)", hint: "Give more digits.")
    }
    return found.values.first?.pid
  }

  private static func rank(_ process: HostProcess) -> (Int, Int32) {
    (process.pids.count > 1 && process.pids.last == 1 ? 0 : 1, process.pid)
  }
}
