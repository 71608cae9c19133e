import Measure
import Testing

@Suite struct QuietTests {
  /// Two CPUs over two seconds, with so many busy and stolen seconds on each.
  private func window(
    busy: [Double], steal: [Double] = [0, 0], own: [Double], perCPU: Bool = true,
    heldAbove: UInt64? = 0
  ) -> Window {
    var before = CgroupCounters()
    before.usageNanoseconds = 500
    before.usagePerCPU = perCPU ? [250, 250] : nil
    before.ancestorsThrottledNanoseconds = heldAbove == nil ? nil : 0
    var after = before
    after.usageNanoseconds = 500 + UInt64(own.reduce(0, +) * 1e9)
    after.usagePerCPU = perCPU ? own.map { 250 + UInt64($0 * 1e9) } : nil
    after.ancestorsThrottledNanoseconds = heldAbove
    var stat = ProcStat(parsing: "")
    for number in 0..<2 {
      var ticks = CPUTicks()
      ticks.user = UInt64(busy[number] * 100)
      ticks.steal = UInt64(steal[number] * 100)
      stat.cpus[number] = ticks
    }
    let empty = ProcStat(parsing: "cpu0 0 0 0 0\ncpu1 0 0 0 0\n")
    return Window(
      from: Snapshot(nanoseconds: 0, stat: empty, cgroup: before),
      to: Snapshot(nanoseconds: 2_000_000_000, stat: stat, cgroup: after))
  }

  @Test func ownLoadIsNotOthers() {
    let alone = window(busy: [2, 1], own: [2, 1])
    #expect(alone.usedCPUs == 1.5)
    #expect(Quiet.othersUsed(alone) == 0)
    #expect(Quiet.free(alone) == 2)
    #expect(Quiet.doubts(alone, wanted: 1.5) == [])
  }

  @Test func anotherLoadIsSeenWithItsSize() {
    let contended = window(busy: [2, 2], own: [1, 0.8])
    #expect(abs(Quiet.othersUsed(contended) - 1.1) < 1e-9)
    let doubts = Quiet.doubts(contended, wanted: 1.5)
    #expect(doubts.map(\.text.en) == ["too few free CPUs: wanted 1.5, had 0.9"])
    #expect(Quiet.doubts(contended, wanted: 0.5) == [], "half a CPU was there")
  }

  @Test func onlyTheCPUsThatMatter() {
    let window = window(busy: [2, 2], own: [2, 0])
    #expect(Quiet.free(window, on: [0]) == 1)
    #expect(Quiet.free(window, on: [1]) == 0)
    #expect(Quiet.doubts(window, wanted: 1, on: [0]) == [])
    #expect(Quiet.doubts(window, wanted: 1, on: [1]).map(\.kind) == [.fewCPUs])
  }

  @Test func withoutCountsByCPUTheCgroupIsTakenToBeThere() {
    let window = self.window(busy: [2, 0], own: [2, 0], perCPU: false)
    #expect(Quiet.othersUsed(window, on: [0]) == 0)
  }

  @Test func severalCgroupsOfOneExperiment() {
    let window = self.window(busy: [2, 0], own: [1.3, 0])
    #expect(Quiet.othersUsed(window, own: 1.0) == 0)
    #expect(abs(Quiet.othersUsed(window) - 0.35) < 1e-9)
  }

  @Test func stealAboveTenPerCent() {
    let stolen = window(busy: [1, 1], steal: [0.25, 0.25], own: [1, 1])
    #expect(abs(stolen.steal - 0.125) < 1e-9)
    #expect(stolen.isFlagged && stolen.isUnusable)
    #expect(Quiet.doubts(stolen, wanted: 1).map(\.kind) == [.steal])
    let less = window(busy: [1, 1], steal: [0.12, 0.12], own: [1, 1])
    #expect(less.isFlagged && !less.isUnusable)
    #expect(Quiet.doubts(less, wanted: 1) == [])
  }

  @Test func quotaAbove() {
    let held = window(busy: [1, 0], own: [1, 0], heldAbove: 800_000_000)
    #expect(Quiet.doubts(held, wanted: 1).map(\.kind) == [.throttledAbove])
    #expect(Quiet.doubts(held, wanted: 1)[0].text.en.contains("40.0 %"))
    #expect(Quiet.doubts(window(busy: [1, 0], own: [1, 0], heldAbove: nil), wanted: 1) == [])
  }
}
