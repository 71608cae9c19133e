import OCI
import Testing

/// A file that must be refused: the path in the error, a part of its message, the file.
struct BadFile: CustomTestStringConvertible, Sendable {
  let path: String
  let message: String
  let file: String

  init(_ path: String, _ message: String, _ file: String) {
    self.path = path
    self.message = message
    self.file = file
  }

  var testDescription: String { "\(path): \(message)" }
}

private let long = String(repeating: "x", count: 65)
private let tooLong = String(repeating: "x", count: 131_072)

private func mappings(_ text: String) -> String { document(linux: "\"uidMappings\": [\(text)]") }
private func resources(_ text: String) -> String { document(linux: "\"resources\": {\(text)}") }
private func seccomp(_ text: String) -> String {
  document(linux: #""seccomp": {"defaultAction": "SCMP_ACT_ERRNO", \#(text)}"#)
}

@Suite struct BadValuesTests {
  static let top: [BadFile] = [
    BadFile("", "found something that is not JSON", "hello"),
    BadFile("", "the text ends", ""),
    BadFile("", "found an array", "[]"),
    BadFile("ociVersion", "missing", "{}"),
    BadFile("ociVersion", "not a version", #"{"ociVersion": "1.2"}"#),
    BadFile("ociVersion", "not supported", #"{"ociVersion": "2.0.0"}"#),
    BadFile("root", "missing", #"{"ociVersion": "1.0.2-dev"}"#),
    BadFile("root.path", "missing", #"{"root": {}}"#),
    BadFile("root.path", "empty", #"{"root": {"path": ""}}"#),
    BadFile("root.readonly", "expected true or false", #"{"root": {"readonly": "yes"}}"#),
    BadFile("", "unexpected text after", document() + "x"),
    BadFile("hostname", "64", document("\"hostname\": \"\(long)\"")),
    BadFile("hostname", "slash", document(#""hostname": "a/b""#)),
    BadFile("hostname", "NUL", document(#""hostname": "a\u0000b""#)),
    BadFile("domainname", "64", document("\"domainname\": \"\(long)\"")),
    BadFile(
      "hostname", "uts",
      #"{"ociVersion": "1.2.0", "root": {"path": "r"}, "hostname": "web", "linux": {}}"#),
    BadFile(
      "linux.uidMappings", "user",
      #"{"ociVersion": "1.2.0", "root": {"path": "r"}, "linux": {"uidMappings": [{"containerID": 0, "hostID": 1, "size": 1}]}}"#
    ),
    BadFile("annotations.a", "expected a string", document(#""annotations": {"a": 1}"#)),
    BadFile("mounts", "expected an array", document(#""mounts": {}"#)),
    BadFile("mounts[0].destination", "missing", document(#""mounts": [{"type": "proc"}]"#)),
    BadFile("mounts[0].destination", "empty", document(#""mounts": [{"destination": ""}]"#)),
    BadFile("mounts[0].type", "bind", document(#""mounts": [{"destination": "/a"}]"#)),
    BadFile(
      "mounts[0].options[1]", "expected a string",
      document(#""mounts": [{"destination": "/a", "options": ["ro", 1]}]"#)),
    BadFile(
      "mounts[4096]", "4096",
      document(
        "\"mounts\": ["
          + String(repeating: #"{"destination":"/a","type":"proc"},"#, count: 4096) + "{}]")),
    BadFile("hooks.prestart[0].path", "missing", document(#""hooks": {"prestart": [{}]}"#)),
    BadFile(
      "hooks.poststop[0].path", "absolute", document(#""hooks": {"poststop": [{"path": "x"}]}"#)),
    BadFile(
      "hooks.poststart[0].timeout", "outside",
      document(#""hooks": {"poststart": [{"path": "/x", "timeout": 0}]}"#)),
    BadFile(
      "hooks.createRuntime[0].env[0]", "NAME=value",
      document(#""hooks": {"createRuntime": [{"path": "/x", "env": ["A"]}]}"#)),
  ]

  static let process: [BadFile] = [
    BadFile("process.cwd", "missing", #"{"process": {"args": ["sh"]}}"#),
    BadFile("process.args", "missing", #"{"process": {"cwd": "/"}}"#),
    BadFile("process.cwd", "absolute", #"{"process": {"cwd": "tmp"}}"#),
    BadFile("process.cwd", "absolute", #"{"process": {"cwd": ""}}"#),
    BadFile("process.args", "at least", #"{"process": {"args": []}}"#),
    BadFile("process.args[1]", "NUL", #"{"process": {"args": ["sh", "\u0000"]}}"#),
    BadFile("process.args[0]", "execve", "{\"process\": {\"args\": [\"\(tooLong)\"]}}"),
    BadFile(
      "process.args[63]", "6291456 bytes",
      "{\"process\": {\"args\": ["
        + String(repeating: "\"\(String(repeating: "x", count: 98_304))\",", count: 64)
        + "\"\"]}}"),
    BadFile("process.env[1]", "NAME=value", document(process: #""env": ["A=", "B"]"#)),
    BadFile("process.env[0]", "NAME=value", document(process: #""env": ["=x"]"#)),
    BadFile("process.env[0]", "NUL", document(process: #""env": ["A=\u0000"]"#)),
    BadFile("process.user.uid", "outside", document(process: #""user": {"uid": 4294967295}"#)),
    BadFile("process.user.uid", "outside", document(process: #""user": {"uid": -1}"#)),
    BadFile("process.user.gid", "whole number", document(process: #""user": {"gid": 1e99}"#)),
    BadFile("process.user.umask", "outside", document(process: #""user": {"umask": 512}"#)),
    BadFile(
      "process.user.additionalGids[1]", "outside",
      document(process: #""user": {"additionalGids": [1, 4294967296]}"#)),
    BadFile("process.terminal", "true or false", document(process: #""terminal": 1"#)),
    BadFile(
      "process.consoleSize.width", "outside",
      document(process: #""consoleSize": {"height": 24, "width": 65536}"#)),
    BadFile("process.oomScoreAdj", "outside", document(process: #""oomScoreAdj": -1001"#)),
    BadFile(
      "process.rlimits[0].type", "unknown resource limit",
      document(process: #""rlimits": [{"type": "RLIMIT_FOO", "soft": 1, "hard": 1}]"#)),
    BadFile(
      "process.rlimits[1].type", "twice",
      document(
        process:
          #""rlimits": [{"type":"RLIMIT_CPU","soft":1,"hard":1},{"type":"RLIMIT_CPU","soft":1,"hard":1}]"#
      )),
    BadFile(
      "process.rlimits[0].soft", "above",
      document(process: #""rlimits": [{"type": "RLIMIT_CPU", "soft": 2, "hard": 1}]"#)),
    BadFile(
      "process.rlimits[0].hard", "missing",
      document(process: #""rlimits": [{"type": "RLIMIT_CPU", "soft": 2}]"#)),
  ]

  static let linux: [BadFile] = [
    BadFile(
      "linux.namespaces[1].type", #"unknown namespace "nett": it is one of pid, network"#,
      #"{"linux": {"namespaces": [{"type": "pid"}, {"type": "nett"}]}}"#),
    BadFile(
      "linux.namespaces[1].type", "second pid",
      #"{"linux": {"namespaces": [{"type": "pid"}, {"type": "pid", "path": "/p"}]}}"#),
    BadFile(
      "linux.namespaces[0].path", "absolute",
      #"{"linux": {"namespaces": [{"type": "pid", "path": "ns/pid"}]}}"#),
    BadFile("linux.namespaces[0].type", "missing", #"{"linux": {"namespaces": [{}]}}"#),
    BadFile(
      "linux.uidMappings[0].size", "no ids", mappings(#"{"containerID":0,"hostID":0,"size":0}"#)),
    BadFile(
      "linux.uidMappings[0].size", "past",
      mappings(#"{"containerID":1,"hostID":0,"size":4294967295}"#)
    ),
    BadFile(
      "linux.uidMappings[1]", "inside overlap",
      mappings(
        #"{"containerID":0,"hostID":0,"size":10},{"containerID":9,"hostID":100,"size":1}"#)),
    BadFile(
      "linux.uidMappings[1]", "outside overlap",
      mappings(
        #"{"containerID":0,"hostID":5,"size":10},{"containerID":10,"hostID":0,"size":6}"#)),
    BadFile(
      "linux.uidMappings[340]", "340",
      mappings(
        (0...340).map { #"{"containerID":\#($0),"hostID":\#($0),"size":1}"# }.joined(separator: ",")
      )
    ),
    BadFile("linux.cgroupsPath", "..", document(linux: #""cgroupsPath": "/a/../../b""#)),
    BadFile("linux.cgroupsPath", "..", document(linux: #""cgroupsPath": "..""#)),
    BadFile(
      "linux.sysctl[\"net..x\"]", "not the name", document(linux: #""sysctl": {"net..x": "1"}"#)),
    BadFile(
      "linux.sysctl[\"net/../x\"]", "not the name", document(linux: #""sysctl": {"net/../x": "1"}"#)
    ),
    BadFile(
      "linux.sysctl[\"/proc/sys/x\"]", "not the name",
      document(linux: #""sysctl": {"/proc/sys/x": "1"}"#)),
    BadFile(
      "linux.rootfsPropagation", "unknown mount propagation",
      document(linux: #""rootfsPropagation": "public""#)),
    BadFile(
      "linux.maskedPaths[0]", "absolute", document(linux: #""maskedPaths": ["proc/kcore"]"#)),
    BadFile(
      "linux.devices[0].type", "unknown device type",
      document(linux: #""devices": [{"type": "x", "path": "/dev/x"}]"#)),
    BadFile(
      "linux.devices[0].major and minor", "missing",
      document(linux: #""devices": [{"type": "c", "path": "/dev/x", "major": 1}]"#)),
    BadFile(
      "linux.devices[0].major", "outside",
      document(linux: #""devices": [{"type": "c", "path": "/dev/x", "major": 4096}]"#)),
    BadFile(
      "linux.devices[0].fileMode", "outside",
      document(linux: #""devices": [{"type": "c", "path": "/dev/x", "fileMode": 65536}]"#)),
    BadFile(
      "linux.resources.memory.limit", "whole number", resources(#""memory": {"limit": "1k"}"#)),
    BadFile(
      "linux.resources.memory.limit", "whole number", resources(#""memory": {"limit": 1.5}"#)),
    BadFile("linux.resources.memory.limit", "outside", resources(#""memory": {"limit": -2}"#)),
    BadFile(
      "linux.resources.memory.limit", "outside",
      resources(#""memory": {"limit": 9223372036854775808}"#)),
    BadFile(
      "linux.resources.memory.swappiness", "outside", resources(#""memory": {"swappiness": 101}"#)),
    BadFile("linux.resources.cpu.shares", "outside", resources(#""cpu": {"shares": 1}"#)),
    BadFile("linux.resources.cpu.period", "outside", resources(#""cpu": {"period": 999}"#)),
    BadFile("linux.resources.cpu.cpus", "list", resources(#""cpu": {"cpus": "0,nan"}"#)),
    BadFile("linux.resources.cpu.cpus", "backwards", resources(#""cpu": {"cpus": "3-1"}"#)),
    BadFile(
      "linux.resources.hugepageLimits[0].pageSize", "page size",
      resources(#""hugepageLimits": [{"pageSize": "2 MB", "limit": 0}]"#)),
    BadFile(
      "linux.resources.hugepageLimits[0].limit", "missing",
      resources(#""hugepageLimits": [{"pageSize": "2MB"}]"#)),
    BadFile(
      "linux.resources.network.priorities[0].name", "interface",
      resources(#""network": {"priorities": [{"name": "a b", "priority": 1}]}"#)),
    BadFile(
      "linux.resources.blockIO.weightDevice[0].weight", "outside",
      resources(#""blockIO": {"weightDevice": [{"major": 8, "minor": 0, "weight": 5}]}"#)),
    BadFile(
      "linux.resources.blockIO.weightDevice[0].minor", "missing",
      resources(#""blockIO": {"weightDevice": [{"major": 8, "weight": 50}]}"#)),
    BadFile("linux.resources.cpu.idle", "outside", resources(#""cpu": {"idle": 2}"#)),
    BadFile("linux.resources.pids.limit", "whole number", resources(#""pids": {"limit": "10"}"#)),
    BadFile("linux.resources.blockIO.weight", "outside", resources(#""blockIO": {"weight": 9}"#)),
    BadFile(
      "linux.resources.blockIO.throttleReadBpsDevice[0].rate", "missing",
      resources(#""blockIO": {"throttleReadBpsDevice": [{"major": 8, "minor": 0}]}"#)),
    BadFile("linux.resources.devices[0].allow", "missing", resources(#""devices": [{}]"#)),
    BadFile(
      "linux.resources.devices[0].access", "r, w and m",
      resources(#""devices": [{"allow": true, "access": "rx"}]"#)),
    BadFile(
      "linux.resources.unified[\"../memory.max\"]", "cgroup file",
      resources(#""unified": {"../memory.max": "1"}"#)),
    BadFile("linux.seccomp.defaultAction", "missing", document(linux: #""seccomp": {}"#)),
    BadFile(
      "linux.seccomp.defaultAction", "unknown seccomp action",
      document(linux: #""seccomp": {"defaultAction": "ALLOW"}"#)),
    BadFile(
      "linux.seccomp.defaultErrnoRet", "takes no errno",
      document(linux: #""seccomp": {"defaultAction": "SCMP_ACT_ALLOW", "defaultErrnoRet": 1}"#)),
    BadFile(
      "linux.seccomp.architectures[0]", "unknown architecture",
      seccomp(#""architectures": ["x86_64"]"#)),
    BadFile("linux.seccomp.flags[0]", "unknown seccomp flag", seccomp(#""flags": ["LOG"]"#)),
    BadFile(
      "linux.seccomp.syscalls[0].names", "missing",
      seccomp(#""syscalls": [{"names": [], "action": "SCMP_ACT_ALLOW"}]"#)),
    BadFile(
      "linux.seccomp.listenerPath", "SCMP_ACT_NOTIFY needs an agent",
      seccomp(#""syscalls": [{"names": ["open"], "action": "SCMP_ACT_NOTIFY"}]"#)),
    BadFile(
      "linux.seccomp.syscalls[0].args[0].op", "unknown comparison",
      seccomp(#""syscalls": [{"names": ["open"], "args": [{"index": 0, "value": 1, "op": "=="}]}]"#)
    ),
    BadFile(
      "linux.seccomp.syscalls[0].args[0].index", "outside",
      seccomp(#""syscalls": [{"names": ["open"], "args": [{"index": 6}]}]"#)),
  ]

  @Test(arguments: top + process + linux)
  func refusedWithItsPath(bad: BadFile) {
    let error = refusal(bad.file)
    #expect(error?.path == bad.path)
    #expect(error?.message.contains(bad.message) == true, "\(error?.message ?? "accepted")")
  }

  @Test func relativeDestinationsAreMadeAbsolute() throws {
    let config = try Config.parse(
      Array(document(#""mounts": [{"destination": "data", "type": "tmpfs"}]"#).utf8))
    #expect(config.mounts[0].destination == "/data")
  }

  @Test func zeroIsNotSet() throws {
    let config = try Config.parse(
      Array(
        resources(
          #""memory": {"limit": 0, "swap": 0}, "cpu": {"shares": 0, "quota": 0, "period": 0}"#
        ).utf8))
    #expect(config.linux.resources == Resources())
  }
}
