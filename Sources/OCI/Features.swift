// The features document (runtime-spec 1.2, features.md and features-linux.md): what the runtime
// understands, whatever this machine's kernel can do. The lists of names are those the parser
// accepts.

/// What `features` prints.
public struct Features: Equatable, Sendable {
  /// The oldest version of the specification that is read.
  public var ociVersionMin = "1.0.0"
  /// The newest version of the specification that is read.
  public var ociVersionMax = "1.2.0"
  /// Names of the hooks that are run.
  public var hooks = [
    "prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop",
  ]
  /// Options of mounts that are understood, sorted.
  public var mountOptions: [String]
  /// Free text about the build.
  public var annotations: [KeyValue]

  /// Describes a runtime that understands these mount options.
  public init(mountOptions: [String], annotations: [KeyValue] = []) {
    self.mountOptions = mountOptions.sorted()
    self.annotations = annotations
  }

  /// The JSON text.
  public func encode(pretty: Bool = true) -> [UInt8] {
    var json = JSONWriter(pretty: pretty)
    json.beginObject()
    json.member("ociVersionMin", ociVersionMin)
    json.member("ociVersionMax", ociVersionMax)
    json.member("hooks", hooks)
    json.member("mountOptions", mountOptions)
    json.key("linux")
    json.beginObject()
    json.member("namespaces", texts(Names.namespaces).sorted())
    json.member("capabilities", texts(Names.capabilities))
    json.key("cgroup")
    json.beginObject()
    json.member("v1", true)
    json.member("v2", true)
    json.member("systemd", true)
    json.member("systemdUser", true)
    json.member("rdma", true)
    json.endObject()
    json.key("seccomp")
    json.beginObject()
    json.member("enabled", true)
    json.member("actions", texts(Names.seccompActions).sorted())
    json.member("operators", texts(Names.seccompOperators).sorted())
    json.member("archs", texts(Names.seccompArchitectures).sorted())
    json.member("knownFlags", texts(Names.seccompFlags))
    json.member("supportedFlags", texts(Names.seccompFlags))
    json.endObject()
    for name in ["apparmor", "selinux", "intelRdt"] { json.disabled(name) }
    json.key("mountExtensions")
    json.beginObject()
    json.key("idmap")
    json.beginObject()
    json.member("enabled", true)
    json.endObject()
    json.endObject()
    json.endObject()
    if !annotations.isEmpty { json.member("annotations", annotations) }
    json.endObject()
    return json.bytes
  }

  private func texts(_ names: [StaticString]) -> [String] { names.map { "\($0)" } }
}

extension JSONWriter {
  fileprivate mutating func disabled(_ name: String) {
    key(name)
    beginObject()
    member("enabled", false)
    endObject()
  }
}
