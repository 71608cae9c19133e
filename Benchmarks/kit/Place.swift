public import Linux
public import Measure

/// A directory for the stores of all engines, and a name for their cgroups.
///
/// In memory: no arm waits for a disk, and ext4, which does not give out the inode of a file that was
/// removed a minute ago, does not search longer from round to round.
public struct Place: Sendable {
  /// Where it is.
  public let path: String

  /// The cgroup above all containers.
  public var name: String { path.split(separator: "/").last.map { String($0) } ?? path }

  /// A directory outside of memory, for what needs a block device or a page cache.
  ///
  /// Nobody makes it unless an experiment asks (`Ground.disk`); it goes with the place.
  var disk: String { "/var/tmp/\(name)" }

  /// A place that is there.
  public init(path: String) { self.path = path }

  /// Makes it, below /tmp.
  ///
  /// - Parameter benchmark: what its name begins with.
  /// - Returns: the place, which is there.
  /// - Throws: `ExperimentError` when the directory cannot be made.
  public static func make(_ benchmark: String) throws(ExperimentError) -> Place {
    let place = Place(path: "/tmp/\(benchmark)-bench.\(Processes.current)")
    try told { () throws(SystemError) in try File.makeDirectory(place.path, mode: 0o755) }
    return place
  }

  // MARK: The first process

  /// Runs this program again, told the place, and clears away what it leaves; its exit code.
  ///
  /// Everybody it starts stays a descendant (PR_SET_CHILD_SUBREAPER), so nobody is looked for by a
  /// name. Signals are held back: Ctrl-C ends the second process, and this one clears away.
  ///
  /// - Parameter arguments: its command line, by the place.
  /// - Returns: its exit code.
  /// - Throws: `ExperimentError` when something of it cannot be cleared away.
  public func lend(_ arguments: (String) -> [String]) throws(ExperimentError) -> Int32 {
    try Place.told { () throws(SystemError) in
      try Processes.adoptOrphans()
      let signals = try BlockedSignals()
      let trees = try Place.trees()
      let null = try File.open("/dev/null", .readWrite)
      // Who measures ends in good order when the one who clears away is killed.
      let child = try Child(
        "/proc/self/exe", arguments(path), environment: environment, input: null.raw,
        deathSignal: Signal.term)
      let status = try Place.attend(child, signals)
      try endDescendants()
      try removeCgroups(trees: trees)
      // Mounts were made in a namespace that has ended with its last process.
      if File.exists(disk) { try File.removeTree(disk) }
      try File.removeTree(path)
      return status.code
    }
  }

  /// What tells podman and docker to stay in the place.
  private var environment: [String] {
    let own = [
      "CONTAINERS_CONF=\(path)/containers.conf", "CONTAINERS_STORAGE_CONF=\(path)/storage.conf",
      "CONTAINERS_REGISTRIES_CONF=\(path)/registries.conf", "HOME=\(path)/home",
      "XDG_RUNTIME_DIR=\(path)/home", "TMPDIR=\(path)/tmp",
      "DOCKER_HOST=unix://\(path)/docker.sock",
      "DOCKER_CONFIG=\(path)/home",
    ]
    let names = own.map { $0.prefix { $0 != "=" } + "=" }
    return Processes.environment.filter { entry in !names.contains { entry.hasPrefix($0) } } + own
  }

  /// Waits for a child, passes signals on to it, and reaps whatever else ends meanwhile: thousands of
  /// zombies would slow down what is measured.
  private static func attend(
    _ child: consuming Child, _ signals: borrowing BlockedSignals
  ) throws(SystemError) -> ExitStatus {
    let pid = child.pid
    child.letGo()
    while true {
      // What the terminal sends reaches the child by itself: it is in the same process group.
      let (signal, sent) = try signals.next()
      if sent { try Processes.kill(pid, signal) }
      while let (ended, status) = try Place.reapNow() {
        if ended == pid { return status }
      }
    }
  }

