// The maps of a new user namespace (user_namespaces(7)): /proc/PID/uid_map and gid_map, written from
// outside.
//
//   root               writes whatever the configuration says
//   an ordinary user   may map only himself, one id, and groups only when setgroups(2) is denied;
//                      more ids come through newuidmap(1) and newgidmap(1), which look into
//                      /etc/subuid and /etc/subgid

internal import Linux
internal import OCI
internal import Steps

/// Writes the maps.
struct IDMaps {
  let linux: LinuxConfig

  /// Whether these lines may be written by this process itself.
  private func isOwn(_ maps: [IDMapping], _ id: UInt32) -> Bool {
    Identity.effectiveUser == 0
      || (maps.count == 1 && maps[0].size == 1 && maps[0].hostID == id)
  }

  /// Before anything is made.
  ///
  /// - Throws: `RuntimeError` saying what an ordinary user lacks.
  func check() throws(RuntimeError) {
    let user = Identity.effectiveUser
    guard user != 0 else { return }
    guard let namespace = linux.namespaces.first(where: { $0.kind == .user }) else {
      throw RuntimeError(
        "linux.namespaces has no user namespace, and user \(user) may not make the others alone:"
          + " operation not permitted",
        hint: "`drydock-runtime spec --rootless` writes a configuration that works")
    }
    guard namespace.path == nil else { return }
    if !isOwn(linux.uidMappings, user) { _ = try helper("newuidmap", "uidMappings") }
    if !isOwn(linux.gidMappings, Identity.effectiveGroup) {
      _ = try helper("newgidmap", "gidMappings")
    }
  }

  /// Gives the namespace of `pid` its maps.
  func write(_ pid: Int32, _ glass: Glass) throws(RuntimeError) {
    if !linux.uidMappings.isEmpty {
      try write(
        linux.uidMappings, pid, .userMapUid, "uid_map", "newuidmap", "uidMappings",
        isOwn: isOwn(linux.uidMappings, Identity.effectiveUser), glass)
    }
    guard !linux.gidMappings.isEmpty else { return }
    let isOwn = isOwn(linux.gidMappings, Identity.effectiveGroup)
    if isOwn, Identity.effectiveUser != 0 {
      try put("deny", "/proc/\(pid)/setgroups", .userSetgroups, glass)
    }
    try write(
      linux.gidMappings, pid, .userMapGid, "gid_map", "newgidmap", "gidMappings", isOwn: isOwn,
      glass)
  }

  private func write(
    _ maps: [IDMapping], _ pid: Int32, _ step: StepID, _ file: String, _ program: String,
    _ field: String, isOwn: Bool, _ glass: Glass
  ) throws(RuntimeError) {
    if isOwn {
      let text = maps.map { "\($0.containerID) \($0.hostID) \($0.size)\n" }.list("")
      return try put(text, "/proc/\(pid)/\(file)", step, glass)
    }
    var words = [program, String(pid)]
    for map in maps {
      words += [String(map.containerID), String(map.hostID), String(map.size)]
    }
    try run(try helper(program, field), words, step, field, glass)
  }

  // Not inlined: the optimiser of Swift 6.3 fails on three of them in one function.
  @inline(never)
  private func put(
    _ text: String, _ file: String, _ step: StepID, _ glass: Glass
  ) throws(RuntimeError) {
    do {
      try glass.perform(step, .write(file, text))
    } catch { throw RuntimeError(error) }
  }

  private func run(
    _ path: String, _ words: [String], _ step: StepID, _ field: String, _ glass: Glass
  ) throws(RuntimeError) {
    let command = words.list(" ")
    var said = ""
    do {
      try glass.around(
        step, .described(call: "execve(2)", object: command, shell: command)
      ) { () throws(SystemError) in
        let result = try Child.run(path, words)
        if result.status == .exited(0) { return }
        said = String(decoding: result.error, as: UTF8.self).trimmedLine
        throw SystemError("execve(2)", .perm, command)
      }
    } catch {
      if said.isEmpty { throw RuntimeError(error) }
      throw RuntimeError(
        "linux.\(field): \(said)",
        hint: "/etc/subuid and /etc/subgid say which ids user \(Identity.effectiveUser) may map")
    }
  }

  private func helper(_ program: String, _ field: String) throws(RuntimeError) -> String {
    for folder in ["/usr/bin/", "/usr/local/bin/", "/bin/"] where File.exists(folder + program) {
      return folder + program
    }
    throw RuntimeError(
      "linux.\(field): user \(Identity.effectiveUser) may map only himself, and \(program) is"
        + " missing",
      hint: "install uidmap, or map one id: hostID \(Identity.effectiveUser), size 1")
  }
}
