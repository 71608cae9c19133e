import Engine
import LabBridge
import LabCapabilities
import LabCpuQuota
import LabCpuShares
import LabCpuset
import LabHosts
import LabInit
import LabLayers
import LabMemory
import LabMount
import LabOverlay
import LabPid
import LabPorts
import LabProcess
import LabRootfs
import LabSeccomp
import LabUser
import LabUts
import LabVeth
import Linux
import Measure
import Testing

@testable import LabKit

/// All labs of the course that exist.
let allLabs = [
  LabProcess.lab,
  LabUts.lab, LabPid.lab, LabInit.lab, LabMount.lab, LabRootfs.lab,
  LabOverlay.lab, LabLayers.lab,
  LabUser.lab, LabCapabilities.lab, LabSeccomp.lab,
  LabCpuShares.lab, LabCpuQuota.lab, LabCpuset.lab, LabMemory.lab,
  LabVeth.lab, LabBridge.lab, LabPorts.lab, LabHosts.lab,
]

@Suite struct LabTests {
  @Test(arguments: allLabs.map(\.name)) func isComplete(_ name: String) throws {
    let lab = try #require(allLabs.first { $0.name == name })
    #expect(lab.problems() == [])
    let folder = "\(TextSource.root)/Labs/\(lab.folder)"
    for file in [
      "Lab.swift", "Texts.swift", "Experiment.swift", "Exercise.swift", "Broken.swift",
      "main.swift",
    ] { #expect(File.exists("\(folder)/\(file)"), "\(folder) lacks \(file)") }
  }

  @Test func everyFolderIsALabThatIsTested() throws {
    let folders = try File.list("\(TextSource.root)/Labs").filter { $0.first?.isNumber == true }
    #expect(folders == allLabs.map(\.folder).sorted())
  }

  @Test func aLabThatLacksAPartIsRefused() {
    #expect(allLabs[0].problems() == [])
    func broken(_ change: (inout Lab) -> Void) -> [String] {
      var lab = allLabs[0]
      change(&lab)
      return lab.problems()
    }
    #expect(broken { $0.questions = [] } == ["no prediction question"])
    #expect(broken { $0.questions[0].choices.removeLast() }.count == 1)
    #expect(broken { $0.questions[0].right = "x" } == ["kernel: no right answer"])
    #expect(broken { $0.questions[0].confirmedBy = "" }.count == 1)
    #expect(broken { $0.exercise.start = "" } == ["exercise: nothing to start from"])
    #expect(broken { $0.exercise.solution = "" } == ["exercise: no solution"])
    #expect(
      broken { $0.broken.wrong = [] }.contains("broken state: fewer than two planted wrong scripts")
    )
    #expect(broken { $0.broken.hints.removeFirst() } == ["broken state: fewer than three hints"])
    #expect(
      broken { $0.exercise.hints.removeAll { $0.cause != nil } }
        == ["exercise: no hint for what the check saw"])
    #expect(broken { $0.title = Text("", en: "only English", zh: "") } == ["an empty text"])
  }

  @Test func aRecordThatFallsShortIsRefused() {
    let lab = allLabs[0]
    let stage = Stage(containers: NoContainers())
    #expect(stage.record.problems(of: lab).count == 4)
    stage.look("/proc/loadavg", lab.title, .before)
    stage.look("/proc/loadavg", lab.title, .after)
    stage.look("/proc/uptime", lab.title, .before)
    #expect(
      stage.record.problems(of: lab).contains(
        "fewer than two kernel files were read before and after"))
    stage.look("/proc/uptime", lab.title, .during)
    #expect(stage.record.problems(of: lab).count == 3)
  }
}

/// A stand-in for the engine that has no containers.
struct NoContainers: LabContainers {
  let runRoot = "/tmp"
  func startContainer(_ options: RunOptions) throws(EngineError) -> any LabContainer {
    throw EngineError("there are no containers here")
  }
}

/// A stand-in for a container: its first process is the test's own.
final class FakeContainer: LabContainer {
  let id = String(repeating: "ab", count: 32)
  let pid = Processes.current
  let options: RunOptions
  var isEnded = false
  init(_ options: RunOptions) { self.options = options }
  func cgroup(_ controller: String) -> String? { nil }
  func kill(_ signal: Int32) throws(EngineError) { isEnded = true }
  func stop(grace: Double) throws(EngineError) { isEnded = true }
  func wait() throws(EngineError) -> Int32 { isEnded ? 137 : 0 }
  func output() throws(EngineError) -> String { "one\ntwo\n" }
  func trace() throws(EngineError) -> Trace {
    Trace(
      container: id,
      steps: [
        TracedStep(id: "process.clone", phase: "namespaces", shell: "unshare sh", man: "clone(2)"),
        TracedStep(id: "rootfs.pivot", phase: "rootfs", man: "pivot_root(2)"),
        TracedStep(
          id: "cgroup.limit", phase: "cgroup",
          object: "/sys/fs/cgroup/cpu/drydock/\(id.prefix(12))/cpu.shares ← 512"),
      ], totalNs: 3, unaccountedNs: 0)
  }
}

/// Remembers what was started.
final class FakeContainers: LabContainers {
  let runRoot = "/tmp"
  var started: [FakeContainer] = []
  func startContainer(_ options: RunOptions) throws(EngineError) -> any LabContainer {
    let container = FakeContainer(options)
    started.append(container)
    return container
  }
}
