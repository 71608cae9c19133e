import Foundation
import Linux
import Testing

/// What `drydock network draw` shows, held against what iproute2 and nft(8) say of the same network.
@Suite(
  "drydock network draw", .serialized, .enabled(if: HandmadeNetwork.isReady, HandmadeNetwork.reason)
)
struct NetworkDrawTests {
  private let drydock: Drydock

  init() throws { drydock = try Drydock() }

  private static let tunnel = """
    ip link add vxlan42 type vxlan id 42 dstport 4789 local 192.168.9.1 nolearning
    ip link set vxlan42 master drydock0 up
    bridge fdb append 00:00:00:00:00:00 dev vxlan42 dst 192.168.9.2
    """

  @Test("Links, pairs, addresses, peers and ports are those of ip -d -j link and nft")
  func json() throws {
    let result = try HandmadeNetwork.run(
      drydock,
      """
      \(NetworkDrawTests.tunnel)
      drydock network draw --json; echo ----
      ip -d -j link; echo ----
      for P in $C1 $C2 $CLIENT; do readlink /proc/$P/ns/net; into $P ip -j address; done
      """)
    let parts = result.output.components(separatedBy: "----\n")
    try #require(parts.count == 3, "\(result.text)")
    let map = try #require(
      JSONSerialization.jsonObject(with: Data(parts[0].utf8)) as? [String: Any])
    let spaces = try #require(map["namespaces"] as? [[String: Any]])
    let own = try #require(spaces.first { $0["own"] as? Bool == true })
    let links = try #require(own["links"] as? [[String: Any]])
    let told = try #require(
      JSONSerialization.jsonObject(with: Data(parts[1].utf8)) as? [[String: Any]])
    #expect(links.count == told.count && !told.isEmpty)
    for (link, other) in zip(links, told) {
      #expect(link["name"] as? String == other["ifname"] as? String)
      #expect(link["index"] as? Int == other["ifindex"] as? Int)
      #expect(link["mtu"] as? Int == other["mtu"] as? Int)
      #expect(link["hardware"] as? String == other["address"] as? String)
      #expect(link["master"] as? String == other["master"] as? String)
      let kind = (other["linkinfo"] as? [String: Any])?["info_kind"] as? String
      #expect(link["kind"] as? String == kind ?? "")
      if let peer = link["peer"] as? [String: Any] {
        #expect(peer["index"] as? Int == other["link_index"] as? Int)
      }
    }
    let pairs = links.filter { $0["kind"] as? String == "veth" }
    #expect(pairs.count == 3 && pairs.allSatisfy { $0["peer"] is [String: Any] })
    let tunnel = try #require(
      links.first { $0["kind"] as? String == "vxlan" }?["tunnel"] as? [String: Any])
    #expect(tunnel["id"] as? Int == 42 && tunnel["port"] as? Int == 4789)
    #expect(tunnel["peers"] as? [String] == ["192.168.9.2"])
    let published = try #require(own["published"] as? [[String: Any]])
    #expect(
      Set(published.compactMap { $0["source"] as? String }) == [
        "0.0.0.0:8080/tcp", "0.0.0.0:8081/tcp",
      ])
    try insides(parts[2], spaces)
    #expect(try HandmadeNetwork.left(drydock) == [])
  }

  /// Lines `net:[4026532177]` and the JSON of `ip address`, in turn.
  private func insides(_ text: String, _ spaces: [[String: Any]]) throws {
    let lines = text.split(separator: "\n").map { String($0) }
    try #require(lines.count == 6)
    for at in [0, 2, 4] {
      let space = try #require(spaces.first { lines[at] == "net:[\($0["inode"] ?? 0)]" })
      let told = try #require(
        JSONSerialization.jsonObject(with: Data(lines[at + 1].utf8)) as? [[String: Any]])
      let links = try #require(space["links"] as? [[String: Any]])
      #expect(links.count == told.count)
      for (link, other) in zip(links, told) {
        let addresses = (other["addr_info"] as? [[String: Any]] ?? []).map {
          "\($0["local"] ?? "")/\($0["prefixlen"] ?? "")"
        }
        #expect(Set(link["addresses"] as? [String] ?? []) == Set(addresses))
      }
    }
  }

  @Test("Never wider than 80 columns, in ASCII where it must be, and only one network on request")
  func terminal() throws {
    let result = try HandmadeNetwork.run(
      drydock,
      """
      \(NetworkDrawTests.tunnel)
      LC_ALL=C.UTF-8 drydock network draw drydock0; echo ----
      NO_COLOR=1 drydock network draw --lang zh; echo ----
      set +e; drydock network draw nothing; echo "code $?"
      """)
    let parts = result.output.components(separatedBy: "----\n")
    try #require(parts.count == 3, "\(result.text)")
    #expect(parts[0].contains("├─ v1 ─") && parts[0].contains("┤ eth0  10.200.0.2/16"))
    #expect(parts[0].contains("VXLAN 42") && parts[0].contains("→ 192.168.9.2"))
    #expect(!parts[0].contains("up0") && parts[1].contains("up0"))
    #expect(parts[0].split(separator: "\n").allSatisfy { $0.count <= 80 })
    #expect(parts[1].contains("+- v1 -") && parts[1].contains("已发布端口"))
    #expect(!parts[1].unicodeScalars.contains { (0x2500...0x257f).contains($0.value) })
    #expect(parts[2].contains("code 1"))
    #expect(result.error.contains("There is no bridge of network nothing"))
  }

  @Test("The picture is well-formed, without scripts, and has everybody in it")
  func picture() throws {
    let path = drydock.scratch + "/net.svg"
    let result = try HandmadeNetwork.run(
      drydock, "drydock network draw --svg \(path) && drydock network draw --svg -")
    let picture = try File.text(path)
    #expect(XMLish.isBalanced(picture) && !picture.contains("<script"))
    for word in [
      "drydock0", "v1", "v2", "10.200.0.2/16", "0.0.0.0:8080/tcp", "prefers-color-scheme",
    ] {
      #expect(picture.contains(word), "\(word)")
    }
    #expect(result.output.hasPrefix("<?xml"), "\(result.text)")
  }
}

/// As much of XML as tells whether each element ends.
enum XMLish {
  static func isBalanced(_ text: String) -> Bool {
    var open = [Substring]()
    for piece in text.split(separator: "<").dropFirst() {
      guard let end = piece.firstIndex(of: ">") else { return false }
      let tag = piece[..<end]
      if tag.hasPrefix("/") {
        guard open.popLast() == tag.dropFirst() else { return false }
      } else if !tag.hasSuffix("/") && !tag.hasPrefix("?") {
        open.append(tag.prefix { $0 != " " })
      }
    }
    return open.isEmpty
  }
}
