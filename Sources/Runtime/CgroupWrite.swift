// One limit as a file and a value, and how it is written, checked and taken back.

internal import Linux
internal import OCI
internal import Steps

/// One file to write for a limit.
struct CgroupWrite: Equatable {
  let controller: String
  var file: String
  var value: String
  /// The member of `linux.resources` that asks for it.
  var field = ""
  /// The file and value of kernels that name it otherwise.
  var other: Other?

  struct Other: Equatable {
    let file: String
    let value: String
  }

  /// The value that brings back what the file says now.
  ///
  /// Most files are read as they are written. Those with a line a device are written one line at a
  /// time: `254:0 1048576` on v1, `254:0 rbps=1048576` on v2, where a device that is not listed has
  /// no limit: 0 on v1, `max` on v2.
  func inverse(_ text: String) -> String {
    // A flag among other lines: memory.oom_control.
    if file == "memory.oom_control" {
      return text.parts("\n").contains("oom_kill_disable 1") ? "1" : "0"
    }
    let words = value.parts(" ")
    guard words.count > 1, words[0].contains(":") || words[0] == "default" else { return text }
    let line = text.parts("\n").first { $0.hasPrefix(words[0] + " ") }
    let now = line.map { $0.parts(" ").dropFirst() } ?? []
    var result = words[0]
    for word in words.dropFirst() {
      let parts = word.parts("=", limit: 2)
      if parts.count > 1 {
        result += " " + (now.first { $0.hasPrefix(parts[0] + "=") } ?? parts[0] + "=max")
      } else {
        result += " " + (now.first ?? "0")
      }
    }
    return result
  }
}

extension Cgroups {
  /// Writes the limits.
  ///
  /// - Throws: `RuntimeError` naming the file, or the controller that is not here.
  func limit(
    _ writes: [CgroupWrite], devices: [DeviceRule], _ glass: Glass
  ) throws(RuntimeError) {
    for write in writes {
      guard let base = base(write) else { throw write.withoutController }
      let choice = write.choice(in: base)
      do {
        try glass.perform(
          .cgroupLimit, .write(base + "/" + choice.file, choice.value))
      } catch {
        var failure = RuntimeError(error)
        if !write.field.isEmpty { failure.message = write.field + ": " + failure.message }
        throw failure
      }
      if write.controller == "cpuset", layout.mode == .v2 { try checkEffective(write, base) }
    }
    try stepping { () throws(StepFailure) in try restrict(devices, glass) }
  }

  /// Refuses, before anything is made, what this kernel has no controller, file or device for.
  ///
  /// Which files a cgroup has is seen in one that exists; where there is none to look at, writing
  /// tells.
  func check(_ writes: [CgroupWrite]) throws(RuntimeError) {
    for write in writes {
      guard let tree = tree(write) else { throw write.withoutController }
      if let device = write.device, !File.exists("/sys/dev/block/" + device) {
        throw RuntimeError(
          "\(write.field): this machine has no block device \(device)",
          hint: "lsblk lists the devices and their numbers")
      }
      if write.controller == "hugetlb" {
        let sizes = HugePages.sizes
        guard sizes.contains(where: { write.file.hasPrefix("hugetlb.\($0).") }) else {
          throw RuntimeError(
            "\(write.field) cannot be enforced: this kernel has no \(write.file)",
            hint: "its huge pages are of " + sizes.list(" and "))
        }
      }
      guard !write.isOrdinary, let sample = sample(tree, write.controller) else { continue }
      let file = write.choice(in: sample).file
      guard !File.exists(sample + "/" + file), !File.exists(tree.mountPoint + "/" + file) else {
        continue
      }
      throw RuntimeError(
        "\(write.field) cannot be enforced: this kernel has no \(file)",
        hint: "looked for it in \(sample)")
    }
  }

  private func tree(_ write: CgroupWrite) -> CgroupTree? {
    write.controller == "cgroup" ? layout.trees.first : layout.tree(write.controller)
  }

  private func base(_ write: CgroupWrite) -> String? { tree(write).map(directory) }

  /// A cgroup of a tree in which a controller's files can be seen: above the container's, or else
  /// any.
  private func sample(_ tree: CgroupTree, _ controller: String) -> String? {
    func shows(_ directory: String) -> Bool {
      guard tree.isUnified else { return File.exists(directory + "/cgroup.procs") }
      let text = (try? File.text(directory + "/cgroup.controllers")) ?? ""
      return controller == "cgroup" || text.trimmedLine.parts(" ").contains(controller)
    }
    var directory = tree.mountPoint
    var best: String?
    for part in path.parts("/") where !part.isEmpty {
      directory += "/" + part
      if shows(directory) { best = directory }
    }
    if let best { return best }
    for name in (try? File.list(tree.mountPoint)) ?? [] {
      let directory = tree.mountPoint + "/" + name
      if shows(directory) { return directory }
    }
    return nil
  }

  /// On v2 a set is accepted whatever the cgroups above have, and then does not hold.
  private func checkEffective(_ write: CgroupWrite, _ base: String) throws(RuntimeError) {
    func text(_ file: String) throws(RuntimeError) -> String {
      try lookingUp { () throws(SystemError) in try File.text(base + "/" + file).trimmedLine }
    }
    let asked = try text(write.file)
    let effective = try text(write.file + ".effective")
    guard asked != effective else { return }
    throw RuntimeError(
      "\(write.field): \(write.value) was asked for, and \(effective) would be in force",
      hint: "a cgroup above allows no others: cpuset.cpus.effective, cpuset.mems.effective")
  }
}

extension CgroupWrite {
  /// The name and value that a directory's kernel has.
  func choice(in directory: String) -> CgroupWrite {
    guard let other, !File.exists(directory + "/" + file),
      File.exists(directory + "/" + other.file)
    else { return self }
    var write = self
    write.file = other.file
    write.value = other.value
    return write
  }

  /// `254:0`, when it is for one block device.
  fileprivate var device: String? {
    guard controller == "io" || controller == "blkio" else { return nil }
    return value.parts(" ").first.flatMap { $0.contains(":") ? $0 : nil }
  }

  /// Whether every kernel that has the controller has the file.
  fileprivate var isOrdinary: Bool {
    let names: [9 of StaticString] = [
      "memory.limit_in_bytes", "memory.soft_limit_in_bytes", "memory.max", "memory.low",
      "cpu.shares", "cpu.weight", "cpuset.cpus", "cpuset.mems", "pids.max",
    ]
    return names.span.index(of: file) != nil
  }

  fileprivate var withoutController: RuntimeError {
    RuntimeError(
      "\(field.isEmpty ? file : field) = \(value) cannot be enforced: no \(controller) controller"
        + " is mounted",
      hint: "/proc/cgroups lists those this kernel has, /proc/self/cgroup those that are mounted")
  }
}
