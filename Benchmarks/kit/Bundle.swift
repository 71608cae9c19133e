internal import Linux
internal import Measure
internal import OCI

/// A bundle: a config.json and the root filesystem that all bundles of a place share.
public struct Bundle: Sendable {
  /// Short, in ASCII; the container's and the cgroup's name are made of it.
  public let name: String
  /// The folder with config.json.
  public let path: String
  /// The cgroup below every tree.
  public let cgroup: String

  /// Writes one: all namespaces but user, the default mounts, no terminal.
  ///
  /// - Parameters:
  ///   - name: unique in the place.
  ///   - arguments: the program.
  ///   - place: where it is written.
  ///   - configure: whatever else there is to say.
  /// - Throws: `ExperimentError` naming the file.
  init(
    _ name: String, _ arguments: [String], in place: Place, configure: (inout Config) -> Void
  ) throws(ExperimentError) {
    self.name = name
    path = "\(place.path)/bundles/\(name)"
    cgroup = "/\(place.name)/\(name)"
    var config = Config.standard
    config.ociVersion = "1.0.2"  // what every version of the peers reads
    config.root.path = place.path + "/rootfs"
    config.process?.terminal = false
    config.process?.args = arguments
    config.process?.env = ["PATH=/:/bin"]
    config.linux.cgroupsPath = cgroup
    configure(&config)
    let (folder, text) = (path, config.encode())
    try Place.told { () throws(SystemError) in
      try File.makeDirectories(folder, mode: 0o755)
      try File.replace(folder + "/config.json", with: text)
    }
  }
}
