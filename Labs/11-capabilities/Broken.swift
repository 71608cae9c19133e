internal import Engine
internal import LabKit
internal import Linux
internal import Measure

/// serve.sh: NET_BIND_SERVICE granted to a container whose server is not root when it binds: the
/// masks are empty by then (Docker's issue 8460).
let broken = Assignment(
  file: "serve.sh", task: Texts.brokenTask,
  start: """
    #!/bin/sh
    exec su -s /bin/sh www-data -c 'exec httpd -f -p 80 -h /tmp'

    """,
  solution: """
    #!/bin/sh
    exec httpd -f -p 80 -u www-data -h /tmp

    """,
  wrong: [
    Planted(
      "lets the server stay root", cause: "root",
      """
      #!/bin/sh
      exec httpd -f -p 80 -h /tmp

      """),
    Planted(
      "takes a port that needs no power", cause: "port",
      """
      #!/bin/sh
      exec su -s /bin/sh www-data -c 'exec httpd -f -p 8080 -h /tmp'

      """),
  ],
  hints: [
    Hint(Texts.brokenHint1), Hint(Texts.brokenHint2), Hint(Texts.brokenHint3),
    Hint(Texts.hintRoot, cause: "root"), Hint(Texts.hintPort, cause: "port"),
  ],
  judge: judgeBroken)

@Sendable private func judgeBroken(_ stage: Stage, _ script: Script) throws {
  var options = RunOptions(image: "busybox")
  options.capDrop = ["ALL"]
  options.capAdd = ["NET_BIND_SERVICE", "SETUID", "SETGID"]
  // PID 1 stays the shell, so that there is somebody to look at when the script has ended.
  options.command = ["sh", "-c", "(eval \"$1\"); sleep 60", "sh", try File.text(script.path)]
  let container = try stage.start(options)
  var ports: [UInt16] = []
  for _ in 0..<60 where ports.isEmpty {
    try Interrupt.sleep(milliseconds: 20)
    ports = listening(container.pid)
  }
  let shown = ports.sorted().map { "\($0)" }.joined(separator: " ")
  stage.find(
    "port", Texts.findPort, expected: "80", seen: shown, if: ports.contains(80),
    otherwise: Texts.noPort, cause: "port")
  // Bound first, it may need a moment more to change its user.
  var uids: Set<String> = []
  for _ in 0..<25 where uids.isEmpty || uids.contains("0") {
    try Interrupt.sleep(milliseconds: 20)
    uids = Set(servers(container).compactMap { Kernel.status($0, "Uid") }.compactMap(firstWord))
  }
  let who = uids.sorted().joined(separator: " ")
  stage.find(
    "root", Texts.findServer, expected: "33", seen: who, if: uids == ["33"],
    otherwise: who.isEmpty ? Texts.noServer : Texts.stillRoot,
    cause: uids.contains("0") ? "root" : nil)
  try stage.stop(container)
}

private func firstWord(_ text: String) -> String? {
  text.split(separator: " ").first.map(String.init)
}

/// The container's processes that are httpd.
private func servers(_ container: any LabContainer) -> [Int32] {
  Processes.inCgroup(container.cgroup("pids") ?? container.cgroup("memory") ?? "").filter {
    Kernel.status($0, "Name") == "httpd"
  }
}

/// The TCP ports that are listened on in a process's network namespace (proc_net_tcp(5): state 0A).
private func listening(_ pid: Int32) -> [UInt16] {
  ["tcp", "tcp6"].flatMap { name in
    (Kernel.read("/proc/\(pid)/net/\(name)") ?? "").split(separator: "\n").compactMap { line in
      let fields = line.split(separator: " ")
      guard fields.count > 3, fields[3] == "0A" else { return nil }
      return fields[1].split(separator: ":").last.flatMap { UInt16($0, radix: 16) }
    }
  }
}
