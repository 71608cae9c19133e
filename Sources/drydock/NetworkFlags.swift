import ArgumentParser
import Engine

/// Which networks it is on, and who reaches it.
struct NetworkFlags: ParsableArguments {
  @Option(
    name: [.customLong("network"), .customLong("net")], parsing: .unconditionalSingleValue,
    help: "A network's name, none, host, or container:NAME.")
  var network: [String] = []

  @Option(help: "Its IPv4 address.")
  var ip: String?

  @Option(help: "Its IPv6 address.")
  var ip6: String?

  @Option(help: "Its hardware address.")
  var macAddress: String?

  @Option(
    name: [.customLong("network-alias"), .customLong("net-alias")],
    parsing: .unconditionalSingleValue, help: "One more name on its network.")
  var networkAlias: [String] = []

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("A name for another container.", valueName: "container[:alias]"))
  var link: [String] = []

  @Option(
    name: [.customShort("p", allowingJoined: true), .customLong("publish")],
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "Lead a port of the host to one of its own.",
      valueName: "[[address:]port:]port[/udp]"))
  var publish: [String] = []

  @Flag(
    name: [.customShort("P"), .customLong("publish-all")],
    help: "Lead ports of the host, from 32768 on, to all that it exposes.")
  var publishAll = false

  func apply(to options: inout RunOptions) {
    options.network = network.first ?? "default"
    options.moreNetworks = Array(network.dropFirst())
    options.address = ip
    options.longAddress = ip6
    options.hardwareAddress = macAddress
    options.networkAliases = networkAlias
    options.links = link
    options.published = publish
    options.publishesAll = publishAll
  }
}
