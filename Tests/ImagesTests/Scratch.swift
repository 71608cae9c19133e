import Linux
import State
import Testing

@testable import Images

/// A directory of one test with a store in it, gone when the test ends.
final class Scratch {
  let path: String
  let store: ImageStore

  init() throws {
    path = "/tmp/drydock-images-test-\(UInt64.random(in: 0...UInt64.max))"
    try File.makeDirectory(path)
    store = try ImageStore(root: path + "/root", state: StateHandle(root: path + "/root"))
  }

  deinit {
    do { try File.removeTree(path) } catch { Issue.record("\(error.text)") }
  }

  /// Unpacks a tar as a layer; `limits` and `diffID` may lie.
  @discardableResult
  func unpack(
    _ tar: [UInt8], limits: LayerLimits = LayerLimits(), diffID: Digest? = nil
  ) throws -> Layer {
    let blob = try store.blobs.store(tar)
    var layers = store.layers
    layers.limits = limits
    return try layers.ready(diffID ?? blob, blob: blob)
  }

  /// What is in ROOT/layers beside locks.
  func layers() throws -> [String] {
    guard File.exists(store.layers.directory) else { return [] }
    return try File.list(store.layers.directory).filter { !$0.hasPrefix(".lock-") }
  }

  /// Every blob and everything being written.
  func blobs() throws -> [String] {
    var names = [String]()
    for place in ["sha256", "ingest"] where File.exists("\(store.blobs.directory)/\(place)") {
      names += try File.list("\(store.blobs.directory)/\(place)")
    }
    return names
  }
}

/// Gathers an archive in memory.
struct MemorySink: TarSink, ~Copyable {
  var bytes: [UInt8] = []
  mutating func write(_ piece: UnsafeRawBufferPointer) throws(ImageError) {
    unsafe bytes.append(contentsOf: piece)
  }
}

/// An entry of an archive that a test makes.
struct Entry {
  var header: TarHeader
  var content: [UInt8] = []

  init(_ path: String, _ kind: TarHeader.Kind, to target: String = "", mode: UInt32 = 0o644) {
    header = TarHeader(path: Array(path.utf8), kind: kind, mode: mode)
    header.target = Array(target.utf8)
  }

  static func file(_ path: String, _ text: String = "") -> Entry {
    var entry = Entry(path, .file)
    entry.content = Array(text.utf8)
    return entry
  }
  static func directory(_ path: String, mode: UInt32 = 0o755) -> Entry {
    Entry(path + "/", .directory, mode: mode)
  }
  static func link(_ path: String, to target: String) -> Entry { Entry(path, .link, to: target) }
  static func hardLink(_ path: String, to target: String) -> Entry {
    Entry(path, .hardLink, to: target)
  }
}

/// The bytes of an archive.
func tar(_ entries: [Entry]) throws -> [UInt8] {
  var writer = TarWriter(MemorySink())
  for entry in entries {
    if entry.header.kind == .file {
      try writer.file(entry.header, entry.content)
    } else {
      try writer.begin(entry.header)
    }
  }
  return try writer.finish().bytes
}

/// The error a body throws; an issue when it throws none.
func refusal(_ body: () throws -> Void) -> ImageError {
  do {
    try body()
    Issue.record("was not refused")
  } catch let error as ImageError {
    return error
  } catch {
    Issue.record("\(error)")
  }
  return ImageError("")
}

/// Runs a program of the host; its output.
@discardableResult
func run(_ words: [String]) throws -> String {
  let result = try Child.run(words[0], words, environment: Processes.environment)
  let text = String(decoding: result.output, as: UTF8.self)
  guard result.status == .exited(0) else {
    Issue.record("\(words.joined(separator: " ")): \(result.status) \(text)")
    return text
  }
  return text
}
