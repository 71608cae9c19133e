import Glibc
import Linux
import Testing

/// Commands on a root whose disk writes down every write (Tests/PowerCut), and what is on that disk
/// when the power fails at any of them.
///
/// Everything runs in mount namespaces of its own, so that nothing stays mounted whatever happens.
final class PowerCut {
  /// A command, and what people may rely on once it has said that it is done.
  struct Step {
    /// Of `drydock`; with `sh ` at the beginning, of a shell.
    let words: String
    var makes: [String] = []
    var removes: [String] = []
  }

  /// One record of the disk's log: a write, or with no bytes a flush.
  private struct Record {
    let offset: UInt64
    let bytes: Range<Int>
    var isFlush: Bool { offset == .max }
  }

  /// A moment at which the power may fail.
  struct Moment: CustomStringConvertible {
    /// How many records have reached the disk.
    let records: Int
    /// Of what came after the last flush any block may be lost; nil when the disk has no cache.
    let seed: UInt64?
    /// What is going on.
    let description: String
  }

  private let drydock: Drydock
  private let steps: [Step]
  private var log: [UInt8] = []
  private var records: [Record] = []
  /// How many records there were before and after each step.
  private(set) var spans: [Range<Int>] = []

  private var place: String { drydock.scratch }

  static let needs = ["/usr/sbin/mkfs.ext4", "/usr/bin/unshare", "/usr/bin/strace"]
  static let isReady =
    Drydock.isReady && File.exists("/dev/fuse") && File.exists("/dev/loop-control")
    && needs.allSatisfy { File.exists($0) }

  /// Runs the commands, in order, with the disk watched; `wrapped` is a program that runs each of them.
  init(_ steps: [Step], wrapped: String = "") throws {
    drydock = try Drydock()
    self.steps = steps
    try makeArchives()
    for folder in ["disk", "cut"] { try File.makeDirectory("\(place)/\(folder)") }
    var script = """
      mkfs.ext4 -q -b 4096 -m 0 -O ^resize_inode -E nodiscard,lazy_itable_init=0,lazy_journal_init=0 \
        base.img 64M > /dev/null
      cp --sparse=always base.img now.img
      : > device
      \(drydock.binaries)/power-cut-disk now.img log device > ready &
      until [ -s ready ]; do sleep 0.01; done
      mount -o loop device disk
      size() { stat -c %s log; }

      """
    for step in steps {
      let command =
        step.words.hasPrefix("sh ") ? step.words : "\(wrapped) $drydock \(step.words)"
      script += """
        before=$(size)
        \(command) > output 2>&1 || { cat output; exit 1; }
        echo $before $(size)

        """
    }
    // What nobody waited for comes to the disk too, later.
    script += "sync -f disk; umount disk; umount device; wait\n"
    let outcome = try shell(script, within: 120)
    try #require(outcome.code == 0, "\(outcome.text)")
    log = try File.read(place + "/log", limit: 1 << 28)
    try readLog(outcome.output.lines)
  }

  private func shell(_ script: String, within seconds: Int32 = 60) throws -> Outcome {
    let drydock = "\(drydock.binaries)/drydock --root \(place)/disk/root --run-root \(place)/live"
    return try run(
      [
        "/usr/bin/unshare", "-m", "/bin/sh", "-c",
        "export PATH=/usr/sbin:/usr/bin:/sbin:/bin; cd \(place); drydock='\(drydock)'\n" + script,
      ], within: seconds)
  }

  /// Two images, the second with one layer more, in one archive; and a root filesystem.
  private func makeArchives() throws {
    let files = place + "/files"
    try File.makeDirectories(files + "/bin")
    try #require(run(["/bin/cp", "/bin/busybox", files + "/bin/busybox"]).code == 0)
    for name in ["sh", "cat", "true"] { try File.makeLink("\(files)/bin/\(name)", to: "busybox") }
    try File.replace(files + "/marker", with: "whole\n".utf8)
    try #require(run(["/bin/tar", "-C", files, "-cf", place + "/files.tar", "."]).code == 0)
    for words in [
      ["import", place + "/files.tar", "loaded:1"],
      ["run", "--name", "base", "loaded:1", "sh", "-c", "echo whole > /more"],
      ["commit", "base", "loaded:2"],
      ["save", "-o", place + "/images.tar", "loaded:1", "loaded:2"], ["rm", "base"],
    ] {
      let result = try drydock.run(words)
      try #require(result.code == 0, "\(result)")
    }
  }

  // MARK: The log

  private func readLog(_ lines: [String]) throws {
    var counts = [0: 0]
    var position = 0
    try unsafe log.withUnsafeBytes { (bytes) throws in
      while position < bytes.count {
        let offset = unsafe bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self)
        let length = unsafe bytes.loadUnaligned(fromByteOffset: position + 8, as: UInt32.self)
        let start = position + 12
        position = start + Int(length)
        records.append(Record(offset: offset, bytes: start..<position))
        counts[position] = records.count
      }
    }
    for line in lines {
      let ends = line.split(separator: " ").compactMap { Int($0) }
      try #require(ends.count == 2, "\(lines)")
      spans.append(try #require(counts[ends[0]])..<(try #require(counts[ends[1]])))
    }
    try #require(spans.count == steps.count)
  }

