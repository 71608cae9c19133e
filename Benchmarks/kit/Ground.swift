public import Linux
public import Measure
public import OCI

/// What experiments stand on: the place, the runtimes, bundles, and a list of what to take away.
public final class Ground {
  /// Where everything is written.
  public let place: Place
  /// Where this project's programs are.
  public let binaries: String
  /// The runtime that the run is about.
  public let runtime: Runtime
  /// The others that are installed, for arms beside it.
  public let peers: [Runtime]
  /// How thorough the run is.
  public let profile: Profile
  /// Where the controllers' trees are.
  public let cgroups: CgroupLayout

  /// Whether others are measured beside this project's programs, where they are installed.
  public let hasPeers: Bool
  /// A plain tar of a Debian root, where one was given.
  public let layer: String?

  /// Traced start-ups for the report; experiments add theirs.
  public var waterfalls: [Waterfall] = []

  /// Quotas over time; an experiment adds its own, and the next begins with none.
  public var throttling: [ThrottlingTimeline] = []

  /// Peers that an experiment had to do without, and why.
  public private(set) var missing: [Missing] = []

  private var ends: [() throws(ExperimentError) -> Void] = []

  /// Puts the ground together, in a place that was entered.
  ///
  /// - Throws: `ExperimentError` naming the file that cannot be made.
  public init(
    place: Place, binaries: String, runtime: Runtime, peers: [Runtime], hasPeers: Bool = true,
    layer: String? = nil, profile: Profile
  ) throws(ExperimentError) {
    self.place = place
    self.binaries = binaries
    self.runtime = runtime
    self.peers = peers
    self.hasPeers = hasPeers
    self.layer = layer
    self.profile = profile
    cgroups = try Place.told { () throws(SystemError) in try CgroupLayout.detect() }
    try Rootfs.make(in: place, binaries: binaries)
  }

  /// The runtime that the run is about, and all others.
  public var runtimes: [Runtime] { [runtime] + peers }

  /// Writes a bundle.
  ///
  /// - Parameters:
  ///   - name: unique in the run; the container and its cgroup are called by it.
  ///   - arguments: the program, below the shared root filesystem (`Rootfs`).
  ///   - configure: limits, mounts and whatever else there is to say.
  /// - Returns: the bundle, below the place.
  /// - Throws: `ExperimentError` naming the file.
  public func bundle(
    _ name: String, _ arguments: [String], configure: (inout Config) -> Void = { _ in }
  ) throws(ExperimentError) -> Bundle {
    try Bundle(name, arguments, in: place, configure: configure)
  }

  /// Creates and starts a container that lives until the experiment ends.
  ///
  /// - Returns: its pid.
  /// - Throws: `ExperimentError` with the command that failed.
  @discardableResult
  public func start(_ bundle: Bundle, on runtime: Runtime) throws(ExperimentError) -> Int32 {
    try Command.must(runtime.create(bundle))
    atEnd { () throws(ExperimentError) in try Command.must(runtime.delete(bundle)) }
    try Command.must(runtime.start(bundle))
    let state = try Command.must(runtime.words + ["state", runtime.container(bundle)])
    // {"ociVersion": …, "pid": 123, …}: a number behind a name needs no reader of JSON.
    let pid = state.split(separator: "\"pid\"").dropFirst().first?
      .drop { !$0.isNumber }.prefix { $0.isNumber }
    guard let pid = pid.flatMap({ Int32($0) }), pid > 0 else {
      throw ExperimentError("\(runtime.name) state: no pid in \(state)")
    }
    return pid
  }

  /// The directory of a controller's cgroup of a bundle; nil where the controller is not there.
  public func cgroup(_ bundle: Bundle, _ controller: String) -> String? {
    cgroups.trees.first { $0.controllers.contains(controller) }.map {
      // What a runtime is told is below the cgroup that it was started in.
      $0.mountPoint + bundle.cgroup
    }
  }

  /// The directories of a bundle's cgroup, for a `Sampler`.
  public func counters(_ bundle: Bundle) -> CgroupPaths {
    cgroups.mode == .v2
      ? CgroupPaths(unified: cgroup(bundle, "cpu") ?? "")
      : CgroupPaths { cgroup(bundle, $0) }
  }

  /// An empty directory on a disk, which is gone when the experiment ends.
  ///
  /// - Throws: `ExperimentError` when it cannot be made, or when /var/tmp is in memory.
  public func disk() throws(ExperimentError) -> String {
    let path = place.disk
    try Place.told { () throws(SystemError) in
      if File.exists(path) { try File.removeTree(path) }
      try File.makeDirectories(path, mode: 0o755)
    }
    atEnd { () throws(ExperimentError) in
      try Place.told { () throws(SystemError) in try File.removeTree(path) }
    }
    let magic = try Place.told { () throws(SystemError) in
      let directory = try File.open(path, .path)
      return try FileSystem.magic(of: directory.raw, name: path)
    }
    guard magic != FileSystem.tmpfs else {
      throw ExperimentError("\(path) is a tmpfs, and this experiment needs a disk")
    }
    return path
  }

  /// What a limit of a bundle's cgroup is, as the kernel says.
  ///
  /// - Parameters:
  ///   - bundle: whose.
  ///   - controller: `blkio` is found under v2's name too.
  ///   - v1: the file on v1.
  ///   - v2: the file on v2.
  /// - Returns: its text; nil where there is no such file.
  public func limit(_ bundle: Bundle, _ controller: String, v1: String, v2: String) -> String? {
    let isV2 = cgroups.mode == .v2
    let name = isV2 && controller == "blkio" ? "io" : controller
    return cgroup(bundle, name).flatMap { Kernel.read("\($0)/\(isV2 ? v2 : v1)") }
  }

  /// Names a peer that is not there; once is enough.
  public func absent(_ name: String, _ why: Bilingual) {
    if !missing.contains(where: { $0.name == name }) { missing.append(Missing(name, why)) }
  }

  /// Adds to what is done when the experiment ends, whatever became of it; last in, first out.
  public func atEnd(_ body: @escaping () throws(ExperimentError) -> Void) { ends.append(body) }

  /// Takes away what the experiment made; what could not be taken away, in words.
  func end() -> [String] {
    var complaints: [String] = []
    throttling = []
    while let body = ends.popLast() {
      do throws(ExperimentError) { try body() } catch { complaints.append(error.text) }
    }
    return complaints
  }
}
