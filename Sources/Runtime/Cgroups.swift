// A container's cgroups: one directory in every v1 tree, or one in the v2 tree.
//
//   create   mkdir, level by level; on v1 fill the cpuset, on v2 delegate controllers downwards
//   limit    write the numbers (CgroupLimits.swift)
//   join     v1: init writes 0 into `tasks`, which is itself; v2: clone3 puts it there
//            (CLONE_INTO_CGROUP)
//   remove   rmdir, deepest first, and the parents this runtime makes (those below /drydock…)

internal import Linux
internal import OCI
internal import Steps

/// The cgroups of one container.
struct Cgroups {
  private(set) var layout: CgroupLayout
  /// The path within every tree, such as `/drydock/web`.
  let path: String
  /// The scope around the container, where systemd makes it.
  var unit: SystemdUnit?

  /// The trees in which this process made the container's directory.
  final class Made {
    var trees: [CgroupTree] = []
    /// Whether the directory was there before.
    var hasFound = false
  }
  private let made = Made()

  /// Refuses a path that is in use: the directory is how two containers with one path are told
  /// apart.
  ///
  /// An empty one is taken, limits and all, as runc and crun take it: somebody prepared it, or left
  /// it.
  func checkIsFree() throws(RuntimeError) {
    guard let first = layout.trees.first, File.exists(directory(first)) else { return }
    made.hasFound = true
    for tree in layout.trees where File.exists(directory(tree)) {
      guard let use = use(of: tree) else { continue }
      throw RuntimeError(
        "the cgroup \(directory(tree)) exists already, and \(use)",
        hint: "another container uses linux.cgroupsPath \(path), or left it; choose another path,"
          + " or rmdir it in every tree")
    }
  }

  /// Whether a directory that turns out to be there can be this container's.
  ///
  /// It was empty when all were looked at, or only some trees have one. Else another container is
  /// being made at this moment.
  private func mayTake(_ tree: CgroupTree) -> Bool {
    (made.hasFound || tree.mountPoint != layout.trees[0].mountPoint) && use(of: tree) == nil
  }

  /// What speaks against a container in a directory that is there; nil when nothing does.
  private func use(of tree: CgroupTree) -> String? {
    let directory = directory(tree)
    guard let processes = try? File.text(directory + "/cgroup.procs") else { return "is no cgroup" }
    if !processes.isEmpty { return "processes are in it" }
    if !Cgroups.isEmpty(directory) { return "has cgroups inside" }
    let frozen = tree.isUnified ? ("cgroup.freeze", "0") : ("freezer.state", "THAWED")
    if let state = try? File.text(directory + "/" + frozen.0), state.trimmedLine != frozen.1 {
      return "is frozen"
    }
    return nil
  }

  /// Chooses the path: as configured, else `/drydock/ID`.
  init(layout: CgroupLayout, configured: String?, id: String) throws(RuntimeError) {
    var path = configured ?? ""
    if path.isEmpty { path = "/drydock/" + id }
    var parts = path.parts("/")
    parts.removeAll { $0.isEmpty }
    guard !parts.isEmpty, !parts.contains(".."), !parts.contains(".") else {
      throw RuntimeError(
        "cgroup path \"\(path)\" leads outside or nowhere",
        hint: "linux.cgroupsPath must be a path below the cgroup root without . and ..")
    }
    if path.contains(":"), parts.count == 1 {
      throw RuntimeError(
        "cgroup path \"\(path)\" is written for systemd",
        hint:
          "ask for the systemd driver with --systemd-cgroup, or use a path such as /drydock/\(id)")
    }
    self.layout = layout
    self.path = "/" + parts.list("/")
  }

  /// Where a user namespace holds the container and its maker may make no cgroup, there is none:
  /// unless the configuration asks for limits, which nobody would enforce then.
  mutating func leaveIfForeign(_ linux: LinuxConfig, limited: Bool) throws(RuntimeError) {
    guard linux.namespaces.contains(where: { $0.kind == .user }),
      let foreign = layout.trees.first(where: { !isWritable($0) })
    else { return }
    guard !limited else {
      throw RuntimeError(
        "linux.resources: the cgroup \(directory(foreign)) cannot be made by user"
          + " \(Identity.effectiveUser), so nothing would enforce the limits: permission denied",
        hint: "leave linux.resources out, or choose a linux.cgroupsPath below a cgroup that was"
          + " delegated to this user")
    }
    if !linux.resources.devices.isEmpty {
      Log.warn(
        "linux.resources.devices: without a cgroup only the user namespace keeps devices away")
    }
    layout = CgroupLayout(mode: layout.mode, trees: [], unified: nil)
  }

  /// Whether this process may make the directory, or what is missing above it.
  private func isWritable(_ tree: CgroupTree) -> Bool {
    if File.isWritable(tree.mountPoint) { return true }
    var directory = tree.mountPoint
    for part in String(path.dropFirst()).parts("/") {
      let next = directory + "/" + part
      guard File.exists(next) else { break }
      directory = next
    }
    return File.isWritable(directory)
  }

