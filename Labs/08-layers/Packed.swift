internal import LabKit
internal import Linux

/// Layers and images made by hand, as files in the session's folder.
struct Packed {
  let stage: Stage
  let folder: String

  init(_ stage: Stage) throws {
    self.stage = stage
    folder = try stage.folder("made")
  }

  /// Packs a directory so that the same files give the same bytes, their times apart.
  func tar(_ directory: String, _ name: String) throws -> String {
    let path = "\(folder)/\(name).tar"
    try stage.host([
      "tar", "--sort=name", "--owner=0", "--group=0", "-C", "\(folder)/\(directory)", "-cf", path,
      ".",
    ])
    return path
  }

  /// `sha256sum`, as a digest.
  func digest(_ path: String) throws -> String {
    "sha256:" + (try stage.host(["sha256sum", path])).prefix(64)
  }

  /// An archive of `docker save` with one image: layers, the lowest first, each with the digest of its
  /// plain tar.
  func image(_ name: String, _ layers: [(path: String, diffID: String)]) throws -> String {
    let place = "\(folder)/\(name)"
    try File.makeDirectories(place)
    #if arch(x86_64)
      let architecture = "amd64"
    #else
      let architecture = "arm64"
    #endif
    let ids = layers.map { "\"\($0.diffID)\"" }.joined(separator: ", ")
    let config = """
      {"architecture": "\(architecture)", "os": "linux", "config": {"Cmd": ["sleep", "60"]},
       "rootfs": {"type": "layers", "diff_ids": [\(ids)]}}
      """
    var files = ["manifest.json", "config.json"]
    for (index, layer) in layers.enumerated() {
      let file = "\(index)-" + (layer.path.split(separator: "/").last ?? "")
      try stage.host(["ln", layer.path, "\(place)/\(file)"], isShown: false)
      files.append(file)
    }
    let list = files.dropFirst(2).map { "\"\($0)\"" }.joined(separator: ", ")
    let manifest =
      #"[{"Config": "config.json", "RepoTags": ["lab/\#(name):1"], "Layers": [\#(list)]}]"#
    try File.replace("\(place)/config.json", with: Array(config.utf8))
    try File.replace("\(place)/manifest.json", with: Array(manifest.utf8))
    let path = "\(folder)/\(name)-image.tar"
    try stage.host(["tar", "-C", place, "-cf", path] + files)
    return path
  }
}
