internal import Linux

/// Ids and names of containers.
enum Names {
  /// 32 bytes from the kernel's generator (getrandom(2)) as 64 hexadecimal digits.
  static func newID() -> String {
    var generator = SystemRandomNumberGenerator()
    return (0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) }.hexadecimal
  }

  /// A name as Docker makes them, from our own words.
  ///
  /// From the tenth attempt on a number follows, so that looking for a free one always ends.
  static func random(attempt: Int = 0) -> String {
    let name = "\(adjectives.randomElement() ?? "calm")_\(surnames.randomElement() ?? "torvalds")"
    return attempt < 10 ? name : name + "\(UInt32.random(in: 0...(9 << min(attempt, 24))))"
  }

  /// Refuses a name that Docker would refuse: names become parts of paths and of commands.
  static func check(_ name: String) throws(EngineError) {
    let bytes = Array(name.utf8)
    guard let first = bytes.first, bytes.count > 1, bytes.count <= 128, isAlphanumeric(first),
      bytes.allSatisfy({ isAlphanumeric($0) || "_.-".utf8.contains($0) }), !name.contains("..")
    else {
      throw EngineError(
        "Invalid container name (\(name)), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed",
        hint: "From 2 to 128 characters, without two points in a row.")
    }
  }

  /// Refuses a name for a volume that Docker would refuse: it becomes a directory.
  static func checkVolume(_ name: String) throws(EngineError) {
    let bytes = Array(name.utf8)
    guard bytes.count > 1 else {
      throw EngineError(
        "volume name is too short, names should be at least two alphanumeric characters",
        exitCode: 1)
    }
    // NAME_MAX of the filesystem (path_resolution(7)).
    guard isAlphanumeric(bytes[0]), bytes.count <= 255,
      bytes.allSatisfy({ isAlphanumeric($0) || "_.-".utf8.contains($0) })
    else {
      throw EngineError(
        "\"\(name)\" includes invalid characters for a local volume name, only "
          + "\"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed. If you intended to pass a host directory, "
          + "use absolute path",
        exitCode: 1)
    }
  }

  /// Whether this could be an id or the beginning of one.
  static func isIDPrefix(_ text: String) -> Bool {
    (1...64).contains(text.utf8.count)
      && text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
  }

  /// What a harbour, its ships and its weather can be.
  static let adjectives = [
    "able", "afloat", "amber", "anchored", "ample", "azure", "balanced", "blithe", "bold", "brave",
    "bright", "brisk", "buoyant", "calm", "candid", "careful", "clear", "clever", "coastal",
    "coral", "curious", "daring", "deep", "deft", "eager", "early", "earnest", "fair", "fearless",
    "fleet", "fluent", "fond", "frank", "free", "fresh", "gentle", "gallant", "golden", "graceful",
    "hardy", "honest", "hopeful", "humble", "jolly", "keen", "kind", "lively", "loyal", "lucid",
    "lunar", "marine", "mellow", "merry", "mighty", "misty", "modest", "moored", "nautical",
    "nimble", "noble", "northern", "patient", "polite", "proud", "quick", "quiet", "rapid",
    "ready", "robust", "salty", "serene", "sharp", "shining", "silent", "silver", "sincere",
    "smooth", "solid", "southern", "spirited", "starlit", "steady", "stout", "sturdy", "subtle",
    "sunny", "swift", "tidal", "tidy", "trim", "trusty", "upbeat", "valiant", "vivid", "warm",
    "watchful", "western", "willing", "windy", "wise", "witty", "zealous",
  ]

  /// People to whom operating systems, networks, ships and numbers owe something.
  static let surnames = [
    "allen", "almeida", "amdahl", "babbage", "backus", "bartik", "bauer", "beaufort", "bell",
    "berners", "bertin", "bowditch", "brinch", "brooks", "cerf", "chaudhuri", "cook", "corbato",
    "cray", "curie", "daley", "dijkstra", "eckert", "engelbart", "ershov", "estrin", "euler",
    "feinler", "floyd", "gauss", "glushkov", "goldberg", "granville", "gutmann", "hamilton",
    "hamming", "harrison", "hopper", "iverson", "johnson", "kahn", "kay", "keller", "kernighan",
    "kilburn", "kirstein", "kleinrock", "knuth", "lamport", "lampson", "lebedev", "liskov",
    "lions", "lovelace", "magellan", "mcilroy", "mercator", "metcalfe", "moore", "morris",
    "naur", "needham", "noether", "ossanna", "perlman", "pike", "postel", "ramanujan", "randell",
    "ritchie", "saltzer", "sammet", "satoshi", "shannon", "shaw", "stallman", "stevens",
    "su", "sutherland", "tanenbaum", "thompson", "torvalds", "turing", "vyssotsky", "wang",
    "wheeler", "wilkes", "wilkinson", "wirth", "xia", "yao", "zheng", "zhu", "zuse",
  ]
}
