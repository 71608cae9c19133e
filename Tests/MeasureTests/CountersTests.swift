import Linux
import Measure
import Testing

/// A directory of fixture files that goes away with the test.
final class FixtureDirectory {
  let path: String

  init(_ name: String) throws {
    path = "/tmp/drydock-measure-tests-\(name)-\(SeededRandom.freshSeed())"
    try File.makeDirectories(path)
  }

  func write(_ file: String, _ text: String) throws {
    let path = "\(path)/\(file)"
    if let slash = path.lastIndex(of: "/") { try File.makeDirectories(String(path[..<slash])) }
    try File.replace(path, with: text.utf8)
  }

  deinit {
    do {
      try File.removeTree(path)
    } catch {
      Issue.record("\(error)")
    }
  }
}

@Suite struct ProcTests {
  @Test func statByCPU() {
    let stat = ProcStat(
      parsing: """
        cpu  4024 0 2430 181301 440 0 27 10 0 0
        cpu0 1370 1 984 91699 18 2 9 4 7 0
        cpu2 2653 0 1446 89602 422 0 18 6
        intr 5 0 0
        ctxt 267222
        btime 1700000000

        """)
    #expect(stat.cpus.keys.sorted() == [0, 2], "the sum is no CPU, and CPU 1 is offline")
    #expect(stat.cpus[0]?.steal == 4)
    #expect(stat.cpus[0]?.busy == 1370 + 1 + 984 + 2 + 9, "guest time is within user")
    #expect(stat.cpus[2]?.iowait == 422)
    #expect(stat.contextSwitches == 267_222)
  }

  @Test func oldKernelsHaveFewerColumns() {
    let stat = ProcStat(parsing: "cpu0 1 2 3 4\n")
    #expect(stat.cpus[0]?.idle == 4)
    #expect(stat.cpus[0]?.steal == 0)
  }

  @Test func pressure() {
    let both = Pressure(
      parsing: """
        some avg10=0.37 avg60=0.52 avg300=0.34 total=5607969
        full avg10=0.00 avg60=0.00 avg300=0.00 total=12

        """)
    #expect(both == Pressure(someMicroseconds: 5_607_969, fullMicroseconds: 12))
    #expect(
      Pressure(parsing: "some avg10=0.00 avg60=0.00 avg300=0.00 total=7\n")
        == Pressure(someMicroseconds: 7, fullMicroseconds: nil))
    #expect(Pressure(parsing: "") == nil)
  }

  @Test func countersThatRanBackwardsAreZero() {
    var (before, after) = (CPUTicks(), CPUTicks())
    before.iowait = 9
    after.iowait = 5
    after.user = 3
    #expect(after.since(before).iowait == 0)
    #expect(after.since(before).user == 3)
  }

  @Test func samplerReadsThisMachine() throws {
    let before = try Sampler().read()
    let turns = Canary.spin(milliseconds: 60)
    let after = try Sampler().read()
    #expect(turns > 1, "no machine makes less than a turn a microsecond")
    #expect(before.stat.cpus.count >= 1)
    #expect(after.stat.contextSwitches >= before.stat.contextSwitches)
    let window = Window(from: before, to: after)
    #expect(window.nanoseconds >= 60_000_000)
    #expect(window.usageNanoseconds == nil, "no cgroup was watched")
  }

  @Test func missingPressureIsAbsent() throws {
    let proc = try FixtureDirectory("proc")
    try proc.write("stat", "cpu0 1 0 0 5 0 0 0 0\nctxt 4\n")
    let snapshot = try Sampler(proc: proc.path).read()
    #expect(snapshot.pressure.isEmpty)
    #expect(snapshot.loadAverage == nil)
    try proc.write("pressure/memory", "some avg10=0.00 avg60=0.00 avg300=0.00 total=7\n")
    try proc.write("loadavg", "0.25 0.04 0.00 1/90 5082\n")
    let richer = try Sampler(proc: proc.path).read()
    #expect(richer.pressure["memory"]?.someMicroseconds == 7)
    #expect(richer.loadAverage == 0.25)
    #expect(throws: SystemError.self) { try Sampler(proc: "\(proc.path)/none").read() }
  }
}

