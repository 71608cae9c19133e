import ArgumentParser
import Engine
import Format

/// `drydock network`: who reaches whom.
struct NetworkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "network", abstract: "Networks between containers, and to the world.",
    subcommands: [
      Create.self, List.self, Inspect.self, Connect.self, Disconnect.self, Remove.self,
      PruneNetworks.self, NetworkDraw.self, NetworkTrace.self,
    ])

  @ParentCommand var drydock: Drydock

  /// `drydock network create`.
  struct Create: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "create", abstract: "Make a network, with its bridge and its rules.")

    @ParentCommand var parent: NetworkCommand

    @Option(name: .shortAndLong, help: "bridge, or overlay for several hosts.")
    var driver = "bridge"

    @Option(
      parsing: .unconditionalSingleValue,
      help: ArgumentHelp("Its subnet, one of each family.", valueName: "address/length"))
    var subnet: [String] = []

    @Option(parsing: .unconditionalSingleValue, help: "The bridge's own address.")
    var gateway: [String] = []

    @Option(
      name: .customLong("ip-range"), parsing: .unconditionalSingleValue,
      help: ArgumentHelp("Where addresses are given from.", valueName: "address/length"))
    var range: [String] = []

    @Option(
      name: .customLong("aux-address"), parsing: .unconditionalSingleValue,
      help: ArgumentHelp("An address that no container gets.", valueName: "name=address"))
    var auxiliary: [String] = []

    @Flag(name: .customLong("internal"), help: "Nothing leaves it.")
    var isInternal = false

    @Flag(name: .customLong("ipv6"), help: "An IPv6 subnet too.")
    var hasIPv6 = false

    @Flag(name: .customLong("attachable"), help: "Containers may be connected by hand.")
    var isAttachable = false

    @Option(
      parsing: .unconditionalSingleValue,
      help: ArgumentHelp("Note something about it.", valueName: "key[=value]"))
    var label: [String] = []

    @Option(
      name: .shortAndLong, parsing: .unconditionalSingleValue,
      help: ArgumentHelp(
        "mtu, icc, masquerade, bridge.name, gateway_mode, or Docker's names of them; of the"
          + " driver overlay: peers=HOST,HOST, local, vxlan-id, port.",
        valueName: "key=value"))
    var opt: [String] = []

    @OptionGroup(title: "Glass") var glass: GlassFlags

    @Argument(help: "Its name.")
    var name: String

    func run() throws {
      var options = NetworkOptions(name: name)
      options.driver = driver
      options.subnets = subnet
      options.gateways = gateway
      options.ranges = range
      options.auxiliary = auxiliary
      options.isInternal = isInternal
      options.hasIPv6 = hasIPv6
      options.isAttachable = isAttachable
      options.labels = label
      options.options = opt
      print(try parent.drydock.engine().createNetwork(options, glass: glass.words))
    }
  }

  /// `drydock network ls`.
  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "ls", abstract: "List networks.", aliases: ["list"])

    @ParentCommand var parent: NetworkCommand

    @Flag(name: .shortAndLong, help: "Ids only.")
    var quiet = false

    @Flag(help: "Whole ids.")
    var noTrunc = false

    @Option(
      name: .shortAndLong, parsing: .unconditionalSingleValue,
      help: ArgumentHelp(
        "driver=, id=, name=, label=KEY[=VALUE], scope=, type=custom|builtin, dangling=.",
        valueName: "filter"))
    var filter: [String] = []

    @Option(help: "json, a template, or 'table TEMPLATE'.")
    var format: String?

    func run() throws {
      let filters = try filter.map { try NetworkFilter($0) }
      let networks = try parent.drydock.engine().networks().filter { network in
        filters.allSatisfy { $0.matches(network) }
      }
      func id(_ network: NetworkInfo) -> String {
        noTrunc ? network.id : String(network.id.prefix(12))
      }
      if quiet {
        for network in networks { print(id(network)) }
        return
      }
      try printList(
        format,
        [("ID", "NETWORK ID"), ("Name", "NAME"), ("Driver", "DRIVER"), ("Scope", "SCOPE")],
        [
          ("Internal", "INTERNAL"), ("IPv6", "IPV6"), ("Labels", "LABELS"),
          ("CreatedAt", "CREATED AT"),
        ],
        networks.map { network in
          .object([
            .init("ID", .string(id(network))), .init("Name", .string(network.name)),
            .init("Driver", .string(network.driver)),
            .init("Scope", network.value["Scope"] ?? ""),
            .init("Internal", network.value["Internal"] ?? ""),
            .init("IPv6", network.value["EnableIPv6"] ?? ""),
            .init("Labels", .string(network.labels.joined(separator: ","))),
            .init("CreatedAt", network.value["Created"] ?? ""),
          ])
        })
    }
  }

  /// `drydock network inspect`.
  struct Inspect: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "inspect", abstract: "Show all that is known of networks.")

    @ParentCommand var parent: NetworkCommand

    @Option(name: .shortAndLong, help: "A template, or json.")
    var format: String?

    @Flag(name: .shortAndLong, help: "The same: all is shown.")
    var verbose = false

    @Argument(help: ArgumentHelp("Names or ids.", valueName: "network"))
    var networks: [String]

    func run() throws {
      let engine = try parent.drydock.engine()
      var found = [NetworkInfo]()
      var failed = false
      for name in networks {
        do throws(EngineError) {
          found.append(try engine.network(name))
        } catch {
          complain(error.message, hint: error.hint)
          failed = true
        }
      }
      if let format {
        let template = try Template.read(format)
        for network in found { print(try template.filled(network.value)) }
      } else {
        print(Value.list(found.map(\.value)).json(pretty: true))
      }
      if failed { throw ExitCode(1) }
    }
  }

  /// `drydock network connect`.
  struct Connect: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "connect", abstract: "Put a container on one more network.")

    @ParentCommand var parent: NetworkCommand

    @Option(help: "Its IPv4 address there.")
    var ip: String?

    @Option(help: "Its IPv6 address there.")
    var ip6: String?

    @Option(parsing: .unconditionalSingleValue, help: "One more name there.")
    var alias: [String] = []

    @Option(
      parsing: .unconditionalSingleValue,
      help: ArgumentHelp("A name for another container.", valueName: "container[:alias]"))
    var link: [String] = []

    @OptionGroup(title: "Glass") var glass: GlassFlags

    @Argument(help: "The network.")
    var network: String

    @Argument(help: "The container.")
    var container: String

    func run() throws {
      var options = ConnectOptions()
      options.addresses = [ip, ip6].compactMap { $0 }
      options.aliases = alias
      options.links = link
      try parent.drydock.engine().connect(container, to: network, options, glass: glass.words)
    }
  }

  /// `drydock network disconnect`.
  struct Disconnect: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "disconnect", abstract: "Take a container from a network.")

    @ParentCommand var parent: NetworkCommand

    @Flag(name: .shortAndLong, help: "One that is not on it is fine.")
    var force = false

    @OptionGroup(title: "Glass") var glass: GlassFlags

    @Argument(help: "The network.")
    var network: String

    @Argument(help: "The container.")
    var container: String

    func run() throws {
      try parent.drydock.engine().disconnect(
        container, from: network, force: force, glass: glass.words)
    }
  }

  /// `drydock network rm`.
  struct Remove: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "rm", abstract: "Remove networks that no living container is on.",
      aliases: ["remove"])

    @ParentCommand var parent: NetworkCommand

    @Flag(name: .shortAndLong, help: "One that is not there is fine.")
    var force = false

    @OptionGroup(title: "Glass") var glass: GlassFlags

    @Argument(help: ArgumentHelp("Names or ids.", valueName: "network"))
    var networks: [String]

    func run() throws {
      let engine = try parent.drydock.engine()
      try forEach(networks) {
        try engine.removeNetwork($0, force: force, glass: glass.words)
      }
    }
  }
}