  /// One that has ended; nil when none has, or there is none.
  private static func reapNow() throws(SystemError) -> (pid: Int32, status: ExitStatus)? {
    do throws(SystemError) {
      return try Processes.poll(-1)
    } catch {
      if error.errno == .noChild { return nil }
      throw error
    }
  }

  private func endDescendants() throws(SystemError) {
    while true {
      for child in try Place.children() {
        do throws(SystemError) {
          try Processes.kill(child, Signal.kill)
        } catch { if error.errno != .noProcess { throw error } }
      }
      do throws(SystemError) {
        // Its orphans are ours from now on: the next turn finds them.
        _ = try Processes.waitAny()
      } catch {
        if error.errno == .noChild { return }
        throw error
      }
      while try Place.reapNow() != nil {}
    }
  }

  /// The pids of this process's children: field 4 of /proc/PID/stat (proc(5)).
  private static func children() throws(SystemError) -> [Int32] {
    try File.list("/proc").compactMap { Int32($0) }.filter { pid in
      guard let stat = try? File.text("/proc/\(pid)/stat") else { return false }
      let fields = stat[(stat.lastIndex(of: ")") ?? stat.startIndex)...].split(separator: " ")
      return fields.count > 2 && Int32(fields[2]) == Processes.current
    }
  }

  fileprivate func removeCgroups(trees before: [String]) throws(SystemError) {
    for tree in try Place.trees() {
      let path = "/sys/fs/cgroup/\(tree)"
      try Place.removeCgroup("\(path)/\(name)")
      // podman makes directories for controllers that are mounted nowhere; others' podman too.
      if !before.contains(tree) {
        do throws(SystemError) {
          try File.removeDirectory(path)
        } catch { if error.errno != .notEmpty { throw error } }
      }
    }
  }

  /// Removes cgroups of the place by a part of their names, once nobody is in them; 5 s, no longer.
  func removeCgroups(called part: String) throws(SystemError) {
    for tree in try Place.trees() {
      let above = "/sys/fs/cgroup/\(tree)/\(name)"
      for path in Kernel.list(above).filter({ $0.contains(part) }).map({ "\(above)/\($0)" }) {
        for _ in 0..<100 where !Processes.inCgroup(path).isEmpty { Clock.sleep(50_000_000) }
        try Place.removeCgroup(path)
      }
    }
  }

  /// The trees of v1, or the one of v2 itself.
  fileprivate static func trees() throws(SystemError) -> [String] {
    try File.list("/sys/fs/cgroup").filter {
      (try? File.status("/sys/fs/cgroup/\($0)", follow: false))?.isDirectory == true
    } + ["."]
  }

  /// From the inside: a cgroup's files go with its directory.
  private static func removeCgroup(_ path: String) throws(SystemError) {
    guard File.exists(path) else { return }
    for entry in try File.list(path)
    where try File.status("\(path)/\(entry)", follow: false).isDirectory {
      try removeCgroup("\(path)/\(entry)")
    }
    do throws(SystemError) {
      try File.removeDirectory(path)
    } catch {
      // No cgroup, but one of those directories: its files are files.
      guard error.errno == .notEmpty else { throw error }
      try File.removeTree(path)
    }
  }

  // MARK: The second process

  /// Enters a mount namespace where everything that engines write outside of the place is in memory.
  ///
  /// - Parameter more: other namespaces that are to be its own.
  /// - Throws: `ExperimentError` naming the call.
  public func enter(_ more: NamespaceFlags = []) throws(ExperimentError) {
    try Place.told { () throws(SystemError) in
      try Processes.unshare(more.union(.mount))
      try Mounts.mount(nil, on: "/", type: nil, [.slave, .recursive], data: nil)
      for path in ["/run", "/var/lib", path] {
        try Mounts.mount("tmpfs", on: path, type: "tmpfs", [], data: "mode=755")
      }
      // Some versions of crun refuse a v2 tree beside v1 trees. Every arm runs without it.
      let unified = "/sys/fs/cgroup/unified"
      if File.exists(unified + "/cgroup.procs") {
        try Mounts.unmount(unified, detached: true)
        try Mounts.mount("tmpfs", on: unified, type: "tmpfs", [], data: nil)
      }
      for folder in ["home", "tmp", "net", "hooks"] {
        try File.makeDirectories("\(path)/\(folder)", mode: 0o755)
      }
      try writeSettings()
    }
  }

