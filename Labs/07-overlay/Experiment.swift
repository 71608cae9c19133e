internal import Engine
internal import LabKit
internal import Linux
internal import Measure

/// The lower file, in MiB; what is expected is computed from what stat(2) says of it.
private let fileMiB = 64

@Sendable func experiment(_ stage: Stage) throws {
  stage.say(Texts.sayPrepare)
  let layers = try Overlay(stage, isShown: true)
  let file = "\(layers.lower)/big"
  // Zeros that are written take blocks; a hole would not be copied.
  try stage.host(["dd", "if=/dev/zero", "of=\(file)", "bs=1M", "count=\(fileMiB)", "status=none"])
  try stage.host(["sync", file])
  try layers.mount()
  let size = try File.status(file).size
  stage.fact("size", bytes(size))

  stage.say(Texts.sayStart)
  var options = RunOptions(image: "busybox")
  options.volumes = ["\(layers.merged):/mnt"]
  // Redirections of the shell itself: /proc counts what it writes, not what a child would.
  options.command = Stage.shell(
    "trap go=1 USR1; signal() { until [ $go ]; do sleep 0.05; done; go=; }; echo ready",
    "signal; printf 1 1<>/mnt/big; echo first", "signal; printf 2 >>/mnt/big; echo second",
    "signal; rm /mnt/big; echo removed; exec sleep 60")
  let container = try stage.start(options, steps: ["rootfs.overlay", "mount.bind"])
  _ = try stage.lines(of: container, atLeast: 1)
  let look = Look(stage: stage, layers: layers, pid: container.pid)
  stage.note(
    "/proc/\(container.pid)/mountinfo", Texts.root, .before,
    MountInfo.root(of: container.pid)?.line)
  look.all(.before)

  stage.say(Texts.sayFirst)
  let before = look.counters
  let start = Clock.now
  try container.kill(10)
  _ = try stage.lines(of: container, atLeast: 2)
  let took = Double(Clock.now - start) / 1e6
  look.all(.after)
  let after = look.counters
  let copy = try File.status("\(layers.upper)/big")
  stage.fact("copied", bytes(copy.allocated))
  stage.fact("written", bytes(after.disk - min(after.disk, before.disk)))
  stage.fact("milliseconds", Decimals.significant(took))
  stage.find(
    "copied", Texts.findCopied,
    expected: Expected(Double(size), within: Double(size) * 0.01, unit: .bytes),
    measured: Double(copy.allocated))
  // The byte, and `first` with its line feed.
  let wrote = Int64(after.program) - Int64(before.program) - 6
  stage.find(
    "written", Texts.findWritten, expected: "1", seen: "\(wrote)", if: wrote == 1,
    otherwise: Texts.otherWritten)

  stage.say(Texts.saySecond)
  try container.kill(10)
  _ = try stage.lines(of: container, atLeast: 3)
  look.all(.after)
  let disk = look.counters.disk
  let again = disk - min(disk, after.disk)
  let same = try File.status("\(layers.upper)/big")
  stage.fact("inode", "\(copy.inode)")
  stage.fact("again", bytes(again))
  stage.find(
    "inode", Texts.findInode, expected: "inode \(copy.inode)", seen: "inode \(same.inode)",
    if: same.inode == copy.inode && same.size == size + 1, otherwise: Texts.otherInode)
  // In memory nothing is counted; a page or two is the second byte's own, and none is a copy.
  let isCounted = after.disk > before.disk
  stage.find(
    "again", Texts.findAgain, expected: Expected(0, within: 65_536, unit: .bytes),
    measured: Double(again),
    doubts: isCounted ? [] : [.unavailable(Texts.noAccounting.bilingual)])

  stage.say(Texts.sayRemove)
  try container.kill(10)
  _ = try stage.lines(of: container, atLeast: 4)
  look.all(.after)
  try removed(stage, layers, size: size, pid: container.pid)
  try stage.stop(container)
  try layers.unmount()
}

private func removed(_ stage: Stage, _ layers: Overlay, size: UInt64, pid: Int32) throws {
  let sign = describe("\(layers.upper)/big")
  let below = try File.status("\(layers.lower)/big").size
  stage.fact("whiteout", sign)
  stage.fact("lower", bytes(below))
  stage.find(
    "whiteout", Texts.findWhiteout, expected: "c 0, 0", seen: sign, if: sign == "c 0, 0",
    otherwise: Texts.otherWhiteout)
  stage.find(
    "lower", Texts.findLower, expected: bytes(size), seen: bytes(below), if: below == size,
    otherwise: Texts.otherLower)
  let inside = describe("/proc/\(pid)/root/mnt/big")
  stage.find(
    "gone", Texts.findGone, expected: "-", seen: inside, if: inside == "-",
    otherwise: Texts.notGone)
}

/// Looks at the same three places each time.
private struct Look {
  let stage: Stage
  let layers: Overlay
  let pid: Int32

  /// Bytes the shell wrote, and bytes the disk was asked to write for it (proc_pid_io(5)).
  var counters: (program: UInt64, disk: UInt64) {
    let path = "/proc/\(pid)/io"
    return (Kernel.keyed(path, "wchar:") ?? 0, Kernel.keyed(path, "write_bytes:") ?? 0)
  }

  func all(_ moment: Exhibit.Moment) {
    stage.look("/proc/\(pid)/io", Texts.io, moment, keep: ["wchar:", "write_bytes:"])
    stage.note(
      "/proc/\(pid)/root/mnt/big", Texts.inside, moment, describe("/proc/\(pid)/root/mnt/big"))
    let names = Kernel.list(layers.upper).map { "\($0): \(describe("\(layers.upper)/\($0)"))" }
    let listing = names.isEmpty ? "-" : names.joined(separator: "\n")
    stage.note(layers.upper, Texts.upper, moment, listing)
  }
}

/// `- 64.0 MiB` for a file, `c 0, 0` for a character device, `-` for nothing there.
func describe(_ path: String) -> String {
  guard let status = try? File.status(path, follow: false) else { return "-" }
  if status.mode & 0o170000 == 0o020000 { return "c \(status.node.major), \(status.node.minor)" }
  if status.isDirectory { return "d" }
  return bytes(status.size)
}

private func bytes(_ count: UInt64) -> String { "\(count) B" }
