import Foundation
import Linux
import OCI
import Testing

/// update, pause, resume, ps and events as engines call them; what the kernel does with limits is
/// checked by Tests/cgroups/checks, on this version of cgroups and on pure v2.
@Suite(.enabled(if: Machine.isReady, Machine.reason))
struct LimitChangeTests {
  let bundle: Bundle

  init() throws {
    bundle = try Bundle { $0.process?.args = ["sleep", "300"] }
    bundle.config.linux.resources.memory.limit = 64 << 20
    bundle.config.linux.resources.pids = 20
    try bundle.write()
  }

  private func start() throws {
    let outcome = try bundle.runtime("run", "-d", "--bundle", bundle.path, "c")
    try #require(outcome.code == 0, "\(outcome.error)")
  }

  private func pids() throws -> String {
    try File.text(bundle.directory("pids") + "/pids.max").trimmingCharacters(in: .newlines)
  }

  /// What dockerd sends: every member, 0 for what shall stay.
  @Test func updateAsDockerdSendsIt() throws {
    try start()
    let resources = """
      {"blockIO":{"weight":0},"cpu":{"shares":0,"quota":0,"period":0,"realtimeRuntime":0,\
      "realtimePeriod":0,"cpus":"","mems":""},"memory":{"limit":0,"reservation":0,"swap":0,\
      "kernel":0},"pids":{"limit":33},"devices":null}
      """
    let outcome = try bundle.runtime("update", "--resources", "-", "c", input: resources)
    #expect(outcome.code == 0, "\(outcome.error)")
    #expect(try pids() == "33")
  }

