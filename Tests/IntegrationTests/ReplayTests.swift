import Linux
import OCI
import Testing

/// The printed commands, typed by hand, lead to the same kernel state.
@Suite(.enabled(if: Machine.isReady, Machine.reason))
struct ReplayTests {
  /// What the container's program tells of its surroundings.
  private static let look = """
    cat /proc/self/mountinfo; echo ---; hostname; cat /proc/sys/kernel/domainname; \
    cat /sys/class/net/lo/flags; ls -la /dev | tr -s ' ' | cut -d' ' -f1-6,10-; \
    cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max \
    /sys/fs/cgroup/cpu/cpu.cfs_quota_us /sys/fs/cgroup/cpu.max /sys/fs/cgroup/pids/pids.max \
    /sys/fs/cgroup/pids.max 2>/dev/null; cat /proc/self/cgroup; echo ---; \
    for n in pid net mnt uts ipc cgroup; do readlink /proc/self/ns/$n; done
    """

  private func makeBundle(overlay: Bool = false) throws -> Bundle {
    let bundle = try Bundle()
    if overlay {
      // As the engine does it: the layers are mounted on the root in the container's own namespace.
      for folder in ["merged", "upper", "work"] {
        try File.makeDirectory(bundle.path + "/one-" + folder)
        try File.makeDirectory(bundle.path + "/two-" + folder)
      }
      let one = bundle.path + "/one-"
      bundle.config.root.path = one + "merged"
      bundle.config.mounts.insert(
        Mount(
          destination: "/", type: "overlay", source: "overlay",
          options: [
            "lowerdir=" + bundle.rootfs, "upperdir=\(one)upper", "workdir=\(one)work", "nodev",
          ]), at: 0)
    }
    bundle.config.process?.args = ["sh", "-c", ReplayTests.look]
    bundle.config.process?.rlimits = []
    bundle.config.linux.cgroupsPath = bundle.cgroup + "/traced"
    bundle.config.hostname = "replayed"
    bundle.config.domainname = "by.hand"
    bundle.config.linux.resources.memory.limit = 64 << 20
    bundle.config.linux.resources.cpu.quota = 50_000
    bundle.config.linux.resources.cpu.period = 100_000
    bundle.config.linux.resources.pids = 50
    try File.makeDirectories(bundle.path + "/data")
    bundle.config.mounts += [
      Mount(
        destination: "/data", type: "bind", source: bundle.path + "/data",
        options: ["rbind", "ro", "nosuid"]),
      Mount(destination: "/etc/file", type: "bind", source: "/etc/hostname", options: ["bind"]),
    ]
    try bundle.write()
    return bundle
  }

  /// The commands as two scripts: those of the runtime, and those of init up to its program.
  private func scripts(_ trace: TraceFile) throws -> (host: String, clone: String, inside: String) {
    var host = "set -e\n"
    var inside = "set -e\n"
    var clone = ""
    var closing = ""
    for step in trace.steps where step.phase != "teardown" && step.phase != "config" {
      guard let shell = step.shell else { continue }
      if step.id == "process.clone" {
        clone = shell
      } else if step.side == "runtime" {
        host += shell + "\n"
      } else if shell.hasSuffix(" sh") {
        // A command that starts a shell: what follows is typed into that one.
        inside += shell.dropLast(2) + "bash -s <<'EOF\(closing.count)'\nset -e\n"
        closing = "EOF\(closing.count)\n" + closing
      } else {
        inside += shell + "\n"
      }
    }
    return (host, clone, inside + closing)
  }

  /// mountinfo without the numbers that every mount gets anew.
  private func mounts(_ output: String) -> [String] {
    (output.split(separator: "---")[0]).split(separator: "\n").compactMap { line in
      MountInfo(line).map {
        "\($0.root) \($0.target) \($0.options) \($0.type) \($0.source) \($0.superOptions)"
      }
    }
  }