/// `--filter` of `network ls`.
private struct NetworkFilter {
  let key: String
  let value: String

  init(_ text: String) throws {
    let pair = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard pair.count == 2 else {
      throw EngineError("bad format of filter (expected name=value)", exitCode: 1)
    }
    key = String(pair[0])
    value = String(pair[1])
    let known = ["driver", "id", "name", "label", "scope", "type", "dangling"]
    guard known.contains(key) else {
      throw EngineError(
        "invalid filter '\(key)'", hint: "There are \(known.joined(separator: ", ")).", exitCode: 1)
    }
    if key == "type", value != "custom", value != "builtin" {
      throw EngineError(
        "invalid filter: 'type'='\(value)'", hint: "custom or builtin.", exitCode: 1)
    }
  }

  func matches(_ network: NetworkInfo) -> Bool {
    switch key {
    case "driver": network.driver == value
    case "id": network.id.hasPrefix(value)
    case "name": network.name.contains(value)
    case "label":
      network.labels.contains { label in
        label == value || label == value + "="
          || (!value.contains("=") && label.hasPrefix(value + "="))
      }
    case "scope": network.value["Scope"] == .string(value)
    case "type": network.isPredefined == (value == "builtin")
    default: (network.users.isEmpty && !network.isPredefined) == (value == "true" || value == "1")
    }
  }
}