  func directory(_ tree: CgroupTree) -> String { tree.mountPoint + path }

  /// The directory with a controller's files.
  func directory(_ controller: String) -> String? { layout.tree(controller).map(directory) }

  /// As `state` shows them.
  var listed: [State.Cgroup] {
    layout.trees.map {
      State.Cgroup(
        controllers: $0.isUnified ? "" : $0.controllers.list(","),
        path: directory($0))
    }
  }

  /// Makes the directories, and on v2 hands the controllers down to them.
  func create(_ glass: Glass, needed: [String]) throws(StepFailure) {
    for tree in layout.trees {
      var attempts = 0
      while true {
        do throws(StepFailure) {
          try create(tree, Cgroups.usual + needed, glass)
          break
        } catch {
          // A parent vanished with the last other container: begin again. Another may do so again
          // meanwhile, but not a hundred times.
          let errno = error.error.errno
          attempts += 1
          guard errno == .noEntry || errno == .noDevice, attempts < 100 else { throw error }
        }
      }
    }
  }

  /// From the top down: on v2 a cgroup can hand on only what it was handed.
  private func create(
    _ tree: CgroupTree, _ wanted: [String], _ glass: Glass
  ) throws(StepFailure) {
    // Where somebody watches, no step is tried that may fail.
    if glass.observer == nil, unit == nil, !tree.isUnified {
      do throws(StepFailure) {
        return try make(directory(tree), in: tree, isOwn: true, glass)
      } catch { if error.error.errno != .noEntry { throw error } }
    }
    let parts = String(path.dropFirst()).parts("/")
    var directory = tree.mountPoint
    for (index, part) in parts.enumerated() {
      let isOwn = index == parts.count - 1
      let parent = directory
      let identity = tree.isUnified && isOwn ? inode(parent) : nil
      if tree.isUnified { try delegate(parent, wanted, glass) }
      directory += "/" + part
      // Mostly the parents are there; and systemd has made its scope where it manages a tree.
      if !isOwn || unit != nil, File.exists(directory) { continue }
      try make(directory, in: tree, isOwn: isOwn, glass)
      // The parent may have vanished and have been made anew by somebody who has yet to hand it
      // controllers. From here on it cannot: our own is in it.
      if let identity, inode(parent) != identity {
        try Cgroups.remove(directory, glass)
        throw StepFailure(.cgroupCreate, SystemError("mkdir(2)", .noEntry, parent))
      }
    }
  }

  /// Makes one directory, and fills it where it would be of no use empty.
  ///
  /// Somebody may have made a parent a moment ago; the container's own may be there when it can be
  /// taken.
  private func make(
    _ directory: String, in tree: CgroupTree, isOwn: Bool, _ glass: Glass
  ) throws(StepFailure) {
    do throws(StepFailure) {
      try glass.perform(.cgroupCreate, .makeDirectory(directory))
      if isOwn { made.trees.append(tree) }
    } catch {
      guard error.error.errno == .exists, !isOwn || mayTake(tree) else { throw error }
      guard isOwn else { return }
    }
    if tree.controllers.contains("cpuset"), !tree.isUnified {
      try inheritCPUs(directory, children: !isOwn, glass)
    }
  }

  /// Tells a directory from one that was made in its place; nil when there is none.
  private func inode(_ path: String) -> UInt64? { (try? File.status(path))?.inode }

  /// What every container gets on v2, limited or not, as from runc and crun: without its
  /// controller a cgroup has no counters, and no limit could be set later.
  private static let usual = ["cpuset", "cpu", "io", "memory", "pids"]

  /// Before the child is made: mkdir(2) waits for whoever is handing down at the moment.
  ///
  /// cgroup.subtree_control shows a controller when its files in the children are yet to come.
  private func delegate(
    _ directory: String, _ wanted: [String], _ glass: Glass
  ) throws(StepFailure) {
    let file = directory + "/cgroup.subtree_control"
    let has = words(file)
    let available = words(directory + "/cgroup.controllers")
    let missing = available.filter { wanted.contains($0) && !has.contains($0) }
    guard !missing.isEmpty else { return }
    try glass.perform(
      .cgroupDelegate, .write(file, missing.map { "+" + $0 }.joined(separator: " ")))
  }

  private func words(_ path: String) -> [String] {
    // Missing on the root of some trees: then there is nothing to hand down.
    ((try? File.text(path)) ?? "").trimmedLine.split(separator: " ").map { String($0) }
  }

  /// cpuset(7): a v1 cpuset is born empty.
  ///
  /// With clone_children on the parent (set where this runtime makes parents) it is born with the
  /// parent's values, else they are copied here.
  private func inheritCPUs(
    _ directory: String, children: Bool, _ glass: Glass
  ) throws(StepFailure) {
    let parent = String(directory[..<(directory.lastIndex(of: "/") ?? directory.endIndex)])
    for name in ["cpuset.cpus", "cpuset.mems"] {
      let mine = (try? File.text(directory + "/" + name))?.trimmedLine ?? ""
      guard mine.isEmpty else { continue }
      var value = try inheritable(parent + "/" + name)
      if value.isEmpty {
        // Whoever made the parent has not filled it yet.
        try inheritCPUs(parent, children: true, glass)
        value = try inheritable(parent + "/" + name)
      }
      try glass.perform(.cgroupInherit, .write(directory + "/" + name, value))
    }
    if children {
      try glass.perform(.cgroupInherit, .write(directory + "/cgroup.clone_children", "1"))
    }
  }

