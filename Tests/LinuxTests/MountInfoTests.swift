import Linux
import Testing

/// Lines of /proc/PID/mountinfo, proc_pid_mountinfo(5).
@Suite struct MountInfoTests {
  @Test func aLineOfTheManual() throws {
    let line =
      "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue"
    let mount = try #require(MountInfo(line))
    #expect(mount.root == "/mnt1")
    #expect(mount.target == "/mnt2")
    #expect(mount.options == "rw,noatime")
    #expect(mount.propagation == "master:1")
    #expect(mount.type == "ext3")
    #expect(mount.source == "/dev/root")
    #expect(mount.superOptions == "rw,errors=continue")
    #expect(mount.line == line)
  }

  @Test func noneOrManyOptionalFields() throws {
    let none = try #require(MountInfo("1 0 0:1 / / ro - proc proc rw"))
    #expect(none.propagation.isEmpty)
    let many = try #require(
      MountInfo("1 0 0:1 / /x ro shared:2 master:1 propagate_from:3 - tmpfs t rw"))
    #expect(many.propagation == "shared:2 master:1 propagate_from:3")
  }

  @Test func escapesAreUndone() throws {
    let mount = try #require(
      MountInfo(#"1 0 0:1 /a\040b /x\011y\012z\134w rw - tmpfs a\040b rw"#))
    #expect(mount.root == "/a b")
    #expect(mount.target == "/x\ty\nz\\w")
    #expect(mount.source == "a b")
  }

  @Test func aNameWithADashIsNoSeparator() throws {
    let mount = try #require(MountInfo("1 0 0:1 / /a-b rw - tmpfs - rw"))
    #expect(mount.target == "/a-b")
    #expect(mount.source == "-")
  }

  /// A combining accent makes one character with the space before it; fields are bytes.
  @Test func aFieldThatBeginsWithAnAccent() throws {
    let line = "1 0 0:1 / /x rw - tmpfs \u{301}disk size=1k"
    let mount = try #require(MountInfo(line))
    #expect(mount.source == "\u{301}disk" && mount.superOptions == "size=1k")
    #expect(MountInfo.list(parsing: line + "\r\n" + line + "\n").count == 2)
  }

  @Test(arguments: [
    "", " ", "-", "1 2 3", "1 0 0:1 / / rw", "1 0 0:1 / / rw -", "1 0 0:1 / / rw - tmpfs",
    "1 0 - tmpfs t rw",
  ])
  func whatIsNoLine(text: String) { #expect(MountInfo(text) == nil) }

  @Test func ownMountsHaveARoot() throws {
    let mounts = try MountInfo.list()
    #expect(mounts.contains { $0.target == "/" })
    #expect(mounts.contains { $0.target == "/proc" && $0.type == "proc" })
  }
}
