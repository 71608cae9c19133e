// `features`: from the tables that the code works with.

internal import Linux
internal import OCI
internal import Steps

extension Features {
  /// What this program honours, whatever the kernel in hand can do; only the flags of seccomp(2)
  /// that are said to be supported are the kernel's.
  static var current: Features {
    var features = Features(mountOptions: MountOptions.names)
    features.architectures = Features.architectures.filter {
      SeccompCompiler.knows(architecture: $0)
    }
    features.supportedFlags = SeccompCompiler.supportedFlags
    features.capabilities = Features.capabilities.filter { name in
      var set = CapabilitySet()
      return set.insert(named: name)
    }
    features.annotations = [
      KeyValue("org.drydock.version", CommandLineTool.version)
    ]
    return features
  }
}
