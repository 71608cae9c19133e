import Linux
import Steps
import Testing

/// The text of `--fault`, and when a planted fault strikes.
@Suite struct FaultTests {
  @Test func allForms() throws {
    let plain = try #require(Fault("mount.attach"))
    #expect(plain.id == .mountAttach && plain.occurrence == nil)
    #expect(plain.disposition == .fail(Errno(5)))
    let full = try #require(Fault("mount.attach#3:EPERM"))
    #expect(full.occurrence == 3 && full.disposition == .fail(.perm))
    #expect(Fault("process.exec:kill")?.disposition == .die)
    #expect(Fault("process.exec#2:28")?.disposition == .fail(Errno(28)))
  }

  @Test(arguments: [
    "", ":", "#", "mount", "mount.attach#", "mount.attach#0", "mount.attach#-1", "mount.attach#x",
    "mount.attach:", "mount.attach:EWHAT", "mount.attach:KILL", "mount.attach#1:kill:EIO",
    " mount.attach",
  ])
  func whatIsNoFault(text: String) { #expect(Fault(text) == nil) }

  @Test func onlyTheGivenOccurrenceFails() throws {
    var faults = Faults([try #require(Fault("mount.attach#2:EBUSY"))])
    #expect(faults.next(.mountAttach) == .proceed)
    #expect(faults.next(.mountBind) == .proceed)
    #expect(faults.next(.mountAttach) == .fail(.busy))
    #expect(faults.next(.mountAttach) == .proceed)
  }

  @Test func withoutANumberEveryOccurrenceFails() throws {
    var faults = Faults([try #require(Fault("mount.attach"))])
    for _ in 0..<3 { #expect(faults.next(.mountAttach) == .fail(Errno(5))) }
  }

  @Test func severalFaultsCountApart() throws {
    var faults = Faults([
      try #require(Fault("mount.attach#1:EPERM")), try #require(Fault("mount.attach#2:kill")),
    ])
    #expect(faults.next(.mountAttach) == .fail(.perm))
    #expect(faults.next(.mountAttach) == .die)
  }
}
