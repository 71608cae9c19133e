import Linux
import Testing

@Suite struct IPAddressTests {
  @Test(arguments: [
    ("10.200.1.2", "10.200.1.2"), ("0.0.0.0", "0.0.0.0"), ("255.255.255.255", "255.255.255.255"),
    ("::", "::"), ("::1", "::1"), ("fd00::1", "fd00::1"), ("FD00:0:0:1:0:0:0:2", "fd00:0:0:1::2"),
    ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"), ("1::", "1::"),
    ("2001:0:0:1:0:0:1:1", "2001::1:0:0:1:1"), ("::ffff:10.1.2.3", "::ffff:a01:203"),
  ])
  func readsAndWrites(_ text: String, _ expected: String) throws {
    let address = try #require(IPAddress(text))
    #expect(address.description == expected)
    #expect(IPAddress(bytes: address.bytes) == address)
    #expect(IPAddress(expected) == address)
  }

  @Test(arguments: [
    "", ".", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.-4", "+1.2.3.4", " 1.2.3.4",
    ":", ":::", "1:2", "1::2::3", "12345::", "g::", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7::8",
    "::1%lo", "1:", ":1", "1:2:3:4:5:6:7:", "::1.2.3", "::+1",
  ])
  func refuses(_ text: String) { #expect(IPAddress(text) == nil) }

  @Test func subnets() throws {
    let net = try #require(IPPrefix("10.200.3.9/16"))
    #expect(net.description == "10.200.0.0/16")
    #expect(net.last.description == "10.200.255.255")
    #expect(net.contains(try #require(IPAddress("10.200.9.9"))))
    #expect(!net.contains(try #require(IPAddress("10.201.0.0"))))
    #expect(net.overlaps(try #require(IPPrefix("10.0.0.0/8"))))
    #expect(!net.overlaps(try #require(IPPrefix("10.201.0.0/16"))))
    #expect(!net.overlaps(try #require(IPPrefix("::/0"))))
    let all = try #require(IPPrefix("0.0.0.0/0"))
    #expect(all.last.description == "255.255.255.255" && all.contains(net))
    let v6 = try #require(IPPrefix("fd00:1::7/64"))
    #expect(v6.description == "fd00:1::/64" && v6.last.description == "fd00:1::ffff:ffff:ffff:ffff")
    #expect(IPPrefix("::/0")?.last.description == "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")
    for text in ["10.0.0.0", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "::/129", "10.0.0.0/8/8"] {
      #expect(IPPrefix(text) == nil, "\(text)")
    }
  }

  @Test func counts() throws {
    let address = try #require(IPAddress("10.0.0.255"))
    #expect(address.advanced(by: 1).description == "10.0.1.0")
    #expect(address.advanced(by: -256).description == "9.255.255.255")
    let top = try #require(IPAddress("255.255.255.255"))
    #expect(top.advanced(by: 1).description == "0.0.0.0")
  }
}
