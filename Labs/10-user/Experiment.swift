internal import Engine
internal import LabKit
internal import Linux
internal import Measure

/// What both containers do: root makes a file, and so does user 1000; then it tries to read one that
/// only the host's root may read.
private let script = """
  cd /tmp; touch mine theirs; chown 1000 theirs; id -u; stat -c %u mine /proc/meminfo; cat /secret; \
  exec sleep 60
  """
/// As Docker's userns-remap does it by default: 65536 ids from an unused place on.
let userMap = "0:100000:65536"

@Sendable func experiment(_ stage: Stage) throws {
  stage.say(Texts.sayBefore)
  stage.look("/proc/self/uid_map", Texts.map, .before)
  stage.look("/proc/self/ns/user", Texts.namespace, .before)
  stage.fact("map", userMap)

  let secret = try stage.keep("secret", Texts.secret, "for root only\n")
  try File.setMode(secret, 0o600)

  stage.say(Texts.sayPlain)
  let plain = try stage.start(shell([], secret), steps: ["process.clone"])
  let read = try stage.lines(of: plain, atLeast: 4)[3]
  let identity = IDMap(plain.pid)
  stage.look("/proc/\(plain.pid)/status", Texts.status, .during, keep: ["Name:", "Uid:"])
  let owner = try show(stage, plain, "mine")
  stage.find(
    "plain", Texts.findPlain, expected: text(identity.outside(0)), seen: "\(owner)",
    if: owner == identity.outside(0) && owner == 0, otherwise: Texts.otherOwner)
  try stage.stop(plain)

  stage.say(Texts.sayMapped)
  let container = try stage.start(
    shell([userMap], secret), steps: ["process.clone", "user.map.uid", "user.map.gid"])
  let lines = try stage.lines(of: container, atLeast: 4)
  let ids = IDMap(container.pid)
  let path = "/proc/\(container.pid)"
  stage.note("/proc/self/uid_map", Texts.map, .during, Kernel.read("\(path)/uid_map"))
  stage.note("/proc/self/ns/user", Texts.namespace, .during, Kernel.read("\(path)/ns/user"))
  stage.look("\(path)/status", Texts.status, .during, keep: ["Name:", "Uid:"])
  let mapped = try show(stage, container, "mine")
  let user = try show(stage, container, "theirs")
  let uid = Kernel.status(container.pid, "Uid")?.split(separator: " ").first.map(String.init)
  stage.look("/proc/sys/kernel/overflowuid", Texts.overflow, .during)
  let overflow = Kernel.read("/proc/sys/kernel/overflowuid") ?? ""

  stage.fact("host", "\(mapped)")
  stage.fact("user", "\(user)")
  stage.fact("overflow", overflow)
  stage.find(
    "mapped", Texts.findMapped, expected: text(ids.outside(0)), seen: "\(mapped)",
    if: mapped == ids.outside(0) && mapped != 0, otherwise: Texts.otherOwner)
  stage.find(
    "user", Texts.findUser, expected: text(ids.outside(1000)), seen: "\(user)",
    if: user == ids.outside(1000), otherwise: Texts.otherOwner)
  stage.find(
    "inside", Texts.findInside, expected: "0 0", seen: "\(lines[0]) \(lines[1])",
    if: lines[0] == "0" && lines[1] == "0", otherwise: Texts.otherInside)
  stage.find(
    "process", Texts.findProcess, expected: "\(mapped)", seen: uid ?? "-",
    if: uid == "\(mapped)", otherwise: Texts.otherOwner)
  stage.find(
    "unmapped", Texts.findUnmapped, expected: overflow, seen: lines[2],
    if: lines[2] == overflow && ids.inside(0) == nil, otherwise: Texts.otherUnmapped)
  let denied = lines[3].split(separator: " ").suffix(2).joined(separator: " ")
  stage.find(
    "secret", Texts.findSecret, expected: "for root only → Permission denied",
    seen: "\(read) → \(denied)", if: read == "for root only" && denied == "Permission denied",
    otherwise: Texts.otherSecret)
  try stage.stop(container)
}

private func shell(_ maps: [String], _ secret: String) -> RunOptions {
  var options = RunOptions(image: "busybox")
  options.command = ["sh", "-c", script]
  options.uidMap = maps
  options.volumes = ["\(secret):/secret"]
  return options
}

/// Who owns a file of a container, as the host sees it.
private func show(
  _ stage: Stage, _ container: any LabContainer, _ name: String
) throws -> UInt32 {
  let path = "/proc/\(container.pid)/root/tmp/\(name)"
  let status = try File.status(path)
  stage.note(path, Texts.owner, .during, "uid \(status.uid) gid \(status.gid)")
  return status.uid
}

/// A number, or that there is none.
func text(_ id: UInt32?) -> String { id.map { "\($0)" } ?? "none" }

/// The lines of /proc/PID/uid_map as the host reads them (user_namespaces(7)).
struct IDMap {
  /// First id inside, first id outside, how many.
  let lines: [(inside: UInt32, outside: UInt32, count: UInt32)]

  /// Reads a process's map.
  init(_ pid: Int32) {
    lines = (Kernel.read("/proc/\(pid)/uid_map") ?? "").split(separator: "\n").compactMap { line in
      let numbers = line.split(separator: " ").compactMap { UInt32($0) }
      return numbers.count == 3 ? (numbers[0], numbers[1], numbers[2]) : nil
    }
  }

  /// Whom the host sees for an id inside.
  func outside(_ id: UInt32) -> UInt32? {
    for line in lines where id >= line.inside && id - line.inside < line.count {
      return line.outside + (id - line.inside)
    }
    return nil
  }

  /// Whom the container sees for an id of the host.
  func inside(_ id: UInt32) -> UInt32? {
    for line in lines where id >= line.outside && id - line.outside < line.count {
      return line.inside + (id - line.outside)
    }
    return nil
  }
}
