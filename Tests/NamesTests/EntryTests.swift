import Linux
import Testing

@testable import Names

/// The files from which the server knows names.
@Suite struct EntryTests {
  @Test func aContainer() throws {
    var entry = NameEntry()
    entry.pidfile = "/run/drydock/runtime/0123/pid"
    entry.keeper = "/run/drydock/containers/0123/alive"
    entry.addresses = ["10.200.1.2", "fd00::2"].compactMap { IPAddress($0) }
    entry.names = ["web", "www.shop_1"]
    entry.upstreams = [try #require(IPAddress("10.0.0.53"))]
    entry.links = [.init(alias: "db", container: "4567")]
    let text = """
      pidfile /run/drydock/runtime/0123/pid
      keeper /run/drydock/containers/0123/alive
      address 10.200.1.2
      address fd00::2
      name web
      name www.shop_1
      upstream 10.0.0.53
      link db 4567

      """
    #expect(String(decoding: entry.encode(), as: UTF8.self) == text)
    #expect(try NameEntry.parse(Array(text.utf8)) == entry)
    #expect(!entry.isRemote)
    let remote = try NameEntry.parse(Array("remote\naddress 10.200.9.2\nname far".utf8))
    #expect(remote.isRemote && remote.names == ["far"])
    #expect(try NameEntry.parse(remote.encode()) == remote)
  }

  @Test(arguments: [
    ("", 0), ("name web\n", 0), ("remote\npidfile /x\n", 0), ("pidfile x\n", 1),
    ("remote\naddress 10.1\n", 2), ("remote\n\nname a b\n", 3), ("remote\nname a..b\n", 2),
    ("remote\nname web.\n", 2), ("remote\nname \u{e9}\n", 2), ("remote\nlink db\n", 2),
    ("remote\nlink db a b\n", 2), ("remote\nupstream dns\n", 2), ("remote yes\n", 1),
    ("remote\nnonsense\n", 2),
  ])
  func whatIsNoContainer(_ text: String, _ line: Int) {
    do {
      _ = try NameEntry.parse(Array(text.utf8))
      Issue.record("taken: \(text)")
    } catch {
      #expect(error.line == line)
      #expect(!error.text.isEmpty)
    }
  }

  @Test func aNetwork() throws {
    var entry = NetworkEntry()
    entry.listen = ["10.200.1.1", "fd00::1"].compactMap { IPAddress($0) }
    entry.name = "shop"
    entry.isInternal = true
    let text = "listen 10.200.1.1\nlisten fd00::1\nnetwork shop\ninternal\n"
    #expect(String(decoding: entry.encode(), as: UTF8.self) == text)
    #expect(try NetworkEntry.parse(Array(text.utf8)) == entry)
    #expect(try NetworkEntry.parse([]) == NetworkEntry())
    // On every address of the host it would answer for others.
    for bad in ["listen 0.0.0.0", "listen ::", "listen x", "internal 1", "network a b"] {
      #expect(throws: NameFileError.self) { try NetworkEntry.parse(Array(bad.utf8)) }
    }
  }
}
