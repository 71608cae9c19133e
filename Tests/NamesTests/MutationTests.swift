import Linux
import Testing

@testable import Names

/// Questions and files changed at random, always in the same way: nothing traps, and what is said is
/// well-formed.
@Suite struct MutationTests {
  /// xorshift64*: the same numbers each time.
  private struct Dice {
    var state: UInt64 = 0x9e37_79b9_7f4a_7c15

    mutating func roll(_ sides: Int) -> Int {
      state ^= state >> 12
      state ^= state << 25
      state ^= state >> 27
      return Int((state &* 0x2545_f491_4f6c_dd1d) >> 33) % max(1, sides)
    }

    mutating func change(_ bytes: [UInt8]) -> [UInt8] {
      var result = bytes
      for _ in 0...roll(4) {
        guard !result.isEmpty else { return [UInt8(roll(256))] }
        let at = roll(result.count)
        switch roll(5) {
        case 0: result[at] = UInt8(roll(256))
        case 1: result[at] ^= 1 << UInt8(roll(8))
        case 2: result.removeSubrange(at..<min(result.count, at + 1 + roll(8)))
        case 3: result.insert(contentsOf: (0...roll(8)).map { _ in UInt8(roll(256)) }, at: at)
        default: result[at] = [0, 0xff, 0xc0, 0x3f, 0x80][roll(5)]
        }
      }
      return result
    }
  }

  private func table() throws -> NameTable {
    var table = NameTable()
    var network = NameTable.Network()
    network.entry.listen = [try #require(IPAddress("10.200.1.1"))]
    for number in 2..<60 as Range<UInt32> {
      var entry = NameEntry()
      entry.addresses = [IPAddress(v4: 0x0ac8_0100 + number)]
      entry.names = ["web\(number)", "all"]
      network.set("c\(number)", entry)
    }
    table.networks["n"] = network
    return table
  }

  @Test func questions() throws {
    var dice = Dice()
    var answering = Answering()
    let table = try table()
    let client = IPAddress(v4: 0x0ac8_0102)
    let seeds = [
      Wire.query("web3"), Wire.query("all"), Wire.query("ALL", 255, edns: 4096),
      Wire.query("nobody.example", 28, edns: 1232), Wire.query("3.1.200.10.in-addr.arpa", 12),
    ]
    var replies = 0
    var forwards = 0
    for round in 0..<50_000 {
      let message = dice.change(seeds[round % seeds.count])
      let overTCP = dice.roll(2) == 0
      switch answering.take(message, from: client, on: "n", overTCP: overTCP, table) {
      case .nothing: #expect(message.count < 12 || message[2] & 0x80 != 0)
      case .forward(let query, _, _):
        forwards += 1
        #expect(table.networks["n"]?.ids(named: query.name) == [])
        #expect(query.question.count <= 255 + 4)
      case .reply(let reply):
        replies += 1
        #expect(Answer(reply) != nil, "\(message) → \(reply)")
        #expect(reply.prefix(2) == message.prefix(2))
        #expect(overTCP || reply.count <= DNSQuery.longestDatagram)
      }
      _ = DNSRelay.isAnswer(message, id: 0x1234, question: Wire.labels("web3") + [0, 1, 0, 1])
    }
    #expect(replies > 10_000 && forwards > 1000)
  }

  @Test func files() throws {
    var dice = Dice()
    let entry = """
      pidfile /run/drydock/runtime/0123/pid\nkeeper /run/x/alive\naddress 10.200.1.2\naddress fd00::2
      name web\nname www\nupstream 10.0.0.53\nlink db 4567\n
      """
    let network = "listen 10.200.1.1\nlisten fd00::1\nnetwork shop\ninternal\n"
    var taken = 0
    for _ in 0..<20_000 {
      let bytes = dice.change(Array(entry.utf8))
      if let read = try? NameEntry.parse(bytes) {
        taken += 1
        #expect(try NameEntry.parse(read.encode()) == read)
      }
      if let read = try? NetworkEntry.parse(dice.change(Array(network.utf8))) {
        taken += 1
        #expect(try NetworkEntry.parse(read.encode()) == read)
      }
    }
    #expect(taken > 1000)
  }
}
