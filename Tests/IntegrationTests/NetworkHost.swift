import Foundation
import Linux
import Testing

/// A host of its own for tests of networks: a network namespace with loopback, and an engine's roots.
///
/// Whatever a test leaves in the namespace goes with it, and is a failure all the same: `expectClean`
/// looks at its links and rules.
final class NetworkHost {
  let scratch: String
  /// Keeps the namespace: a `sleep` that was born in it.
  let holder: Int32
  private let child: Child

  static let isReady =
    Machine.isReady && File.exists(Machine.binaries + "/drydock")
    && File.exists(Machine.binaries + "/drydock-rules") && File.exists("/usr/sbin/nft")

  static let reason: Comment = "needs root, the executables, iproute2 and nftables"

  /// Makes a host; `settings` becomes its daemon.json.
  init(_ settings: String = #"{"bip":"10.200.0.1/24"}"#) throws {
    scratch = "/tmp/drydock-net-test-\(UInt64.random(in: 0...UInt64.max))"
    try File.makeDirectories(scratch + "/root", mode: 0o755)
    try File.replace(scratch + "/root/daemon.json", with: settings.utf8)
    let null = try File.open("/dev/null", .readWrite)
    child = try Child(
      "/usr/bin/unshare", ["unshare", "--net", "/bin/sleep", "100000"], input: null.raw,
      output: null.raw, error: null.raw)
    holder = child.pid
    let pid = holder
    let own = try File.link("/proc/self/ns/net")
    let isThere = try eventually { try File.link("/proc/\(pid)/ns/net") != own }
    try #require(isThere)
    #expect(try type("ip link set lo up").code == 0)
  }

  deinit {
    do {
      let left = try drydock("ps", "-a", "-q").output.split(separator: "\n").map { String($0) }
      if !left.isEmpty { _ = try drydock(["rm", "-f"] + left) }
      try child.signal(Signal.kill)
      try File.removeTree(scratch)
    } catch { Issue.record("\(error)") }
  }

  var roots: [String] { ["--root", scratch + "/root", "--run-root", scratch + "/run"] }

  /// A program in the namespace.
  func enter(_ words: [String], within seconds: Int32 = 60) throws -> Outcome {
    try IntegrationTests.run(
      ["/usr/bin/nsenter", "--net=/proc/\(holder)/ns/net", "--"] + words, within: seconds)
  }

  /// `drydock` on this host.
  func drydock(_ words: [String]) throws -> Outcome {
    try enter([Machine.binaries + "/drydock"] + roots + words)
  }

  func drydock(_ words: String...) throws -> Outcome { try drydock(words) }

  /// A line for a shell on this host, where `drydock` is the one under test and no default network is
  /// chosen by the tests' environment.
  func type(_ line: String) throws -> Outcome {
    let folder = scratch + "/shell"
    if !File.exists(folder) {
      try File.makeDirectory(folder)
      let script =
        "#!/bin/sh\nexec \(Machine.binaries)/drydock \(roots.joined(separator: " ")) \"$@\"\n"
      try File.replace(folder + "/drydock", with: script.utf8, mode: 0o755)
    }
    return try enter([
      "/usr/bin/env", "-u", "DRYDOCK_NETWORK", "/bin/sh", "-c",
      "cd \(folder); PATH=\(folder):$PATH; \(line)",
    ])
  }

  /// Lines of a shell one after the other: the line, its exit code, and words of what it says.
  func type(_ lines: [(String, Int32, String)]) throws {
    for (line, code, words) in lines {
      let outcome = try type(line)
      let text = outcome.output + outcome.error
      #expect(outcome.code == code, "\(line): \(text)")
      #expect(words.isEmpty || text.contains(words), "\(line): \(text)")
    }
  }

  /// A line that ends this host's processes of a program by SIGKILL: those whose command line names
  /// its roots.
  func killing(_ program: String) -> (String, Int32, String) {
    (
      "for p in $(grep -lx \(program) /proc/[0-9]*/comm 2>/dev/null | cut -d/ -f3); do"
        + " grep -qz \(scratch) /proc/$p/cmdline && kill -9 $p; done; true", 0, ""
    )
  }

  /// What a line prints, without the line break at its end.
  func said(_ line: String) throws -> String {
    let outcome = try type(line)
    #expect(outcome.code == 0, "\(line): \(outcome.error)")
    return outcome.output.trimmed
  }

  /// Removes what there is by the engine's own commands, then finds the host as it was.
  func expectClean() throws {
    let left = try drydock("ps", "-a", "-q").output.split(separator: "\n").map { String($0) }
    if !left.isEmpty { #expect(try drydock(["rm", "-f"] + left).code == 0) }
    let pruned = try drydock("network", "prune", "-f")
    #expect(pruned.code == 0, "\(pruned.error)")
    // The kernel takes the links of a network namespace some time after its last process.
    let isBare = try eventually {
      try type("ip -o link").output.split(separator: "\n").allSatisfy { $0.contains(" lo: ") }
    }
    let links = try type("ip -br link").output
    #expect(isBare, "\(links)")
    #expect(try type("nft list ruleset").output == "")
    #expect(try drydock("doctor").output == "Nothing was left behind.\n")
  }
}
