import Linux
import OCI

/// What somebody wants to see at a place in the container: `-v`, `--mount`, `--tmpfs`, an image's
/// VOLUME, or another container's `--volumes-from`.
struct MountRequest: Equatable, Sendable {
  /// What it is made of.
  enum Kind: String, Sendable {
    /// A directory or file of the host.
    case bind
    /// A volume that outlives the container.
    case volume
    /// Memory that ends with the container.
    case tmpfs
  }

  var kind = Kind.volume
  /// A path of the host, or a volume's name; empty for a volume without a name of its own.
  var source = ""
  /// In the container, absolute.
  var target = ""
  /// `ro` or `rw`.
  var isReadOnly = false
  /// How mounts below it spread (mount_namespaces(7), "SHARED SUBTREES"); Docker's default.
  var propagation = "rprivate"
  /// Whether mounts below a directory of the host come with it.
  var isRecursive = true
  /// `-v` makes a directory of the host that is missing; `--mount` does not.
  var makesSource = false
  /// Whether an empty volume is filled with what the image has at the target.
  var isFilled = true
  /// For a volume that has to be made.
  var settings = VolumeSettings()
  /// tmpfs(5): `size=64m` and its kin.
  var options: [String] = []

  static let propagations = ["private", "rprivate", "shared", "rshared", "slave", "rslave"]

  /// Where Docker's own words about mounts begin.
  func refusal(_ reason: String) -> EngineError {
    EngineError("invalid mount config for type \"\(kind.rawValue)\": \(reason)")
  }

  /// Rules for every kind.
  func checkPlaces() throws(EngineError) {
    guard target.hasPrefix("/") else {
      throw refusal("invalid mount path: '\(target)' mount path must be absolute")
    }
    guard target != "/" else { throw refusal("invalid specification: destination can't be '/'") }
    guard !target.split(separator: "/").contains("..") else {
      throw refusal("invalid mount path: '\(target)' must not contain '..'")
    }
    switch kind {
    case .bind where !source.hasPrefix("/"):
      throw refusal("invalid mount path: '\(source)' mount path must be absolute")
    case .volume where !source.isEmpty: try Names.checkVolume(source)
    case .tmpfs where !source.isEmpty: throw refusal("field Source must not be specified")
    default: break
    }
  }

  /// The path without slashes at its end nor two in a row.
  static func plain(_ path: String) -> String {
    let parts = path.split(separator: "/").filter { $0 != "." }
    return (path.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
  }

  // MARK: -v

  /// Reads `-v`: `/TARGET`, `NAME:/TARGET[:OPTIONS]` or `/SOURCE:/TARGET[:OPTIONS]`.
  ///
  /// - Throws: `EngineError` in Docker's words.
  init(volume text: String) throws(EngineError) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { String($0) }
    guard (1...3).contains(parts.count), parts.allSatisfy({ !$0.isEmpty }) else {
      throw EngineError(
        "invalid volume specification: '\(text)'",
        hint: "[NAME:]/TARGET[:OPTIONS], or /SOURCE:/TARGET[:OPTIONS].")
    }
    target = MountRequest.plain(parts[parts.count == 1 ? 0 : 1])
    if parts.count > 1 {
      source = parts[0]
      if source.hasPrefix("/") {
        kind = .bind
        source = MountRequest.plain(source)
        makesSource = true
      }
    }
    if parts.count == 3 { try read(modes: parts[2]) }
    do throws(EngineError) {
      try checkPlaces()
    } catch {
      throw EngineError(
        "invalid volume specification: '\(text)': \(error.message)", hint: error.hint)
    }
  }

  /// `ro`, `rw`, `z`, `Z`, `nocopy` and the kinds of propagation, each kind at most once.
  private mutating func read(modes text: String) throws(EngineError) {
    let invalid = EngineError(
      "invalid mode: \(text)",
      hint: "ro, rw, z, Z, nocopy, and for a directory of the host one of "
        + MountRequest.propagations.joined(separator: ", ") + ".")
    var seen = Set<String>()
    for option in text.split(separator: ",", omittingEmptySubsequences: false) {
      let option = String(option)
      let meaning: String
      switch option {
      case "ro", "rw":
        isReadOnly = option == "ro"
        meaning = "access"
      case "z", "Z":
        try MountRequest.checkRelabelling()
        meaning = "label"
      case "nocopy" where kind == .volume:
        isFilled = false
        meaning = option
      // Without a virtual machine between host and container they have no meaning, as in Docker.
      case "consistent", "cached", "delegated": meaning = "consistency"
      case _ where kind == .bind && MountRequest.propagations.contains(option):
        propagation = option
        meaning = "propagation"
      default: throw invalid
      }
      guard seen.insert(meaning).inserted else { throw invalid }
    }
  }

