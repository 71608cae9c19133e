import Linux
import Networks
import Testing

@Suite struct PortMappingTests {
  @Test(arguments: [
    ("80", "tcp - 32768-60999 80"), ("8080:80", "tcp - 8080-8080 80"),
    ("8080:80/udp", "udp - 8080-8080 80"), ("8080:80/TCP", "tcp - 8080-8080 80"),
    ("5000:5000/sctp", "sctp - 5000-5000 5000"), ("80/", "tcp - 32768-60999 80"),
    ("127.0.0.1:8080:80", "tcp 127.0.0.1 8080-8080 80"),
    ("127.0.0.1::80", "tcp 127.0.0.1 32768-60999 80"), (":8080:80", "tcp - 8080-8080 80"),
    ("::80", "tcp - 32768-60999 80"), (":80", "tcp - 32768-60999 80"),
    ("0:80", "tcp - 32768-60999 80"), ("0.0.0.0:8080:80", "tcp 0.0.0.0 8080-8080 80"),
    ("[::1]:8080:80", "tcp ::1 8080-8080 80"), ("[::]::53/udp", "udp :: 32768-60999 53"),
    ("fd00::1:8080:80", "tcp fd00::1 8080-8080 80"),
    ("8000-8010:80", "tcp - 8000-8010 80"), ("65535:65535", "tcp - 65535-65535 65535"),
    ("1:1", "tcp - 1-1 1"),
  ])
  func readsOne(_ text: String, _ expected: String) throws {
    #expect(try PortMapping.parse(text).map(shown) == [expected])
  }

  @Test func readsRanges() throws {
    #expect(
      try PortMapping.parse("127.0.0.1:8000-8002:80-82/udp").map(shown) == [
        "udp 127.0.0.1 8000-8000 80", "udp 127.0.0.1 8001-8001 81", "udp 127.0.0.1 8002-8002 82",
      ])
    #expect(
      try PortMapping.parse("80-81").map(shown) == [
        "tcp - 32768-60999 80", "tcp - 32768-60999 81",
      ])
    #expect(try PortMapping.parse("1-65535:1-65535").count == 65535)
  }

  @Test(arguments: [
    (
      "8000-8001:80-82",
      "Invalid ranges specified for container and host Ports: 80-82 and 8000-8001"
    ),
    ("8000:80-82", "Invalid ranges specified for container and host Ports: 80-82 and 8000"),
    ("", "No port specified: <empty>"), ("8080:", "No port specified: 8080:<empty>"),
    ("/tcp", "No port specified: /tcp<empty>"), ("0", "Invalid containerPort: 0"),
    ("65536", "Invalid containerPort: 65536"), ("web", "Invalid containerPort: web"),
    ("80-79", "Invalid containerPort: 80-79"), ("80-", "Invalid containerPort: 80-"),
    ("-80", "Invalid containerPort: -80"), ("1-2-3", "Invalid containerPort: 1-2-3"),
    ("+80", "Invalid containerPort: +80"), (" 80", "Invalid containerPort:  80"),
    ("65536:80", "Invalid hostPort: 65536"), ("web:80", "Invalid hostPort: web"),
    ("8001-8000:80", "Invalid hostPort: 8001-8000"), ("0-5:80", "Invalid hostPort: 0-5"),
    ("80/icmp", "Invalid proto: icmp"), ("80/tcp/udp", "Invalid proto: tcp/udp"),
    ("localhost:8080:80", "Invalid ip address: localhost"),
    ("256.0.0.1:8080:80", "Invalid ip address: 256.0.0.1"),
    ("[::1:8080:80", "Invalid address in published port: [::1:8080:80"),
    ("[127.0.0.1]:8080:80", "Invalid address in published port: [127.0.0.1]:8080:80"),
    ("1:2:3:4", "Invalid ip address: 1:2"),
  ])
  func refuses(_ text: String, _ expected: String) {
    #expect(throws: PortError.self) { try PortMapping.parse(text) }
    do throws(PortError) {
      _ = try PortMapping.parse(text)
    } catch {
      #expect(error.text == expected)
    }
  }

  @Test func exposedPorts() throws {
    #expect(try PortMapping.exposed("53/udp").map(shown) == ["udp - 32768-60999 53"])
    #expect(try PortMapping.exposed("80-82").map(\.containerPort) == [80, 81, 82])
    #expect(throws: PortError.self) { try PortMapping.exposed("8080:80") }
    #expect(throws: PortError.self) { try PortMapping.exposed("0") }
  }

  @Test func asFiles() throws {
    let request = PortRequest(
      container: "0123456789abcdef",
      ports: try PortMapping.parse("[::1]:8000-8010:80") + PortMapping.parse("53/udp"))
    #expect(try PortRequest.parse(request.encode()) == request)
    let bindings = [
      PortBinding(.tcp, try address("0.0.0.0"), 8080, containerPort: 80),
      PortBinding(.udp, try address("::"), 53, containerPort: 53),
    ]
    let target = PublishTarget(
      addresses: [try address("10.200.0.2")], bridge: "dd0", table: RuleTable("t"), pidFile: "/p")
    let ports = PublishedPorts(container: "0123456789abcdef", bindings: bindings, target: target)
    #expect(try PublishedPorts.parse(ports.encode()) == ports)
    #expect(try PublishTarget.parse(target.encode()) == target)
    // The container has no IPv6.
    #expect(ports.rules.map(\.binding) == [bindings[0]])
    #expect(bindings.map(\.place) == ["0.0.0.0:8080", "[::]:53"])
    #expect(bindings.map(\.port) == ["80/tcp", "53/udp"])
  }

  @Test(arguments: [
    #"{"ports":[{"protocol":"tcp","first":1,"last":2}]}"#,
    #"{"ports":[{"protocol":"icmp","first":1,"last":2,"container_port":3}]}"#,
    #"{"ports":[{"protocol":"tcp","first":2,"last":1,"container_port":3}]}"#,
    #"{"ports":[{"protocol":"tcp","first":1,"last":65536,"container_port":3}]}"#,
    #"{"ports":[{"protocol":"tcp","address":"here","first":1,"last":1,"container_port":3}]}"#,
  ])
  func refusesFiles(_ text: String) {
    #expect(throws: (any Error).self) { try PortRequest.parse(Array(text.utf8)) }
  }

  private func address(_ text: String) throws -> IPAddress { try #require(IPAddress(text)) }

  private func shown(_ mapping: PortMapping) -> String {
    let address = mapping.address.map { "\($0)" } ?? "-"
    return "\(mapping.transport) \(address) \(mapping.hostPorts.lowerBound)"
      + "-\(mapping.hostPorts.upperBound) \(mapping.containerPort)"
  }
}
