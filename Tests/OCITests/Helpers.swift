import OCI
import Testing

/// The error that reading `text` as config.json ends in; nil when it is accepted.
func refusal(_ text: String) -> ConfigError? {
  do {
    _ = try Config.parse(Array(text.utf8))
    return nil
  } catch {
    return error
  }
}

/// What is ignored when `text` is read as config.json, which it must be.
func warnings(_ text: String) throws -> [String] {
  var warnings: [String] = []
  _ = try Config.parse(Array(text.utf8)) { warnings.append($0) }
  return warnings
}

/// A config.json with further members at the top, in `process` and in `linux`.
func document(_ top: String = "", process: String = "", linux: String = "") -> String {
  let comma = { (text: String) in text.isEmpty ? "" : ", " + text }
  return """
    {"ociVersion": "1.2.0", "root": {"path": "rootfs"},
     "process": {"cwd": "/", "args": ["sh"]\(comma(process))},
     "linux": {"namespaces": [{"type": "uts"}, {"type": "user"}]\(comma(linux))}\(comma(top))}
    """
}

/// A small generator with a seed (SplitMix64), so that a failure can be repeated.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
