internal import Engine
internal import LabKit
internal import Linux
internal import Measure

/// launch.sh: the name is set before the namespace is made.
let broken = Assignment(
  file: "launch.sh", task: Texts.brokenTask,
  start: """
    #!/bin/sh
    name=$1
    hostname "$name"
    unshare -u sleep 60 &

    """,
  solution: """
    #!/bin/sh
    name=$1
    unshare -u sh -c 'hostname "$1"; exec sleep 60' sh "$name" &

    """,
  wrong: [
    Planted(
      "gives the service no namespace", cause: "no-namespace",
      """
      #!/bin/sh
      sleep 60 &

      """),
    Planted(
      "gives the service no name", cause: "no-name",
      """
      #!/bin/sh
      unshare -u sleep 60 &

      """),
    Planted(
      "sets the name behind the service's back, still outside", cause: "renamed",
      """
      #!/bin/sh
      unshare -u sleep 60 &
      hostname "$1"

      """),
  ],
  hints: [
    Hint(Texts.brokenHint1), Hint(Texts.brokenHint2), Hint(Texts.brokenHint3),
    Hint(Texts.hintRenamed, cause: "renamed"),
    Hint(Texts.hintNoNamespace, cause: "no-namespace"), Hint(Texts.hintNoName, cause: "no-name"),
  ],
  judge: judgeBroken)

@Sendable private func judgeBroken(_ stage: Stage, _ script: Script) throws {
  let machine = try stage.machine(script, ["db"]) { $0.hostname = "machine" }
  _ = try stage.result(of: machine)
  let pid = machine.pid
  let name = try stage.hostName(of: pid)
  stage.find(
    "machine", Texts.findMachine, expected: "machine", seen: name, if: name == "machine",
    otherwise: Texts.machineRenamed, cause: "renamed")

  /// Everything in the container but its first process.
  func services() -> [Int32] {
    Processes.sharing("pid", with: pid).filter { $0 != pid && Processes.isAlive($0) }
  }
  let space = Kernel.read("/proc/\(pid)/ns/uts")
  func own() -> [Int32] {
    services().filter { Kernel.read("/proc/\($0)/ns/uts") != space }
  }
  // It was started in the background and may not be there yet.
  _ = try stage.wait(within: 1) { !own().isEmpty }
  guard let service = own().first else {
    let isThere = !services().isEmpty
    stage.find(
      "space", Texts.findServiceSpace, expected: "≠ \(space ?? "")",
      seen: isThere ? space ?? "" : "",
      if: false, otherwise: isThere ? Texts.noSpace : Texts.noService, cause: "no-namespace")
    return
  }
  stage.find(
    "space", Texts.findServiceSpace, expected: "≠ \(space ?? "")",
    seen: Kernel.read("/proc/\(service)/ns/uts") ?? "", if: true, otherwise: Texts.noSpace)
  var seen = ""
  _ = try stage.wait(within: 1) {
    seen = try stage.hostName(of: service)
    return seen == "db"
  }
  stage.find(
    "service", Texts.findService, expected: "db", seen: seen, if: seen == "db",
    otherwise: Texts.otherService, cause: "no-name")
}
