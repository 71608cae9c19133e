import Linux
import OCI

/// Which namespaces a container shares, and with whom: `--pid`, `--ipc`, `--uts`, `--userns`.
enum NamespaceOptions {
  /// A mode of `--pid` or `--ipc`.
  enum Mode: Equatable, Sendable {
    /// Its own.
    case own
    /// Its own, which others may join.
    case shareable
    /// The host's.
    case host
    /// Another container's.
    case container(String)
  }

  static func check(_ options: RunOptions) throws(EngineError) {
    let pid = try pid(options.pid)
    let ipc = try ipc(options.ipc)
    guard ["", "host"].contains(options.uts) else {
      throw EngineError("--uts: invalid UTS mode", hint: "host, or leave it out.")
    }
    guard options.uts.isEmpty || options.hostname == nil && options.domainname == nil else {
      throw EngineError("conflicting options: hostname and the UTS mode")
    }
    guard ["", "host"].contains(options.userns) else {
      throw EngineError("--userns: invalid USER mode", hint: "host, or leave it out.")
    }
    guard ["", "default"].contains(options.isolation) else {
      throw EngineError("invalid isolation (\(options.isolation)) on linux", hint: "default")
    }
    try checkNetwork(options)
    try checkSysctls(options, ipc)
    guard try IDMaps(options) != nil else { return }
    guard options.userns.isEmpty else {
      throw EngineError("conflicting options: --userns host and --uidmap")
    }
    guard !options.privileged else {
      throw EngineError(
        "privileged mode is incompatible with user namespaces",
        hint: "Leave --privileged or --uidmap out.")
    }
    // The host's /sys shows the host's network, and mounting it needs power over that.
    if try sharesNetwork(options.network) {
      let whose = options.network == "host" ? "the host's" : "another container's"
      throw EngineError(
        "cannot share \(whose) network namespace when user namespaces are enabled",
        hint: "Leave --network or --uidmap out.")
    }
    guard pid == .own, ipc == .own || ipc == .shareable else {
      throw EngineError(
        "cannot share the host's or another container's namespace when user namespaces are enabled",
        hint: "Leave --pid, --ipc or --uidmap out.")
    }
  }

  /// Who joins another container's network has its name and its addresses.
  private static func checkNetwork(_ options: RunOptions) throws(EngineError) {
    guard case .container = try network(options.network) else { return }
    let conflicts: [(Bool, String)] = [
      (options.hostname != nil, "hostname and the network mode"),
      (!options.dns.isEmpty, "dns and the network mode"),
      (!options.addedHosts.isEmpty, "custom host-to-IP mapping and the network mode"),
      (!options.expose.isEmpty, "port exposing and the container type network mode"),
      (
        !options.published.isEmpty || options.publishesAll,
        "port publishing and the container type network mode"
      ),
      (!options.links.isEmpty, "container type network can't be used with links"),
      (options.hardwareAddress != nil, "mac-address and the network mode"),
    ]
    for (isThere, what) in conflicts where isThere {
      throw EngineError("conflicting options: \(what)")
    }
  }

  /// Whether `--network` names somebody else's network namespace.
  private static func sharesNetwork(_ text: String) throws(EngineError) -> Bool {
    try network(text) != .own
  }

  /// `host` and `container:NAME`; everything else is a network namespace of the container's own.
  static func network(_ text: String) throws(EngineError) -> Mode {
    text == "host" || text.hasPrefix("container:") ? try mode(text) ?? .own : .own
  }

  static func pid(_ text: String) throws(EngineError) -> Mode {
    switch try mode(text) {
    case .own?: return .own
    case .host?: return .host
    case .container(let name)?: return .container(name)
    default:
      throw EngineError("--pid: invalid PID mode", hint: "host, or container:NAME.")
    }
  }

  static func ipc(_ text: String) throws(EngineError) -> Mode {
    guard let mode = try mode(text) else {
      throw EngineError(
        "--ipc: invalid IPC mode", hint: "private, shareable, host, or container:NAME.")
    }
    return mode
  }

  private static func mode(_ text: String) throws(EngineError) -> Mode? {
    switch text {
    case "", "private": return .own
    case "shareable": return .shareable
    case "host": return .host
    default:
      guard text.hasPrefix("container:") else { return nil }
      let name = String(text.dropFirst(10))
      guard !name.isEmpty else {
        throw EngineError("invalid container format container:<name|id>")
      }
      return .container(name)
    }
  }

  // MARK: --sysctl

  /// What belongs to the IPC namespace (moby, `opts.ValidateSysctl`; ipc_namespaces(7)).
  private static let ofIPC = [
    "kernel.msgmax", "kernel.msgmnb", "kernel.msgmni", "kernel.sem", "kernel.shmall",
    "kernel.shmmax", "kernel.shmmni", "kernel.shm_rmid_forced",
  ]

  private static func checkSysctls(_ options: RunOptions, _ ipc: Mode) throws(EngineError) {
    for text in options.sysctls {
      let pair = text.split(separator: "=", maxSplits: 1).map { String($0) }
      guard pair.count == 2 else {
        throw EngineError("sysctl '\(text)' is not whitelisted", hint: "NAME=VALUE")
      }
      let isIPC = ofIPC.contains(pair[0]) || pair[0].hasPrefix("fs.mqueue.")
      guard isIPC || pair[0].hasPrefix("net.") else {
        throw EngineError(
          "sysctl '\(text)' is not whitelisted",
          hint: "net.*, fs.mqueue.*, and the kernel.* of shared memory, queues and semaphores.")
      }
      if isIPC, ipc != .own, ipc != .shareable {
        throw EngineError("sysctl '\(pair[0])' is not allowed: the IPC namespace is not its own")
      }
      if !isIPC, options.network == "host" {
        throw EngineError("sysctl '\(pair[0])' not allowed in host network namespace")
      }
    }
  }

  /// As config.json has them.
  static func sysctls(_ options: RunOptions) -> [KeyValue] {
    options.sysctls.map {
      let pair = $0.split(separator: "=", maxSplits: 1)
      return KeyValue(String(pair[0]), String(pair[1]))
    }
  }
}
