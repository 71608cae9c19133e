import Format
import Linux
import Networks
import OCI

extension Engine {
  /// `NetworkSettings` of `inspect`: the container's networks, with its addresses while it lives.
  func networkSettings(_ record: Record, _ config: Config) throws(EngineError) -> Value {
    let mode = Engine.network(record, config)
    let isLiving = try store.status(record).pid != nil
    var networks = [Value.Member]()
    var first: Value?
    for connection in try networkStore.connections(of: record.id) {
      let value = networkValue(connection, isLiving: isLiving)
      if connection.network.name == "bridge" { first = value }
      networks.append(.init(connection.network.name, value))
    }
    // Another container's network is shown there.
    if networks.isEmpty, mode == "none" || mode == "host" {
      networks.append(.init(mode, ["IPAddress": "", "Gateway": ""]))
    }
    func top(_ key: String) -> Value { first?[key] ?? "" }
    return [
      "SandboxKey": .string(
        isLiving ? try store.status(record).pid.map { "/proc/\($0)/ns/net" } ?? "" : ""),
      "Ports": ports(record, isLiving ? try bindings(record.id) : []),
      "IPAddress": top("IPAddress"),
      "IPPrefixLen": first?["IPPrefixLen"] ?? .number(0), "Gateway": top("Gateway"),
      "GlobalIPv6Address": top("GlobalIPv6Address"), "IPv6Gateway": top("IPv6Gateway"),
      "MacAddress": top("MacAddress"), "EndpointID": top("EndpointID"),
      "Networks": .object(networks),
    ]
  }

  /// `{"80/tcp":[{"HostIp":"0.0.0.0","HostPort":"8080"}],"443/tcp":null}`.
  private func ports(_ record: Record, _ bindings: [PortBinding]) -> Value {
    guard Engine.hasNetworks(record) else { return [:] }
    var members = [Value.Member]()
    for port in Set(record.asked["expose"] + bindings.map { $0.port }).sorted() {
      let places = bindings.filter { $0.port == port }.map { binding -> Value in
        [
          "HostIp": .string(binding.address.description),
          "HostPort": .string("\(binding.hostPort)"),
        ]
      }
      members.append(.init(port, places.isEmpty ? .null : .list(places)))
    }
    return .object(members)
  }

  private func networkValue(_ connection: Connection, isLiving: Bool) -> Value {
    let settings = connection.network.settings
    func address(isV6: Bool) -> (text: String, length: Int, gateway: String) {
      guard isLiving, let address = connection.address(isV6: isV6),
        let subnet = settings.subnet(isV6: isV6)
      else { return ("", 0, "") }
      let gateway = settings.isInternal ? "" : subnet.gateway.description
      return (address.description, subnet.prefix.length, gateway)
    }
    let short = address(isV6: false)
    let long = address(isV6: true)
    var asked = [Value.Member]()
    for address in connection.settings.addresses {
      asked.append(
        .init(address.isV6 ? "IPv6Address" : "IPv4Address", .string(address.description)))
    }
    func list(_ texts: [String]) -> Value { texts.isEmpty ? .null : .strings(texts) }
    return [
      "IPAMConfig": asked.isEmpty ? .null : .object(asked),
      "Links": list(connection.settings.links),
      "Aliases": list(
        connection.network.hasNames
          ? connection.settings.aliases + [String(connection.container.prefix(12))] : []),
      "NetworkID": .string(connection.network.id),
      "EndpointID": .string(isLiving ? connection.endpointID : ""),
      "Gateway": .string(short.gateway), "IPAddress": .string(short.text),
      "IPPrefixLen": .number(Int64(short.length)), "IPv6Gateway": .string(long.gateway),
      "GlobalIPv6Address": .string(long.text), "GlobalIPv6PrefixLen": .number(Int64(long.length)),
      "MacAddress": .string(isLiving ? connection.hardware?.description ?? "" : ""),
    ]
  }
}
