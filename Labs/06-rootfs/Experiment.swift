internal import Engine
internal import LabKit
internal import Linux
internal import Measure

/// Goes into a jail: the container's tools and the other script are all that is in it.
private let jail = """
  #!/bin/sh
  mkdir /jail && cp -a /bin /leave.sh /jail
  stat -c %d:%i / /jail
  exec chroot /jail sh -c 'cd ../..; stat -c %d:%i .; trap go=1 USR1
    until [ $go ]; do sleep 0.1; done; exec sh /leave.sh'

  """

/// nsenter(1) opens both directories, calls chroot(2) and then fchdir(2): out of the new root.
private let leave = """
  #!/bin/sh
  cd /; mkdir -p x
  exec nsenter --root=x --wd=/ ./bin/sh -c '
    cd ../../../..
    exec ./bin/chroot . ./bin/sh -c "
      stat -c %d:%i /; echo end; exec sleep 60"'

  """

@Sendable func experiment(_ stage: Stage) throws {
  let host = try rootNumber("/")
  stage.fact("host", host)
  stage.say(Texts.sayScripts)
  let volumes = [
    "\(try stage.keep("jail.sh", Texts.jailScript, jail)):/jail.sh:ro",
    "\(try stage.keep("leave.sh", Texts.leaveScript, leave)):/leave.sh:ro",
  ]
  try chroot(stage, volumes)
  try pivot(stage, volumes, host)
  try shared(stage)
}

private func chroot(_ stage: Stage, _ volumes: [String]) throws {
  stage.say(Texts.sayJail)
  var options = RunOptions(image: "busybox")
  options.volumes = volumes
  options.command = ["sh", "/jail.sh"]
  let container = try stage.start(options, steps: ["rootfs.pivot", "rootfs.detach"])
  let first = try stage.lines(of: container, atLeast: 3)
  look(stage, container, .before)

  stage.say(Texts.sayOut)
  try container.kill(10)
  let seen = try stage.lines(of: container, atLeast: 5)[3]
  look(stage, container, .after)
  stage.fact("jail", first[1])
  stage.fact("climb", first[2])
  stage.fact("seen", seen)
  stage.find(
    "climb", Texts.findClimb, expected: first[1], seen: first[2], if: first[1] == first[2],
    otherwise: Texts.climbed)
  stage.find(
    "chroot", Texts.findChroot, expected: first[0], seen: seen,
    if: seen == first[0] && seen != first[1], otherwise: Texts.notOut)
  try stage.stop(container)
}

private func pivot(_ stage: Stage, _ volumes: [String], _ host: String) throws {
  stage.say(Texts.sayPivot)
  var options = RunOptions(image: "busybox")
  options.volumes = volumes
  options.command = Stage.shell(
    "stat -c %d:%i /; trap go=1 USR1", "until [ $go ]; do sleep 0.1; done", "exec sh /leave.sh")
  let container = try stage.start(options, steps: ["-"])
  let root = try stage.lines(of: container, atLeast: 1)[0]
  look(stage, container, .before)
  try container.kill(10)
  let seen = try stage.lines(of: container, atLeast: 3)[1]
  look(stage, container, .after)
  // The device of the host's root, as mountinfo has it: major:minor.
  let device = rootDevice("self") ?? "?"
  let mounts = (Kernel.read("/proc/\(container.pid)/mountinfo") ?? "").split(separator: "\n")
    .filter { $0.split(separator: " ").dropFirst(2).prefix(2) == [device[...], "/"] }
  stage.fact("stay", seen)
  stage.fact("device", device)
  stage.find(
    "pivot", Texts.findPivot, expected: root, seen: seen, if: seen == root && seen != host,
    otherwise: Texts.escaped)
  stage.find(
    "device", Texts.findDevice.with(["device": device]), expected: "0", seen: "\(mounts.count)",
    if: mounts.isEmpty, otherwise: Texts.oldRoot)
  try stage.stop(container)
}

private func shared(_ stage: Stage) throws {
  stage.say(Texts.sayShared)
  var options = RunOptions(image: "busybox")
  options.hooks = ["createContainer=mount --make-rshared /"]
  options.command = ["true"]
  let message = try stage.refusal(options)?.message ?? "-"
  let error = message.split(separator: "\n").first.map(String.init) ?? message
  stage.fact("error", error)
  stage.say(Texts.sayRefused.with(["error": error]))
  stage.find(
    "shared", Texts.findShared, expected: "EINVAL", seen: error,
    if: error.contains("pivot_root") && error.contains("EINVAL"), otherwise: Texts.notRefused)
}

private func look(_ stage: Stage, _ container: any LabContainer, _ moment: Exhibit.Moment) {
  stage.look("/proc/\(container.pid)/root", Texts.rootLink, moment)
  stage.look("/proc/\(container.pid)/cwd", Texts.cwdLink, moment)
}

/// The device of the mount on `/`, `major:minor`.
private func rootDevice(_ pid: String) -> String? {
  (Kernel.read("/proc/\(pid)/mountinfo") ?? "").split(separator: "\n").last {
    $0.split(separator: " ").dropFirst(4).first == "/"
  }?.split(separator: " ").dropFirst(2).first.map(String.init)
}
