import Linux
import Testing

/// The verdicts of `Measure` on a real machine, loaded on purpose: `Benchmarks/run trust`.
///
/// That at most 5 % of claims are false, and 10 % more work is found, takes hundreds of runs on a
/// machine that is otherwise quiet: `Tests/run --all`. Of 40 runs twelve or more false claims have a
/// probability of one in a million when the true share is 5 %: only that fails here.
@Suite(
  .enabled(
    if: File.exists(Machine.binaries + "/benchmark-trust")
      && File.exists(Machine.binaries + "/stress"), "needs the built executables"))
struct TrustedVerdictTests {
  private static let isLong = Processes.environment.contains("DRYDOCK_SOAK=1")
  private static let source = "/" + #filePath.parts("/").dropLast(3).joined(separator: "/")

  private func run(_ words: [String]) throws -> (code: Int32, error: String, json: String) {
    let out = "/tmp/drydock-trust-test.\(Processes.current).\(Machine.unique())"
    defer {
      do { try File.removeTree(out) } catch { Issue.record("\(error)") }
    }
    let result = try Child.run(
      Machine.binaries + "/benchmark-trust",
      [
        "benchmark-trust", "--binaries", Machine.binaries, "--source", TrustedVerdictTests.source,
        "--out", out,
      ] + words)
    return (
      result.status.code, String(decoding: result.error, as: UTF8.self),
      try File.text(out + "/trust.json")
    )
  }

  @Test(arguments: ["loaded", "loaded-duet"])
  func falseClaimsUnderLoadAreNoSurprise(series: String) throws {
    let result = try run(["--only", series, "--loaded", "40"])
    let match = try #require(result.json.firstMatch(of: #/"false_claims": ([0-9]+)/#))
    let claims = try #require(Int(match.1))
    #expect(claims < 12, "\(result.error)")
    #expect(result.json.contains("\"runs\": 40"))
  }

  @Test(.enabled(if: isLong, "Tests/run --all"))
  func asPromisedOnAQuietMachine() throws {
    let result = try run(["--loaded", "200", "--quiet", "100"])
    #expect(result.code == 0, "\(result.error)")
  }
}
