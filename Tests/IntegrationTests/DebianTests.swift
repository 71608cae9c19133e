import Foundation
import Linux
import Testing

/// A real distribution: Debian's smallest root, made once by mmdebstrap(1) and kept.
enum Debian {
  static let path =
    FileManager.default.homeDirectoryForCurrentUser.path + "/.cache/drydock-tests/debian.tar"

  static let isReady = Drydock.isReady && File.exists("/usr/bin/mmdebstrap")

  /// The plain tar, about 170 MB in 8,700 entries; made when it is missing, which takes minutes.
  static func root() throws -> String {
    if File.exists(path) { return path }
    try File.makeDirectories(String(path.dropLast("/debian.tar".count)))
    let making = "\(path).\(Processes.current)"
    let outcome = try run(
      ["/usr/bin/mmdebstrap", "--quiet", "--variant=minbase", "--format=tar", "bookworm", making],
      within: 900)
    try #require(outcome.code == 0, "\(outcome.text)")
    try File.move(making, to: path)
    return path
  }
}

@Suite("A Debian image", .serialized, .enabled(if: Debian.isReady))
struct DebianTests {
  @Test("imported, run, changed, committed, saved, loaded: the same image, every entry there")
  func life() throws {
    let drydock = try Drydock()
    func ok(_ words: String...) throws -> String {
      let result = try drydock.run(words)
      #expect(result.code == 0, "\(words.joined(separator: " ")): \(result.error)")
      return result.output.trimmed
    }
    let tar = try Debian.root()
    let id = try ok("import", "-c", #"CMD ["bash"]"#, tar, "debian:12")
    #expect(try ok("run", "--rm", "debian:12", "perl", "-e", "print 6 * 7") == "42")
    let names = try run(["/bin/tar", "-tf", tar], within: 120).output.lines
    let found = try ok("run", "--rm", "debian:12", "sh", "-c", "find / -xdev | wc -l")
    // The root itself is in both; /proc, /sys and /dev are mounts.
    #expect(
      (Int(found) ?? 0) >= names.count - 40 && (Int(found) ?? 0) <= names.count + 5,
      "\(found) of \(names.count)")
    #expect(try ok("run", "--rm", "debian:12", "dpkg", "--verify") == "")

    _ = try ok(
      "run", "--name", "changed", "debian:12", "sh", "-c", "rm -r /usr/share/doc; useradd -m me")
    #expect(try ok("diff", "changed").lines.contains("D /usr/share/doc"))
    let made = try ok("commit", "changed", "debian:me")
    #expect(
      try ok("run", "--rm", "-u", "me", "debian:me", "sh", "-c", "id -un; ls ~/.bashrc")
        == "me\n/home/me/.bashrc")
    _ = try ok("rm", "changed")
    _ = try ok("save", "-o", drydock.scratch + "/both.tar", "debian")
    _ = try ok("rmi", "debian:12", "debian:me")
    #expect(try ok("images", "-q") == "")
    _ = try ok("load", "-i", drydock.scratch + "/both.tar")
    #expect(try Set(ok("images", "-q", "--no-trunc").lines) == [id, made])
    #expect(try File.list(drydock.scratch + "/root/blobs/ingest") == [])
  }
}
