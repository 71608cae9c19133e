public import OCI

/// Somebody else's chain that drops what is forwarded unless a rule of his accepts it.
///
/// In nf_tables every chain of a hook is asked, and one that drops is enough (nft(8), "chains"). So no rule of
/// ours can let pass what another's policy drops, as that of dockerd (`FORWARD`, policy drop): who may,
/// must say so there.
public struct ForeignChain: Hashable, Sendable {
  /// `ip`, `ip6` or `inet`.
  public var family = ""
  /// Its table.
  public var table = ""
  /// Its name.
  public var name = ""
  private var hook = ""
  private var policy = ""

  /// Finds them in what `nft -j list chains` says (libnftables-json(5)).
  ///
  /// - Parameters:
  ///   - bytes: `{"nftables": [{"chain": {"family": "ip", "table": "filter", "name": "FORWARD",
  ///     "hook": "forward", "policy": "drop", …}}, …]}`.
  ///   - own: a table of family inet that is not looked at.
  /// - Returns: those at the hook forward with the policy drop.
  /// - Throws: `ConfigError` where the text is none.
  public static func droppers(
    in bytes: [UInt8], but own: RuleTable
  ) throws(ConfigError) -> [ForeignChain] {
    var found = [ForeignChain]()
    var json = try JSONReader(bytes)
    try json.beginObject()
    while try json.nextKey() {
      guard json.keyIs("nftables") else {
        try json.skip()
        continue
      }
      try json.beginArray()
      while try json.nextElement() {
        try json.beginObject()
        while try json.nextKey() {
          if json.keyIs("chain") {
            found.append(try ForeignChain(&json))
          } else {
            try json.skip()
          }
        }
      }
    }
    try json.finish()
    return found.filter {
      $0.hook == "forward" && $0.policy == "drop" && ["ip", "ip6", "inet"].contains($0.family)
        && !($0.family == "inet" && $0.table == own.name)
    }
  }

  private init(_ json: inout JSONReader) throws(ConfigError) {
    try json.beginObject()
    while try json.nextKey() {
      if json.keyIs("family") {
        family = try json.string()
      } else if json.keyIs("table") {
        table = try json.string()
      } else if json.keyIs("name") {
        name = try json.string()
      } else if json.keyIs("hook") {
        hook = try json.string()
      } else if json.keyIs("policy") {
        policy = try json.string()
      } else {
        try json.skip()
      }
    }
  }
}
