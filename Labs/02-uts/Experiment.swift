internal import Engine
internal import LabKit
internal import Linux
internal import Measure

/// The name of whoever reads it (proc_sys_kernel(5)).
private let file = "/proc/sys/kernel/hostname"

@Sendable func experiment(_ stage: Stage) throws {
  stage.say(Texts.sayBefore)
  let host = stage.look(file, Texts.hostName, .before) ?? ""
  let outer = stage.look("/proc/self/ns/uts", Texts.namespace, .before) ?? ""
  stage.fact("host", host)
  stage.fact("outer", outer)
  try renamed(stage, host, outer)
  try shared(stage, host)
  try plain(stage)
}

private func renamed(_ stage: Stage, _ host: String, _ outer: String) throws {
  stage.say(Texts.sayFirst)
  var options = RunOptions(image: "busybox")
  options.hostname = "web"
  options.capAdd = ["SYS_ADMIN"]
  options.command = Stage.shell("cat \(file)", "hostname inside", "cat \(file)", "exec sleep 60")
  let container = try stage.start(options, steps: ["process.clone", "uts.sethostname"])
  let lines = try stage.lines(of: container, atLeast: 2)
  let inside = "\(file) (\(container.id.prefix(12)))"
  stage.note(inside, Texts.insideName, .before, lines[0])
  stage.note(inside, Texts.insideName, .after, lines[1])

  stage.say(Texts.sayAfter)
  let after = stage.look(file, Texts.hostName, .after) ?? ""
  let inner = stage.look("/proc/\(container.pid)/ns/uts", Texts.namespace, .after) ?? ""
  stage.look("/proc/self/ns/uts", Texts.namespace, .after)
  stage.fact("after", after)
  stage.fact("inner", inner)
  stage.find(
    "host", Texts.findHost, expected: host, seen: after, if: after == host,
    otherwise: Texts.hostRenamed)
  stage.find(
    "inside", Texts.findInside, expected: "web, inside", seen: lines.joined(separator: ", "),
    if: lines == ["web", "inside"], otherwise: Texts.notRenamed)
  stage.find(
    "namespace", Texts.findNamespace, expected: "≠ \(outer)", seen: inner,
    if: !inner.isEmpty && inner != outer, otherwise: Texts.sameNamespace)
  try stage.stop(container)
}

private func shared(_ stage: Stage, _ host: String) throws {
  stage.say(Texts.sayShared)
  var options = RunOptions(image: "busybox")
  options.uts = "host"
  options.command = ["sh", "-c", "hostname; exec sleep 60"]
  let container = try stage.start(options, steps: ["process.clone", "uts.sethostname"])
  let name = try stage.lines(of: container, atLeast: 1)[0]
  stage.look("/proc/\(container.pid)/ns/uts", Texts.namespace, .during)
  let own = ["cgroup", "ipc", "mnt", "net", "pid", "uts"].filter {
    Kernel.read("/proc/\(container.pid)/ns/\($0)") != Kernel.read("/proc/self/ns/\($0)")
  }
  stage.fact("shared", name)
  stage.fact("own", own.joined(separator: " "))
  stage.find(
    "shared", Texts.findShared, expected: host, seen: name, if: name == host,
    otherwise: Texts.notShared)
  stage.find(
    "own", Texts.findOwn, expected: "cgroup ipc mnt net pid", seen: own.joined(separator: " "),
    if: own == ["cgroup", "ipc", "mnt", "net", "pid"], otherwise: Texts.otherOwn)
  try stage.stop(container)
}

private func plain(_ stage: Stage) throws {
  stage.say(Texts.sayPlain)
  var options = RunOptions(image: "busybox")
  options.command = ["sh", "-c", "hostname inside; hostname"]
  let container = try stage.start(options, steps: ["caps.set"])
  _ = try stage.finish(container)
  let lines = try container.output().split(separator: "\n").map(String.init)
  let refusal = lines.first ?? ""
  stage.fact("refusal", refusal)
  stage.find(
    "plain", Texts.findPlain, expected: "Operation not permitted", seen: refusal,
    if: refusal.hasSuffix("Operation not permitted") && lines.last != "inside",
    otherwise: Texts.notRefused)
}
