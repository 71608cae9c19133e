// What cannot work is refused before anything is made: combinations of fields that the parser
// cannot judge one by one.

internal import Linux
package import OCI

/// Checks a configuration as a whole.
package enum Validation {
  /// - Throws: `RuntimeError` naming the fields that do not go together.
  package static func check(_ config: Config) throws(RuntimeError) {
    let linux = config.linux
    func isNew(_ kind: NamespaceKind) -> Bool {
      linux.namespaces.contains { $0.kind == kind && $0.path == nil }
    }
    func isPrivate(_ kind: NamespaceKind) -> Bool {
      linux.namespaces.contains { $0.kind == kind }
    }
    guard isPrivate(.mount) else {
      throw RuntimeError(
        "linux.namespaces has no mount namespace",
        hint: "without one, every mount of the container would be made on the host")
    }
    if config.hostname != nil || config.domainname != nil, !isPrivate(.uts) {
      throw RuntimeError(
        "hostname or domainname is set without a uts namespace: the host would be renamed")
    }
    if !linux.uidMappings.isEmpty || !linux.gidMappings.isEmpty, !isPrivate(.user) {
      throw RuntimeError("uidMappings or gidMappings without a user namespace")
    }
    if isNew(.user), linux.uidMappings.isEmpty || linux.gidMappings.isEmpty {
      throw RuntimeError(
        "a new user namespace needs uidMappings and gidMappings",
        hint: "without them every user inside is 65534")
    }
    if isNew(.user), linux.namespaces.contains(where: { $0.kind == .mount && $0.path != nil }) {
      throw RuntimeError(
        "linux.namespaces: a mount namespace by path beside a new user namespace",
        hint: "the new users have no rights over it: nothing could be mounted there")
    }
    if isNew(.time) {
      try TimeNamespace.check(linux.timeOffsets)
    } else if linux.timeOffsets != TimeOffsets() {
      throw RuntimeError("linux.timeOffsets is set without a new time namespace")
    }
    if let name = linux.rootfsPropagation, !name.isEmpty,
      MountOptions.propagation(named: name) == nil
    {
      throw RuntimeError("linux.rootfsPropagation: \"\(name)\" is unknown")
    }
    for mount in config.mounts { try check(mount, config) }
    if let index = config.mounts.firstIndex(where: { $0.destination == "/" }), index != 0 {
      throw RuntimeError("a mount on / must be the first of mounts")
    }
    for entry in linux.sysctl { try check(sysctl: entry.key, isPrivate) }
  }

  private static func check(_ mount: Mount, _ config: Config) throws(RuntimeError) {
    let options = try MountOptions(mount)
    try ProcRules.check(mount, options)
    let linux = config.linux
    let hasUsers = linux.namespaces.contains { $0.kind == .user }
    if options.idMap != nil, mount.uidMappings.isEmpty, !hasUsers {
      throw RuntimeError(
        "mounts[\(mount.destination)]: idmap without uidMappings and gidMappings",
        hint: "only in a container with a user namespace there are others to take")
    }
    // An owner that is nobody inside: devpts and tmpfs answer EINVAL without saying why.
    guard !linux.gidMappings.isEmpty, mount.type == "devpts" || mount.type == "tmpfs"
    else { return }
    for option in options.data {
      let (text, maps) =
        option.hasPrefix("gid=")
        ? (option.dropFirst(4), linux.gidMappings)
        : option.hasPrefix("uid=") ? (option.dropFirst(4), linux.uidMappings) : ("", [])
      guard let id = UInt32(text), !maps.contains(where: { $0.holds(id) }) else { continue }
      throw RuntimeError(
        "mounts[\(mount.destination)]: \(option) is not mapped in the user namespace",
        hint: "leave the option out, or map that id in linux.uidMappings and gidMappings")
    }
  }

  /// Only settings that belong to one of the container's own namespaces; others would change the
  /// host (sysctl(2) names in namespaces(7), ipc_namespaces(7), network_namespaces(7)).
  private static func check(
    sysctl key: String, _ isPrivate: (NamespaceKind) -> Bool
  ) throws(RuntimeError) {
    let parts = key.split(separator: "/")
    guard !parts.contains(".."), !parts.contains(".") else {
      throw RuntimeError("linux.sysctl[\"\(key)\"] climbs with . or ..: it would change the host")
    }
    let name = parts.joined(separator: ".")
    let ipc: [StaticString] = [
      "kernel.msgmax", "kernel.msgmnb", "kernel.msgmni", "kernel.sem", "kernel.shmall",
      "kernel.shmmax", "kernel.shmmni", "kernel.shm_rmid_forced",
    ]
    let kind: NamespaceKind
    if name.hasPrefix("net.") {
      kind = .network
    } else if name.hasPrefix("fs.mqueue.") || ipc.contains(where: { $0.equals(name) }) {
      kind = .ipc
    } else if name == "kernel.domainname" || name == "kernel.hostname" {
      kind = .uts
    } else {
      throw RuntimeError(
        "linux.sysctl[\"\(key)\"] belongs to no namespace: it would change the host")
    }
    guard name != "kernel.hostname" else {
      throw RuntimeError(
        "linux.sysctl[\"\(key)\"] is the container's hostname", hint: "set hostname instead")
    }
    guard isPrivate(kind) else {
      throw RuntimeError(
        "linux.sysctl[\"\(key)\"] needs a \(kind.rawValue) namespace of the container's own")
    }
  }
}

extension IDMapping {
  fileprivate func holds(_ id: UInt32) -> Bool { id >= containerID && id - containerID < size }
}
