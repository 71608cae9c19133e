import Linux
import Testing

@testable import Names

/// What hosts of an overlay network tell each other, and what of it is believed.
@Suite struct PeerTests {
  private func address(_ text: String) throws -> IPAddress { try #require(IPAddress(text)) }

  private func container(
    _ id: String, _ hardware: String, _ addresses: [String], _ names: [String] = []
  ) throws -> RemoteContainer {
    RemoteContainer(
      id: id, hardware: try #require(MACAddress(hardware)),
      addresses: try addresses.map { try address($0) }, names: names)
  }

  @Test func anAnnouncement() throws {
    let announcement = Announcement(
      vxlan: 4097,
      containers: [
        try container("0123", "02:42:0a:c8:05:02", ["10.200.5.2", "fd00::2"], ["web", "www"]),
        try container("4567", "02:42:0a:c8:05:03", ["10.200.5.3"]),
      ])
    let text = """
      drydock-peers 1
      vxlan 4097
      container 0123 02:42:0a:c8:05:02
      address 10.200.5.2
      address fd00::2
      name web
      name www
      container 4567 02:42:0a:c8:05:03
      address 10.200.5.3
      end

      """
    #expect(String(decoding: announcement.encode(), as: UTF8.self) == text)
    #expect(try Announcement.parse(Array(text.utf8)) == announcement)
    let none = Announcement(vxlan: 1)
    #expect(try Announcement.parse(none.encode()) == none)
    #expect(none.encode().suffix(Announcement.last.count).elementsEqual(Announcement.last))
  }

  @Test(arguments: [
    "", "end\n", "drydock-peers 2\nvxlan 1\nend\n", "drydock-peers 1\nend\n",
    "drydock-peers 1\nvxlan 1\n", "drydock-peers 1\nvxlan 0\nend\n",
    "drydock-peers 1\nvxlan 16777216\nend\n", "drydock-peers 1\nvxlan 1\nvxlan 2\nend\n",
    "drydock-peers 1\nvxlan 1\nend\nend\n", "drydock-peers 1\nvxlan 1\nname web\nend\n",
    "drydock-peers 1\nvxlan 1\naddress 10.200.5.2\nend\n",
    "drydock-peers 1\nvxlan 1\ncontainer ../x 02:42:0a:c8:05:02\naddress 10.200.5.2\nend\n",
    "drydock-peers 1\nvxlan 1\ncontainer 0123\nend\n",
    "drydock-peers 1\nvxlan 1\ncontainer 0123\naddress 10.200.5.2\nend\n",
    "drydock-peers 1\nvxlan 1\ncontainer 0123 01:00:5e:00:00:01\nend\n",
    "drydock-peers 1\nvxlan 1\ncontainer 0123 02:42:0a:c8:05:02\nend\n",
    "drydock-peers 1\nvxlan 1\ncontainer 0123 02:42:0a:c8:05:02\naddress 0.0.0.0\nend\n",
    "drydock-peers 1\nvxlan 1\ncontainer 0123 02:42:0a:c8:05:02\naddress 10.200.5.2\n"
      + "address 10.200.5.3\nend\n",
    "drydock-peers 1\nvxlan 1\ncontainer 0123 02:42:0a:c8:05:02\naddress 10.200.5.2\n"
      + "name a..b\nend\n",
  ])
  func whatIsNone(_ text: String) {
    #expect(throws: NameFileError.self) { try Announcement.parse(Array(text.utf8)) }
  }

  @Test("Nobody's address is believed twice, nor one outside, nor one of this host")
  func believing() throws {
    var entry = OverlayEntry()
    entry.subnets = [try #require(IPPrefix("10.200.5.0/24"))]
    entry.peers = [try address("10.200.9.2"), try address("10.200.9.3")]
    var overlay = Overlay(entry, now: 0)
    let here = Set([try address("10.200.5.1"), try address("10.200.5.2")])
    overlay.hosts[try address("10.200.9.3")] = Overlay.Host(
      heard: 0,
      containers: [
        try container("aa", "02:42:0a:c8:05:82", ["10.200.5.130"]),
        try container("bb", "02:42:0a:c8:05:83", ["10.200.5.131"]),
      ])
    overlay.hosts[try address("10.200.9.2")] = Overlay.Host(
      heard: 0,
      containers: [
        try container("cc", "02:42:0a:c8:05:02", ["10.200.5.2"]),
        try container("dd", "02:42:0a:c8:05:82", ["10.200.5.130"]),
        try container("ee", "02:42:0a:c8:06:01", ["10.200.6.1"]),
        try container("ff", "02:42:0a:c8:05:85", ["10.200.6.2", "10.200.5.133"]),
        try container("00", "02:42:0a:c8:05:82", ["10.200.5.134"]),
      ])
    let believed = overlay.believed(own: here)
    #expect(believed.map { $0.container.id } == ["dd", "ff", "bb"])
    #expect(believed.map { "\($0.host)" } == ["10.200.9.2", "10.200.9.2", "10.200.9.3"])
    #expect(believed[1].container.addresses == [try address("10.200.5.133")])
  }

  @Test func aNetworkOfSeveralHosts() throws {
    let text = """
      listen 10.200.5.1
      network shop
      tunnel vx-0123456789ab
      vxlan 4097
      local 10.200.9.1
      peer 10.200.9.2
      subnet 10.200.5.0/24

      """
    let entry = try NetworkEntry.parse(Array(text.utf8))
    #expect(entry.overlay?.tunnel == "vx-0123456789ab" && entry.overlay?.vxlan == 4097)
    #expect(entry.overlay?.peers == [try address("10.200.9.2")])
    #expect(String(decoding: entry.encode(), as: UTF8.self) == text)
    for half in ["vxlan 4097\n", "tunnel vx-0\nvxlan 1\nlocal 10.200.9.1\n", "peer x\n"] {
      #expect(throws: NameFileError.self) { try NetworkEntry.parse(Array(half.utf8)) }
    }
  }
}