  /// The moment right after a step has said that it is done, or a part of the way.
  func moment(_ step: Int, part: Double = 1, seed: UInt64? = nil) -> Moment {
    let span = spans[step]
    let records = span.lowerBound + Int((Double(span.count) * part).rounded(.down))
    return moment(records: records, seed: seed)
  }

  func moment(records: Int, seed: UInt64?) -> Moment {
    let step = spans.firstIndex { $0.contains(records - 1) }
    let last = spans.lastIndex { $0.upperBound <= records }
    let what =
      step.map { "during '\(steps[$0].words)'" } ?? "after '\(last.map { steps[$0].words } ?? "")'"
    return Moment(
      records: records, seed: seed,
      description: "\(records) records, \(what), cache lost by \(seed.map { "\($0)" } ?? "none")")
  }

  /// Every moment there is.
  var moments: [Moment] {
    (0...records.count).flatMap {
      [moment(records: $0, seed: nil), moment(records: $0, seed: UInt64($0))]
    }
  }

  /// Makes the disk as the power cut leaves it.
  private func cut(_ moment: Moment) throws {
    let image = place + "/cut.img"
    try #require(run(["/bin/cp", "--sparse=always", place + "/base.img", image]).code == 0)
    let file = try File.open(image, .readWrite)
    let done = records[..<moment.records]
    let flushed = done.lastIndex { $0.isFlush } ?? 0
    var random = SplitMix(state: moment.seed ?? 0)
    for (index, record) in done.enumerated() where !record.isFlush {
      var start = record.bytes.lowerBound
      while start < record.bytes.upperBound {
        let end = min(start + 4096, record.bytes.upperBound)
        if moment.seed == nil || index < flushed || Bool.random(using: &random) {
          let offset = Int(record.offset) + start - record.bytes.lowerBound
          let put = unsafe log[start..<end].withUnsafeBytes {
            unsafe pwrite(file.raw, $0.baseAddress, $0.count, offset)
          }
          try #require(put == end - start)
        }
        start = end
      }
    }
  }

  // MARK: After the cut

  /// What is wrong after a power cut: nothing, as it should be.
  ///
  /// When the machine `reboots`, as it would, the kernel has another boot id then.
  func damage(_ moment: Moment, reboots: Bool = true) throws -> [String] {
    try cut(moment)
    let outcome = try shell((reboots ? PowerCut.newBoot : "") + PowerCut.examination)
    let lines = (outcome.output + outcome.error).lines
    var damage = lines.filter { !$0.hasPrefix("there: ") }
    if lines.last != "there: all" { damage.append("the examination did not end") }
    for thing in promised(moment) where !lines.contains("there: " + thing) {
      damage.append("lost: \(thing)")
    }
    return damage
  }

  /// What commands that had ended have promised, and none since has begun to take back.
  private func promised(_ moment: Moment) -> [String] {
    var things = [String]()
    for (step, span) in zip(steps, spans) where span.lowerBound <= moment.records {
      things.removeAll { step.removes.contains($0) }
      if span.upperBound <= moment.records { things += step.makes }
    }
    return things
  }

  private static let newBoot = """
    echo 01234567-89ab-cdef-0123-456789abcdef > boot
    mount --bind boot /proc/sys/kernel/random/boot_id

    """

  /// Prints `there: …` for what is there, and anything else for what is wrong.
  private static let examination = """
    mount -o loop cut.img disk || exit
    root=disk/root
    for image in $($drydock images --format '{{.Repository}}:{{.Tag}}' || echo images fail); do
      echo there: image $image
      said=$($drydock run --rm $image cat /marker 2>&1)
      [ "$said" = whole ] || echo "$image does not run: $said"
    done
    for blob in $root/blobs/sha256/*; do
      [ ! -e $blob ] || [ "$(sha256sum < $blob)" = "$(basename $blob)  -" ] || echo $blob is damaged
    done
    for container in $($drydock ps -a --format '{{.Names}}' || echo ps fails); do
      echo there: container $container
      said=$($drydock start -a $container 2>&1) || echo "$container does not start: $said"
    done
    for volume in $($drydock volume ls -q || echo volume ls fails); do echo there: volume $volume; done
    said=$($drydock doctor 2>&1) || echo "the doctor fails: $said"
    said=$($drydock doctor 2>&1)
    [ "$said" = 'Nothing was left behind.' ] || echo "the doctor finds more: $said"
    containers=$($drydock ps -aq)
    [ -z "$containers" ] || $drydock rm -f $containers > /dev/null
    umount disk
    echo there: all
    """
}

/// A small generator with a seed (SplitMix64), so that a failure can be repeated.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
