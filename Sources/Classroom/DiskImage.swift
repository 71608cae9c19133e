internal import Linux

/// A disk that any PC starts from, written without mounting anything.
///
///     sector 0       boot.img of GRUB, and the partition table (MBR)
///     1 …            core.img of GRUB: what reads ext4, and which kernel to load
///     2048 … end     ext4, labelled `drydock`
///
/// The same tree gives the same bytes: identifiers are given, times are given, and directories are
/// read from a tmpfs, which lists them by their age.
struct DiskImage {
  /// Where it is written.
  let path: String
  /// Of the whole disk.
  let mebibytes: Int
  /// Seconds since 1970.
  let epoch: Int64

  private static let sector = 512
  /// A mebibyte, where partitions usually begin.
  private static let start = 2048
  /// mke2fs(8) and debugfs(8) take it for the time that it is.
  private var time: [String] { ["E2FSPROGS_FAKE_TIME=\(epoch)"] }
  /// A part of a file, as e2fsprogs names it.
  private var partition: String { "\(path)?offset=\(DiskImage.start * DiskImage.sector)" }

  /// Writes it.
  ///
  /// - Parameters:
  ///   - tree: What is on it, on a tmpfs.
  ///   - scratch: A directory for GRUB's files.
  /// - Throws: `ClassroomError` with the tool that failed.
  func write(tree: String, scratch: String) throws(ClassroomError) {
    try ClassroomError.told { () throws(SystemError) in
      let file = try File.open(path, [.writeOnly, .create, .truncate])
      try File.cut(file.raw, to: UInt64(mebibytes) << 20, name: path)
    }
    // "drydock" and its hash, as UUIDs are written.
    let uuid = "64727964-6f63-4b00-8000-000000000001"
    let seed = "64727964-6f63-4b00-8000-000000000002"
    let offset = DiskImage.start * DiskImage.sector
    try Tool("mke2fs", package: "e2fsprogs")(
      [
        "-q", "-t", "ext4", "-L", "drydock", "-U", uuid, "-E",
        "offset=\(offset),hash_seed=\(seed),lazy_itable_init=1,root_owner=0:0", "-d", tree, path,
        "\((mebibytes << 10) - offset / 1024)k",
      ], environment: time)
    try setTimes()
    try addLoader(scratch)
  }

  /// mke2fs takes a file's ctime from the tree, where it is when the tree was made.
  private func setTimes() throws(ClassroomError) {
    let told = try Tool("dumpe2fs", package: "e2fsprogs")(["-h", partition])
    func number(_ name: String) -> Int? {
      told.split(separator: "\n").first { $0.hasPrefix(name + ":") }?
        .split(separator: " ").last.flatMap { Int($0) }
    }
    guard let all = number("Inode count"), let free = number("Free inodes"), all > free else {
      throw ClassroomError("dumpe2fs says nothing of the inodes of \(path)")
    }
    // The first that is free to use is 11, and mke2fs gives them out in order (ext4, "Special inodes").
    let script = (11...(all - free)).map {
      "sif <\($0)> ctime @\(epoch)\nsif <\($0)> atime @\(epoch)\n"
    }.joined()
    try Tool("debugfs", package: "e2fsprogs")(
      ["-w", "-f", "/dev/stdin", partition], environment: time, input: Array(script.utf8))
  }

  /// GRUB without its installer, which wants a mounted disk (grub-mkimage(1)).
  private func addLoader(_ scratch: String) throws(ClassroomError) {
    let modules = "/usr/lib/grub/i386-pc"
    guard File.exists(modules + "/boot.img") else {
      throw ClassroomError(
        "\(modules)/boot.img is missing",
        hint: "apt-get install --no-install-recommends grub-pc-bin")
    }
    let menu = """
      search --no-floppy --label --set=root drydock
      linux /vmlinuz \(Recipe.kernelArguments)
      initrd /initrd.img
      boot

      """
    try ClassroomError.told { () throws(SystemError) in
      try File.replace(scratch + "/grub.cfg", with: menu.utf8)
    }
    try Tool("grub-mkimage", package: "grub-common")(
      [
        "-O", "i386-pc", "-o", scratch + "/core.img", "-c", scratch + "/grub.cfg", "-p", "/",
        "biosdisk", "part_msdos", "ext2", "search", "search_label", "linux", "normal",
      ])
    try ClassroomError.told { () throws(SystemError) in
      var boot = try File.read(modules + "/boot.img")
      let core = try File.read(scratch + "/core.img")
      let sectors = UInt32(mebibytes << 11) - UInt32(DiskImage.start)
      // Active, no cylinders, Linux, no cylinders, first sector, how many; three more are empty.
      var table: [UInt8] = [0x80, 0xfe, 0xff, 0xff, 0x83, 0xfe, 0xff, 0xff]
      for number in [UInt32(DiskImage.start), sectors] {
        table += (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
      }
      table += [UInt8](repeating: 0, count: 48) + [0x55, 0xaa]
      boot.replaceSubrange(446..<512, with: table)
      let file = try File.open(path, [.writeOnly])
      try File.write(file.raw, boot + core, name: path)
    }
  }
}