  /// containers.conf(5) and its neighbours.
  private func writeSettings() throws(SystemError) {
    // Low limits: podman's usual ones can only be set with CAP_SYS_RESOURCE.
    try File.replace(
      path + "/containers.conf",
      with: """
        [containers]
        default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
        [network]
        network_backend = "cni"
        network_config_dir = "\(path)/net"
        [engine]
        cgroup_manager = "cgroupfs"
        events_logger = "file"
        hooks_dir = ["\(path)/hooks"]
        lock_type = "file"
        num_locks = 8192
        runtime = "crun"
        static_dir = "\(path)/podman/libpod"
        tmp_dir = "\(path)/tmp"
        volume_path = "\(path)/podman/volumes"
        """.utf8)
    try File.replace(
      path + "/storage.conf",
      with: """
        [storage]
        driver = "overlay"
        graphroot = "\(path)/podman"
        runroot = "\(path)/podman-run"
        """.utf8)
    try File.replace(path + "/registries.conf", with: [])
    // podman reads docker's too, and fails when it is named and missing.
    try File.replace(path + "/home/config.json", with: "{}".utf8)
  }

  /// Runs a body whose errors are told as `ExperimentError`.
  ///
  /// - Throws: `ExperimentError` with the same text.
  public static func told<Result: ~Copyable>(
    _ body: () throws(SystemError) -> Result
  ) throws(ExperimentError) -> Result {
    do throws(SystemError) { return try body() } catch { throw ExperimentError(error.text) }
  }
}

extension Place {
  /// Clears away what runs left that were killed before they could do it themselves.
  ///
  /// Their directories are called by the pid of their first process; who still lives is left alone.
  ///
  /// - Parameter benchmark: what the names begin with.
  /// - Throws: `ExperimentError` when something cannot be cleared away.
  public static func sweep(_ benchmark: String) throws(ExperimentError) {
    try told { () throws(SystemError) in
      for name in try File.list("/tmp") where name.hasPrefix("\(benchmark)-bench.") {
        guard let pid = name.split(separator: ".").last.flatMap({ Int32($0) }),
          !Processes.isAlive(pid)
        else { continue }
        let place = Place(path: "/tmp/\(name)")
        File.report("clearing away \(place.path), whose run was killed\n")
        try place.endMembers()
        try place.removeCgroups(trees: trees())
        if File.exists(place.disk) { try File.removeTree(place.disk) }
        try File.removeTree(place.path)
      }
    }
  }

  /// Clears away from the inside when the process that should do it was killed.
  ///
  /// - Throws: `ExperimentError` when something cannot be cleared away.
  public func clearAwayIfAlone() throws(ExperimentError) {
    guard let first = path.split(separator: ".").last.flatMap({ Int32($0) }),
      !Processes.isAlive(first)
    else { return }
    let place = self
    try Place.told { () throws(SystemError) in
      try place.endMembers()
      try place.removeCgroups(trees: Place.trees())
      try Mounts.unmount(place.path, detached: true)
      try File.removeTree(place.path)
    }
  }

  /// Kills what is still in the cgroups of the place, and waits until they are empty.
  private func endMembers() throws(SystemError) {
    for tree in try Place.trees() {
      for path in Place.below("/sys/fs/cgroup/\(tree)/\(name)") {
        for _ in 0..<100 {
          let members = Processes.inCgroup(path)
          if members.isEmpty { break }
          for member in members { try Processes.end(member) }
          Clock.sleep(20_000_000)
        }
      }
    }
  }

  private static func below(_ path: String) -> [String] {
    Kernel.list(path).flatMap { name -> [String] in
      File.exists("\(path)/\(name)/cgroup.procs") ? below("\(path)/\(name)") : []
    } + [path]
  }
}
