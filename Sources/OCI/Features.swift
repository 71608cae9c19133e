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
  /// Capabilities that can be given.
  public var capabilities = Features.capabilities
  /// Architectures that filters are compiled for.
  public var architectures = Features.architectures
  /// Flags of seccomp(2) that the kernel in hand has.
  public var supportedFlags: [String] = []
  /// Free text about the build.
  public var annotations: [KeyValue]
  /// Annotations of config.json that change what the runtime does; a prefix ends with a dot.
  public var unsafeAnnotations: [String] = []

  /// The capabilities that the parser knows.
  public static var capabilities: [String] { texts(Names.capabilities.span) }
  /// The architectures that the parser knows.
  public static var architectures: [String] { texts(Names.seccompArchitectures.span) }

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
    json.member("namespaces", Features.texts(Names.namespaces.span).sorted())
    json.member("capabilities", capabilities)
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
    json.member("actions", Features.texts(Names.seccompActions.span).sorted())
    json.member("operators", Features.texts(Names.seccompOperators.span).sorted())
    json.member("archs", architectures.sorted())
    json.member("knownFlags", Features.texts(Names.seccompFlags.span))
    json.member("supportedFlags", supportedFlags)
    json.endObject()
    for name in ["apparmor", "selinux"] { json.enabled(name, true) }
    json.enabled("intelRdt", false)
    json.key("mountExtensions")
    json.beginObject()
    json.enabled("idmap", true)
    json.endObject()
    json.enabled("netDevices", true)
    json.endObject()
    if !annotations.isEmpty { json.member("annotations", annotations) }
    json.member("potentiallyUnsafeConfigAnnotations", unsafeAnnotations)
    json.endObject()
    return json.bytes
  }

  private static func texts(_ names: Span<StaticString>) -> [String] {
    names.indices.map { "\(names[$0])" }
  }
}

extension JSONWriter {
  fileprivate mutating func enabled(_ name: String, _ value: Bool) {
    key(name)
    beginObject()
    member("enabled", value)
    endObject()
  }
}
