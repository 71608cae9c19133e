import Linux
import Testing

/// A disk without room: errors that say so, nothing half-made, and what makes room always works.
@Suite(
  .enabled(
    if: Drydock.isReady && File.exists("/usr/sbin/mkfs.ext4") && File.exists("/usr/bin/unshare"),
    "needs root, the executables and mkfs.ext4"))
struct FullDiskTests {
  private let drydock: Drydock

  init() throws { drydock = try Drydock() }

  /// A filesystem of 24 MiB at `disk`, and on it a root with images and containers.
  ///
  /// `fill` takes all that is free but its argument, in KiB. `try` says how a command ended, as
  /// `CODE COMMAND: WHAT IT SAID`, in one line.
  private func shell(_ filesystem: String, _ script: String) throws -> [String] {
    let files = drydock.scratch + "/files"
    try File.makeDirectories(files + "/bin")
    try #require(run(["/bin/cp", "/bin/busybox", files + "/bin/busybox"]).code == 0)
    for name in ["sh", "cat", "true", "sleep"] {
      try File.makeLink("\(files)/bin/\(name)", to: "busybox")
    }
    let make =
      filesystem == "tmpfs"
      ? "mount -t tmpfs -o size=24m none disk"
      : "truncate -s 24M disk.img; mkfs.\(filesystem) -q -m 0 disk.img; mount -o loop disk.img disk"
    let roots = "--root \(drydock.scratch)/disk/root --run-root \(drydock.scratch)/live"
    let outcome = try run(
      [
        "/usr/bin/unshare", "-m", "/bin/sh", "-c",
        """
        export PATH=/usr/sbin:/usr/bin:/sbin:/bin; cd \(drydock.scratch); mkdir disk small
        drydock() { \(drydock.binaries)/drydock \(roots) "$@"; }
        head -c 200000 /dev/urandom > small/data
        tar -C small -cf small.tar .; tar -C files -cf files.tar .
        \(make) || exit
        fill() {
          cat /dev/zero >> disk/filler; truncate -s -$(($1 * 1024)) disk/filler
        } 2> /dev/null
        try() {
          said=$(drydock "$@" 2>&1); code=$?
          echo $code "$*": $said
        }
        drydock import files.tar first:1 > /dev/null
        drydock tag first:1 second:1
        drydock import small.tar small:1 > /dev/null
        drydock run --name ended first:1 true
        drydock create --name made first:1 true > /dev/null
        drydock run -d --name lives first:1 sleep 1000 > /dev/null
        drydock volume create volume > /dev/null
        \(script)
        left=$(drydock ps -aq); [ -z "$left" ] || drydock rm -f $left > /dev/null
        umount disk
        """,
      ], within: 120)
    #expect(outcome.code == 0 && outcome.error == "", "\(outcome.text)")
    return outcome.output.lines
  }

  @Test(arguments: ["ext4", "tmpfs"]) func whatMakesRoomWorks(on filesystem: String) throws {
    let commands = [
      "ps -a", "images", "volume ls", "inspect ended", "logs lives", "system df", "exec lives true",
      "rename ended over", "rmi second:1", "rm over", "rm -f lives", "container prune -f",
      "volume rm volume", "rmi small:1", "image prune -af", "doctor",
    ]
    let lines = try shell(
      filesystem, commands.map { "fill 0; try \($0)" }.joined(separator: "\n"))
    #expect(lines.count == commands.count)
    for line in lines { #expect(line.hasPrefix("0 "), "\(line)") }
  }

  @Test func whatNeedsRoomSaysSoAndLeavesNothing() throws {
    let commands = [
      "import files.tar new:1", "commit ended new:1", "run -d first:1 sleep 1",
      "run --rm first:1 true",
      "create first:1 true",
    ]
    var script = "try images -q; try ps -aq; drydock save -o images.tar first:1 small:1\n"
    for room in [0, 16, 256, 1024, 3000] {
      script += "fill \(room); try load -i images.tar\n"
    }
    script += commands.map { "fill 0; try \($0)" }.joined(separator: "\n")
    script += "\ntry images -q; try ps -aq; try doctor\n"
    let lines = try shell("ext4", script)
    let failed = lines.filter { !$0.hasPrefix("0 ") }
    #expect(failed.count >= 3, "\(lines)")
    for line in failed {
      #expect(line.contains("ENOSPC") || line.contains("disk is full"), "\(line)")
      #expect(line.contains("drydock system df") || line.contains("drydock image prune"), "\(line)")
    }
    // What found room after all is there, and nothing else.
    func listed(_ line: String) -> Int { line.split(separator: " ").count }
    func done(_ words: String...) -> Int {
      lines.filter { line in words.contains { line.hasPrefix("0 " + $0) } }.count
    }
    let last = Array(lines.suffix(3))
    #expect(listed(last[0]) == listed(lines[0]) + done("import", "commit"), "\(lines)")
    #expect(listed(last[1]) == listed(lines[1]) + done("run -d", "create"), "\(lines)")
    #expect(last[2] == "0 doctor: Nothing was left behind.")
  }

  @Test func aContainerThatFillsTheDiskCanBeRemoved() throws {
    let lines = try shell(
      "ext4",
      """
      drydock run -d --name greedy first:1 \
        sh -c 'cat /dev/zero > /zeroes; sleep 1000' > /dev/null
      until [ $(df --output=avail disk | tail -1) -lt 64 ]; do sleep 0.05; done
      try ps
      try rmi second:1
      try rm -f greedy
      try run --rm first:1 true
      """)
    #expect(lines.count == 4)
    for line in lines { #expect(line.hasPrefix("0 "), "\(line)") }
  }
}
