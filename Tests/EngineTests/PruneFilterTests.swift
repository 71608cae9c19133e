import Images
import Testing

@testable import Engine

@Suite("Filters of prune, and flags as they were typed") struct PruneFilterTests {
  private let keys = ["until", "label", "dangling"]

  @Test(arguments: [
    ([], true), (["label=a"], true), (["label=a=1"], true), (["label=a=2"], false),
    (["label!=a"], false), (["label!=b"], true), (["label=a", "label=b"], false),
    (["until=1970-01-02"], true), (["until=0"], false), (["until=1970-01-02", "label=b"], false),
    (["dangling=true"], true),
  ])
  func matches(_ texts: [String], _ isMet: Bool) throws {
    let filter = try PruneFilter(texts, keys: keys)
    #expect(filter.matches(createdNs: 1_000_000_000, labels: ["a=1", "c"]) == isMet)
  }

  @Test(arguments: ["colour=red", "until!=1h", "dangling=perhaps", "until", "until=never"])
  func refuses(_ text: String) {
    #expect(throws: EngineError.self) { try PruneFilter([text], keys: keys) }
  }

  @Test func flagsComeBackWithTheRecord() throws {
    var options = RunOptions(image: "busybox")
    options.volumes = ["data:/data", "/x"]
    options.privileged = true
    options.cpus = 1.5
    options.network = "host"
    var record = Record(id: "ab")
    try record.take(options, of: ImageSettings())
    record.entrypoints = 2
    let read = try Record(record.row)
    #expect(read == record && read.entrypoints == 2)
    #expect(read.asked["volume"] == ["data:/data", "/x"] && read.asked.word("cpus") == "1.5")
    #expect(read.asked.word("network") == "host" && read.asked["cap-add"] == [])
  }
}
