import Linux
import OCI
import State
import Testing

@testable import Images

@Suite("Content store")
struct ContentStoreTests {
  private let scratch: Scratch
  private var blobs: ContentStore { scratch.store.blobs }

  init() throws { scratch = try Scratch() }

  @Test("Stored under its digest, and only then visible")
  func stored() throws {
    let bytes = Array("content".utf8)
    var writer = try BlobWriter(blobs, name: "a blob")
    try writer.write(bytes)
    #expect(!blobs.contains(Digest(of: bytes)))
    let (digest, size) = try writer.commit(expected: nil, size: nil)
    #expect(digest == Digest(of: bytes) && size == 7)
    #expect(
      "\(digest)" == "sha256:ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73")
    #expect(try blobs.read(digest, limit: 100) == bytes)
    #expect(try scratch.blobs() == [digest.hex])
  }

  @Test("A lie about size or digest, or too much, is an error and leaves nothing")
  func lies() throws {
    let other = Digest(of: [1])
    #expect(
      refusal { try blobs.store([2, 3], expected: other) }.message
        == "\(other) has the digest \(Digest(of: [2, 3])) instead of \(other)")
    let size = refusal {
      var writer = try BlobWriter(blobs, name: "the layer")
      try writer.write([1, 2, 3])
      _ = try writer.commit(expected: nil, size: 4)
    }
    #expect(size.message == "the layer has 3 bytes instead of the 4 that were promised")
    let much = refusal {
      var writer = try BlobWriter(blobs, name: "the layer", limit: 2)
      try writer.write([1, 2, 3])
    }
    #expect(much.message.contains("more than the 2 bytes"))
    #expect(try scratch.blobs() == [])
  }

  @Test("What is not committed is gone; what was killed is found")
  func abandoned() throws {
    do {
      var writer = try BlobWriter(blobs, name: "a blob")
      try writer.write([1])
      #expect(try blobs.abandoned() == [], "somebody writes it")
    }
    #expect(try scratch.blobs() == [])
    let left = blobs.directory + "/ingest/4711-1"
    try File.replace(left, with: [1, 2])
    #expect(try blobs.abandoned() == [left])
    try scratch.store.collect()
    #expect(try scratch.blobs() == [])
  }

  @Test("Two at once store the same blob")
  func together() async throws {
    let blobs = self.blobs
    let bytes = [UInt8](repeating: 7, count: 3 << 20)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<8 { group.addTask { try blobs.store(bytes) } }
      try await group.waitForAll()
    }
    #expect(try scratch.blobs() == [Digest(of: bytes).hex])
  }

  @Test("Damaged on the disk: found when it is read")
  func damaged() throws {
    let digest = try blobs.store(Array("content".utf8))
    try File.setMode(blobs.path(digest), 0o600)
    try File.set(blobs.path(digest), "CONTENT")
    #expect(refusal { _ = try blobs.read(digest, limit: 100) }.message.contains("is damaged"))
    try blobs.remove(digest)
    #expect(refusal { _ = try blobs.read(digest, limit: 100) }.message.contains("is missing"))
  }
}

@Suite("References")
struct ReferenceTests {
  @Test(
    "Docker's names",
    arguments: [
      ("busybox", "docker.io/library/busybox:latest", "busybox"),
      ("busybox:1.36", "docker.io/library/busybox:1.36", "busybox:1.36"),
      ("me/tool:2", "docker.io/me/tool:2", "me/tool:2"),
      ("docker.io/library/busybox:a", "docker.io/library/busybox:a", "busybox:a"),
      ("index.docker.io/busybox:a", "docker.io/library/busybox:a", "busybox:a"),
      ("localhost/a:b", "localhost/a:b", "localhost/a:b"),
      ("localhost:5000/a", "localhost:5000/a:latest", "localhost:5000/a"),
      ("reg.example.com/a/b/c:V1.2-x_y", "reg.example.com/a/b/c:V1.2-x_y", nil),
      ("a__b/c-.d", nil, nil), ("a__b/c--d", "docker.io/a__b/c--d:latest", "a__b/c--d"),
      ("Upper/name:x", "Upper/name:x", nil),
    ])
  func names(_ text: String, _ key: String?, _ familiar: String?) throws {
    guard let key else {
      _ = refusal { _ = try Reference(text) }
      return
    }
    let reference = try Reference(text)
    #expect(reference.key == key)
    #expect(reference.text == familiar ?? text)
  }

