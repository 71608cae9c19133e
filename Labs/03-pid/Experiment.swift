internal import Engine
internal import LabKit
internal import Linux
internal import Measure

@Sendable func experiment(_ stage: Stage) throws {
  let me = Processes.current
  let name = Kernel.read("/proc/\(me)/comm") ?? ""
  stage.look("/proc/self/ns/pid", Texts.namespace, .before)

  stage.say(Texts.sayStart)
  var options = RunOptions(image: "busybox")
  options.volumes = ["/proc:/proc"]
  options.capAdd = ["SYS_ADMIN"]
  // Five lines, once in each /proc.
  options.command = Stage.shell(
    "trap go=1 USR1", "look() {", "  echo $$; readlink /proc/self; cat /proc/1/comm",
    "  cat /proc/\(me)/comm 2>/dev/null || echo -", "  ps | sed 1d | wc -l", "}",
    "look; until [ $go ]; do sleep 0.1; done", "mount -t proc proc /proc", "look; exec sleep 60")
  let container = try stage.start(options, steps: ["process.clone", "mount.bind"])
  let pid = container.pid
  var lines = try looks(stage, container, 1)
  stage.say(Texts.sayInside)
  show(stage, lines, me, .before)
  stage.look("/proc/\(pid)/status", Texts.status, .before, keep: ["Name:", "NSpid:"])
  stage.look("/proc/\(pid)/ns/pid", Texts.namespace, .during)
  let nspid = Kernel.status(pid, "NSpid") ?? ""
  let (dollar, link, first) = (lines[0], lines[1], lines[2])
  for (fact, value) in [
    ("dollar", dollar), ("self", link), ("first", first), ("name", lines[3]), ("count", lines[4]),
    ("nspid", nspid),
  ] { stage.fact(fact, value) }
  stage.find(
    "list", Texts.findList.with(["pid": "\(me)"]), expected: name, seen: lines[3],
    if: lines[3] == name, otherwise: Texts.notListed)
  stage.find(
    "dollar", Texts.findDollar, expected: "1", seen: dollar, if: dollar == "1",
    otherwise: Texts.notOne)
  stage.find(
    "self", Texts.findSelf, expected: "1 ≠ /proc/self", seen: "\(dollar), \(link)",
    if: dollar == "1" && link != "1" && Int(link) != nil, otherwise: Texts.oneNumber)

  stage.say(Texts.sayMount)
  try container.kill(10)
  lines = try looks(stage, container, 2)
  show(stage, lines, me, .after)
  stage.look("/proc/\(pid)/status", Texts.status, .after, keep: ["Name:", "NSpid:"])
  stage.fact("later", lines[4])
  stage.find(
    "after", Texts.findAfter, expected: "-", seen: lines[3], if: lines[3] != name,
    otherwise: Texts.stillListed)
  let values = (Kernel.status(pid, "NSpid") ?? "").split(separator: " ")
  stage.find(
    "nspid", Texts.findNspid, expected: "\(pid) 1", seen: values.joined(separator: " "),
    if: values.count == 2 && values[0] == "\(pid)" && values[1] == "1", otherwise: Texts.notTwo)
  try stage.stop(container)
  try usual(stage)
}

/// The lines of the first or of the second look.
private func looks(
  _ stage: Stage, _ container: any LabContainer, _ time: Int
) throws -> [String] {
  let lines = try stage.lines(of: container, atLeast: 5 * time)
  return lines[(5 * time - 5)..<(5 * time)].map { $0.filter { $0 != " " } }
}

/// What the container read, as evidence.
private func show(
  _ stage: Stage, _ lines: [String], _ me: Int32, _ moment: Exhibit.Moment
) {
  stage.note("/proc/self", Texts.linkSelf, moment, lines[1])
  stage.note("/proc/1/comm", Texts.first, moment, lines[2])
  stage.note("/proc/\(me)/comm", Texts.mine, moment, lines[3] == "-" ? nil : lines[3])
}

/// A container without -v: only what is in it is listed.
private func usual(_ stage: Stage) throws {
  stage.say(Texts.sayUsual)
  var options = RunOptions(image: "busybox")
  options.command = ["sh", "-c", "ps; true"]
  let container = try stage.start(options, steps: ["process.clone", "mount.attach proc"])
  _ = try stage.finish(container)
  let listed = try container.output().split(separator: "\n").dropFirst().count
  stage.find(
    "usual", Texts.findUsual, expected: "2", seen: "\(listed)", if: listed == 2,
    otherwise: Texts.others)
}
