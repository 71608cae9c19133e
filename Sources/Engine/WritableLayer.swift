import Linux

/// A container's own files: the upper directory of its overlay, with what the engine puts there.
enum WritableLayer {
  /// What is the engine's and no change of the container's: no image is made of it.
  static let engineFiles = ["etc/hostname", "etc/hosts", "etc/resolv.conf"]

  /// Makes `upper` and `work` in `directory`, which exists.
  ///
  /// - Parameters:
  ///   - directory: the container's own.
  ///   - image: the image's files, whose directories' modes are kept.
  ///   - files: what becomes /etc/hostname, /etc/hosts and /etc/resolv.conf.
  ///   - workingDirectory: made when the image lacks it, as Docker does.
  /// - Throws: `SystemError` naming the path.
  static func make(
    _ directory: String, over image: borrowing ImageView, files: NameFiles,
    workingDirectory: String
  ) throws(SystemError) {
    let upper = directory + "/upper"
    try File.makeDirectory(upper)
    // The upper directory is what the root's own mode and owner are read from.
    try File.setMode(upper, 0o755)
    try File.makeDirectory(directory + "/work")
    try makeDirectories("/etc", in: upper, over: image)
    let texts = [
      ("hostname", files.hostname), ("hosts", files.hosts), ("resolv.conf", files.resolver),
    ]
    for (name, text) in texts {
      let path = "\(upper)/etc/\(name)"
      let file = try File.open(path, [.writeOnly, .create, .exclusive, .noFollow])
      try File.write(file.raw, text.utf8, name: path)
      try File.setMode(path, 0o644)
    }
    try makeDirectories(workingDirectory, in: upper, over: image)
  }

  /// Makes a directory of the container, on the way with the modes that the image has there.
  ///
  /// Behind a link or a file of the image nothing is made: that is the runtime's to judge.
  private static func makeDirectories(
    _ path: String, in upper: String, over image: borrowing ImageView
  ) throws(SystemError) {
    var place = ""
    for part in path.split(separator: "/") where part != "." {
      if part == ".." { return }
      place += "/" + part
      var mode: UInt32 = 0o755
      let inside = String(place.dropFirst())
      if File.exists(inside, at: image.root.raw) {
        let status = try File.status(inside, follow: false, at: image.root.raw)
        guard status.isDirectory else { return }
        mode = status.mode & 0o7777
      }
      if !File.exists(upper + place) {
        try File.makeDirectory(upper + place)
        try File.setMode(upper + place, mode)
      }
    }
  }
}