  @Test(
    "Refused",
    arguments: [
      "", ":tag", "a:", "a:b:c", "a b", "a:b c", "../a", "a//b", "/a", "a/", "a:-x", "a:.x", "-a",
      "a-", ".a", "a..b", "a___b", "ä", "a:ä", "a@sha256:12", "a@md5:0", "a\nb", "a;b", "a$b", "a*",
      String(repeating: "a", count: 64), String(repeating: "x", count: 256),
      "a:" + String(repeating: "t", count: 129), "-x.com/a", "x.com:port/a", "library/Foo",
    ])
  func refused(_ text: String) {
    let error = refusal { _ = try Reference(text) }
    #expect(error.message.contains("invalid re"), "\(text): \(error.message)")
  }

  @Test("A digest names itself")
  func digests() throws {
    let digest = "sha256:" + String(repeating: "ab", count: 32)
    let reference = try Reference("busybox@\(digest)")
    #expect(reference.digest?.description == digest && reference.tag == nil)
    _ = refusal { _ = try Reference.forTagging("busybox@\(digest)") }
  }
}

@Suite("Times and settings in documents")
struct DocumentTests {
  @Test(
    "RFC 3339",
    arguments: [
      ("1970-01-01T00:00:00Z", 0), ("2001-09-09T01:46:40Z", 1_000_000_000_000_000_000),
      ("2024-02-29T12:00:00.5+01:00", 1_709_204_400_500_000_000),
      ("1969-12-31T23:59:59.999999999Z", -1),
    ])
  func times(_ text: String, _ nanoseconds: Int64) throws {
    #expect(Timestamp.nanoseconds(text) == nanoseconds)
    guard nanoseconds >= 0 else { return }
    let again = Timestamp.text(nanoseconds: UInt64(nanoseconds))
    #expect(Timestamp.nanoseconds(again) == nanoseconds)
  }

  @Test("No times", arguments: ["", "2024", "2024-13-01T00:00:00Z", "2024-01-01 00:00:00", "x"])
  func noTimes(_ text: String) { #expect(Timestamp.nanoseconds(text) == nil) }

  @Test("Lines of a Dockerfile change how an image is run")
  func changes() throws {
    var settings = ImageSettings()
    for line in [
      #"CMD ["a", "b c"]"#, "env A=1 B=\"two words\" C='x'", "ENV D old form", "ENV A=2",
      "LABEL k=v", "EXPOSE 80 53/udp", "VOLUME /data", "USER 1:2", "WORKDIR /a", "WORKDIR b",
      "STOPSIGNAL SIGQUIT",
    ] { try settings.apply(line) }
    #expect(settings.command == ["a", "b c"])
    #expect(settings.environment == ["A=2", "B=two words", "C=x", "D=old form"])
    #expect(settings.labels == [KeyValue("k", "v")])
    #expect(settings.exposedPorts == ["80/tcp", "53/udp"])
    #expect(settings.volumes == ["/data"] && settings.user == "1:2")
    #expect(settings.workingDirectory == "/a/b" && settings.stopSignal == "SIGQUIT")
    try settings.apply("ENTRYPOINT exec x")
    #expect(settings.entrypoint == ["/bin/sh", "-c", "exec x"] && settings.command == nil)
    for bad in ["", "CMD", "RUN x", "ENV A", "ENV =x", "CMD [\"a\"", "EXPOSE x", "ENV A=\"x"] {
      _ = refusal { try settings.apply(bad) }
    }
  }

  @Test("A configuration is read and written; what is missing or wrong is named")
  func configuration() throws {
    let text = #"""
      {"architecture":"amd64","os":"linux","created":"2024-01-01T00:00:00Z","future":{"x":[1]},
       "config":{"User":"u","Env":["A=1"],"Cmd":null,"Entrypoint":["/e"],"Volumes":{"/v":{}},
       "ExposedPorts":{"80/tcp":{}},"Labels":{"k":"v"},"StopSignal":"SIGINT",
       "Healthcheck":{"Test":["CMD","x"],"Interval":1000000000}},
       "rootfs":{"type":"layers","diff_ids":["sha256:\#(String(repeating: "0", count: 64))"]},
       "history":[{"created_by":"x","empty_layer":true},{"comment":"c"}]}
      """#
    let config = try ImageConfig(Array(text.utf8), name: "config")
    #expect(config.settings.entrypoint == ["/e"] && config.settings.command == nil)
    #expect(config.settings.health?.intervalNs == 1_000_000_000)
    #expect(config.history.map { $0.isEmpty } == [true, false])
    #expect(try ImageConfig(config.encode(), name: "again") == config)
    #expect(refusal { _ = try ImageConfig(Array("{}".utf8), name: "c") }.message.contains("rootfs"))
    let bad = text.replacing("sha256:000", with: "sha256:xyz")
    let error = refusal { _ = try ImageConfig(Array(bad.utf8), name: "c") }
    #expect(error.message.contains("c: rootfs.diff_ids[0]: "), "\(error.message)")
  }
}
