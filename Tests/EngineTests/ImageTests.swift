import Linux
import Testing

@testable import Engine

@Suite("Built-in images")
struct ImageTests {
  private let scratch: Scratch
  private let images: Images

  init() throws {
    scratch = try Scratch()
    _ = try scratch.program("busybox")
    _ = try scratch.program("stress", tag: 9)
    _ = try scratch.program("probe", tag: 7)
    images = Images(
      directory: scratch.path + "/images",
      sources: ImageSources(
        busybox: scratch.path + "/busybox", stress: scratch.path + "/stress",
        probe: scratch.path + "/probe"))
  }

  private func prepare(_ name: String = "busybox", inUse: Set<String> = []) throws -> Image {
    try images.prepare(name, inUse: { inUse }).image
  }

  private func entries() throws -> [String] {
    try File.list(images.directory).filter { $0 != "lock" && !$0.hasSuffix(".json") }
  }

  /// The real one, whose digest takes a while to compute without optimisation.
  private func useRealBusybox() throws {
    try File.replace(scratch.path + "/busybox", with: try File.read("/bin/busybox"), mode: 0o755)
  }

  @Test("busybox has its commands, users and mount points, with their modes")
  func busybox() throws {
    try useRealBusybox()
    let image = try prepare()
    let root = image.rootfs
    #expect(image.settings.arguments([]) == ["sh"])
    #expect(try File.link(root + "/bin/sh") == "busybox")
    #expect(try File.status(root + "/bin/sh").mode & 0o7777 == 0o755)
    #expect(try File.list(root + "/bin").count > 200)
    #expect(try File.status(root + "/tmp").mode & 0o7777 == 0o1777)
    #expect(try File.status(root + "/root").mode & 0o7777 == 0o700)
    #expect(try File.text(root + "/etc/passwd").hasPrefix("root:x:0:0:"))
    for path in ["proc", "sys", "dev", "home", "var", "etc/hosts", "etc/resolv.conf"] {
      #expect(File.exists("\(root)/\(path)"), "\(path)")
    }
    #expect(try entries() == ["busybox-\(image.digest.prefix(12))"])
  }

  @Test("probe has one more program beside the same commands")
  func probe() throws {
    let image = try prepare("probe")
    #expect(try File.status(image.rootfs + "/usr/bin/probe").mode & 0o7777 == 0o755)
    #expect(image.settings.arguments([]) == ["sh"])
    #expect(image.settings.arguments(["probe", "socket"]) == ["probe", "socket"])
    try File.remove(scratch.path + "/probe")
    #expect(
      refusal { _ = try prepare("probe") }.hint.contains("swift build --product probe"))
  }

  @Test("stress has the load generator in front of the same commands")
  func stress() throws {
    let image = try prepare("stress:latest")
    #expect(try File.status(image.rootfs + "/usr/bin/stress").mode & 0o7777 == 0o755)
    #expect(File.exists(image.rootfs + "/bin/busybox"))
    #expect(image.settings.arguments(["--vm", "1"]) == ["stress", "--vm", "1"])
  }

  @Test("Prepared once: the second time nothing is made")
  func once() throws {
    let first = try prepare()
    let inode = try File.status(first.rootfs).inode
    #expect(try prepare() == first)
    #expect(try File.status(first.rootfs).inode == inode)
  }

  @Test("A changed source makes a new image; the old one stays while a container names it")
  func changed() throws {
    let old = try prepare()
    _ = try scratch.program("busybox", tag: 1)
    let new = try prepare(inUse: [old.rootfs])
    #expect(new.digest != old.digest)
    #expect(File.exists(old.rootfs) && File.exists(new.rootfs))
    // Back again: the old directory is found by its digest, and the newer one goes, unused.
    _ = try scratch.program("busybox")
    #expect(try prepare().rootfs == old.rootfs)
    #expect(!File.exists(new.rootfs))
  }

  @Test("A preparation that was killed in the middle is not seen, and is done again")
  func crash() throws {
    let making = images.directory + "/.making-busybox"
    try File.makeDirectories(making + "/rootfs/bin")
    try File.replace(making + "/rootfs/bin/busybox", with: Array("half".utf8))
    #expect(try images.list().isEmpty)
    let image = try prepare()
    #expect(try File.status(image.rootfs + "/bin/busybox").size > 100)
    #expect(try entries() == ["busybox-\(image.digest.prefix(12))"])
  }

  @Test("Killed between the rename and the index: the directory is taken as it is")
  func crashBeforeIndex() throws {
    let image = try prepare()
    let inode = try File.status(image.rootfs).inode
    try File.remove(images.directory + "/busybox.json")
    #expect(try prepare().digest == image.digest)
    #expect(try File.status(image.rootfs).inode == inode)
  }

  @Test("Eight at once make one image")
  func together() async throws {
    let images = self.images
    let digests = try await withThrowingTaskGroup(of: String.self) { group in
      for _ in 0..<8 {
        group.addTask { try images.prepare("busybox", inUse: { [] }).image.digest }
      }
      var all = Set<String>()
      for try await digest in group { all.insert(digest) }
      return all
    }
    #expect(digests.count == 1)
    #expect(try entries().count == 1)
  }

  @Test("What cannot be an image")
  func refused() throws {
    #expect(refusal { _ = try prepare("nginx") }.message == "no such image: nginx")
    #expect(refusal { _ = try prepare("../x") }.message == "no such image: ../x")
    try File.replace(scratch.path + "/stress", with: Array("#!/bin/sh\n".utf8), mode: 0o755)
    #expect(
      refusal { _ = try prepare("stress") }.message
        == "\(scratch.path)/stress is not a static executable")
    try File.remove(scratch.path + "/stress")
    let missing = refusal { _ = try prepare("stress") }
    #expect(missing.message.contains("\(scratch.path)/stress: no such file or directory"))
    #expect(missing.hint.contains("DRYDOCK_STRESS"))
    #expect(try entries() == [])
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
