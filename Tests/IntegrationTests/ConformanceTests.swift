import Foundation
import Linux
import Testing

/// The conformance suite on our runtime, and on runtimes that are broken on purpose.
@Suite(.enabled(if: Machine.isReady && File.exists(Conformance.suite), Machine.reason))
struct ConformanceTests {
  /// Every MUST and SHOULD of the specification that can be shown.
  @Test func oursPassesAll() throws {
    let result = try Conformance.results(Machine.runtime, filters: [])
    #expect(result.failed == [])
    #expect(result.passed.count > 400, "\(result.passed.count) passed")
    #expect(result.code == (result.failed.isEmpty ? 0 : 1))
  }

  /// A suite that cannot fail shows nothing: the cases named must fail for each of these.
  @Test(arguments: Mutant.all)
  func brokenRuntimeFails(mutant: Mutant) throws {
    let folder = "/tmp/drydock-mutant-\(Processes.current)-\(Machine.unique())"
    try File.makeDirectories(folder, mode: 0o755)
    defer { #expect(throws: Never.self) { try File.removeTree(folder) } }
    let wrapper = folder + "/runtime"
    try File.replace(wrapper, with: mutant.script(Machine.runtime).utf8)
    try File.setMode(wrapper, 0o755)
    let result = try Conformance.results(wrapper, filters: mutant.cases)
    #expect(Set(mutant.cases).isSubset(of: result.failed), "failed: \(result.failed)")
    #expect(result.code == 1)
  }

  /// Notes/conformance.md is what the suite prints.
  @Test func notesAreCurrent() throws {
    let printed = try run([Conformance.suite, "--notes"])
    #expect(printed.code == 0)
    let top = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    #expect(
      try File.text("/" + top + "/Notes/conformance.md") == printed.output,
      "Tests/conformance --notes > Notes/conformance.md")
  }
}

/// The suite's program.
enum Conformance {
  static let suite = Machine.binaries + "/conformance"

  struct Result {
    let code: Int32
    let passed: [String]
    let failed: [String]
  }

  private struct Document: Decodable {
    struct Case: Decodable {
      let id: String
      let result: String
    }
    let cases: [Case]
  }

  static func results(_ runtime: String, filters: [String]) throws -> Result {
    var words = [suite, "--runtime", runtime, "--json"]
    for filter in filters { words += ["--filter", filter] }
    let outcome = try run(words, within: 600)
    let document = try JSONDecoder().decode(Document.self, from: Data(outcome.output.utf8))
    func ids(_ result: String) -> [String] {
      document.cases.filter { $0.result == result }.map(\.id)
    }
    return Result(code: outcome.code, passed: ids("passed"), failed: ids("failed"))
  }
}

/// A runtime that does one thing wrong, and the cases that must notice.
struct Mutant: CustomTestStringConvertible, Sendable {
  let testDescription: String
  /// An expression of sed(1) on config.json before `create`.
  var sed = ""
  /// Shell lines instead of the call; `$command` is its first word, `"$@"` all of them.
  var shell = ""
  let cases: [String]

  /// Hides a field: an unknown one is ignored.
  static func without(_ field: String, _ cases: String...) -> Mutant {
    Mutant(
      testDescription: "ignores " + field, sed: "s/\"\(field)\":/\"x-\(field)\":/", cases: cases)
  }

  static let all: [Mutant] = [
    without("hostname", "config/hostname/hostname"),
    without("domainname", "config/hostname/domainname"),
    without("rlimits", "config/process/rlimits/RLIMIT_NOFILE", "config/process/rlimits/duplicate"),
    without("noNewPrivileges", "config/linux-process/noNewPrivileges"),
    without("oomScoreAdj", "config/linux-process/oomScoreAdj"),
    without("additionalGids", "config/process/user/groups"),
    without("umask", "config/process/user/umask"), without("env", "config/process/env"),
    without("readonly", "config/root/readonly"),
    without("sysctl", "config-linux/sysctl/net.core.somaxconn"),
    without("maskedPaths", "config-linux/paths/masked-file"),
    without("readonlyPaths", "config-linux/paths/readonly-folder"),
    without("seccomp", "config-linux/seccomp/SCMP_ACT_ERRNO", "config-linux/seccomp/mode"),
    without("devices", "config-linux/devices/char", "config-linux/device-rules/allowed"),
    without("memory", "config-linux/memory/limit"), without("cpu", "config-linux/cpu/shares"),
    without("pids", "config-linux/other-resources/pids-enforced"),
    without("rootfsPropagation", "config-linux/rootfs-propagation/shared"),
    without("poststop", "config/hooks/poststop-order"),
    without("cgroupsPath", "config-linux/cgroups/absolute"),
    without("annotations", "runtime/state/annotations"),
    Mutant(
      testDescription: "drops a capability", sed: "s/\"CAP_KILL\",//",
      cases: ["config/process/capabilities/bounding", "config/process/capabilities/ambient"]),
    Mutant(
      testDescription: "makes no network namespace",
      sed: "s/\"type\": \"network\"/\"type\": \"cgroup\"/",
      cases: ["config-linux/namespaces/network-new", "runtime/create/namespaces-made"]),
    Mutant(
      testDescription: "mounts without options", sed: "s/\"options\":/\"x-options\":/",
      cases: ["config/mounts/options/nosuid", "config/mounts/data"]),
    Mutant(
      testDescription: "prints another status",
      shell: """
        if [ "$command" = state ]; then "$@" | sed 's/"running"/"RUNNING"/'; exit; fi
        """, cases: ["runtime/state/fields", "runtime/start/status"]),
    Mutant(
      testDescription: "prints no pid",
      shell: #"if [ "$command" = state ]; then "$@" | grep -v '"pid"'; exit; fi"#,
      cases: ["runtime/state/pid-of-created"]),
    Mutant(
      testDescription: "says that all is well",
      shell: #"if [ "$command" = start ]; then "$@"; exit 0; fi"#,
      cases: ["runtime/start/unknown", "runtime/start/twice"]),
    Mutant(
      testDescription: "deletes nothing", shell: #"if [ "$command" = delete ]; then exit 0; fi"#,
      cases: ["runtime/delete/undone", "runtime/delete/unknown"]),
    Mutant(
      testDescription: "deletes what runs",
      shell:
        #"if [ "$command" = delete ]; then for id; do :; done; "$1" "$2" "$3" delete -f "$id"; exit; fi"#,
      cases: ["runtime/delete/running"]),
    Mutant(
      testDescription: "starts at once",
      shell: #"""
        if [ "$command" = create ] && grep -q "touch /ran" "$bundle/config.json"; then
          "$@" && for id; do :; done && "$1" "$2" "$3" start "$id"; exit
        fi
        """#, cases: ["runtime/create/program"]),
    Mutant(
      testDescription: "sends another signal",
      shell: #"if [ "$command" = kill ]; then "$1" "$2" "$3" kill "$5" TERM; exit; fi"#,
      cases: ["runtime/kill/then-stopped"]),
  ]

  func script(_ runtime: String) -> String {
    """
    #!/bin/sh
    set -- \(runtime) "$@"
    command=$4
    for word; do
      [ "${last:-}" = --bundle ] && [ -f "$word/config.json" ] && sed -i '\(sed)' "$word/config.json"
      [ "${last:-}" = --bundle ] && bundle=$word
      last=$word
    done
    \(shell)
    exec "$@"

    """
  }
}
