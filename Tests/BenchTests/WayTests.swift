import Linux
import Load
import Measure
import Testing

@testable import BenchmarkExperiments
@testable import BenchmarkKit

/// Ways through networks: that a number is void when the bytes went another way, and that the hosts
/// leave nothing.
@Suite(
  .enabled(if: BenchBinaries.areThere, BenchBinaries.reason),
  .enabled(if: File.exists("/sbin/ip"), "needs Debian's iproute2"))
struct WayTests {
  @Test func bytesThatWentAnotherWayAreVoid() throws {
    let place = try Place.make("way")
    defer {
      do { try File.removeTree(place.path) } catch { Issue.record("\(error)") }
    }
    let ground = try Ground(
      place: place, binaries: BenchBinaries.path,
      runtime: Runtime("/nothing", in: place, isPeer: false), peers: [], profile: .smoke)
    let home = try File.link("/proc/thread-self/ns/net")
    let one = try Space("one", ground)
    let two = try Space("two", ground)
    try one.join(two, link: "eth0", net: 202)
    try Traffic.serve(in: one, ground)
    func way(from client: Space) -> Way {
      Way("veth", client: client, "10.200.202.1", 80, passes: (one, "eth0"), control: nil)
    }
    let right = way(from: two)
    // The host itself goes by lo.
    let wrong = way(from: one)
    var relayed = right
    relayed.isRelayed = true
    var idle = relayed
    idle.proxy = try sleeper(ground)
    var besideIdle = right
    besideIdle.proxy = idle.proxy
    for (way, words) in [
      (right, nil), (wrong, "bytes passed eth0"), (relayed, "the relay had 0 µs"),
      (idle, "the relay had"), (besideIdle, nil),
    ] {
      let arm = way.arm(
        ground, ["--net-rr", "1", "--ops", "2000", "--net-bytes", "8"], on: CPUs.online[0]
      ) { told, _ in
        #expect(told.operations == 2000)
        #expect(told.latencies.count == 2000)
        return Measurement(1)
      }
      _ = try arm.measure()
      if let words {
        #expect(try #require(arm.assertion()).contains(words))
      } else {
        #expect(arm.assertion() == nil)
      }
    }
    let blocks = try right.measure(["--net-stream", "1", "--ops", "512"], on: 0, ground)
    #expect(blocks.told.bytes == 512 << 17)
    #expect(blocks.cpu > 0)
    let open = [one.path, two.path]
    #expect(open.allSatisfy { File.exists($0) })
    #expect(ground.end() == [])
    #expect(try File.link("/proc/thread-self/ns/net") == home)
    // The numbers may be somebody else's by now: they are no namespaces any more.
    for path in open { #expect((try? File.link(path))?.hasPrefix("net:") != true) }
  }

  /// A process that is never woken.
  private func sleeper(_ ground: Ground) throws -> Int32 {
    let child = try Child("/bin/sleep", ["sleep", "1000"], deathSignal: Signal.kill)
    let pid = child.pid
    child.letGo()
    ground.atEnd { () throws(ExperimentError) in
      try Place.told { () throws(SystemError) in
        try Processes.kill(pid, Signal.kill)
        _ = try Processes.wait(pid)
      }
    }
    return pid
  }
}
