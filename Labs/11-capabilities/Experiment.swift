internal import Engine
internal import LabKit
internal import Linux
internal import Measure

/// CAP_NET_RAW in the masks of /proc/PID/status (<linux/capability.h>).
let netRaw = 13

@Sendable func experiment(_ stage: Stage) throws {
  let granted = try root(stage)
  try dropped(stage, granted)
  try user(stage, granted)
}

/// Root as every container has it: a raw socket is made, and the kernel lists it.
private func root(_ stage: Stage) throws -> UInt64 {
  stage.say(Texts.sayRoot)
  stage.look("/proc/sys/kernel/cap_last_cap", Texts.last, .before)
  let run = "id -u; sleep 0.5; probe socket; ping -q 127.0.0.1 >/dev/null & exec sleep 60"
  let container = try stage.start(shell(run), steps: ["caps.bounding", "caps.set"])
  _ = try stage.lines(of: container, atLeast: 1)
  let (sockets, pid) = ("/proc/\(container.pid)/net/raw", container.pid)
  stage.note(sockets, Texts.sockets, .before, table(sockets))
  let lines = try stage.lines(of: container, atLeast: 2)
  for _ in 0..<100 where entries(sockets) == 0 { try Interrupt.sleep(milliseconds: 20) }
  stage.note(sockets, Texts.sockets, .during, table(sockets))
  showStatus(stage, pid, .before)

  let effective = mask(pid, "CapEff")
  let given = try container.trace().steps.first { $0.id == "caps.set" }?.object ?? ""
  let names = given.split(separator: ",").count
  let known = (Kernel.read("/proc/sys/kernel/cap_last_cap").flatMap { Int($0) } ?? 0) + 1
  stage.fact("count", "\(effective.nonzeroBitCount)")
  stage.fact("known", "\(known)")
  stage.fact("granted", hex(effective))
  stage.find(
    "count", Texts.findCount, expected: "\(names)", seen: "\(effective.nonzeroBitCount)",
    if: effective.nonzeroBitCount == names && names > 0 && names < known,
    otherwise: Texts.otherCount)
  stage.find(
    "granted", Texts.findGranted, expected: text(effective), seen: answer(lines[1]),
    if: lines[0] == "0" && has(effective) && answer(lines[1]) == text(effective),
    otherwise: Texts.otherAnswer)
  stage.find(
    "listed", Texts.findListed, expected: "≥ 1", seen: "\(entries(sockets))",
    if: entries(sockets) >= 1, otherwise: Texts.notListed)
  try stage.stop(container)
  return effective
}

/// One bit less, and nothing else changed.
private func dropped(_ stage: Stage, _ granted: UInt64) throws {
  stage.say(Texts.sayDropped)
  var options = shell("id -u; probe socket; ping -c 1 127.0.0.1; exec sleep 60")
  options.capDrop = ["NET_RAW"]
  let container = try stage.start(options, steps: ["caps.bounding", "caps.set"])
  let lines = try stage.lines(of: container, atLeast: 4)
  showStatus(stage, container.pid, .after)
  stage.say(Texts.sayPing.with(["words": lines[3], "uid": lines[0]]))

  let effective = mask(container.pid, "CapEff")
  stage.fact("left", hex(effective))
  stage.fact("words", lines[3])
  let wanted = granted & ~(1 << UInt64(netRaw))
  stage.find(
    "mask", Texts.findMask, expected: hex(wanted), seen: hex(effective), if: effective == wanted,
    otherwise: Texts.otherMask)
  stage.find(
    "raw", Texts.findRaw, expected: "uid 0, \(text(effective))",
    seen: "uid \(lines[0]), \(answer(lines[1]))",
    if: lines[0] == "0" && !has(effective) && answer(lines[1]) == "EPERM",
    otherwise: Texts.otherAnswer)
  try stage.stop(container)
}

/// Granted, but to whom? A user who is not root executes with empty masks.
private func user(_ stage: Stage, _ granted: UInt64) throws {
  stage.say(Texts.sayUser)
  var options = shell("id -u; probe socket; exec sleep 60")
  options.user = "1000"
  let container = try stage.start(options, steps: ["caps.bounding", "process.uid", "caps.set"])
  let lines = try stage.lines(of: container, atLeast: 2)
  showStatus(stage, container.pid, .after)
  let (effective, bound) = (mask(container.pid, "CapEff"), mask(container.pid, "CapBnd"))
  stage.fact("bound", hex(bound))
  stage.find(
    "user", Texts.findUser, expected: "CapBnd \(hex(granted)), \(text(effective))",
    seen: "CapBnd \(hex(bound)), \(answer(lines[1]))",
    if: has(bound) && effective == 0 && bound == granted && answer(lines[1]) == "EPERM",
    otherwise: Texts.otherAnswer)
  try stage.stop(container)
}

private func shell(_ script: String) -> RunOptions {
  var options = RunOptions(image: "probe")
  options.command = ["sh", "-c", script]
  return options
}

/// PID 1 of each container, as its own /proc shows it.
private func showStatus(_ stage: Stage, _ pid: Int32, _ moment: Exhibit.Moment) {
  let lines = ["Uid", "CapEff", "CapBnd"].map { name in
    "\(name): \(Kernel.status(pid, name) ?? "?")"
  }
  stage.note("/proc/1/status", Texts.status, moment, lines.joined(separator: "\n"))
}

/// A mask of /proc/PID/status.
func mask(_ pid: Int32, _ field: String) -> UInt64 {
  Kernel.status(pid, field).flatMap { UInt64($0, radix: 16) } ?? 0
}

func hex(_ mask: UInt64) -> String {
  let digits = String(mask, radix: 16)
  return String(repeating: "0", count: 16 - digits.count) + digits
}

private func has(_ mask: UInt64) -> Bool { mask >> UInt64(netRaw) & 1 == 1 }

/// What a raw socket must answer under a mask (capabilities(7), CAP_NET_RAW).
private func text(_ mask: UInt64) -> String { has(mask) ? "fd" : "EPERM" }

/// What `probe socket` said: an errno, or that there was a descriptor.
private func answer(_ line: String) -> String {
  let last = line.split(separator: " ").last.map(String.init) ?? ""
  return Int(last) == nil ? last : "fd"
}

/// The first columns of /proc/net/raw: a line a socket.
private func table(_ path: String) -> String? {
  Kernel.read(path).map { text in
    text.split(separator: "\n").map { line in
      line.split(separator: " ").prefix(4).joined(separator: "  ")
    }.joined(separator: "\n")
  }
}

private func entries(_ path: String) -> Int {
  max(0, (Kernel.read(path) ?? "").split(separator: "\n").count - 1)
}