  @Test(arguments: [false, true])
  func theShellEquivalentsMakeTheSameContainer(overlay: Bool) throws {
    let bundle = try makeBundle(overlay: overlay)
    let file = bundle.path + "/trace.json"
    let outcome = try bundle.runtime("run", "--bundle", bundle.path, "--trace", file, "c")
    try #require(outcome.code == 0, "\(outcome.error)")
    try bundle.expectNothingLeft()

    // By hand, with another root filesystem and other cgroups.
    let copy = bundle.path + "/root-two"
    try #require(run(["/bin/cp", "-a", bundle.rootfs, copy]).code == 0)
    // Mount points that the first run made are made anew.
    for made in ["/data", "/etc/file"] { try File.removeTree(copy + made) }
    func replaced(_ text: String) -> String {
      (overlay ? text : text.replacing(bundle.rootfs, with: copy))
        .replacing("/one-", with: "/two-")
        .replacing(bundle.cgroup + "/traced", with: bundle.cgroup + "/typed")
    }
    let parts = try scripts(TraceFile(file))
    #expect(parts.clone.hasPrefix("unshare ") && parts.clone.hasSuffix(" sh"))
    let script =
      replaced(parts.host) + parts.clone.dropLast(2) + "bash -s <<'INIT'\n"
      + replaced(parts.inside) + "INIT\n"
    let byHand = try run(["/bin/bash", "-c", script])
    try #require(byHand.code == 0, "\(byHand.error)")
    #expect(byHand.error.isEmpty, "\(byHand.error)")

    let expected = mounts(replaced(outcome.output))
    let found = mounts(byHand.output)
    #expect(expected.count > 20)
    for (one, other) in zip(expected, found) { #expect(one == other) }
    #expect(found.count == expected.count)
    let facts = replaced(outcome.output).split(separator: "---\n")
    let factsByHand = byHand.output.split(separator: "---\n")
    try #require(facts.count == 3 && factsByHand.count == 3)
    #expect(facts[1] == factsByHand[1])
    #expect(facts[1].hasPrefix("replayed\nby.hand\n"))
    #expect(facts[1].contains("67108864"))
    let own = try ["pid", "net", "mnt", "uts", "ipc", "cgroup"].map {
      try File.link("/proc/self/ns/" + $0)
    }
    let links = factsByHand[2].split(separator: "\n").map { String($0) }
    #expect(links.count == own.count)
    for (link, host) in zip(links, own) { #expect(link != host) }

    // And undone by hand, as the steps of teardown say.
    let undo = try TraceFile(file).steps.filter {
      $0.phase == "teardown" && $0.id != "state.remove"
    }
    .compactMap { $0.shell }
    let undone = try run([
      "/bin/bash", "-c", "set -e\n" + replaced(undo.joined(separator: "\n")),
    ])
    #expect(undone.code == 0, "\(undone.error)")
    try bundle.create("last")
    #expect(try bundle.runtime("delete", "--force", "last").code == 0)
    try bundle.expectNothingLeft()
  }

  @Test func everyStepSaysWhatItIs() throws {
    let bundle = try makeBundle()
    let file = bundle.path + "/trace.json"
    try bundle.runtime("run", "--bundle", bundle.path, "--trace", file, "c")
    let trace = try TraceFile(file)
    #expect(trace.schema == 1 && trace.container == "c")
    #expect(trace.unaccounted_ns <= trace.total_ns)
    #expect(trace.steps.allSatisfy { $0.errno == nil && !$0.call.isEmpty && !$0.object.isEmpty })
    #expect(trace.steps.allSatisfy { $0.start_ns + $0.duration_ns <= trace.total_ns })
    #expect(zip(trace.steps, trace.steps.dropFirst()).allSatisfy { $0.start_ns <= $1.start_ns })
    #expect(Set(trace.steps.map { $0.side }) == ["runtime", "init"])
    #expect(trace.steps.contains { $0.id == "process.exec" })
  }

  @Test(arguments: [("en", "exec", "sethostname(2)"), ("zh", "命名空间", "sethostname(2)")])
  func explanationsComeInBothLanguages(language: String, word: String, call: String) throws {
    let bundle = try makeBundle()
    let outcome = try bundle.runtime(
      "run", "--bundle", bundle.path, "--explain", "--lang", language, "c")
    #expect(outcome.code == 0)
    #expect(outcome.error.contains(word) && outcome.error.contains(call))
    #expect(outcome.error.contains("hostname replayed"))
    #expect(outcome.output.contains("replayed"), "the program's output is its own")
    #expect(!outcome.error.contains("\u{1b}"), "no colours where no terminal is")
    try bundle.expectNothingLeft()
  }
}
