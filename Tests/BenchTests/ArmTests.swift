import Linux
import Measure
import Testing

@testable import BenchmarkExperiments
@testable import BenchmarkKit

/// The arms of every experiment that can be put together with a runtime that starts nothing.
@Suite(.enabled(if: BenchBinaries.areThere, BenchBinaries.reason))
struct ArmTests {
  private static let groups = [
    "density", "cpu", "memory", "pids", "io", "files", "syscall", "image", "teardown",
  ]

  /// `state` is all it answers; the pid is its caller's.
  private static let pretender = "#!/bin/sh\necho '{\"pid\": 1}'\n"

  @Test func everyControlIsAnArm() throws {
    let place = try Place.make("arms")
    defer {
      do { try File.removeTree(place.path) } catch { Issue.record("\(error)") }
    }
    let path = place.path + "/pretender"
    try File.replace(path, with: ArmTests.pretender.utf8, mode: 0o755)
    let ground = try Ground(
      place: place, binaries: BenchBinaries.path,
      runtime: Runtime(path, in: place, isPeer: false), peers: [], profile: .full)
    var count = 0
    for declaration in Suite.all where ArmTests.groups.contains(declaration.group) {
      let arms: [Arm]
      do { arms = try declaration.arms(ground) } catch {
        // A controller, a program or a disk that this machine does not have.
        let known = ["no cgroup controller", "is missing", "is not installed", "tmpfs", "device"]
        #expect(known.contains { error.text.contains($0) }, "\(declaration.id): \(error.text)")
        #expect(ground.end().isEmpty, "\(declaration.id)")
        continue
      }
      #expect(ground.end().isEmpty, "\(declaration.id)")
      let names = arms.map(\.label.name)
      #expect(Set(names).count == names.count, "\(declaration.id): \(names)")
      let controls = arms.compactMap(\.label.control) + [declaration.floor].compactMap { $0 }
      #expect(!controls.isEmpty, "\(declaration.id) has no floor and no control")
      for control in controls { #expect(names.contains(control), "\(declaration.id)") }
      for published in declaration.published {
        if let arm = published.arm { #expect(names.contains(arm), "\(declaration.id)") }
      }
      count += 1
    }
    #expect(count > 5)
  }

  @Test func figuresSayWhatIsMissing() throws {
    let figures = Figures("seccomp 2\nlonger line here\ncpu 17\n")
    #expect(try figures.value("cpu") == 17)
    #expect(figures.complaint("seccomp", is: 2) == nil)
    #expect(figures.complaint("seccomp", is: 0) != nil)
    #expect(figures.complaint("root", is: 0) != nil)
    #expect(throws: ExperimentError.self) { try figures.value("root") }
  }

  @Test func whatIsNotMountedIsNoOverlay() throws {
    let place = try Place.make("overlay")
    defer {
      do { try File.removeTree(place.path) } catch { Issue.record("\(error)") }
    }
    let ground = try Ground(
      place: place, binaries: BenchBinaries.path,
      runtime: Runtime("/nothing", in: place, isPeer: false), peers: [], profile: .smoke)
    let stage = try OverlayStage(ground, "none", layers: 2)
    #expect(try stage.complaint() != nil)
    #expect(try Bound.complaint(stage.bottom, on: stage.merged) != nil)
    #expect(try Bound.complaint(plain: stage.bottom) == nil)
    #expect(ground.end().isEmpty)
  }
}
