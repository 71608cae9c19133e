internal import Engine
internal import LabKit
internal import Linux
internal import Measure

@Sendable func experiment(_ stage: Stage) throws {
  stage.say(Texts.sayBefore)
  let release = stage.look("/proc/sys/kernel/osrelease", Texts.release, .before) ?? ""
  stage.look("/proc/loadavg", Texts.loadavg, .before)
  stage.look("/proc/self/ns/pid", Texts.namespace, .before)

  stage.say(Texts.sayStart)
  var options = RunOptions(image: "busybox")
  options.command = ["sh", "-c", "uname -r; echo $$; exec sleep 30"]
  let container = try stage.start(
    options, steps: ["process.clone", "rootfs.pivot", "process.exec"])
  let lines = try stage.lines(of: container, atLeast: 2)
  let pid = container.pid

  stage.say(Texts.sayOutside)
  stage.look("/proc/\(pid)/status", Texts.status, .before, keep: ["Name:", "PPid:", "NSpid:"])
  stage.look("/proc/\(pid)/ns/pid", Texts.namespace, .during)
  stage.look("/proc/loadavg", Texts.loadavg, .after)
  stage.look("/proc/sys/kernel/osrelease", Texts.release, .after)
  let nspid = Kernel.status(pid, "NSpid") ?? ""
  let own = ownNamespaces(pid)

  stage.fact("release", release)
  stage.fact("pid", "\(pid)")
  stage.fact("nspid", nspid)
  stage.find(
    "kernel", Texts.findKernel, expected: release, seen: lines[0], if: lines[0] == release,
    otherwise: Texts.otherKernel)
  let numbers = nspid.split(separator: " ")
  stage.find(
    "pid", Texts.findPID, expected: "\(pid) … \(lines[1])", seen: nspid,
    if: numbers.count >= 2 && numbers.last == "1" && lines[1] == "1"
      && numbers.contains("\(pid)") && pid != 1,
    otherwise: Texts.otherPID)
  let expected = ["cgroup", "ipc", "mnt", "net", "pid", "uts"]
  stage.find(
    "namespaces", Texts.findNamespaces, expected: expected.joined(separator: " "),
    seen: own.joined(separator: " "), if: own == expected, otherwise: Texts.otherNamespaces)

  stage.say(Texts.sayEnd.with(["pid": "\(pid)"]))
  try stage.stop(container)
  stage.look("/proc/\(pid)/status", Texts.status, .after, keep: ["Name:", "PPid:", "NSpid:"])
  stage.find(
    "gone", Texts.findGone, expected: "-", seen: File.exists("/proc/\(pid)") ? "\(pid)" : "-",
    if: !Processes.isAlive(pid), otherwise: Texts.notGone)
}

/// The namespaces a process does not share with this one, sorted.
func ownNamespaces(_ pid: Int32) -> [String] {
  ["cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"].filter { kind in
    guard let theirs = Kernel.read("/proc/\(pid)/ns/\(kind)") else { return false }
    return theirs != Kernel.read("/proc/self/ns/\(kind)")
  }
}
