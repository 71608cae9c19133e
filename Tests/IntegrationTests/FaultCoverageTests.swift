import Linux
import Steps
import Testing

/// The matrix of faults has every step of the table: one that is new there and is made by none of
/// the matrix's containers makes this fail.
@Suite(.enabled(if: Machine.isReady, Machine.reason))
struct FaultCoverageTests {
  private static func name(_ step: String) -> String { String(step.prefix { $0 != "#" }) }

  /// The first word of each line of a list beside the checks of another machine.
  private static func list(_ path: String) throws -> [String] {
    let package = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    return try File.text(package + "/Tests/" + path).split(separator: "\n")
      .filter { !$0.hasPrefix("#") }.compactMap { $0.split(separator: " ").first.map(String.init) }
  }

  /// Whether this machine can make a step that the lists have, so that its own matrix must.
  private static func canMake(_ id: String) throws -> Bool {
    switch id {
    case "cgroup.delegate", "cgroup.kill": try CgroupLayout.detect().mode == .v2
    case "rootfs.stack": try Mounts.rootIsInitramfs()
    case "process.label":
      (try? File.text("/sys/module/apparmor/parameters/enabled"))?.hasPrefix("Y") ?? false
    // The matrix uses the other driver, whatever the machine has.
    default: !id.hasPrefix("systemd.")
    }
  }

  /// What only cgroup v1 needs; where there is v2 alone nobody fails it.
  private static let ofOldCgroups = ["cgroup.inherit", "cgroup.join"]

  /// Every step at which the tests of the matrix fail and die.
  private static func reached() throws -> Set<String> {
    var steps = FaultTests.undoing + NetworkFaultTests.steps + OverlayTests.steps
    for shape in FaultShape.allCases {
      let keeper = try FaultKeeper(shape)
      defer { keeper.end() }
      steps += try FaultStage(shape, joining: keeper.pid).stepsOfRun()
    }
    for entry in FaultsLaterTests.Entry.allCases {
      let stage = try FaultStage(entry.shape)
      try #require(try stage.run().code == 0)
      steps += try entry.steps(stage)
    }
    let stage = try FaultStage(.plain)
    for change in FaultsLaterTests.Change.allCases {
      try stage.bundle.runtime("delete", "--force", "c")
      try #require(try stage.run().code == 0)
      _ = try run(stage.bundle.words(change.before))
      steps += try stage.steps(of: change.words)
    }
    for ending in FaultsLaterTests.Ending.allCases {
      try stage.bundle.runtime("delete", "--force", "c")
      try #require(try stage.run().code == 0)
      steps += try stage.steps(of: ending.words)
    }
    return Set(steps.map(name))
  }

  @Test func everyStepOfTheTableFailsSomewhere() throws {
    let table = Set(StepID.allCases.map { $0.rawValue })
    let lists = try FaultCoverageTests.list("v2/steps") + FaultCoverageTests.list("systemd/steps")
    for id in lists { #expect(table.contains(id), "\(id) is listed, and is no step") }
    var wanted = table
    for id in lists where try !FaultCoverageTests.canMake(id) { wanted.remove(id) }
    if try CgroupLayout.detect().mode == .v2 { wanted.subtract(FaultCoverageTests.ofOldCgroups) }
    let reached = try FaultCoverageTests.reached()
    #expect(
      wanted.subtracting(reached).isEmpty,
      "no container of FaultShape, and no command, makes these: give it one, or list it in Tests/v2"
    )
    #expect(
      reached.subtracting(wanted).isEmpty,
      "these are said to be out of reach here, and are not")
  }
}
