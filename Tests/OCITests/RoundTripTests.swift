import OCI
import Testing

@Suite struct RoundTripTests {
  /// What is written reads back as the same, pretty or not.
  @Test func encodedConfigsParseToThemselves() throws {
    var random = RandomConfig(seed: 1)
    for round in 0..<200 {
      let config = random.make()
      #expect(try Config.parse(config.encode(pretty: round % 2 == 0)) == config, "round \(round)")
    }
  }

  @Test func encodedProcessesParseToThemselves() throws {
    var random = RandomConfig(seed: 2)
    var seen = 0
    for _ in 0..<100 {
      guard let process = random.make().process else { continue }
      #expect(try Process.parse(process.encode()) == process)
      seen += 1
    }
    #expect(seen > 20)
  }

  @Test func standardConfigsParseToThemselves() throws {
    #expect(try Config.parse(Config.standard.encode()) == Config.standard)
    let rootless = Config.rootless(uid: 1000, gid: 100)
    #expect(try Config.parse(rootless.encode()) == rootless)
    #expect(rootless.linux.resources == Resources())
    #expect(rootless.linux.uidMappings == [IDMapping(containerID: 0, hostID: 1000, size: 1)])
    #expect(!rootless.linux.namespaces.contains { $0.kind == .network })
  }
}

@Suite struct FuzzTests {
  /// Half a file is never a whole one.
  @Test func everyPrefixIsRefused() {
    let bytes = Config.standard.encode(pretty: false)
    for length in 0..<bytes.count {
      #expect(throws: ConfigError.self) { try Config.parse(Array(bytes[..<length])) }
    }
  }

  /// Whatever the bytes, reading ends in a Config that can be written, or in an error with a place
  /// in the file.
  @Test func mutationsNeverCrash() throws {
    var random = RandomConfig(seed: 3)
    var accepted = 0
    var refused = 0
    for round in 0..<4000 {
      let original = round % 4 == 0 ? Config.standard : random.make()
      var bytes = original.encode(pretty: false)
      for _ in 0...random.number(3) { mutate(&bytes, &random) }
      do {
        let config = try Config.parse(bytes)
        #expect(try Config.parse(config.encode()) == config, "round \(round)")
        accepted += 1
      } catch {
        #expect(error.offset <= bytes.count && error.line >= 1 && !error.message.isEmpty)
        refused += 1
      }
    }
    // Both ends are reached, or the loop tests less than it says.
    #expect(accepted > 100 && refused > 1000, "\(accepted) accepted, \(refused) refused")
  }

  private func mutate(_ bytes: inout [UInt8], _ random: inout RandomConfig) {
    guard !bytes.isEmpty else { return }
    let place = Int(random.number(UInt64(bytes.count)))
    let structure = Array("{}[],:\"\\0-.eEntf u".utf8)
    switch random.number(5) {
    case 0: bytes[place] = UInt8(truncatingIfNeeded: random.number(256))
    case 1: bytes[place] = structure[Int(random.number(UInt64(structure.count)))]
    case 2: bytes.remove(at: place)
    case 3: bytes.insert(structure[Int(random.number(UInt64(structure.count)))], at: place)
    default:
      // Repeat a piece of the file somewhere else.
      let end = min(bytes.count, place + Int(random.number(40)))
      let piece = Array(bytes[place..<end])
      bytes.insert(contentsOf: piece, at: Int(random.number(UInt64(bytes.count))))
    }
  }
}
