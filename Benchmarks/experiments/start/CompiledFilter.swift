import BenchmarkKit
import Linux
import Measure

/// The program that drydock-runtime made of seccomp rules, for the floor.
enum CompiledFilter {
  /// Starts once and takes the newest file of its cache, behind the key (SeccompCompiler.swift has
  /// the layout).
  static func path(_ ground: Ground, _ bundle: Bundle) throws(ExperimentError) -> String {
    let ours = Runtime(
      ground.binaries + "/drydock-runtime", name: "filter", in: ground.place, isPeer: false)
    try Command.must(ours.run(bundle))
    let (cache, path) = (
      "\(ground.place.path)/state-filter/.seccomp", ground.place.path + "/filter"
    )
    return try Place.told { () throws(SystemError) in
      guard let name = try File.list(cache).first else {
        throw SystemError("open(2)", .noEntry, cache)
      }
      let bytes = try File.read("\(cache)/\(name)")
      let sizeAt = (bytes.firstIndex(of: 10) ?? 0) + 1  // behind the line with the magic
      let size = (0..<4).reduce(0) { $0 | Int(bytes[sizeAt + $1]) << (8 * $1) }
      try File.replace(path, with: bytes[(sizeAt + 4 + size)...])
      return path
    }
  }
}
