// `ps`: the processes of a container as the host sees them, from its cgroup.
//
//   --format json    an array of pids
//   --format table   the lines of ps(1) for these pids: its options follow the id (`-ef`)

internal import Linux
internal import OCI

extension Command {
  static let psFlags = [
    Flag("format", short: "f", .value, "table or json"),
    Flag("help", short: "h", .switched, "print this"),
  ]

  func ps() throws(RuntimeError) -> Int32 {
    guard let id = options.arguments.first else { throw RuntimeError("ps needs a container id") }
    let pids = try store.load(id).processes()
    switch options["format"] ?? "table" {
    case "json":
      var json = JSONWriter()
      json.beginArray()
      for pid in pids { json.number(Int64(pid)) }
      json.endArray()
      try print(json.bytes + [10])
    case "table":
      try print(try table(pids, Array(options.arguments.dropFirst())).utf8)
    case let other:
      throw RuntimeError("ps: --format is table or json, not \"\(other)\"")
    }
    return 0
  }

  /// What ps(1) prints, without the lines of other processes.
  private func table(_ pids: [Int32], _ words: [String]) throws(RuntimeError) -> String {
    guard let program = ["/usr/bin/ps", "/bin/ps"].first(where: { File.isExecutable($0) }) else {
      throw RuntimeError(
        "ps: this machine has no ps program to print the table with: no such file or directory",
        hint: "use --format json, or install procps")
    }
    let result = try lookingUp { () throws(SystemError) in
      try Child.run(program, [program] + (words.isEmpty ? ["-ef"] : words))
    }
    guard result.status == .exited(0) else {
      throw RuntimeError(
        "ps: \(program) ended with code \(result.status.code): "
          + String(decoding: result.error, as: UTF8.self).trimmedLine)
    }
    let lines = String(decoding: result.output, as: UTF8.self).trimmedLine.parts("\n")
    guard let head = lines.first, let column = fields(head).firstIndex(of: "PID") else {
      throw RuntimeError(
        "ps: the output of \(program) \(words.list(" ")) has no PID column",
        hint: "the container's processes are found by it; add pid to the columns")
    }
    var text = head + "\n"
    for line in lines.dropFirst() {
      let fields = fields(line)
      guard fields.count > column, let pid = Int32(fields[column]), pids.contains(pid) else {
        continue
      }
      text += line + "\n"
    }
    return text
  }

  private func fields(_ line: String) -> [String] { line.parts(" ").filter { !$0.isEmpty } }
}