  /// As podman calls it.
  @Test func updateFromAFile() throws {
    try start()
    try File.replace(bundle.path + "/r.json", with: #"{"pids":{"limit":44}}"#.utf8)
    let outcome = try bundle.runtime("update", "--resources=\(bundle.path)/r.json", "c")
    #expect(outcome.code == 0, "\(outcome.error)")
    #expect(try pids() == "44")
  }

  @Test(
    arguments: [
      (["--memory", "64x"], "--memory 64x"), (["--memory", "999999999t"], "too much"),
      (["--cpu-share", "1"], "--cpu-share 1"), (["--pids-limit", "-2"], "--pids-limit -2"),
      (["--cpu-period", "abc"], "--cpu-period abc"), (["--resources", "/no/file"], "/no/file"),
      (["--kernel-memory", "1m"], "memory.kernel cannot be enforced"),
    ] as [([String], String)])
  func badFlagsAreNamed(flags: [String], text: String) throws {
    try start()
    let outcome = try run(bundle.words(["update"] + flags + ["c"]))
    #expect(outcome.code == 125 && outcome.error.contains(text), "\(outcome.error)")
    #expect(try pids() == "20")
  }

  @Test(
    arguments: [
      "{", "[]", #"{"memory":{"limit":"1"}}"#, #"{"pids":{"limit":1}} x"#,
      #"{"cpu":{"shares":1}}"#,
    ])
  func badResourcesAreRefused(text: String) throws {
    try start()
    let outcome = try bundle.runtime("update", "--resources", "-", "c", input: text)
    #expect(outcome.code == 125 && outcome.error.contains("standard input"), "\(outcome.error)")
    #expect(try pids() == "20")
  }

  /// A step that fails leaves the limits as they were.
  @Test(arguments: 1...3)
  func aFailedUpdateChangesNothing(step: Int) throws {
    try start()
    let before = try limits()
    let outcome = try bundle.runtime(
      "update", "--fault", "cgroup.limit#\(step):EIO", "--memory", "32m", "--cpu-share", "99",
      "--pids-limit", "3", "c")
    #expect(outcome.code == 125 && outcome.error.contains("planted fault"), "\(outcome.error)")
    #expect(try limits() == before)
  }

  private func limits() throws -> [String] {
    let state = try bundle.state()
    var result: [String] = []
    for cgroup in state.cgroups {
      for file in [
        "memory.limit_in_bytes", "memory.max", "cpu.shares", "cpu.weight", "pids.max",
      ] where File.exists(cgroup.path + "/" + file) {
        result.append(file + " " + (try File.text(cgroup.path + "/" + file)))
      }
    }
    return result
  }

  @Test func psPrintsWhatThePSProgramKnows() throws {
    try start()
    let pid = try #require(try bundle.state().pid)
    let json = try bundle.runtime("ps", "--format", "json", "c")
    #expect(json.output == "[\(pid)]\n")
    let table = try bundle.runtime("ps", "c")
    let lines = table.output.split(separator: "\n")
    #expect(lines.count == 2 && lines[0].contains("PID") && lines[1].contains("sleep 300"))
    let columns = try bundle.runtime("ps", "c", "-o", "pid,comm")
    #expect(columns.output.contains("\(pid) sleep"), "\(columns.output)\(columns.error)")
    let without = try bundle.runtime("ps", "c", "-o", "comm")
    #expect(without.code == 125 && without.error.contains("no PID column"))
  }

  @Test func statsAreOneObjectOfJSON() throws {
    try start()
    let outcome = try bundle.runtime("events", "--stats", "c")
    #expect(outcome.code == 0, "\(outcome.error)")
    let object = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
    let event = try #require(object as? [String: Any])
    #expect(event["type"] as? String == "stats" && event["id"] as? String == "c")
    let data = try #require(event["data"] as? [String: Any])
    for key in [
      "cpu", "cpuset", "memory", "pids", "blkio", "hugetlb", "intel_rdt", "network_interfaces",
    ] { #expect(data.keys.contains(key)) }
    let memory = try #require(data["memory"] as? [String: Any])
    let usage = try #require(memory["usage"] as? [String: Any])
    #expect(usage["limit"] as? Int == 64 << 20)
    #expect((usage["usage"] as? Int ?? 0) > 0)
    #expect((memory["raw"] as? [String: Any])?.isEmpty == false)
    let pids = try #require(data["pids"] as? [String: Any])
    #expect(pids["current"] as? Int == 1 && pids["limit"] as? Int == 20)
  }

  @Test(arguments: ["0s", "5", "abc", "-1s"])
  func badIntervals(interval: String) throws {
    try start()
    let outcome = try bundle.runtime("events", "--interval", interval, "c")
    #expect(outcome.code == 125 && outcome.error.contains("--interval \(interval)"))
  }

  @Test func nothingOfAStoppedOne() throws {
    try start()
    #expect(try bundle.runtime("kill", "c", "KILL").code == 0)
    let bundle = bundle
    #expect(try eventually { try bundle.status() == "stopped" })
    for command in ["pause", "resume", "update", "events"] {
      let outcome = try bundle.runtime(command, "c")
      #expect(outcome.code == 1, "\(command): \(outcome.error)")
      #expect(!outcome.error.isEmpty)
    }
    #expect(try bundle.runtime("ps", "--format", "json", "c").output == "[]\n")
  }

  @Test(arguments: [
    ["checkpoint", "--image-path", "/x", "c"], ["restore", "-d", "--bundle", "/x", "c"],
  ])
  func checkpointsAreNotSupported(words: [String]) throws {
    let outcome = try run(bundle.words(words))
    #expect(outcome.code == 125 && outcome.error.contains("\(words[0]) is not supported"))
  }

  @Test func execIntoAPausedOneDoesNotHang() throws {
    try start()
    #expect(try bundle.runtime("pause", "c").code == 0)
    #expect(try bundle.state().status == .paused)
    let outcome = try bundle.runtime("exec", "c", "true")
    #expect(outcome.code != 0 && outcome.error.contains("paused"), "\(outcome.error)")
    #expect(try bundle.runtime("delete", "--force", "c").code == 0)
    try bundle.expectNothingLeft()
  }
}
