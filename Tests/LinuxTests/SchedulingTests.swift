import Testing

@testable import Linux

/// Lists of CPUs and nodes, and what a process can ask for itself.
@Suite struct SchedulingTests {
  @Test func listsOfNumbers() {
    #expect(NumberSet(list: "0")?.words == [1])
    #expect(NumberSet(list: "0-3,7")?.words == [0x8f])
    #expect(NumberSet(list: "63,64")?.words == [1 << 63, 1])
    for wrong in ["", ",", "a", "3-1", "1-", "-1", "1--2", "0-1-2", "8192", "0,", " 0"] {
      #expect(NumberSet(list: wrong) == nil, "\(wrong)")
    }
  }

  @Test func theKernelKnowsTheFlagsOfTheManual() {
    #expect(SeccompKernel.has(flags: 0))
    #expect(!SeccompKernel.has(flags: 1 << 31))
    #expect(SeccompKernel.has(action: 0x7fff_0000) && !SeccompKernel.has(action: 0x1234_0000))
  }

  @Test func descriptorsThatAreNotOpenAreFound() throws {
    let file = try File.open("/dev/null", .readOnly)
    #expect(Descriptors.firstClosed(of: 0) == nil)
    #expect(Descriptors.firstClosed(of: 1000) != nil)
    #expect(try Processes.nextDescriptor() != file.raw)
    #expect(try !Descriptors.isProc(file.raw))
    #expect(try Descriptors.isProc(File.open("/proc", [.path, .directory]).release()))
  }
}