@Suite struct CgroupTests {
  @Test func version1() throws {
    let directory = try FixtureDirectory("v1")
    try directory.write(
      "cpu/drydock/c/cpu.stat",
      "nr_periods 33\nnr_throttled 31\nthrottled_time 1500000000\nnr_bursts 0\nburst_time 0\n")
    try directory.write(
      "cpu/drydock/cpu.stat", "nr_periods 9\nnr_throttled 4\nthrottled_time 70\n")
    try directory.write("cpu/cpu.stat", "nr_periods 0\nnr_throttled 0\nthrottled_time 0\n")
    try directory.write("cpuacct/c/cpuacct.usage", "1660000000\n")
    try directory.write("cpuacct/c/cpuacct.usage_percpu", "1600000000 60000000 \n")
    try directory.write("memory/c/memory.usage_in_bytes", "4096\n")
    try directory.write("memory/c/memory.max_usage_in_bytes", "67108864\n")
    try directory.write("memory/c/memory.limit_in_bytes", "67108864\n")
    try directory.write("memory/c/memory.failcnt", "12\n")
    try directory.write(
      "memory/c/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 1\n")
    let counters = CgroupCounters(
      reading: CgroupPaths(
        cpu: "\(directory.path)/cpu/drydock/c", cpuacct: "\(directory.path)/cpuacct/c",
        memory: "\(directory.path)/memory/c"))
    #expect(
      counters.throttling
        == Throttling(periods: 33, throttledPeriods: 31, throttledNanoseconds: 1_500_000_000))
    #expect(counters.ancestorsThrottledNanoseconds == 70)
    #expect(counters.usageNanoseconds == 1_660_000_000)
    #expect(counters.usagePerCPU == [1_600_000_000, 60_000_000])
    #expect(
      counters.memory
        == MemoryCounters(
          bytes: 4096, peakBytes: 67_108_864, limitBytes: 67_108_864, limitHits: 12, oomKills: 1))
    try directory.write("memory/c/memory.limit_in_bytes", "9223372036854771712\n")
    let unlimited = CgroupCounters(reading: CgroupPaths(memory: "\(directory.path)/memory/c"))
    #expect(unlimited.memory?.limitBytes == nil)
  }

  @Test func version2() throws {
    let directory = try FixtureDirectory("v2")
    try directory.write(
      "c/cpu.stat",
      """
      usage_usec 1660000
      user_usec 1600000
      system_usec 60000
      nr_periods 33
      nr_throttled 31
      throttled_usec 1500000

      """)
    try directory.write("c/memory.current", "4096\n")
    try directory.write("c/memory.peak", "67108864\n")
    try directory.write("c/memory.max", "max\n")
    try directory.write("c/memory.events", "low 0\nhigh 0\nmax 12\noom 1\noom_kill 1\n")
    let counters = CgroupCounters(reading: CgroupPaths(unified: "\(directory.path)/c"))
    #expect(counters.usageNanoseconds == 1_660_000_000)
    #expect(counters.usagePerCPU == nil)
    #expect(counters.throttling?.throttledNanoseconds == 1_500_000_000)
    #expect(
      counters.memory
        == MemoryCounters(
          bytes: 4096, peakBytes: 67_108_864, limitBytes: nil, limitHits: 12, oomKills: 1))
    // As containers tell it: the one directory, whichever controller is asked for.
    let asked = CgroupCounters(reading: CgroupPaths { _ in "\(directory.path)/c" })
    #expect(asked == counters)
  }

  @Test func aCgroupThatIsGoneHasNothing() {
    let counters = CgroupCounters(reading: CgroupPaths(unified: "/nowhere/at/all"))
    #expect(counters == CgroupCounters())
  }
}
