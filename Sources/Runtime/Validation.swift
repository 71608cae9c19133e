// What cannot work is refused before anything is made: combinations of fields that the parser
// cannot judge one by one.

internal import Linux
internal import OCI

/// Checks a configuration as a whole.
enum Validation {
  /// - Throws: `RuntimeError` naming the fields that do not go together.
  static func check(_ config: Config) throws(RuntimeError) {
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
    if isPrivate(.time) { throw RuntimeError("time namespaces are not honoured yet") }
    if let name = linux.rootfsPropagation, !name.isEmpty,
      MountOptions.propagation(named: name) == nil
    {
      throw RuntimeError("linux.rootfsPropagation: \"\(name)\" is unknown")
    }
    for mount in config.mounts { _ = try MountOptions(mount) }
    if let index = config.mounts.firstIndex(where: { $0.destination == "/" }), index != 0 {
      throw RuntimeError("a mount on / must be the first of mounts")
    }
    for entry in linux.sysctl { try check(sysctl: entry.key, isPrivate) }
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
    guard isPrivate(kind) else {
      throw RuntimeError(
        "linux.sysctl[\"\(key)\"] needs a \(kind.rawValue) namespace of the container's own")
    }
  }
}
