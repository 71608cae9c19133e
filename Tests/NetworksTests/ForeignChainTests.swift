import OCI
import Testing

@testable import Networks

/// Others' chains that drop what is forwarded.
@Suite struct ForeignChainTests {
  private func chain(_ words: String) -> String { "{\"chain\":{\(words)}}" }

  @Test func droppers() throws {
    let chains = [
      #""family":"ip","table":"filter","name":"FORWARD","handle":1,"type":"filter","hook":"forward","prio":0,"policy":"drop""#,
      #""family":"ip","table":"filter","name":"INPUT","hook":"input","prio":0,"policy":"drop""#,
      #""family":"ip","table":"filter","name":"DOCKER","handle":3"#,
      #""family":"ip6","table":"filter","name":"FORWARD","hook":"forward","prio":0,"policy":"accept""#,
      #""family":"bridge","table":"b","name":"f","hook":"forward","prio":0,"policy":"drop""#,
      #""family":"inet","table":"drydock","name":"forward","hook":"forward","policy":"drop""#,
      #""family":"inet","table":"firewalld","name":"filter_FORWARD","hook":"forward","policy":"drop""#,
    ]
    let text =
      #"{"nftables":[{"metainfo":{"version":"1.0.6"}},"# + chains.map(chain).joined(separator: ",")
      + "]}"
    let found = try ForeignChain.droppers(in: Array(text.utf8), but: RuleTable("drydock"))
    #expect(
      found.map { "\($0.family) \($0.table) \($0.name)" } == [
        "ip filter FORWARD", "inet firewalld filter_FORWARD",
      ])
    #expect(throws: ConfigError.self) {
      try ForeignChain.droppers(in: Array("{\"nftables\":[{".utf8), but: RuleTable("drydock"))
    }
  }
}
