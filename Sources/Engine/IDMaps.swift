import Linux
import OCI

/// `--uidmap` and `--gidmap`: which ids inside a user namespace are which outside
/// (user_namespaces(7)).
///
/// The container's root is nobody on the host. So the container's files are made its own: its
/// writable layer, and a copy of the image's files beside it. The directories on the way to them
/// must let it pass.
struct IDMaps: Equatable {
  /// The lines of uid_map.
  let uids: [IDMapping]
  /// The lines of gid_map.
  let gids: [IDMapping]

  /// Reads the options; nil when there are none of the kind.
  init?(_ options: RunOptions) throws(EngineError) {
    guard !(options.uidMap.isEmpty && options.gidMap.isEmpty) else { return nil }
    let (users, groups) = (options.uidMap, options.gidMap)
    uids = try IDMaps.parse(users.isEmpty ? groups : users, "--uidmap")
    gids = try IDMaps.parse(groups.isEmpty ? users : groups, "--gidmap")
  }

  /// The id outside; nil when it has none.
  func host(uid: UInt32) -> UInt32? { IDMaps.host(uid, uids) }
  /// The id outside; nil when it has none.
  func host(gid: UInt32) -> UInt32? { IDMaps.host(gid, gids) }

  private static func host(_ id: UInt32, _ maps: [IDMapping]) -> UInt32? {
    for map in maps where id >= map.containerID && id - map.containerID < map.size {
      return map.hostID + (id - map.containerID)
    }
    return nil
  }

  private static func parse(
    _ texts: [String], _ option: String
  ) throws(EngineError) -> [IDMapping] {
    var maps = [IDMapping]()
    for text in texts {
      let parts = text.split(separator: ":", omittingEmptySubsequences: false)
      let numbers = parts.compactMap { part in
        part.utf8.allSatisfy { (48...57).contains($0) } ? UInt32(part) : nil
      }
      // Podman's default for the size is 1 too.
      let size = numbers.count == 3 ? numbers[2] : 1
      guard numbers.count == parts.count, (2...3).contains(parts.count), size > 0,
        // The last id, 4294967295, means "no id" to the kernel.
        numbers[0] <= UInt32.max - size, numbers[1] <= UInt32.max - size
      else {
        throw EngineError(
          "invalid \(option): \"\(text)\"",
          hint: "Write CONTAINER:HOST:SIZE, such as 0:100000:65536.")
      }
      let map = IDMapping(containerID: numbers[0], hostID: numbers[1], size: size)
      for other in maps
      where overlap(map.containerID, other.containerID, size, other.size)
        || overlap(map.hostID, other.hostID, size, other.size)
      {
        throw EngineError(
          "invalid \(option): \"\(text)\" overlaps with another line",
          hint: "An id has one meaning on each side (user_namespaces(7)).")
      }
      maps.append(map)
    }
    guard host(0, maps) != nil else {
      throw EngineError(
        "\(option): 0 is not mapped", hint: "A container is set up by its own root: map 0 too.")
    }
    return maps
  }

  private static func overlap(_ a: UInt32, _ b: UInt32, _ aSize: UInt32, _ bSize: UInt32) -> Bool {
    a < b ? b - a < aSize : a - b < bSize
  }

  // MARK: Before anything is made

  /// What would fail later, inside, with less to say.
  ///
  /// - Parameters:
  ///   - user: who the program runs as.
  ///   - roots: the engine's directories; made passable when they are not.
  /// - Throws: `EngineError` with what to do.
  func check(user: User, roots: [String]) throws(EngineError) {
    let most = "/proc/sys/user/max_user_namespaces"
    let limit = try asked("asking for user namespaces") { () throws(SystemError) in
      File.exists(most) ? try File.text(most).trimmedLine : "0"
    }
    guard limit != "0" else {
      throw EngineError(
        "this kernel permits no user namespaces", hint: "Raise \(most), if it is there.")
    }
    for (kind, id, host) in [
      ("uid", user.uid, host(uid: user.uid)), ("gid", user.gid, host(gid: user.gid)),
    ] where host == nil {
      throw EngineError(
        "--user: the \(kind) \(id) is not mapped", hint: "Widen --uidmap and --gidmap.")
    }
    for directory in roots { try checkPassable(directory) }
  }

  /// Whether the host's strangers may pass (path_resolution(7)).
  private func checkPassable(_ directory: String) throws(EngineError) {
    var place = ""
    for part in directory.split(separator: "/") {
      place += "/" + part
      // What is not there yet is made passable.
      guard File.exists(place) else { return }
      let mode = try asked("looking at \(place)") { () throws(SystemError) in
        try File.status(place).mode
      }
      if mode & 0o001 != 0 { continue }
      if place == directory {
        try asked("letting ids of containers pass") { () throws(SystemError) in
          try File.setMode(place, (mode & 0o7777) | 0o011)
        }
        continue
      }
      throw EngineError(
        "\(place) lets nobody else pass, so the container's ids cannot reach their files",
        hint: "Try: chmod o+x \(place), or another --root or --run-root.")
    }
  }

  // MARK: Giving the files

  /// Copies the image's files to `lower` and gives these and the writable layer to the ids
  /// outside that stand for their owners.
  ///
  /// - Throws: `SystemError` naming the path; EOVERFLOW, as the kernel has it, for an owner that
  ///   is not mapped.
  func give(_ directory: String, image: borrowing ImageView) throws(SystemError) {
    try copy(".", in: image.root.raw, to: directory + "/lower")
    for layer in ["upper", "work"] { try shift("\(directory)/\(layer)") }
  }

  private func copy(
    _ name: String, in parent: Int32, to target: String
  ) throws(SystemError) {
    let status = try File.status(name, follow: false, at: parent)
    if status.isLink {
      try File.makeLink(target, to: try File.link(name, at: parent))
    } else if status.isDirectory {
      try File.makeDirectory(target)
      let inner = try File.open(name, [.readOnly, .directory, .noFollow], at: parent)
      for name in try File.list(inner.raw, name: name) {
        try copy(name, in: inner.raw, to: "\(target)/\(name)")
      }
    } else if status.isRegular {
      let source = try File.open(name, [.readOnly, .noFollow, .nonBlocking], at: parent)
      let file = try File.open(target, [.writeOnly, .create, .exclusive, .noFollow], mode: 0o600)
      try File.copy(source.raw, to: file.raw, name: target)
    } else {
      // Nodes would be of no use: a user namespace opens none that the host has not.
      return
    }
    try own(target, status)
  }

  /// Gives what is there already.
  private func shift(_ path: String) throws(SystemError) {
    let status = try File.status(path, follow: false)
    if status.isDirectory {
      for name in try File.list(path) { try shift("\(path)/\(name)") }
    }
    try own(path, status)
  }

  /// The owner first: chown(2) takes the set-user-ID bit away.
  private func own(_ path: String, _ status: FileStatus) throws(SystemError) {
    guard let uid = host(uid: status.uid), let gid = host(gid: status.gid) else {
      throw SystemError("lchown(2)", Errno(75), "\(path) of \(status.uid):\(status.gid)")
    }
    try File.setOwner(path, uid: uid, gid: gid)
    if !status.isLink { try File.setMode(path, status.mode & 0o7777) }
  }
}
