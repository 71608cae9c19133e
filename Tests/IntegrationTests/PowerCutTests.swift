import Linux
import Testing

/// The power fails: afterwards the store is sound, what was promised is there, nothing half-made is
/// listed, and the doctor removes the rest.
@Suite(.enabled(if: PowerCut.isReady, "needs root, FUSE, loop devices, mkfs.ext4 and strace"))
struct PowerCutTests {
  private static let steps: [PowerCut.Step] = [
    .init(words: "load -i images.tar", makes: ["image loaded:1", "image loaded:2"]),
    .init(words: "tag loaded:2 tagged:1", makes: ["image tagged:1"]),
    .init(words: "import files.tar imported:1", makes: ["image imported:1"]),
    .init(words: "volume create kept", makes: ["volume kept"]),
    .init(
      words: "create --name made -v kept:/bin -v /anonymous loaded:2 cat /marker",
      makes: ["container made"]),
    .init(words: "run --name ended loaded:1 sh -c 'echo x > /x'", makes: ["container ended"]),
    .init(words: "commit ended committed:1", makes: ["image committed:1"]),
    .init(words: "run -d --name started loaded:1 true", makes: ["container started"]),
    .init(words: "run --rm loaded:2 true"),
    .init(words: "rm -f started", removes: ["container started"]),
    .init(words: "rmi tagged:1", removes: ["image tagged:1"]),
    .init(words: "rm ended", removes: ["container ended"]),
    .init(words: "rmi committed:1", removes: ["image committed:1"]),
    .init(words: "volume create other", makes: ["volume other"]),
    .init(words: "volume rm other", removes: ["volume other"]),
    .init(words: "image prune -af", removes: ["image imported:1", "image loaded:1"]),
  ]

  @Test func atAnyWrite() throws {
    let disk = try PowerCut(PowerCutTests.steps)
    var moments = [PowerCut.Moment]()
    if isSoak {
      moments = disk.moments
    } else {
      // Right after a promise with the cache lost; and in the midst of what takes several writes.
      for step in [0, 2, 4, 6, 7] { moments.append(disk.moment(step, seed: UInt64(step))) }
      for step in [0, 4, 9, 15] { moments.append(disk.moment(step, part: 0.6)) }
    }
    for moment in moments {
      let damage = try disk.damage(moment)
      #expect(damage == [], "\(moment)")
    }
  }

  /// The check above can fail: without fsync(2) what was promised is lost.
  @Test func withoutSyncingPromisesAreLost() throws {
    let calls = "fsync,fdatasync,syncfs"
    let disk = try PowerCut(
      [PowerCutTests.steps[0]],
      wrapped: "strace -f -qq -o /dev/null -e trace=\(calls) -e inject=\(calls):retval=0")
    let damage = try disk.damage(disk.moment(0))
    #expect(damage.contains("lost: image loaded:1"), "\(damage)")
  }

  /// Why the next boot unpacks layers again.
  ///
  /// A note has reached the disk without the files that it is about: in the same boot they would be
  /// taken for whole.
  @Test func layersOfAnotherBootAreNotTrusted() throws {
    let disk = try PowerCut([
      PowerCutTests.steps[0],
      .init(words: "sh -c 'for note in disk/root/layers/*/layer.json; do sync $note; done'"),
    ])
    let moment = disk.moment(1)
    #expect(try disk.damage(moment) == [])
    let damage = try disk.damage(moment, reboots: false)
    #expect(damage.contains { $0.hasPrefix("loaded:1 does not run") }, "\(damage)")
  }

  private var isSoak: Bool { Processes.environment.contains("DRYDOCK_SOAK=1") }
}
