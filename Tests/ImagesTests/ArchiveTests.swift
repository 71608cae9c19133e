import Linux
import OCI
import State
import Testing

@testable import Images

/// An image made by hand, to be written into archives of all kinds, true and lying.
struct HandMade {
  var layers: [[UInt8]]
  var config: [UInt8]
  var name = "example/made:1"

  init(layers count: Int = 2) throws {
    layers = []
    for number in 0..<count {
      layers.append(try tar([.directory("etc"), .file("etc/layer\(number)", "\(number)")]))
    }
    var config = ImageConfig()
    config.architecture = ImageStore.architecture
    config.os = "linux"
    config.diffIDs = layers.map { Digest(of: $0) }
    // What nobody here knows stays in the bytes.
    self.config = Array(#"{"x.unknown":[1,{"y":null}],"#.utf8) + config.encode().dropFirst()
  }

  var manifest: Manifest {
    func descriptor(_ type: String, _ bytes: [UInt8]) -> ContentDescriptor {
      ContentDescriptor(mediaType: type, digest: Digest(of: bytes), size: UInt64(bytes.count))
    }
    return Manifest(
      config: descriptor(MediaType.config, config),
      layers: layers.map { descriptor(MediaType.layer, $0) })
  }

  static func index(_ manifest: [UInt8], name: String, size: Int? = nil) -> String {
    """
    {"schemaVersion":2,"manifests":[{"mediaType":"\(MediaType.manifest)",
    "digest":"\(Digest(of: manifest))","size":\(size ?? manifest.count),
    "annotations":{"org.opencontainers.image.ref.name":"\(name)"}}]}
    """
  }

  /// An OCI layout as a tar, whose blobs are what `blobs` says.
  func layout(
    manifest bytes: [UInt8]? = nil, blobs: [[UInt8]]? = nil, size: Int? = nil
  ) throws -> [UInt8] {
    let bytes = bytes ?? manifest.encode()
    var entries = [Entry.file("oci-layout", #"{"imageLayoutVersion":"1.0.0"}"#)]
    for blob in blobs ?? layers + [config, bytes] {
      entries.append(blobEntry("blobs/sha256/\(Digest(of: blob).hex)", blob))
    }
    entries.append(.file("index.json", HandMade.index(bytes, name: name, size: size)))
    return try tar(entries)
  }

  /// An archive as Docker 1.10 to 24 wrote it: each layer in a directory, a link for a double.
  func saved() throws -> [UInt8] {
    var entries = [blobEntry("\(Digest(of: config).hex).json", config)]
    var paths = [String]()
    for (number, layer) in layers.enumerated() {
      entries.append(.directory("dir\(number)"))
      entries.append(.file("dir\(number)/VERSION", "1.0"))
      if let first = layers.firstIndex(of: layer), first < number {
        entries.append(.link("dir\(number)/layer.tar", to: "../dir\(first)/layer.tar"))
      } else {
        entries.append(blobEntry("dir\(number)/layer.tar", layer))
      }
      paths.append("\"dir\(number)/layer.tar\"")
    }
    entries.append(
      .file(
        "manifest.json",
        """
        [{"Config":"\(Digest(of: config).hex).json","RepoTags":["\(name)"],
        "Layers":[\(paths.joined(separator: ","))]}]
        """))
    return try tar(entries)
  }

  func blobEntry(_ path: String, _ bytes: [UInt8]) -> Entry {
    var entry = Entry.file(path)
    entry.content = bytes
    return entry
  }
}

@Suite("Archives", .enabled(if: Identity.effectiveUser == 0))
struct ArchiveTests {
  private let scratch: Scratch
  private let made: HandMade

  init() throws {
    scratch = try Scratch()
    made = try HandMade()
  }

  private func load(_ bytes: [UInt8], into store: ImageStore? = nil) throws -> [LoadedImage] {
    let path = scratch.path + "/archive"
    try File.replace(path, with: bytes)
    return try (store ?? scratch.store).load(path)
  }

  @Test("An OCI layout, its digests kept")
  func layout() throws {
    let loaded = try #require(try load(try made.layout()).first)
    #expect(loaded.names == ["example/made:1"])
    #expect(loaded.image.id == Digest(of: made.config))
    #expect(loaded.image.manifest == Digest(of: made.manifest.encode()))
    let paths = try scratch.store.directories(of: loaded.image)
    #expect(try File.text(paths[0] + "/etc/layer1") == "1")
    #expect(try File.text(paths[1] + "/etc/layer0") == "0")
  }

  @Test("An archive of docker save, with a layer twice by a link")
  func saved() throws {
    var made = made
    made.layers.append(made.layers[0])
    var config = try ImageConfig(made.config, name: "config")
    config.diffIDs = made.layers.map { Digest(of: $0) }
    made.config = config.encode()
    let loaded = try #require(try load(try made.saved()).first)
    #expect(loaded.image.id == Digest(of: made.config))
    #expect(loaded.image.layers.count == 3)
    // Stored once and unpacked once: two layers, configuration, manifest.
    #expect(try scratch.blobs().count == 4)
    #expect(try scratch.layers().count == 2)
  }

  @Test("Saved and loaded elsewhere it is the same, bytes that nobody understands included")
  func roundTrip() throws {
    let first = try #require(try load(try made.layout()).first)
    let path = scratch.path + "/saved.tar"
    try scratch.store.save(["example/made:1"], to: path)
    let other = try Scratch()
    let second = try #require(try other.store.load(path).first)
    #expect(second == first)
    #expect(try other.store.blobs.read(second.image.id, limit: 1 << 20) == made.config)
    // And once more, the same bytes.
    try other.store.save(["example/made:1"], to: other.path + "/again.tar")
    #expect(try File.read(other.path + "/again.tar") == (try File.read(path)))
  }

  @Test("A layout in a directory, with a link that leads out of it")
  func directory() throws {
    let path = scratch.path + "/layout"
    try File.makeDirectory(path)
    try File.replace(scratch.path + "/layout.tar", with: try made.layout())
    try run(["/bin/tar", "-C", path, "-xf", scratch.path + "/layout.tar"])
    #expect(try scratch.store.load(path).first?.names == ["example/made:1"])

    let other = try Scratch()
    let blob = path + "/blobs/sha256/" + Digest(of: made.layers[0]).hex
    try File.move(blob, to: scratch.path + "/outside")
    try File.makeLink(blob, to: scratch.path + "/outside")
    _ = refusal { _ = try other.store.load(path) }
    #expect(try other.blobs() == [])
  }

  @Test("Lies and damage: each with a clear error, and nothing is left")
  func lies() throws {
    func check(_ what: String, _ bytes: [UInt8], _ expected: String) throws {
      let error = refusal { _ = try load(bytes) }
      #expect(error.message.contains(expected), "\(what): \(error.message)")
      #expect(try scratch.blobs() == [], "\(what)")
      #expect(try scratch.layers() == [], "\(what)")
      #expect(try scratch.store.list().isEmpty && scratch.store.names().isEmpty, "\(what)")
    }
    let whole = try made.layout()
    try check("cut off", Array(whole.prefix(whole.count / 2)), "")
    try check("empty", [], "empty")
    try check("no archive", Array(repeating: 65, count: 4096), "cannot be read")
    try check("a tar of something", try tar([.file("etc/passwd", "x")]), "neither an archive")

    var changed = whole
    let place = try #require(changed.firstRange(of: Array("layer0".utf8)))
    changed[place.lowerBound] ^= 1
    try check("a changed blob", changed, "has the digest")

    try check(
      "a missing blob", try made.layout(blobs: [made.config, made.manifest.encode()]), "has no")
    try check("a lie about the manifest's size", try made.layout(size: 17), "instead of 17")
    var lying = made.manifest
    lying.layers[1].size += 1
    try check(
      "a lie about a layer's size",
      try made.layout(
        manifest: lying.encode(), blobs: made.layers + [made.config, lying.encode()]), "instead of")
    lying = made.manifest
    lying.layers.removeLast()
    try check(
      "a layer less than the configuration names",
      try made.layout(
        manifest: lying.encode(), blobs: made.layers + [made.config, lying.encode()]), "names 2")
    lying = made.manifest
    lying.layers.swapAt(0, 1)
    try check(
      "layers in the wrong order",
      try made.layout(
        manifest: lying.encode(), blobs: made.layers + [made.config, lying.encode()]), "other bytes"
    )
    let both = Array(#"{"schemaVersion":2,"config":{},"manifests":[]}"#.utf8)
    try check("a manifest that is an index too", try made.layout(manifest: both, blobs: [both]), "")
    var named = made
    named.name = "Bad:Name:here"
    try check("a name that is none", try named.layout(), "invalid reference")
    var hostile = made
    hostile.layers[1] = try tar([.file("../escaped", "x")])
    var config = try ImageConfig(made.config, name: "config")
    config.diffIDs[1] = Digest(of: hostile.layers[1])
    hostile.config = config.encode()
    try check("a hostile layer above a good one", try hostile.layout(), "'../escaped'")
    try check(
      "an entry that leaves", try tar([.file("../../index.json", "{}")]), "'../../index.json'")
  }

  @Test("A failed load takes nothing from what was there")
  func kept() throws {
    let good = try #require(try load(try made.layout()).first)
    let before = try scratch.blobs().sorted()
    var changed = try HandMade(layers: 3)
    changed.name = made.name
    _ = refusal { _ = try load(Array(try changed.layout().prefix(5000))) }
    #expect(try scratch.blobs().sorted() == before)
    #expect(try scratch.store.find(made.name)?.image == good.image)
  }

  @Test("Names, ids, their beginnings; removing names and images")
  func names() throws {
    let image = try #require(try load(try made.layout()).first).image
    let store = scratch.store
    for text in [
      "example/made:1", "docker.io/example/made:1", image.id.hex, "\(image.id)", image.id.short,
      "\(image.id)".prefix(20).description, "example/made@\(image.manifest)",
    ] { #expect(try store.find(text)?.image == image, "\(text)") }
    #expect(try store.find("example/made") == nil)
    #expect(
      refusal { _ = try store.existing("example/made") }.message
        == "No such image: example/made:latest")

    try store.tag("example/made:1", as: "second")
    _ = refusal { try store.tag("nothing", as: "third") }
    _ = refusal { try store.tag("second", as: "Third") }
    #expect(
      refusal { _ = try store.remove(image.id.short, force: false) { _ in [] } }.message
        .contains("must be forced"))
    #expect(try store.remove("second", force: false) { _ in [] } == [.untagged("second:latest")])

    let user = ImageUser(id: String(repeating: "c", count: 64), isRunning: true)
    for (text, force) in [
      ("example/made:1", false), ("example/made:1", true), (image.id.hex, true),
    ] {
      let error = refusal { _ = try store.remove(text, force: force) { _ in [user] } }
      #expect(error.message.contains("conflict: unable to"), "\(error.message)")
    }
    #expect(try store.prune(all: true) { _ in [user] }.removals.isEmpty)
    // One that has ended keeps its files; the name may go.
    let ended = ImageUser(id: user.id, isRunning: false)
    #expect(
      try store.remove("example/made:1", force: true) { _ in [ended] }
        == [.untagged("example/made:1")])
    #expect(try scratch.layers().count == 2)
    let removals = try store.remove(image.id.short, force: false) { _ in [] }
    #expect(removals.first == .deleted(image.id) && removals.count == 3)
    #expect(try scratch.layers() == [] && scratch.blobs() == [])
  }

  @Test("Layers that another image has stay")
  func shared() throws {
    _ = try load(try made.layout())
    var other = try HandMade(layers: 3)
    other.name = "other:1"
    _ = try load(try other.layout())
    #expect(try scratch.layers().count == 3)
    _ = try scratch.store.remove("other:1", force: false) { _ in [] }
    #expect(try scratch.layers().count == 2)
    #expect(try scratch.store.find("example/made:1") != nil)
  }
}
