internal import Engine
internal import Images
internal import LabKit
internal import Linux
internal import Measure

@Sendable func experiment(_ stage: Stage) throws {
  let packed = try Packed(stage)
  let base = try time(stage, packed)
  let store = try stage.ownStore()
  try shared(stage, packed, store, base)
  try compressed(stage, packed, store, base)
}

/// The same files twice, and once more with another time; tells the base layer.
private func time(_ stage: Stage, _ packed: Packed) throws -> (path: String, digest: String) {
  stage.say(Texts.sayFiles)
  let files = "\(packed.folder)/files"
  try File.makeDirectories("\(files)/bin")
  try File.makeDirectories("\(files)/tmp")
  try stage.host(["cp", "/bin/busybox", "\(files)/bin/busybox"])
  for name in ["sh", "sleep", "cat", "stat"] {
    try stage.host(["ln", "-s", "busybox", "\(files)/bin/\(name)"], isShown: false)
  }
  try File.replace("\(files)/hello", with: Array("hello\n".utf8))
  let first = try packed.tar("files", "one")
  let one = try packed.digest(first)
  let again = try packed.digest(try packed.tar("files", "again"))
  stage.find(
    "control", Texts.findControl, expected: short(one), seen: short(again), if: one == again,
    otherwise: Texts.notReproduced)
  try stage.host(["touch", "-d", "2001-02-03 04:05:06", "\(files)/hello"])
  let touched = try packed.digest(try packed.tar("files", "touched"))
  stage.fact("one", short(one))
  stage.fact("touched", short(touched))
  stage.find(
    "time", Texts.findTime, expected: "≠ \(short(one))", seen: short(touched),
    if: touched != one, otherwise: Texts.sameDigest)
  return (first, one)
}

/// Two images on one base, and a container of each.
private func shared(
  _ stage: Stage, _ packed: Packed, _ store: Engine, _ base: (path: String, digest: String)
) throws {
  stage.say(Texts.sayImages)
  var named = [String]()
  for name in ["red", "blue"] {
    try File.makeDirectories("\(packed.folder)/\(name)-files")
    try File.replace("\(packed.folder)/\(name)-files/colour", with: Array("\(name)\n".utf8))
    let top = try packed.tar("\(name)-files", name)
    let layers = [base, (path: top, digest: try packed.digest(top))]
    let archive = try packed.image(name, layers.map { ($0.path, $0.digest) })
    named += layers.map { $0.digest }
    _ = try stage.load(archive, into: store)
  }
  let unpacked = look(stage, store, .before)
  stage.fact("named", "\(named.count)")
  stage.fact("layers", "\(unpacked.count)")
  let expected = Set(named)
  stage.find(
    "layers", Texts.findLayers, expected: "\(expected.count)", seen: "\(unpacked.count)",
    if: Set(unpacked.map { "sha256:" + $0 }) == expected, otherwise: Texts.otherCount)

  stage.say(Texts.sayRun)
  var first: Int32 = 0
  var inodes = [String]()
  for name in ["red", "blue"] {
    var options = RunOptions(image: "lab/\(name):1")
    options.command = ["sleep", "60"]
    let container = try stage.start(options, steps: ["rootfs.overlay"])
    if first == 0 { first = container.pid }
    // The first one's again, beside the second's: it has not changed.
    for pid in Set([first, container.pid]).sorted() {
      let moment: Exhibit.Moment = pid == first && inodes.isEmpty ? .before : .during
      stage.note("/proc/\(pid)/mountinfo", Texts.root, moment, rootLine(of: pid))
      let path = "/proc/\(pid)/root/hello"
      stage.note(path, Texts.inode, moment, (try? File.status(path)).map { "inode \($0.inode)" })
    }
    inodes.append("\(try File.status("/proc/\(container.pid)/root/hello").inode)")
  }
  stage.fact("inode", inodes[1])
  stage.find(
    "inode", Texts.findInode, expected: "inode \(inodes[0])", seen: "inode \(inodes[1])",
    if: inodes[0] == inodes[1], otherwise: Texts.otherInode)
}

/// The base, compressed in two ways.
private func compressed(
  _ stage: Stage, _ packed: Packed, _ store: Engine, _ base: (path: String, digest: String)
) throws {
  stage.say(Texts.sayGzip)
  let count = Kernel.list("\(store.root)/layers").filter(isDigest).count
  var blobs: [(seen: String, truth: String)] = []
  var ids = [String]()
  for (name, level) in [("fast", "-1"), ("small", "-9")] {
    let path = "\(packed.folder)/\(name).tar.gz"
    try stage.host(["sh", "-c", "gzip -n \(level) <\(base.path) >\(path)"])
    let truth = try packed.digest(path)
    let archive = try packed.image(name, [(path, base.digest)])
    guard let layer = try stage.load(archive, into: store).first?.image.layers.first else {
      throw LabError("the image \(name) has no layer")
    }
    blobs.append(("\(layer.blob)", truth))
    ids.append("\(layer.diffID)")
    stage.fact(name, short("\(layer.blob)"))
  }
  let unpacked = look(stage, store, .after)
  stage.fact("diff", short(ids[0]))
  stage.find(
    "diffid", Texts.findDiffID, expected: short(base.digest),
    seen: ids.map(short).joined(separator: ", "), if: ids.allSatisfy { $0 == base.digest },
    otherwise: Texts.otherDiffID)
  stage.find(
    "blobs", Texts.findBlobs, expected: blobs.map { short($0.truth) }.joined(separator: " ≠ "),
    seen: blobs.map { short($0.seen) }.joined(separator: ", "),
    if: blobs.allSatisfy { $0.seen == $0.truth } && blobs[0].seen != blobs[1].seen,
    otherwise: Texts.sameBlobs)
  stage.find(
    "still", Texts.findStill, expected: "\(count)", seen: "\(unpacked.count)",
    if: unpacked.count == count, otherwise: Texts.moreLayers)
}

/// Shows the store's directories; tells the unpacked layers.
private func look(_ stage: Stage, _ store: Engine, _ moment: Exhibit.Moment) -> [String] {
  func names(_ directory: String) -> [String] { Kernel.list(directory).filter(isDigest) }
  func text(_ names: [String]) -> String {
    names.map { $0.prefix(12) + "…" }.joined(separator: "\n")
  }
  let (layers, blobs) = ("\(store.root)/layers", "\(store.root)/blobs/sha256")
  let unpacked = names(layers)
  stage.note(layers, Texts.layerNames, moment, text(unpacked))
  stage.note(blobs, Texts.blobNames, moment, text(names(blobs)))
  return unpacked
}

private func isDigest(_ name: String) -> Bool {
  name.utf8.count == 64 && name.allSatisfy { $0.isHexDigit }
}

/// The mount on `/`: its lower layers are directories of the store.
private func rootLine(of pid: Int32) -> String? {
  (Kernel.read("/proc/\(pid)/mountinfo") ?? "").split(separator: "\n")
    .last { MountInfo($0)?.target == "/" }.map { String($0) }
}

/// `sha256:` and the first twelve digits.
func short(_ digest: String) -> String { String(digest.prefix(19)) }