  private func inheritable(_ path: String) throws(StepFailure) -> String {
    do {
      return try File.text(path).trimmedLine
    } catch { throw StepFailure(.cgroupInherit, error) }
  }

  /// Moves another process in.
  func join(_ pid: Int32, _ glass: Glass) throws(StepFailure) {
    for tree in layout.trees {
      try glass.perform(.cgroupJoin, .write(directory(tree) + "/cgroup.procs", String(pid)))
    }
  }

  /// Moves this process, which has one thread, in.
  ///
  /// Writing another's pid into cgroup.procs takes a lock of all thread groups of the machine, and
  /// the first to take it waits for an RCU grace period, about 10 ms. A thread that moves itself
  /// needs no such lock (kernel/cgroup/cgroup.c, cgroup_procs_write_start).
  func joinSelf(_ glass: Glass) throws(StepFailure) {
    for tree in layout.trees {
      let file = tree.isUnified ? "/cgroup.procs" : "/tasks"
      try glass.perform(.cgroupJoin, .write(directory(tree) + file, "0"))
    }
  }

  /// The processes in it, as the host sees them.
  func processes() throws(SystemError) -> [Int32] {
    guard let tree = layout.tree("pids") ?? layout.trees.first else { return [] }
    let text: String
    do {
      text = try File.text(directory(tree) + "/cgroup.procs")
    } catch {
      if error.errno == .noEntry || error.errno == .noDevice { return [] }
      throw error
    }
    return text.split(separator: "\n").compactMap { Int32($0) }
  }

  /// Removes the directories, those inside first.
  ///
  /// What is gone already is fine.
  ///
  /// A killed process leaves its cgroup only when it has been reaped, so EBUSY is waited for: half
  /// a second, in growing pauses.
  func remove(_ glass: Glass) throws(StepFailure) {
    try stopUnit(glass)
    try remove(layout.trees, glass)
  }

  /// The same for what this process made, and nothing else.
  func undo(_ glass: Glass) throws(StepFailure) {
    try stopUnit(glass)
    try remove(made.trees, glass)
    for tree in layout.trees { try Cgroups.removeParents(of: path, in: tree, glass) }
  }

  private func remove(_ trees: [CgroupTree], _ glass: Glass) throws(StepFailure) {
    var failure: StepFailure?
    for tree in trees {
      do throws(StepFailure) {
        try Cgroups.remove(directory(tree), glass)
        try Cgroups.removeParents(of: path, in: tree, glass)
      } catch { failure = failure ?? error }
    }
    if let failure { throw failure }
  }

  private static func remove(_ directory: String, _ glass: Glass) throws(StepFailure) {
    // Who watches is shown no step that has nothing to do.
    guard glass.observer == nil || File.exists(directory) else { return }
    var pause: UInt64 = 200_000
    while true {
      do throws(StepFailure) {
        try glass.perform(.cgroupRemove, .removeDirectory(directory))
        return
      } catch {
        if error.error.errno == .noEntry { return }
        guard error.error.errno == .busy || error.error.errno == .notEmpty, pause < 200_000_000,
          glass.observer == nil || error.error.call.text != "(planted fault)"
        else { throw error }
        for name in (try? File.list(directory)) ?? []
        where ((try? File.status(directory + "/" + name))?.isDirectory ?? false) {
          try remove(directory + "/" + name, glass)
        }
        Clock.sleep(pause)
        pause *= 2
      }
    }
  }

  /// Parents are removed when they are this runtime's (the first component starts with
  /// `drydock`) and empty; EBUSY and ENOTEMPTY mean that somebody else uses them.
  ///
  /// What stands where this process may remove nothing was made for it by another, and stays.
  private static func removeParents(
    of path: String, in tree: CgroupTree, _ glass: Glass
  ) throws(StepFailure) {
    guard path.hasPrefix("/drydock") else { return }
    var parts = String(path.dropFirst()).parts("/")
    parts.removeLast()
    while !parts.isEmpty {
      let directory = tree.mountPoint + "/" + parts.list("/")
      parts.removeLast()
      let above = tree.mountPoint + parts.map { "/" + $0 }.list("")
      // Looked at first: a step that is known to fail is none.
      guard isEmpty(directory), File.isWritable(above) else { return }
      do throws(StepFailure) {
        try glass.perform(.cgroupRemove, .removeDirectory(directory))
      } catch {
        switch error.error.errno {
        case .busy, .noEntry, .notEmpty: return
        default: throw error
        }
      }
    }
  }

  /// Whether a cgroup is there and has none inside: every directory in it counts as a link.
  private static func isEmpty(_ directory: String) -> Bool {
    (try? File.status(directory, follow: false))?.links == 2
  }
}
