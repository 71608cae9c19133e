// conformance --runtime PATH [--filter TEXT]… [--list] [--json] [--notes]
//
// Exit code: 0 when nothing failed but what Known.swift explains, 1 otherwise, 125 when the suite
// itself could not work.

internal import CConformance
internal import Glibc
internal import Linux
internal import OCI

enum Tool {
  static let usage = """
    conformance: every MUST and SHOULD of the OCI runtime specification 1.2 for Linux

    usage: conformance --runtime PATH [flags]

      --runtime PATH     the runtime; further words are arguments that come before all others
      --filter TEXT      only cases whose id contains it; may be given more than once
      --list             print the cases and run nothing
      --json             print the results as JSON
      --notes            print Notes/conformance.md
      --keep             keep the bundles (for looking at one case)

    """

  static func run(_ words: [String]) -> Int32 {
    var runtime: [String] = []
    var filters: [String] = []
    var flags: Set<String> = []
    var rest = words[...]
    while let word = rest.popFirst() {
      switch word {
      case "--runtime":
        guard let path = rest.popFirst() else { return complain("--runtime needs a path") }
        runtime = path.split(separator: " ").map { String($0) }
      case "--filter":
        guard let text = rest.popFirst() else { return complain("--filter needs a text") }
        filters.append(text)
      case "--list", "--json", "--notes", "--keep": flags.insert(word)
      case "--help", "-h":
        say(usage)
        return 0
      default: return complain("unknown word \(word)\n\n" + usage)
      }
    }
    let cases = Cases.all.filter { one in
      filters.isEmpty || filters.contains { one.id.contains($0) }
    }
    if flags.contains("--notes") {
      say(Notes.page)
      return 0
    }
    if flags.contains("--list") {
      for one in cases { say("\(one.id)  \(one.level.rawValue): \(one.text)\n") }
      return 0
    }
    guard !runtime.isEmpty else { return complain("--runtime PATH is needed\n\n" + usage) }
    guard !cases.isEmpty else { return complain("no case has that in its id") }
    do {
      return try measure(runtime, cases, flags)
    } catch let error as SystemError {
      return complain(error.text)
    } catch let error as Failure {
      return complain(error.text)
    } catch {
      return complain("\(error)")
    }
  }

  private static func measure(
    _ runtime: [String], _ cases: [Case], _ flags: Set<String>
  ) throws -> Int32 {
    guard Identity.effectiveUser == 0 else { return complain("this needs root") }
    _ = conformance_adopt()
    let name = "drydock-conformance-\(Processes.current)"
    let bench = Bench(runtime: runtime, folder: "/tmp/" + name, cgroup: "/" + name)
    try File.makeDirectories(bench.root, mode: 0o700)
    defer { if !flags.contains("--keep") { clean(bench) } }
    // Containers with user namespaces must reach their root filesystems.
    try File.setMode(bench.folder, 0o755)
    try Fixture.makePrograms(bench.programs)
    let subject = try Subject(runtime)
    var runner = Runner(bench: bench, subject: subject, keeps: flags.contains("--keep"))
    try runner.preflight()
    let asJSON = flags.contains("--json")
    for one in cases {
      let result = runner.judge(one)
      if !asJSON, let line = result.line { say(line) }
    }
    say(asJSON ? runner.json : runner.summary)
    return runner.failed.isEmpty ? 0 : 1
  }

  /// Removes what the runtime under test has left, in every hierarchy: in those without a
  /// controller, too, crun and runc make a cgroup.
  private static func clean(_ bench: Bench) {
    do {
      let root = CgroupLayout.usualRoot
      // Relative paths may begin where this process stands (config-linux.md, "Cgroups Path").
      let own = try CgroupLayout.detect().trees.map { $0.mountPoint + $0.own }
      for tree in [root] + (try File.list(root).map { "\(root)/\($0)" }) + own {
        for path in [bench.cgroup, bench.cgroup + "-relative"] where File.exists(tree + path) {
          try removeCgroup(tree + path)
        }
      }
      try File.removeTree(bench.folder)
    } catch { File.report("conformance: \(error)\n") }
  }

  /// From the leaves up; the files in it are the kernel's.
  private static func removeCgroup(_ path: String) throws(SystemError) {
    for name in try File.list(path)
    where try File.status("\(path)/\(name)", follow: false).isDirectory {
      try removeCgroup("\(path)/\(name)")
    }
    try File.removeDirectory(path)
  }

  static func say(_ text: String) {
    do { try File.write(1, text.utf8, name: "standard output") } catch {
      File.report("conformance: \(error.text)\n")
    }
  }

  private static func complain(_ text: String) -> Int32 {
    File.report("conformance: \(text)\n")
    return 125
  }
}
