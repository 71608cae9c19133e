import OCI
import Testing

/// A field of the specification that this runtime does not honour.
struct Unhonoured: CustomTestStringConvertible, Sendable {
  /// The path in the error.
  let path: String
  /// The file with this value in the place of the field's value.
  let file: @Sendable (String) -> String
  /// A value that asks for something.
  let value: String

  var testDescription: String { path }

  static func top(_ name: String, _ value: String, _ path: String? = nil) -> Unhonoured {
    Unhonoured(path: path ?? name, file: { document("\"\(name)\": \($0)") }, value: value)
  }

  static func process(_ name: String, _ value: String, _ inner: String = "") -> Unhonoured {
    Unhonoured(
      path: "process.\(name)\(inner)", file: { document(process: "\"\(name)\": \($0)") },
      value: value)
  }

  static func linux(_ name: String, _ value: String, _ inner: String = "") -> Unhonoured {
    Unhonoured(
      path: "linux.\(name)\(inner)", file: { document(linux: "\"\(name)\": \($0)") }, value: value)
  }

  static let all: [Unhonoured] = [
    .top("windows", #"{"layerFolders": ["c:"]}"#, "windows.layerFolders"),
    .top("solaris", #"{"milestone": "online"}"#, "solaris.milestone"),
    .top("vm", #"{"kernel": {"path": "/vmlinuz"}}"#, "vm.kernel.path"),
    .top("zos", #"{"namespaces": [{"type": "pid"}]}"#, "zos.namespaces"),
    .top("freebsd", #"{"devices": [{}]}"#, "freebsd.devices"),
    .process("commandLine", #""cmd.exe""#),
    Unhonoured(
      path: "process.user.username",
      file: { document(process: "\"user\": {\"username\": \($0)}") }, value: #""ContainerUser""#),
    .linux("intelRdt", #"{"closID": "gold"}"#, ".closID"),
  ]
}

@Suite struct UnhonouredFieldsTests {
  @Test(arguments: Unhonoured.all)
  func refusedByName(field: Unhonoured) {
    let error = refusal(field.file(field.value))
    #expect(error?.path == field.path)
    // Either "not honoured", or a hint at what to use instead.
    #expect(error?.message.contains("unknown field") == false)
  }

  /// Engines write these for "not set".
  @Test(arguments: Unhonoured.all)
  func emptyIsAccepted(field: Unhonoured) {
    for value in ["null", "{}", "[]", #""""#, "false"] {
      #expect(refusal(field.file(value)) == nil, "\(field.path): \(value)")
    }
  }

  @Test func brokenValuesAreStillBroken() {
    #expect(refusal(document(linux: #""intelRdt": {"closID" "#)) != nil)
    #expect(refusal(document(linux: #""intelRdt": [ "#)) != nil)
    #expect(refusal(document(linux: #""intelRdt": "#)) != nil)
  }

  /// What the specification does not know must be ignored, and may be a misspelling.
  @Test(arguments: [
    ("hostnme", document(#""hostnme": "web""#)),
    ("process.arg", document(process: #""arg": ["sh"]"#)),
    ("process.user.name", document(process: #""user": {"name": "root"}"#)),
    ("process.consoleSize.depth", document(process: #""consoleSize": {"depth": 1}"#)),
    ("process.capabilities.all", document(process: #""capabilities": {"all": []}"#)),
    (
      "process.rlimits[0].max",
      document(process: #""rlimits": [{"max": 1, "type": "RLIMIT_CPU", "soft": 1, "hard": 1}]"#)
    ),
    ("root.read-only", #"{"ociVersion": "1.0.0", "root": {"path": "r", "read-only": true}}"#),
    ("mounts[0].dest", document(#""mounts": [{"dest": "/", "destination": "/", "type": "x"}]"#)),
    ("hooks.poststartup", document(#""hooks": {"poststartup": []}"#)),
    ("hooks.prestart[0].cmd", document(#""hooks": {"prestart": [{"cmd": "/x", "path": "/y"}]}"#)),
    ("linux.cgroupPath", document(linux: #""cgroupPath": "/x""#)),
    (
      "linux.uidMappings[0].count",
      document(linux: #""uidMappings": [{"count": 1, "containerID": 0, "hostID": 0, "size": 1}]"#)
    ),
    (
      "linux.devices[0].mode",
      document(linux: #""devices": [{"mode": 438, "type": "p", "path": "/p"}]"#)
    ),
    ("linux.resources.io", document(linux: #""resources": {"io": {}}"#)),
    ("linux.resources.memory.max", document(linux: #""resources": {"memory": {"max": 1}}"#)),
    ("linux.resources.cpu.share", document(linux: #""resources": {"cpu": {"share": 1}}"#)),
    ("linux.resources.pids.max", document(linux: #""resources": {"pids": {"max": 1}}"#)),
    ("linux.resources.blockIO.bps", document(linux: #""resources": {"blockIO": {"bps": 1}}"#)),
    (
      "linux.resources.devices[0].deny",
      document(linux: #""resources": {"devices": [{"deny": 1, "allow": false}]}"#)
    ),
    (
      "linux.seccomp.default",
      document(linux: #""seccomp": {"default": "x", "defaultAction": "SCMP_ACT_ALLOW"}"#)
    ),
    (
      "linux.seccomp.syscalls[0].name",
      document(
        linux: #""seccomp": {"defaultAction": "SCMP_ACT_ALLOW", "#
          + #""syscalls": [{"name": "x", "names": ["read"], "action": "SCMP_ACT_LOG"}]}"#)
    ),
  ])
  func misspeltFieldsAreNamed(path: String, file: String) throws {
    #expect(
      try warnings(file)
        == ["\(path): unknown field, ignored: not in the OCI runtime specification 1.2"])
  }

  /// What is inside an unknown field must still be JSON, and says nothing more.
  @Test func unknownFieldsAreSkippedWhole() throws {
    #expect(try warnings(document(#""x": {"a": [1, {"b": "\\u00e9"}], "c": 1.5e3}"#)).count == 1)
    #expect(refusal(document(#""x": {"a": [1, }"#)) != nil)
    let many = (0..<100).map { #""x\#($0)": {}"# }.joined(separator: ", ")
    #expect(try warnings(document(many)).count == 16)
  }

  /// A capability that nobody knows cannot be granted: a warning.
  @Test func unknownCapabilities() throws {
    let file = document(process: #""capabilities": {"bounding": ["CAP_KILL", "CAP_FLY"]}"#)
    #expect(
      try warnings(file) == [
        #"process.capabilities.bounding[1]: unknown capability "CAP_FLY", ignored"#
      ])
    #expect(try Config.parse(Array(file.utf8)).process?.capabilities?.bounding == ["CAP_KILL"])
  }

  @Test func annotationsAreFree() throws {
    let config = try Config.parse(
      Array(document(#""annotations": {"org.b": "2", "any thing": "", "org.a": "1"}"#).utf8))
    #expect(
      config.annotations == [
        KeyValue("any thing", ""), KeyValue("org.a", "1"), KeyValue("org.b", "2"),
      ]
    )
  }
}
