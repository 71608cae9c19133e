internal import Engine
internal import LabKit
internal import Linux
internal import Measure

/// The grace of `stop`, in seconds.
let grace = 2

@Sendable func experiment(_ stage: Stage) throws {
  try signals(stage)
  let zombies = try orphans(stage, withInit: false)
  stage.fact("zombies", "\(zombies)")
  stage.find(
    "zombies", Texts.findZombies, expected: "3", seen: "\(zombies)", if: zombies == 3,
    otherwise: Texts.otherZombies)
  let left = try orphans(stage, withInit: true)
  stage.fact("reaped", "\(left)")
  stage.find(
    "reaped", Texts.findReaped, expected: "0", seen: "\(left)", if: left == 0,
    otherwise: Texts.notReaped)
  try stops(stage)
}

private func signals(_ stage: Stage) throws {
  stage.say(Texts.saySignals)
  var options = RunOptions(image: "busybox")
  options.command = Stage.shell(
    "trap go=1 USR1", "sh -c \"kill -9 1 && kill -15 1\"; echo $?",
    "until [ $go ]; do sleep 0.1; done", "trap \"exit 7\" TERM; echo set; go=",
    "until [ $go ]; do sleep 0.1; done", "sh -c \"kill -15 1\"; sleep 5")
  let container = try stage.start(options, steps: ["process.clone"])
  let pid = container.pid
  let code = try stage.lines(of: container, atLeast: 1)[0]
  stage.look("/proc/\(pid)/status", Texts.handlers, .before, keep: ["SigCgt:"])
  stage.fact("pid", "\(pid)")
  stage.fact("code", code)
  let isAlive = Processes.isAlive(pid)
  stage.find(
    "kill", Texts.findKill, expected: "\(pid)", seen: isAlive ? "\(pid)" : "-", if: isAlive,
    otherwise: Texts.killed)

  stage.say(Texts.sayHandled)
  try container.kill(10)
  _ = try stage.lines(of: container, atLeast: 2)
  stage.look("/proc/\(pid)/status", Texts.handlers, .after, keep: ["SigCgt:"])
  try container.kill(10)
  let end = try stage.finish(container)
  stage.find(
    "handled", Texts.findHandled, expected: "7", seen: "\(end)", if: end == 7,
    otherwise: Texts.notHandled)
}

/// Three helpers that lose their parents and end.
///
/// - Returns: how many zombies PID 1 has afterwards.
private func orphans(_ stage: Stage, withInit: Bool) throws -> Int {
  stage.say(withInit ? Texts.sayInit : Texts.sayOrphans)
  var options = RunOptions(image: "busybox")
  options.hasInit = withInit
  options.command = Stage.shell(
    "for n in 1 2 3; do (sleep 1 &); done", "echo up; exec sleep 60")
  let container = try stage.start(options, steps: withInit ? ["mount.bind"] : ["-"])
  let pid = container.pid
  _ = try stage.lines(of: container, atLeast: 1)
  // They are PID 1's children once their own parents have left; so is the server of an init.
  let server = "sleep\u{0}60\u{0}"
  var helpers = [Int32]()
  _ = try stage.wait(within: 1) {
    helpers = Processes.children(of: pid).filter {
      Kernel.status($0, "Name") == "sleep" && Kernel.read("/proc/\($0)/cmdline") != server
    }
    return helpers.count == 3
  }
  guard let helper = helpers.first else { throw LabError("no helper was started") }
  let keep = ["State:", "PPid:"]
  stage.look("/proc/\(helper)/status", Texts.helper, .before, keep: keep)
  if !withInit { stage.fact("parent", Kernel.status(helper, "PPid") ?? "?") }
  _ = try stage.wait(within: 3) { !Processes.isAlive(helper) }
  try Interrupt.sleep(milliseconds: 300)
  stage.look("/proc/\(helper)/status", Texts.helper, .after, keep: keep)
  let zombies = Processes.children(of: pid).filter { Processes.state($0) == "Z" }.count
  try stage.stop(container)
  return zombies
}

private func stops(_ stage: Stage) throws {
  stage.say(Texts.sayStop)
  var options = RunOptions(image: "busybox")
  options.command = ["sleep", "60"]
  let slow = try stop(stage, options)
  stage.say(Texts.sayTrap)
  options.command = Stage.shell("trap \"exit 0\" TERM; echo ready", "sleep 60 & wait")
  let quick = try stop(stage, options)
  stage.say(Texts.sayStopInit)
  options.command = ["sleep", "60"]
  options.hasInit = true
  let relayed = try stop(stage, options)
  for (name, end) in [("slow", slow), ("quick", quick), ("init", relayed)] {
    stage.fact(name, seconds(end.seconds))
    stage.fact("\(name)Code", "\(end.code)")
  }
  func text(_ end: (code: Int32, seconds: Double)) -> String {
    "\(seconds(end.seconds)), \(end.code)"
  }
  stage.find(
    "slow", Texts.findSlow, expected: "≥ \(grace) s, \(128 + Signal.kill)", seen: text(slow),
    if: slow.code == 128 + Signal.kill && slow.seconds >= Double(grace),
    otherwise: Texts.otherSlow)
  stage.find(
    "quick", Texts.findQuick, expected: "< \(grace) s, 0", seen: text(quick), if: quick.code == 0,
    otherwise: Texts.otherQuick)
  stage.find(
    "init", Texts.findInit, expected: "< \(grace) s, \(128 + Signal.term)", seen: text(relayed),
    if: relayed.code == 128 + Signal.term, otherwise: Texts.otherInit)
}

private func seconds(_ value: Double) -> String { "\(Decimals.short(value)) s" }

/// Starts a container, and stops it once its program runs.
private func stop(
  _ stage: Stage, _ options: RunOptions
) throws -> (code: Int32, seconds: Double) {
  let container = try stage.start(options, steps: ["-"])
  if options.command[0] == "sh" { _ = try stage.lines(of: container, atLeast: 1) }
  return try stage.stop(container, grace: grace)
}
