import Linux
import Testing

/// Weights, and finding the trees.
@Suite struct CgroupTests {
  @Test(
    arguments: [
      (0, 0), (1, 1), (2, 1), (512, 59), (1024, 100), (262_144, 10000), (UInt64.max, 10000),
    ] as [(UInt64, UInt64)])
  func sharesToWeight(shares: UInt64, weight: UInt64) {
    #expect(CPUWeight.weight(shares: shares) == weight)
  }

  @Test func theCurveNeverFallsAndStaysInRange() {
    var last: UInt64 = 0
    for shares in stride(from: UInt64(2), through: 262_144, by: 61) {
      let weight = CPUWeight.weight(shares: shares)
      #expect(weight >= last && (1...10000).contains(weight))
      last = weight
    }
  }

  @Test(
    arguments: [
      (0, 0), (1, 1), (2, 1), (512, 20), (1024, 39), (262_144, 10000), (UInt64.max, 10000),
    ] as [(UInt64, UInt64)])
  func theOldLine(shares: UInt64, weight: UInt64) {
    #expect(CPUWeight.linearWeight(shares: shares) == weight)
  }

  @Test func theTreesOfThisMachine() throws {
    let layout = try CgroupLayout.detect()
    #expect(!layout.trees.isEmpty)
    #expect(layout.trees.allSatisfy { File.exists($0.mountPoint + "/cgroup.procs") })
    #expect((layout.mode == .hybrid) == (layout.unified != nil))
    let memory = try #require(layout.tree("memory"))
    #expect(memory.controllers.contains("memory"))
    #expect(layout.tree("nonsense") == nil)
  }

  @Test func whereNoCgroupsAreMountedIsAnError() throws {
    let scratch = try TemporaryDirectory()
    #expect(throws: SystemError.self) { _ = try CgroupLayout.detect(root: scratch.path + "/none") }
  }
}
