import OCI

/// Flags of `run` as they were typed, by their names: what `inspect` shows and config.json does not
/// tell, or not in the words that were used.
struct AskedFlags: Equatable, Sendable {
  private var values: [String: [String]] = [:]

  /// None.
  init() {}

  /// Those that were given.
  init(_ options: RunOptions) {
    func flag(_ isSet: Bool) -> [String] { isSet ? ["true"] : [] }
    func word(_ text: String?) -> [String] { text.map { $0.isEmpty ? [] : [$0] } ?? [] }
    func number(_ value: (some CustomStringConvertible)?) -> [String] {
      value.map { ["\($0)"] } ?? []
    }
    let all: [(String, [String])] = [
      ("volume", options.volumes), ("volumes-from", options.volumesFrom), ("tmpfs", options.tmpfs),
      ("mount", options.mounts), ("device", options.devices),
      ("device-cgroup-rule", options.deviceRules), ("shm-size", number(options.shmSize)),
      ("cap-add", options.capAdd), ("cap-drop", options.capDrop),
      ("security-opt", options.securityOptions), ("privileged", flag(options.privileged)),
      ("sysctl", options.sysctls), ("network", word(options.network)), ("ipc", word(options.ipc)),
      ("pid", word(options.pid)), ("uts", word(options.uts)), ("userns", word(options.userns)),
      ("dns", options.dns), ("dns-search", options.dnsSearch), ("dns-option", options.dnsOptions),
      ("add-host", options.addedHosts), ("expose", options.expose),
      ("group-add", options.groups), ("user", word(options.user)),
      ("cidfile", word(options.idFile)), ("init", flag(options.hasInit)),
      ("attach", options.attach), ("detach", flag(options.isDetached)),
      ("log-opt", options.logOptions), ("cpus", number(options.cpus)),
      ("ip", word(options.address)), ("ip6", word(options.longAddress)),
      ("mac-address", word(options.hardwareAddress)), ("network-alias", options.networkAliases),
      ("link", options.links), ("publish", options.published),
      ("publish-all", flag(options.publishesAll)), ("more-networks", options.moreNetworks),
      ("domainname", word(options.domainname)),
      ("cgroup-parent", word(options.cgroupParent)),
      ("oom-kill-disable", flag(options.disablesOOMKiller)),
      ("blkio-weight-device", options.ioWeights), ("device-read-bps", options.readBps),
      ("device-write-bps", options.writeBps), ("device-read-iops", options.readIops),
      ("device-write-iops", options.writeIops),
    ]
    for (name, list) in all where !list.isEmpty { values[name] = list }
  }

  /// What was typed behind a flag, once or several times.
  subscript(name: String) -> [String] {
    get { values[name] ?? [] }
    set { values[name] = newValue.isEmpty ? nil : newValue }
  }

  /// What was typed behind a flag that counts once; empty without it.
  func word(_ name: String) -> String { self[name].last ?? "" }

  /// Writes them as an object of arrays.
  func write(_ json: inout JSONWriter) {
    json.beginObject()
    for (name, list) in values.sorted(by: { $0.key < $1.key }) { json.member(name, list) }
    json.endObject()
  }

  /// Reads the object.
  ///
  /// - Throws: `ConfigError` naming the place that cannot be read.
  init(_ json: inout JSONReader) throws(ConfigError) {
    try json.beginObject()
    while try json.nextKey() {
      let name = json.keyString()
      values[name] = try json.strings()
    }
  }
}
