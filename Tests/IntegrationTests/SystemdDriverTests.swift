import Foundation
import Linux
import OCI
import Testing

/// The systemd driver, against a stand-in for systemd on a message bus of its own: no systemd runs
/// on most machines that run tests.
@Suite(.enabled(if: Machine.isReady && Machine.canMockSystemd, Machine.mockReason))
final class SystemdDriverTests {
  let bundle: Bundle
  private let daemon: Foundation.Process
  private let mock: Foundation.Process
  private var log: String { bundle.path + "/calls" }
  private var address: String { "unix:path=" + bundle.path + "/bus" }
  /// The slice, which nobody else uses.
  private let slice: String

  init() throws {
    bundle = try Bundle { $0.process?.args = ["sleep", "300"] }
    slice = "ddtest\(Machine.unique())x\(Processes.current).slice"
    bundle.config.linux.cgroupsPath = slice + ":drydock:c"
    try bundle.write()
    let configuration = """
      <busconfig><type>session</type><listen>unix:path=\(bundle.path)/bus</listen>
      <policy context="default"><allow send_destination="*" eavesdrop="true"/>
      <allow own="*"/></policy></busconfig>
      """
    try File.replace(bundle.path + "/bus.conf", with: configuration.utf8)
    daemon = Foundation.Process()
    daemon.executableURL = URL(fileURLWithPath: "/usr/bin/dbus-daemon")
    daemon.arguments = ["--config-file=" + bundle.path + "/bus.conf", "--nofork"]
    daemon.standardError = FileHandle.nullDevice
    try daemon.run()
    let socket = bundle.path + "/bus"
    #expect(eventually { File.exists(socket) })
    let package = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    mock = Foundation.Process()
    mock.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
    mock.arguments =
      [
        package + "/Tests/cgroups/systemd-mock", "unix:path=" + socket, bundle.path + "/calls",
      ] + (try SystemdDriverTests.managed())
    let output = Pipe()
    mock.standardOutput = output
    try mock.run()
    // It says when it can be called.
    #expect(output.fileHandleForReading.availableData == Data("ready\n".utf8))
  }

  deinit {
    mock.terminate()
    mock.waitUntilExit()
    daemon.terminate()
    daemon.waitUntilExit()
    // What a failed test left, and the slices, which nobody but the stand-in makes.
    for tree in (try? CgroupLayout.detect())?.trees ?? [] {
      try? File.removeDirectory(tree.mountPoint + "/" + slice + "/drydock-c.scope")
      try? File.removeDirectory(tree.mountPoint + "/" + slice)
    }
  }

  /// The trees in which systemd makes cgroups: on v1 by no means all.
  private static func managed() throws -> [String] {
    let layout = try CgroupLayout.detect()
    return layout.trees.filter {
      $0.isUnified || $0.controllers.contains("memory") || $0.controllers.contains("pids")
    }.map { $0.mountPoint }
  }

  private func runtime(_ words: String...) throws -> Outcome {
    try run(
      ["/usr/bin/env", "DBUS_SYSTEM_BUS_ADDRESS=" + address]
        + bundle.words(["--systemd-cgroup"] + words)
    )
  }

  private func calls() throws -> [String] {
    try File.text(log).split(separator: "\n").map { String($0) }
  }

  @Test func aScopeFromCreateToDelete() throws {
    bundle.config.linux.resources.memory.limit = 64 << 20
    bundle.config.linux.resources.pids = 20
    try bundle.write()
    let made = try runtime("create", "--bundle", bundle.path, "c")
    try #require(made.code == 0, "\(made.error)")
    let state = try bundle.state()
    let pid = try #require(state.pid)
    for cgroup in state.cgroups {
      #expect(cgroup.path.hasSuffix("/\(slice)/drydock-c.scope"))
      #expect(try File.text(cgroup.path + "/cgroup.procs") == "\(pid)\n", "\(cgroup.path)")
    }
    #expect(try File.text(bundle.directory("pids") + "/pids.max") == "20\n")
    let start = try #require(try calls().first { $0.contains("StartTransientUnit") })
    for word in [
      #"["StartTransientUnit", "drydock-c.scope", "replace""#, #"["Slice", "\#(slice)"]"#,
      #"["PIDs", [\#(pid)]]"#, #"["Delegate", true]"#, #"["TasksMax", 20]"#,
      #"["DevicePolicy", "strict"]"#,
    ] { #expect(start.contains(word), "\(start)") }

    let updated = try runtime("update", "--pids-limit", "30", "c")
    #expect(updated.code == 0, "\(updated.error)")
    #expect(try File.text(bundle.directory("pids") + "/pids.max") == "30\n")
    #expect(
      try calls().last == #"["SetUnitProperties", "drydock-c.scope", true, [["TasksMax", 30]]]"#)

    let deleted = try runtime("delete", "--force", "c")
    #expect(deleted.code == 0, "\(deleted.error)")
    #expect(try calls().suffix(2).first == #"["StopUnit", "drydock-c.scope", "replace"]"#)
    for cgroup in state.cgroups { #expect(!File.exists(cgroup.path)) }
    try bundle.expectNothingLeft()
  }

  @Test func aJobThatFailsLeavesNothing() throws {
    try File.replace(log + ".fail", with: [])
    let outcome = try runtime("create", "--bundle", bundle.path, "c")
    #expect(outcome.code == 125)
    #expect(outcome.error.contains("systemd did not do its job for drydock-c.scope: failed"))
    for tree in try CgroupLayout.detect().trees {
      #expect(!File.exists(tree.mountPoint + "/" + slice))
    }
    try bundle.expectNothingLeft()
  }

  @Test func withoutABusNothingIsMade() throws {
    let outcome = try run(
      ["/usr/bin/env", "DBUS_SYSTEM_BUS_ADDRESS=unix:path=/no/bus"]
        + bundle.words(["--systemd-cgroup", "create", "--bundle", bundle.path, "c"]))
    #expect(outcome.code == 125)
    #expect(outcome.error.contains("no message bus at /no/bus"))
    #expect(outcome.error.contains("--systemd-cgroup"))
    try bundle.expectNothingLeft()
  }

  @Test func aBusWithoutSystemdIsToldApart() throws {
    mock.terminate()
    mock.waitUntilExit()
    let outcome = try runtime("create", "--bundle", bundle.path, "c")
    #expect(outcome.code == 125)
    #expect(outcome.error.contains("systemd cannot be asked"), "\(outcome.error)")
    try bundle.expectNothingLeft()
  }

  @Test func aPathIsNoNameOfAUnit() throws {
    bundle.config.linux.cgroupsPath = "/drydock/c"
    try bundle.write()
    let outcome = try runtime("create", "--bundle", bundle.path, "c")
    #expect(outcome.code == 125 && outcome.error.contains("SLICE:PREFIX:NAME"))
    try bundle.expectNothingLeft()
  }
}

extension Machine {
  static let canMockSystemd =
    File.exists("/usr/bin/dbus-daemon") && File.exists("/usr/lib/python3/dist-packages/dbus")
    && File.exists("/usr/lib/python3/dist-packages/gi")
  static let mockReason: Comment =
    "needs root, a built drydock-runtime, dbus-daemon, python3-dbus, -gi"
}
