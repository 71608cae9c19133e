import BenchmarkKit
import Linux
import Measure

/// A layer to import, and the engine that does.
///
///     PATH/tree        what is in the layer: 400 files of 32 KiB, and `true`
///     PATH/layer.tar   packed
///     PATH/layer.gz    and compressed
///     PATH/store       the engine's store, new for every number that begins without an image
struct Layer {
  let path: String
  private let ground: Ground
  private let program: String
  static let files = 400

  /// Packs it.
  init(_ ground: Ground) throws(ExperimentError) {
    self.ground = ground
    program = ground.binaries + "/drydock"
    path = ground.place.path + "/image"
    let path = path
    for tool in [program, "/bin/tar", "/bin/gzip", "/usr/bin/sha256sum"]
    where !File.exists(tool) {
      throw ExperimentError(
        tool == program ? "\(tool) is missing: swift build -c release" : "\(tool) is not installed")
    }
    ground.atEnd { () throws(ExperimentError) in
      try Place.told { () throws(SystemError) in try File.removeTree(path) }
    }
    try Place.told { () throws(SystemError) in
      try File.makeDirectories(path + "/tree/files")
      try File.replace(
        path + "/tree/true", with: try File.read(ground.binaries + "/benchmark-true"),
        mode: 0o755)
      // Half of it is noise and half of it the same: it compresses about as programs do. That the
      // files are nearly alike gzip(1) does not see, which looks back no further than 32 KiB.
      var random = SeededRandom(seed: 1)
      var bytes = (0..<32_768).map { $0 % 2 == 0 ? UInt8(truncatingIfNeeded: random.next()) : 7 }
      for index in 0..<Layer.files {
        bytes[0] = UInt8(truncatingIfNeeded: index)
        bytes[1] = UInt8(truncatingIfNeeded: index >> 8)
        try File.replace("\(path)/tree/files/\(index)", with: bytes)
      }
    }
    try Command.must(["/bin/tar", "-cf", tar, "-C", path + "/tree", "."])
    try Command.must(["/bin/sh", "-c", "exec /bin/gzip -c \"$1\" >\"$2\"", "sh", tar, gzip])
  }

  var tar: String { path + "/layer.tar" }
  var gzip: String { path + "/layer.gz" }
  private var store: String { path + "/store" }

  /// Bytes of the tar.
  func size() throws(ExperimentError) -> Double {
    Double(try Place.told { () throws(SystemError) in try File.status(tar).size })
  }

  /// A command of the engine, on this store.
  func drydock(_ words: [String]) -> [String] {
    [program, "--root", store, "--run-root", store + "/run"] + words
  }

  /// `run` of a program that ends at once.
  func run(_ image: String) -> [String] {
    drydock(
      [
        "run", "--rm", "--network", "none", "--cgroup-parent", "/" + ground.place.name, image,
        "/true",
      ])
  }

  /// Empties the store, and lets the engine make its own files.
  func renew() throws(ExperimentError) {
    try Place.told { () throws(SystemError) in
      if File.exists(store) { try File.removeTree(store) }
      try File.makeDirectory(store, mode: 0o700)
    }
    try Command.must(drydock(["images"]))
  }

  /// Bytes of the store.
  func stored() throws(ExperimentError) -> Double {
    try Place.told { () throws(SystemError) in Double(try Layer.bytes(below: store)) }
  }

  private static func bytes(below path: String) throws(SystemError) -> UInt64 {
    var sum: UInt64 = 0
    for name in try File.list(path) {
      let status = try File.status("\(path)/\(name)", follow: false)
      sum += status.allocated
      if status.isDirectory { sum += try bytes(below: "\(path)/\(name)") }
    }
    return sum
  }

  /// nil when the image is there and its program can be run.
  func complaint(_ image: String) throws(ExperimentError) -> String? {
    try Command.output(run(image)).complaint
  }
}
