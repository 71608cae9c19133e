internal import Engine
internal import LabKit
internal import Linux
internal import Measure

private let own = "/proc/self/mountinfo"

@Sendable func experiment(_ stage: Stage) throws {
  stage.say(Texts.sayPrepare)
  let folder = try stage.folder("dir")
  try stage.host(["mount", "-t", "tmpfs", "lab", folder])
  try stage.host(["mount", "--make-shared", folder])

  stage.say(Texts.sayPrivate)
  stage.note(own, Texts.hostMounts, .before, mounts("self", folder).joined(separator: "\n"))
  var container = try mounting(stage, "\(folder):/mnt")
  let kept = mounts("self", folder)
  stage.note(own, Texts.hostMounts, .after, kept.joined(separator: "\n"))
  stage.fact("hostPrivate", "\(kept.count)")
  stage.find(
    "private", Texts.findPrivate, expected: "1", seen: "\(kept.count)", if: kept.count == 1,
    otherwise: Texts.reached)
  let isThere = File.exists("\(folder)/in")
  let entries = Kernel.list("\(folder)/in")
  stage.find(
    "directory", Texts.findDirectory, expected: "[]",
    seen: isThere ? "[\(entries.joined(separator: " "))]" : "-", if: isThere && entries.isEmpty,
    otherwise: Texts.otherDirectory)
  try stage.stop(container)

  stage.say(Texts.sayShared)
  container = try mounting(stage, "\(folder):/mnt:rshared")
  let reached = mounts("self", folder)
  stage.note(own, Texts.hostMounts, .after, reached.joined(separator: "\n"))
  let content = Kernel.read("\(folder)/in/file") ?? "-"
  stage.fact("hostShared", "\(reached.count)")
  stage.fact("peers", reached.first.flatMap(peers) ?? "-")
  stage.fact("content", content)
  stage.find(
    "shared", Texts.findShared, expected: "2", seen: "\(reached.count)", if: reached.count == 2,
    otherwise: Texts.notReached)
  stage.find(
    "content", Texts.findContent, expected: container.id.prefix(12).description, seen: content,
    if: content == container.id.prefix(12), otherwise: Texts.otherContent)

  stage.say(Texts.sayEnd)
  try stage.stop(container)
  let left = mounts("self", folder)
  stage.note(own, Texts.hostMounts, .after, left.joined(separator: "\n"))
  let remains = Kernel.read("\(folder)/in/file") ?? "-"
  stage.fact("hostLeft", "\(left.count)")
  stage.fact("left", remains)
  stage.find(
    "left", Texts.findLeft, expected: "2, \(content)", seen: "\(left.count), \(remains)",
    if: left.count == 2 && remains == content, otherwise: Texts.notLeft)

  stage.say(Texts.sayClean)
  if left.count > 1 { try stage.host(["umount", "\(folder)/in"]) }
  try stage.host(["umount", folder])
  let none = mounts("self", folder)
  stage.note(own, Texts.hostMounts, .after, none.isEmpty ? "-" : none.joined(separator: "\n"))
  stage.find(
    "clean", Texts.findClean, expected: "0", seen: "\(none.count)", if: none.isEmpty,
    otherwise: Texts.notClean)
}

/// A container that waits for a signal, and then mounts a tmpfs in the volume.
private func mounting(_ stage: Stage, _ volume: String) throws -> any LabContainer {
  var options = RunOptions(image: "busybox")
  options.volumes = [volume]
  options.capAdd = ["SYS_ADMIN"]
  options.command = Stage.shell(
    "trap go=1 USR1; echo ready", "until [ $go ]; do sleep 0.1; done", "mkdir -p /mnt/in",
    "mount -t tmpfs tmpfs /mnt/in", "hostname > /mnt/in/file", "echo mounted; exec sleep 60")
  let container = try stage.start(
    options, steps: ["process.clone", "mount.propagation", "mount.bind"])
  _ = try stage.lines(of: container, atLeast: 1)
  let path = "/proc/\(container.pid)/mountinfo"
  let before = mounts("\(container.pid)", "/mnt")
  stage.note(path, Texts.insideMounts, .before, before.joined(separator: "\n"))
  try container.kill(10)
  _ = try stage.lines(of: container, atLeast: 2)
  stage.say(Texts.sayInside)
  let after = mounts("\(container.pid)", "/mnt")
  stage.note(path, Texts.insideMounts, .after, after.joined(separator: "\n"))
  return container
}

/// The lines of a mountinfo at a path and below it.
func mounts(_ pid: String, _ path: String) -> [String] {
  (Kernel.read("/proc/\(pid)/mountinfo") ?? "").split(separator: "\n").map(String.init).filter {
    guard let target = MountInfo($0)?.target else { return false }
    return target == path || target.hasPrefix(path + "/")
  }
}

/// The peer group of a line, `shared:N`.
private func peers(_ line: String) -> String? {
  MountInfo(line)?.propagation.split(separator: " ").first { $0.hasPrefix("shared:") }
    .map(String.init)
}
