import Linux
import Measure
import Testing

@testable import LabKit

@Suite struct HostStateTests {
  @Test func differencesAreFoundAndToldApart() {
    let before = HostState(items: [
      "mount": ["/ ext4 /dev/vda "], "link": ["lo (1)"], "sysctl": ["ip_forward = 0"],
      "process": ["1@5  init", "77@9  editor"],
    ])
    let after = HostState(items: [
      "mount": ["/ ext4 /dev/vda ", "/run/drydock/labs/x/rootfs overlay overlay "],
      "link": ["lo (1)", "veth1 (7)"], "sysctl": ["ip_forward = 1"],
      "process": ["1@5  init", "78@99  compiler"],
    ])
    #expect(before.differences(since: before, marks: ["1"]) == [])
    let found = after.differences(since: before, marks: ["/run/drydock/labs/x", ""])
    let ours = found.filter(\.isOurs).map(\.text)
    #expect(
      ours == [
        "+ link veth1 (7)", "+ mount /run/drydock/labs/x/rootfs overlay overlay ",
        "- sysctl ip_forward = 0", "+ sysctl ip_forward = 1",
      ])
    #expect(found.filter { !$0.isOurs }.map(\.kind) == ["process", "process"])
  }

  @Test func theHostIsRead() {
    let state = HostState.read()
    #expect(state.items["process"]?.contains { $0.hasPrefix("\(Processes.current)@") } == true)
    #expect(state.items["link"]?.contains { $0.hasPrefix("lo ") } == true)
    #expect(state.items["mount"]?.contains { $0.hasPrefix("/proc proc") } == true)
    #expect(state.items["sysctl"]?.contains { $0.contains("hostname = ") } == true)
  }

  @Test func aSessionIsKnownByItsDirectory() throws {
    let base = "/tmp/labkit-session-\(Processes.current)-\(Clock.now)"
    defer { do { try File.removeTree(base) } catch { Issue.record("\(error)") } }
    var place = Place(work: base)
    place.sessions = "\(base)/labs"
    let session = try Session(allLabs[1], place)
    let found = Session.all(place, of: allLabs[1])
    #expect(found.map(\.runRoot) == [session.runRoot])
    #expect(Session.all(place, of: allLabs[2]).isEmpty)
    #expect(found[0].isAlive && found[0].pid == Processes.current)
    #expect(found[0].before.differences(since: session.before, marks: []).isEmpty)
    // Another process under the same pid is another process.
    let other = try #require(
      Session(directory: "\(base)/labs/13-cpu-shares-\(session.pid)-1", root: "/x"))
    #expect(!other.isAlive)
    #expect(Session(directory: "/run/drydock/labs/else", root: "/x") == nil)
  }
}
