import Images
import Linux

/// How the built-in images are laid out: raise `BuiltinImages.recipe` with every change.
enum ImageRecipe {
  /// Every built-in image.
  static let names = ["busybox", "stress", "probe"]

  /// How an image is run.
  static func settings(_ name: String) -> ImageSettings {
    name == "stress" ? ImageSettings(entrypoint: ["stress"]) : ImageSettings(command: ["sh"])
  }

  private static let directories: [(path: String, mode: UInt32)] = [
    ("", 0o755), ("bin", 0o755), ("dev", 0o755), ("etc", 0o755), ("home", 0o755),
    ("proc", 0o555), ("root", 0o700), ("run", 0o755), ("sys", 0o555), ("tmp", 0o1777),
    ("usr", 0o755), ("usr/bin", 0o755), ("usr/sbin", 0o755), ("var", 0o755),
    ("var/spool", 0o755), ("var/tmp", 0o1777),
  ]

  private static let texts: [(path: String, text: String)] = [
    (
      "etc/passwd",
      """
      root:x:0:0:root:/root:/bin/sh
      daemon:x:1:1:daemon:/usr/sbin:/bin/false
      bin:x:2:2:bin:/bin:/bin/false
      sys:x:3:3:sys:/dev:/bin/false
      www-data:x:33:33:www-data:/var/www:/bin/false
      nobody:x:65534:65534:nobody:/home:/bin/false

      """
    ),
    (
      "etc/group",
      """
      root:x:0:
      daemon:x:1:
      bin:x:2:
      sys:x:3:
      tty:x:5:
      disk:x:6:
      wheel:x:10:root
      www-data:x:33:
      users:x:100:
      nogroup:x:65534:

      """
    ),
    ("etc/shells", "/bin/sh\n"),
    // The engine's files lie over these three.
    ("etc/hosts", ""), ("etc/hostname", ""), ("etc/resolv.conf", ""),
  ]

  /// Writes the files of an image below `root`, which is made.
  ///
  /// - Parameters:
  ///   - name: the image.
  ///   - files: the executables from the host.
  ///   - applets: asks an executable that was laid down for its list of commands.
  ///   - root: the directory to make.
  /// - Throws: `SystemError` naming the path.
  static func lay(
    _ name: String, _ files: [ImageSources.Content],
    applets: (String) throws(SystemError) -> [String], at root: String
  ) throws(SystemError) {
    try File.makeDirectories(root)
    for (path, mode) in directories {
      let place = path.isEmpty ? root : "\(root)/\(path)"
      if !path.isEmpty { try File.makeDirectory(place) }
      try File.setMode(place, mode)
    }
    for (path, text) in texts {
      try write("\(root)/\(path)", Array(text.utf8), mode: 0o644)
    }
    for file in files { try write("\(root)/\(file.target)", file.bytes, mode: 0o755) }
    for applet in try applets("\(root)/bin/busybox") where applet != "busybox" {
      try File.makeLink("\(root)/bin/\(applet)", to: "busybox")
    }
    // Where scripts look for it.
    try File.makeLink("\(root)/usr/bin/env", to: "../../bin/env")
  }

  private static func write(
    _ path: String, _ bytes: [UInt8], mode: UInt32
  ) throws(SystemError) {
    let file = try File.open(path, [.writeOnly, .create, .exclusive, .noFollow], mode: mode)
    try File.write(file.raw, bytes, name: path)
    try File.setMode(path, mode)
  }
}

/// The executables on the host that the images are made from.
struct ImageSources: Sendable {
  /// Debian's, from the package busybox-static.
  var busybox: String
  /// Ours, in an image of the same name.
  var stress: String
  /// Ours, in an image of the same name.
  var probe: String

  /// One executable and where it goes.
  struct Content: Equatable {
    /// Relative to the image's root.
    let target: String
    /// The whole file.
    let bytes: [UInt8]
  }

  private func files(_ name: String) -> [(source: String, target: String)] {
    let tools = (source: busybox, target: "bin/busybox")
    switch name {
    case "stress": return [tools, (source: stress, target: "usr/bin/stress")]
    case "probe": return [tools, (source: probe, target: "usr/bin/probe")]
    default: return [tools]
    }
  }

  /// What the sources look like without reading them: path, size, inode, mtime.
  func stamps(_ name: String) throws(EngineError) -> [String] {
    var stamps = [String]()
    for (path, _) in files(name) {
      do throws(SystemError) {
        let status = try File.status(path)
        stamps.append("\(path) \(status.size) \(status.inode) \(status.device) \(status.modified)")
      } catch {
        throw missing(path, error)
      }
    }
    return stamps
  }

  /// Reads the sources; each must be a program that needs no file but itself.
  func read(_ name: String) throws(EngineError) -> [Content] {
    var contents = [Content]()
    for (path, target) in files(name) {
      do throws(SystemError) {
        contents.append(Content(target: target, bytes: try File.read(path, limit: 256 << 20)))
      } catch {
        throw missing(path, error)
      }
      guard ELF.isStatic(contents[contents.count - 1].bytes) else {
        throw EngineError("\(path) is not a static executable", hint: hint(path))
      }
    }
    return contents
  }

  /// The commands a busybox has, from itself (`busybox --list`).
  func applets(_ busybox: String) throws(SystemError) -> [String] {
    let result = try Child.run(busybox, ["busybox", "--list"], environment: [])
    guard result.status == .exited(0) else { throw SystemError("execve(2)", .invalid, busybox) }
    let text = String(decoding: result.output, as: UTF8.self)
    return text.split(separator: "\n").map { String($0) }.filter { !$0.contains("/") }
  }

  private func hint(_ path: String) -> String {
    switch path {
    case stress: "Build it with `swift build --product stress`, or name it in DRYDOCK_STRESS."
    case probe: "Build it with `swift build --product probe`, or name it in DRYDOCK_PROBE."
    default: "Try: apt-get install busybox-static"
    }
  }

  private func missing(_ path: String, _ error: SystemError) -> EngineError {
    EngineError("reading \(path) for an image", error, hint: hint(path))
  }
}

/// Executables as the kernel reads them (elf(5)).
enum ELF {
  /// Whether it is a 64-bit little-endian ELF file without an interpreter (PT_INTERP).
  static func isStatic(_ bytes: [UInt8]) -> Bool {
    let magic: [UInt8] = [0x7f, 0x45, 0x4c, 0x46, 2, 1]
    guard bytes.count >= 64, bytes.starts(with: magic) else { return false }
    // e_phoff at 32, e_phentsize at 54, e_phnum at 56; a header begins with p_type.
    let table = number(bytes, 32, 8)
    let size = number(bytes, 54, 2)
    for index in 0..<number(bytes, 56, 2) {
      let at = table &+ index &* size
      guard at >= 0, at < bytes.count - 4 else { return false }
      if number(bytes, at, 4) == 3 { return false }
    }
    return true
  }

  private static func number(_ bytes: [UInt8], _ at: Int, _ count: Int) -> Int {
    (0..<count).reduce(0) { $0 | Int(bytes[at + $1]) << ($1 * 8) }
  }
}
