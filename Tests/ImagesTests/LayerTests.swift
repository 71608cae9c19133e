import Linux
import Testing

@testable import Images

@Suite("Layers", .enabled(if: Identity.effectiveUser == 0))
struct LayerTests {
  private let scratch: Scratch

  init() throws { scratch = try Scratch() }

  @Test("Whiteouts and opaque directories become overlayfs's own")
  func whiteouts() throws {
    let layer = try scratch.unpack(
      try tar([
        .file(".wh.gone"), .directory("new"), .file("new/.wh..wh.opq"), .file("new/file", "x"),
        // A whiteout is about lower layers: what this one has stays, before and behind it.
        .file("kept", "x"), .file(".wh.kept"),
        .file(".wh.replaced"), .directory("replaced"), .file("replaced/inner", "x"),
        .directory("emptied"), .file("emptied/inner", "x"), .file(".wh.emptied"),
        .file(".wh..wh.plnk"), .file(".wh.implied"), .file("implied/inner", "x"),
      ]))
    let gone = try File.status(layer.path + "/gone", follow: false)
    #expect(gone.mode & 0o170000 == 0o020000 && gone.node == DeviceNumber(0, 0))
    #expect(try File.text(layer.path + "/kept") == "x")
    let root = try File.open(layer.path, [.readOnly, .directory])
    for name in ["new", "replaced", "emptied", "implied"] {
      #expect(try Attributes.isOpaque(root.raw, name.cName), "\(name)")
      #expect(File.exists("\(layer.path)/\(name)/\(name == "new" ? "file" : "inner")"), "\(name)")
    }
    #expect(!File.exists(layer.path + "/.wh..wh.plnk"))
    #expect(!File.exists(layer.path + "/.wh.plnk"))
  }

  @Test("Everything that a file can have, from the tar of GNU and back by ours")
  func everything() throws {
    let source = scratch.path + "/source"
    try run([
      "/bin/sh", "-ec",
      """
      mkdir -p \(source)/dir/sub && cd \(source)
      echo hello > plain; ln plain dir/hard; ln -s ../plain dir/soft; ln -s /nowhere dangling
      mkfifo pipe; mknod null c 1 3; mknod disk b 7 9
      printf setuid > setuid; chown 1000:2000 setuid; chmod 6755 setuid
      chmod 1777 dir; truncate -s 1M hole; printf end >> hole
      printf '\\377\\376' > "$(printf 'bytes\\377')"; echo u > 'ü names 中'
      long=$(printf 'l%.0s' $(seq 200)); echo long > $long; ln -s $long-$long link-to-long
      setfattr -n user.note -v value plain; setfattr -n trusted.note -v 0x000100ff dir
      setcap cap_net_raw+ep setuid 2>/dev/null || true
      chown -h 5:6 dir/soft; chown 4000000:3000000 pipe
      touch -d '2001-02-03 04:05:06.123456789' plain; touch -h -d '1999-01-01 00:00:00.5' dangling
      touch -d '1960-01-01 00:00:00.25' null
      touch -d '2010-10-10 10:10:10.101010101' dir; chmod 700 .
      tar --format=posix --xattrs --xattrs-include='*' --sparse -cf \(scratch.path)/gnu.tar .
      """,
    ])
    let layer = try scratch.unpack(try File.read(scratch.path + "/gnu.tar"))
    func listing(_ path: String) throws -> String {
      try run([
        "/bin/sh", "-ec",
        "cd \(path) && find . -printf '%P %y %m %U:%G %T@ %l %s %n\\n' | LC_ALL=C sort "
          + "&& find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum "
          + "&& getfattr -R -h -d -m - -e hex . | sort && stat -c '%n %t %T' null disk",
      ])
    }
    let expected = try listing(source)
    #expect(expected.contains("user.note"))
    #expect(try listing(layer.path) == expected)
    // The hole is one.
    #expect(try blocks(layer.path + "/hole") < 100)

    // The other way, and in again.
    let root = try File.open(layer.path, [.readOnly, .directory])
    let packed = try Packing(MemorySink(), PackingRules()).pack(root.raw).bytes
    let again = try scratch.unpack(packed)
    #expect(again.path != layer.path)
    // The root's own entry is not packed.
    try File.setMode(again.path, 0o700)
    try run(["/bin/sh", "-c", "touch -r \(layer.path) \(again.path)"])
    #expect(try listing(again.path) == expected)
    // The same files are the same bytes.
    let twice = try File.open(again.path, [.readOnly, .directory])
    #expect(try Packing(MemorySink(), PackingRules()).pack(twice.raw).bytes == packed)
    // GNU tar reads it, too.
    try File.replace(scratch.path + "/ours.tar", with: packed)
    try run(["/bin/tar", "-tf", scratch.path + "/ours.tar"])
  }

