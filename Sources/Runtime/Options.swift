// Flags as a table, read the same way for every command: `--key value` and `--key=value`, one or
// two dashes, flags and arguments in any order until `--` or, for exec, until the container's id.

internal import Linux

/// What a flag takes.
enum FlagKind { case switched, value, repeated }

/// A flag of a command.
struct Flag {
  let name: StaticString
  let short: StaticString?
  let kind: FlagKind
  let help: StaticString

  init(
    _ name: StaticString, short: StaticString? = nil, _ kind: FlagKind, _ help: StaticString
  ) {
    self.name = name
    self.short = short
    self.kind = kind
    self.help = help
  }
}

/// A command line, read.
struct Options {
  /// Names and values in turn.
  ///
  /// No dictionary and no list of a type of its own: either would cost a search through the program
  /// at start-up.
  private var given: [String] = []
  /// What is no flag.
  var arguments: [String] = []

  /// Reads flags and arguments; after `stopAfter` arguments nothing is a flag any more.
  ///
  /// - Throws: `RuntimeError` naming the flag.
  init(
    _ words: ArraySlice<String>, _ flags: [Flag], command: String, stopAfter: Int = .max
  ) throws(RuntimeError) {
    var rest = words
    while let word = rest.popFirst() {
      if arguments.count >= stopAfter || word == "-" || !word.hasPrefix("-") {
        arguments.append(word)
        continue
      }
      if word == "--" {
        arguments += rest
        return
      }
      let parts = String(word.drop { $0 == "-" }).parts("=", limit: 2)
      let name = parts[0]
      guard
        let flag = flags.first(where: { $0.name.equals(name) || $0.short?.equals(name) ?? false })
      else {
        throw RuntimeError(
          "\(command): unknown flag \(word)", hint: "drydock-runtime \(command) --help lists all")
      }
      let key = "\(flag.name)"
      switch flag.kind {
      case .switched:
        let text = parts.count > 1 ? parts[1] : "true"
        guard text == "true" || text == "false" else {
          throw RuntimeError("\(command): --\(key) is true or false, not \"\(text)\"")
        }
        set(key, text == "true" ? [text] : [])
      case .value, .repeated:
        guard let value = parts.count > 1 ? parts[1] : rest.popFirst() else {
          throw RuntimeError("\(command): --\(key) needs a value")
        }
        set(key, flag.kind == .repeated ? all(key) + [value] : [value])
      }
    }
  }

  /// Gives a flag other values; none when it was switched off again.
  private mutating func set(_ name: String, _ values: [String]) {
    var index = 0
    while index < given.count {
      if given[index] == name { given.removeSubrange(index..<index + 2) } else { index += 2 }
    }
    for value in values {
      given.append(name)
      given.append(value)
    }
  }

  subscript(name: String) -> String? { all(name).last }
  func has(_ name: String) -> Bool { !all(name).isEmpty }

  func all(_ name: String) -> [String] {
    var values: [String] = []
    for index in given.indices where index % 2 == 0 && given[index] == name {
      values.append(given[index + 1])
    }
    return values
  }

  /// The one argument that must be there.
  func id(_ command: String) throws(RuntimeError) -> String {
    guard arguments.count == 1 else {
      throw RuntimeError(
        "\(command) needs exactly one container id, got \(arguments.count)",
        hint: "drydock-runtime \(command) --help shows how to call it")
    }
    return arguments[0]
  }
}
