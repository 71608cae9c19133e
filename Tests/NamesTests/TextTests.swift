import Linux
import Testing

@testable import Names

/// The texts that a container gets: hosts(5), resolv.conf(5), and the variables of `--link`.
@Suite struct TextTests {
  static let beginning = """
    127.0.0.1\tlocalhost
    ::1\tlocalhost ip6-localhost ip6-loopback
    fe00::0\tip6-localnet
    ff00::0\tip6-mcastprefix
    ff02::1\tip6-allnodes
    ff02::2\tip6-allrouters

    """

  @Test func hostsWithoutANetwork() throws {
    #expect(try HostsFile(hostname: "web").text() == Self.beginning + "127.0.1.1\tweb\n")
    #expect(
      try HostsFile(hostname: "web", domainname: "example.com").text()
        == Self.beginning + "127.0.1.1\tweb.example.com web\n")
  }

  @Test func hostsWithEverything() throws {
    var file = HostsFile(hostname: "web", domainname: "example.com")
    file.addresses = ["10.200.1.2", "fd00::2"].compactMap { IPAddress($0) }
    file.added = [
      try AddedHost("registry.local:10.0.0.5"), try AddedHost("host.internal:host-gateway"),
      try AddedHost("six:[fd00::5]"), try AddedHost("seven:fd00::7"), try AddedHost("eight=::8"),
    ]
    file.hostGateway = IPAddress("10.200.1.1")
    file.links = [
      LinkedContainer(
        alias: "db", name: "database", hostname: "0123456789ab",
        addresses: [try #require(IPAddress("10.200.1.3"))]),
      LinkedContainer(
        alias: "cache", name: "cache", hostname: "ba9876543210",
        addresses: [try #require(IPAddress("10.200.1.4"))]),
    ]
    let expected =
      Self.beginning + """
        10.0.0.5\tregistry.local
        10.200.1.1\thost.internal
        fd00::5\tsix
        fd00::7\tseven
        ::8\teight
        10.200.1.3\tdb 0123456789ab database
        10.200.1.4\tcache ba9876543210
        10.200.1.2\tweb.example.com web
        fd00::2\tweb.example.com web

        """
    #expect(try file.text() == expected)
    file.hostGateway = nil
    #expect(throws: NameTextError.self) { try file.text() }
  }

  @Test(arguments: [
    "", "x", ":10.0.0.1", "x:", "x:y", "x:10.0.0", "a b:10.0.0.1", "a\nb:10.0.0.1", "#:10.0.0.1",
    "x:[10.0.0.1", "x:10.0.0.1 y", "x:10.0.0.1\n6.6.6.6 bank",
  ])
  func whatIsNoHost(_ text: String) {
    #expect(throws: NameTextError.self) { _ = try AddedHost(text) }
  }

  static let host = """
    # made by hand
    ; also a comment
    domain old.example
    nameserver 127.0.0.53
    nameserver\t192.0.2.1
    nameserver fe80::1%lo
    nameserver nonsense
    search a.example  b.example
    options edns0 trust-ad
    options timeout:1
    sortlist 10.0.0.0
    """

  @Test func theHostsFile() throws {
    let file = ResolverFile(Self.host)
    #expect(file.nameservers == ["127.0.0.53", "192.0.2.1", "fe80::1%lo", "nonsense"])
    #expect(file.search == ["a.example", "b.example"])
    #expect(file.options == ["edns0", "trust-ad", "timeout:1"])
    #expect(!file.isStub && ResolverFile("nameserver 127.0.0.53\noptions edns0\n").isStub)
    let servers = file.servers
    #expect(servers.map { $0.address.description } == ["127.0.0.53", "192.0.2.1", "fe80::1"])
    #expect(servers.allSatisfy { $0.port == 53 } && servers.last?.scope == 1)
    #expect(ResolverFile(file.text) == file)
    #expect(ResolverFile("").text == "")
    #expect(ResolverFile("nameserver 1.2.3.4\r\nsearch x\r\n").nameservers == ["1.2.3.4"])
  }

  @Test func onUserDefinedNetworks() throws {
    let gateway = try #require(IPAddress("10.200.1.1"))
    let host = ResolverFile(Self.host)
    #expect(
      ResolverFile.userDefined(gateway: gateway, host: host, .init()).text == """
        nameserver 10.200.1.1
        search a.example b.example
        options edns0 trust-ad timeout:1 ndots:0

        """)
    let wishes = ResolverFile.Wishes(
      servers: ["192.0.2.9"], search: ["."], options: ["ndots:3", "rotate"])
    #expect(
      ResolverFile.userDefined(gateway: gateway, host: host, wishes).text
        == "nameserver 10.200.1.1\noptions ndots:3 rotate\n")
  }

  @Test func onTheDefaultNetwork() throws {
    let host = ResolverFile(Self.host)
    let file = ResolverFile.defaultBridge(host: host, .init(search: ["c.example"]))
    #expect(file.nameservers == ["192.0.2.1", "fe80::1%lo", "nonsense"])
    #expect(file.search == ["c.example"] && file.options == host.options && file.remarks == [])
    #expect(
      ResolverFile.defaultBridge(host: host, .init(servers: ["192.0.2.9"])).nameservers
        == ["192.0.2.9"])
    let stub = ResolverFile.defaultBridge(host: ResolverFile("nameserver 127.0.0.53\n"), .init())
    #expect(stub.nameservers == [])
    #expect(stub.text.hasPrefix("# The host's 127.0.0.53 cannot be reached"))
    #expect(ResolverFile(stub.text).nameservers == [])
    #expect(ResolverFile.defaultBridge(host: ResolverFile(""), .init()).text == "")
  }

  @Test func linkVariables() throws {
    var linked = LinkedContainer(
      alias: "my-db", name: "database", hostname: "0123456789ab",
      addresses: ["fd00::3", "172.17.0.3"].compactMap { IPAddress($0) },
      ports: [
        ExposedPort(53, "udp"), ExposedPort(6381), ExposedPort(80), ExposedPort(6380),
        ExposedPort(80),
      ],
      environment: ["HOME=/root", "PATH=/bin", "PASSWORD=a=b", "EMPTY=", "broken"])
    #expect(
      linked.variables(for: "web") == [
        "MY_DB_NAME=/web/my-db", "MY_DB_PORT=tcp://172.17.0.3:80",
        "MY_DB_PORT_80_TCP=tcp://172.17.0.3:80", "MY_DB_PORT_80_TCP_ADDR=172.17.0.3",
        "MY_DB_PORT_80_TCP_PORT=80", "MY_DB_PORT_80_TCP_PROTO=tcp",
        "MY_DB_PORT_6380_TCP=tcp://172.17.0.3:6380", "MY_DB_PORT_6380_TCP_ADDR=172.17.0.3",
        "MY_DB_PORT_6380_TCP_PORT=6380", "MY_DB_PORT_6380_TCP_PROTO=tcp",
        "MY_DB_PORT_6381_TCP=tcp://172.17.0.3:6381", "MY_DB_PORT_6381_TCP_ADDR=172.17.0.3",
        "MY_DB_PORT_6381_TCP_PORT=6381", "MY_DB_PORT_6381_TCP_PROTO=tcp",
        "MY_DB_PORT_53_UDP=udp://172.17.0.3:53", "MY_DB_PORT_53_UDP_ADDR=172.17.0.3",
        "MY_DB_PORT_53_UDP_PORT=53", "MY_DB_PORT_53_UDP_PROTO=udp",
        "MY_DB_PORT_6380_TCP_START=tcp://172.17.0.3:6380", "MY_DB_PORT_6380_TCP_PORT_START=6380",
        "MY_DB_PORT_6380_TCP_END=tcp://172.17.0.3:6381", "MY_DB_PORT_6380_TCP_PORT_END=6381",
        "MY_DB_ENV_PASSWORD=a=b", "MY_DB_ENV_EMPTY=",
      ])
    linked.ports = []
    linked.environment = []
    #expect(linked.variables(for: "web") == ["MY_DB_NAME=/web/my-db"])
  }

  @Test func linkRequests() throws {
    #expect(try LinkRequest("db:database").alias == "database")
    #expect(try LinkRequest("db:database").container == "db")
    #expect(try LinkRequest("db").alias == "db")
    #expect(try LinkRequest("/db:x").container == "db")
    for bad in ["", ":", "a:", ":a", "a:b:c", "a:b c", "a:b/c"] {
      #expect(throws: NameTextError.self) { _ = try LinkRequest(bad) }
    }
  }
}