  private func blocks(_ path: String) throws -> Int {
    Int(try run(["/usr/bin/stat", "-c", "%b", path]).trimmedLine) ?? Int.max
  }

  @Test("A later entry takes the place of an earlier one")
  func duplicates() throws {
    let layer = try scratch.unpack(
      try tar([
        .file("a", "one"), .file("a", "two"), .directory("b"), .file("b/x", "x"),
        .file("b", "file"),
        .link("c", to: "/etc"), .directory("c"), .file("c/y", "y"),
      ]))
    #expect(try File.text(layer.path + "/a") == "two")
    #expect(try File.text(layer.path + "/b") == "file")
    #expect(try File.status(layer.path + "/c", follow: false).isDirectory)
  }

  @Test("Unpacked once: the second one finds it, and eight at once make one")
  func together() async throws {
    let bytes = try tar((0..<500).map { .file("dir\($0 % 7)/\($0)", "content \($0)") })
    let store = scratch.store
    let blob = try store.blobs.store(bytes)
    let inodes = try await withThrowingTaskGroup(of: UInt64.self) { group in
      for _ in 0..<8 {
        group.addTask { try File.status(try store.layers.ready(blob, blob: blob).path).inode }
      }
      var all = Set<UInt64>()
      for try await inode in group { all.insert(inode) }
      return all
    }
    #expect(inodes.count == 1)
    #expect(try scratch.layers() == [blob.hex])
  }

  @Test("A layer of another boot is unpacked again unless it was synced")
  func boots() throws {
    let bytes = try tar([.file("a", "x")])
    let layer = try scratch.unpack(bytes)
    let note = layer.path.dropLast(4) + "layer.json"
    func reboot() throws {
      let text = try File.text(String(note))
      let boot = try File.text("/proc/sys/kernel/random/boot_id").trimmedLine
      #expect(text.contains(boot))
      let other = text.split(separator: boot, omittingEmptySubsequences: false)
        .joined(separator: "another-boot")
      try File.replace(String(note), with: other.utf8)
    }
    // As a power cut may leave it.
    try File.replace(layer.path + "/a", with: [])
    try reboot()
    #expect(try scratch.store.layers.layer(layer.diffID) == nil)
    #expect(try File.text(try scratch.unpack(bytes).path + "/a") == "x")

    try scratch.store.layers.settle()
    let inode = try File.status(layer.path).inode
    try reboot()
    #expect(try File.status(try scratch.unpack(bytes).path).inode == inode)
    // A note that was cut off is no note.
    try File.replace(String(note), with: "{\"boot\":".utf8)
    #expect(try File.status(try scratch.unpack(bytes).path).inode != inode)
  }

  @Test("What a killed command was unpacking is seen by nobody and removed")
  func killed() throws {
    let bytes = try tar([.file("a", "x")])
    let digest = Digest(of: bytes)
    let making = scratch.store.layers.directory + "/.making-\(digest.hex)"
    try File.makeDirectories(making + "/diff")
    try File.replace(making + "/diff/half", with: "half".utf8)
    #expect(try scratch.store.layers.layer(digest) == nil)
    #expect(try scratch.store.layers.abandoned() == [making])
    let layer = try scratch.unpack(bytes)
    #expect(try File.list(layer.path) == ["a"])
    #expect(try scratch.store.layers.abandoned() == [])
  }

  @Test("gzip of several members and zstd")
  func compressed() throws {
    let bytes = try tar([.file("a", String(repeating: "text ", count: 50_000))])
    let plain = scratch.path + "/plain"
    try File.replace(plain, with: bytes)
    try run([
      "/bin/sh", "-ec",
      "cd \(scratch.path) && (head -c 1000 plain | gzip; tail -c +1001 plain | gzip) > two.gz "
        + "&& zstd -q plain -o plain.zst",
    ])
    for file in ["two.gz", "plain.zst"] {
      let other = try Scratch()
      let layer = try other.unpack(
        try File.read("\(scratch.path)/\(file)"), diffID: Digest(of: bytes))
      #expect(try File.status(layer.path + "/a").size == 250_000)
    }
  }
}

extension String {
  /// As system calls take it.
  var cName: [CChar] { utf8.map { CChar(bitPattern: $0) } + [0] }
}