  /// `z` and `Z` give files an SELinux label; without SELinux there is nothing to do.
  private static func checkRelabelling() throws(EngineError) {
    guard File.exists("/sys/fs/selinux/enforce") else { return }
    throw EngineError(
      "SELinux labels cannot be changed: z and Z have no effect here",
      hint: "Label the files first: chcon -Rt container_file_t PATH.")
  }

  // MARK: The host

  /// Looks whether a directory of the host is there, and shared when mounts are to spread.
  func checkHost() throws(EngineError) {
    guard kind == .bind else { return }
    guard File.exists(source) else {
      if makesSource, propagation == "rprivate" { return }
      throw EngineError(
        "invalid mount config for type \"bind\": bind source path does not exist: \(source)")
    }
    let isShared = propagation.hasSuffix("shared")
    let isSlave = propagation.hasSuffix("slave")
    guard isShared || isSlave else { return }
    let mount = try asked("looking for the mount of \(source)") { () throws(SystemError) in
      let place = try File.open(source, .path)
      return try MountInfo.holding(try File.link(place.procPath))
    }
    let (point, spread) = (mount?.target ?? "/", mount?.propagation ?? "")
    guard spread.contains("shared:") || (isSlave && spread.contains("master:")) else {
      throw EngineError(
        "path \(source) is mounted on \(point) but it is not a shared\(isSlave ? " or slave" : "")"
          + " mount",
        hint: "mount --make-shared \(point)")
    }
  }

  // MARK: Others

  /// An image's VOLUME.
  init(imageVolume path: String) throws(EngineError) {
    target = MountRequest.plain(path)
    try checkPlaces()
  }

  /// Reads `--tmpfs`: `/TARGET[:OPTIONS]`.
  init(tmpfs text: String) throws(EngineError) {
    kind = .tmpfs
    let parts = text.split(separator: ":", maxSplits: 1).map { String($0) }
    target = MountRequest.plain(parts.first ?? "")
    if parts.count > 1 { options = parts[1].split(separator: ",").map { String($0) } }
    try checkPlaces()
    for option in options where !MountRequest.isTmpfsOption(option) {
      throw EngineError(
        "invalid tmpfs option \"\(option)\"",
        hint: "Flags of mount(8), or size, mode, uid, gid, nr_inodes, nr_blocks and mpol.")
    }
  }

  private static let tmpfsFlags = [
    "ro", "rw", "suid", "nosuid", "dev", "nodev", "exec", "noexec", "sync", "async", "dirsync",
    "atime", "noatime", "diratime", "nodiratime", "relatime", "norelatime", "strictatime",
    "nostrictatime",
  ]

  private static func isTmpfsOption(_ option: String) -> Bool {
    let key = option.prefix { $0 != "=" }
    return ["size", "mode", "uid", "gid", "nr_inodes", "nr_blocks", "mpol"].contains(key)
      || tmpfsFlags.contains(option) || propagations.contains(option)
  }

  /// Nothing yet, to be filled in.
  init() {}
}

/// How a volume is made.
struct VolumeSettings: Equatable, Sendable {
  /// Which plug-in keeps it: there is one.
  var driver = "local"
  /// `-o KEY=VALUE` of the driver, by key.
  var options: [String: String] = [:]
  /// `--label KEY=VALUE`, by key.
  var labels: [String: String] = [:]

  /// What this engine cannot honour.
  func check() throws(EngineError) {
    guard driver == "local" || driver.isEmpty else {
      throw EngineError(
        "error looking up volume plugin \(driver): plugin \"\(driver)\" not found",
        hint: "There is the driver local.", exitCode: 1)
    }
    for key in options.keys where !["type", "device", "o"].contains(key) {
      throw EngineError(
        "invalid option: \"\(key)\"", hint: "The driver local has type, device and o, as mount(8).",
        exitCode: 1)
    }
    if !options.isEmpty {
      guard let device = options["device"], !device.isEmpty else {
        throw EngineError("missing device in volume options", exitCode: 1)
      }
      guard options["type"] != nil || isBind else {
        throw EngineError("missing type in volume options", exitCode: 1)
      }
      // What a volume is is mounted by each container for itself, nothing on the host: of a tmpfs
      // each would have its own, and the last one's end would be the data's.
      guard options["type"] != "tmpfs" else {
        throw EngineError(
          "a volume cannot be a tmpfs: it would end with its container",
          hint: "Use --tmpfs, or --mount type=tmpfs.", exitCode: 1)
      }
    }
  }

  /// Whether it is another directory of the host under a name.
  var isBind: Bool {
    let words = (options["o"] ?? "").split(separator: ",")
    return words.contains("bind") || words.contains("rbind")
  }

  /// Whether the files are the volume's own directory, not another filesystem.
  var isPlain: Bool { options.isEmpty }
}
