import Images
import Linux
import State
import Testing

@testable import Engine

@Suite("Built-in images")
struct ImageTests {
  private let scratch: Scratch
  private let images: BuiltinImages

  init() throws {
    scratch = try Scratch()
    _ = try scratch.program("busybox")
    _ = try scratch.program("stress", tag: 9)
    _ = try scratch.program("probe", tag: 7)
    images = BuiltinImages(
      store: try ImageStore(root: scratch.path, state: StateHandle(root: scratch.path)),
      sources: ImageSources(
        busybox: scratch.path + "/busybox", stress: scratch.path + "/stress",
        probe: scratch.path + "/probe"))
  }

  private func prepare(_ name: String = "busybox") throws -> StoredImage {
    try #require(try images.prepare(name))
  }

  private func files(_ image: StoredImage) throws -> String {
    try #require(try images.store.directories(of: image).first)
  }

  private func settings(_ image: StoredImage) throws -> ImageSettings {
    try images.store.config(image.id).settings
  }

  /// What is in ROOT/layers and ROOT/blobs/ingest beside locks.
  private func entries() throws -> [String] {
    let layers = try File.list(scratch.path + "/layers").filter { !$0.hasPrefix(".lock-") }
    return try layers + File.list(scratch.path + "/blobs/ingest")
  }

  /// The real one.
  private func useRealBusybox() throws {
    try File.replace(scratch.path + "/busybox", with: try File.read("/bin/busybox"), mode: 0o755)
  }

  @Test("busybox has its commands, users and mount points, with their modes")
  func busybox() throws {
    try useRealBusybox()
    let image = try prepare()
    let root = try files(image)
    #expect(try settings(image).arguments([]) == ["sh"])
    #expect(try File.link(root + "/bin/sh") == "busybox")
    #expect(try File.status(root + "/bin/sh").mode & 0o7777 == 0o755)
    #expect(try File.list(root + "/bin").count > 200)
    #expect(try File.status(root + "/tmp").mode & 0o7777 == 0o1777)
    #expect(try File.status(root + "/root").mode & 0o7777 == 0o700)
    #expect(try File.text(root + "/etc/passwd").hasPrefix("root:x:0:0:"))
    for path in ["proc", "sys", "dev", "home", "var", "etc/hosts", "etc/resolv.conf"] {
      #expect(File.exists("\(root)/\(path)"), "\(path)")
    }
    #expect(try entries().count == 1)
  }

  @Test("probe has one more program beside the same commands")
  func probe() throws {
    let image = try prepare("probe")
    #expect(try File.status(try files(image) + "/usr/bin/probe").mode & 0o7777 == 0o755)
    #expect(try settings(image).arguments(["probe", "socket"]) == ["probe", "socket"])
    try File.remove(scratch.path + "/probe")
    #expect(
      refusal { _ = try prepare("probe") }.hint.contains("swift build --product probe"))
  }

  @Test("stress has the load generator in front of the same commands")
  func stress() throws {
    let image = try prepare("stress:latest")
    #expect(try File.status(try files(image) + "/usr/bin/stress").mode & 0o7777 == 0o755)
    #expect(try settings(image).arguments(["--vm", "1"]) == ["stress", "--vm", "1"])
  }

  @Test("Prepared once: the second time nothing is made")
  func once() throws {
    let first = try prepare()
    let inode = try File.status(try files(first)).inode
    #expect(try prepare() == first)
    #expect(try File.status(try files(first)).inode == inode)
  }

  @Test("The same programs make the same image everywhere")
  func reproducible() throws {
    let other = try Scratch()
    _ = try other.program("busybox")
    let there = BuiltinImages(
      store: try ImageStore(root: other.path, state: StateHandle(root: other.path)),
      sources: ImageSources(
        busybox: other.path + "/busybox", stress: "/missing", probe: "/missing"))
    #expect(try there.prepare("busybox")?.id == (try prepare()).id)
  }

  @Test("A changed source makes a new image, which takes the name over")
  func changed() throws {
    let old = try prepare()
    _ = try scratch.program("busybox", tag: 1)
    let new = try prepare()
    #expect(new.id != old.id)
    #expect(try images.store.find("busybox")?.image == new)
    // The old one stays until nobody needs it.
    #expect(try images.store.find(old.id.hex)?.image == old)
    _ = try scratch.program("busybox")
    #expect(try prepare() == old)
  }

  @Test("Somebody's own busybox stays his")
  func overridden() throws {
    _ = try prepare("stress")
    try images.store.tag("stress", as: "busybox")
    #expect(try images.prepare("busybox") == nil)
  }

  @Test("Eight at once make one image, and nothing is left beside it")
  func together() async throws {
    let images = self.images
    let ids = try await withThrowingTaskGroup(of: Digest?.self) { group in
      for _ in 0..<8 { group.addTask { try images.prepare("busybox")?.id } }
      var all = Set<Digest?>()
      for try await id in group { all.insert(id) }
      return all
    }
    #expect(ids.count == 1)
    #expect(try entries().count == 1)
  }

  @Test("What cannot be an image")
  func refused() throws {
    #expect(try images.prepare("nginx") == nil)
    try File.replace(scratch.path + "/stress", with: Array("#!/bin/sh\n".utf8), mode: 0o755)
    #expect(
      refusal { _ = try prepare("stress") }.message
        == "\(scratch.path)/stress is not a static executable")
    try File.remove(scratch.path + "/stress")
    let missing = refusal { _ = try prepare("stress") }
    #expect(missing.message.contains("\(scratch.path)/stress: no such file or directory"))
    #expect(missing.hint.contains("DRYDOCK_STRESS"))
  }

  @Test("A dynamic executable is told from a static one")
  func dynamic() throws {
    #expect(!ELF.isStatic(try File.read("/bin/ls")))
    #expect(ELF.isStatic(try File.read("/bin/busybox")))
    #expect(!ELF.isStatic([]))
    var broken = Array(try File.read("/bin/busybox").prefix(200))
    broken[32] = 0xff
    #expect(!ELF.isStatic(broken))
  }
}
