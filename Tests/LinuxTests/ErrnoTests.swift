import Linux
import Testing

/// errno values, by number and by name.
@Suite struct ErrnoTests {
  @Test(arguments: [
    (1, "EPERM", "operation not permitted"), (2, "ENOENT", "no such file or directory"),
    (16, "EBUSY", "device or resource busy"), (38, "ENOSYS", "function not implemented"),
    (40, "ELOOP", "too many levels of symbolic links"),
  ])
  func knownNumbers(code: Int32, name: String, message: String) {
    #expect(Errno(code).name == name)
    #expect(Errno(code).message == message)
    #expect(Errno(named: name) == Errno(code))
    #expect(Errno(named: String(code)) == Errno(code))
  }

  @Test func unknownNumbersKeepTheirNumber() {
    #expect(Errno(511).name == "E511")
    #expect(Errno(511).message.contains("511"))
  }

  @Test(arguments: ["", "0", "-1", "4096", "EPERMX", "eperm", " EPERM", "1 "])
  func whatIsNoErrno(text: String) { #expect(Errno(named: text) == nil) }

  @Test func everyErrorNamesCallObjectAndErrno() {
    let text = SystemError("pivot_root(2)", .invalid, "/rootfs").text
    #expect(text == "pivot_root(2) /rootfs: invalid argument (EINVAL)")
  }

  @Test func aFailedCallCarriesWhatTheKernelSaid() {
    #expect(throws: SystemError("open(2)", .noEntry, "/nowhere/at/all")) {
      _ = try File.read("/nowhere/at/all")
    }
    #expect(throws: SystemError("rmdir(2)", .notDirectory, "/proc/self/exe/x")) {
      try File.removeDirectory("/proc/self/exe/x")
    }
  }
}
