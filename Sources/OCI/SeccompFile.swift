extension Seccomp {
  /// Reads rules that stand alone in a file, in the form of `linux.seccomp`.
  ///
  /// - Throws: `ConfigError` with the path of the member that is wrong or missing.
  public static func parse(_ bytes: [UInt8]) throws(ConfigError) -> Seccomp {
    var json = try JSONReader(bytes)
    let rules = try read(&json)
    try json.finish()
    return rules
  }
}
