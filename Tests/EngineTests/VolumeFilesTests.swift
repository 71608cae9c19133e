import Linux
import State
import Testing

@testable import Engine

@Suite("Volumes' files, and what a kill leaves of them")
struct VolumeFilesTests {
  private let scratch: Scratch
  private let files: VolumeFiles
  private let image: String

  init() throws {
    scratch = try Scratch()
    files = VolumeFiles(root: scratch.path + "/volumes")
    image = scratch.path + "/image"
    try File.makeDirectories(image + "/data/deep")
    try File.replace(image + "/data/a", with: "a".utf8, mode: 0o640)
    try File.replace(image + "/data/deep/b", with: "b".utf8)
    try File.setMode(image + "/data", 0o1750)
    try File.makeLink(image + "/data/link", to: "/etc/passwd")
    try File.makeLink(image + "/way", to: "/data")
    try files.make("v")
  }

  private func fill(_ path: String = "/data") throws {
    try files.fill("v", from: path, lower: image, owner: nil)
  }
  private var entries: [String] { get throws { try File.list(files.data("v")).sorted() } }

  @Test("An empty volume gets the image's files with mode, links and names; its own too")
  func filled() throws {
    try fill()
    #expect(try entries == ["a", "deep", "link"])
    #expect(try File.status(files.data("v")).mode & 0o7777 == 0o1750)
    #expect(try File.status(files.data("v") + "/a").mode & 0o7777 == 0o640)
    #expect(try File.link(files.data("v") + "/link") == "/etc/passwd")
    #expect(try File.text(files.data("v") + "/deep/b") == "b")
    #expect(try File.list(files.home("v")) == ["_data"])
  }

  @Test("Through a link of the image, and never out of it")
  func through() throws {
    try fill("/way")
    #expect(try entries == ["a", "deep", "link"])
    try files.make("w")
    try File.makeLink(image + "/out", to: "/../../../../etc")
    try files.fill("w", from: "/out", lower: image, owner: nil)
    #expect(try File.list(files.data("w")).isEmpty)
  }

  @Test("A volume with something in it, and a place that the image lacks, stay as they are")
  func untouched() throws {
    try fill("/absent")
    #expect(try entries.isEmpty)
    try File.replace(files.data("v") + "/mine", with: [])
    try fill()
    #expect(try entries == ["mine"])
  }

  @Test("Killed while copying: the half copy counts for nothing, and the next one is whole")
  func killedCopying() throws {
    try File.makeDirectory(files.home("v") + "/filling")
    try File.replace(files.home("v") + "/filling/half", with: [])
    try fill()
    #expect(try entries == ["a", "deep", "link"])
    #expect(try File.list(files.home("v")) == ["_data"])
  }

  @Test("Killed while handing over: the next one finishes; what somebody wrote meanwhile stays")
  func killedMoving() throws {
    try File.makeDirectories(files.home("v") + "/filled")
    try File.replace(files.home("v") + "/filled/late", with: "image".utf8)
    try File.replace(files.home("v") + "/filled/same", with: "image".utf8)
    try File.replace(files.data("v") + "/same", with: "mine".utf8)
    try files.settle("v")
    #expect(try entries == ["late", "same"])
    #expect(try File.text(files.data("v") + "/same") == "mine")
    #expect(try File.list(files.home("v")) == ["_data"])
  }

  @Test("Holes, second names, times and attributes are copied as they are")
  func exact() throws {
    let data = image + "/data"
    let file = try File.open(data + "/sparse", [.writeOnly, .create], mode: 0o644)
    try File.write(file.raw, [UInt8](repeating: 1, count: 4096), name: "sparse")
    for words in [
      ["/usr/bin/truncate", "-s", "64M", data + "/sparse"],
      ["/bin/ln", data + "/a", data + "/second"],
      ["/usr/bin/touch", "-d", "2001-02-03 04:05:06.789", data + "/a"],
    ] { #expect(try Child.run(words[0], words).status.code == 0) }
    try fill()
    let copy = files.data("v")
    #expect(try File.status(copy + "/sparse").size == 64 << 20)
    let used = try Child.run("/usr/bin/du", ["du", "-k", copy + "/sparse"])
    let kilobytes = try #require(
      Int(String(decoding: used.output, as: UTF8.self).split(separator: "\t")[0]))
    #expect(kilobytes < 1024)
    #expect(try File.status(copy + "/a").inode == File.status(copy + "/second").inode)
    #expect(try File.status(copy + "/a").modified == File.status(data + "/a").modified)
  }
}

@Suite("Volumes' records")
struct VolumeStoreTests {
  private let scratch: Scratch
  private let state: StateHandle
  private let store: VolumeStore

  init() throws {
    scratch = try Scratch()
    state = StateHandle(root: scratch.path)
    store = VolumeStore(root: scratch.path, state: state)
  }

  private func make(_ name: String) throws {
    var record = VolumeRecord(name: name)
    record.createdNs = 1
    record.labels = ["a": "b=c", "d": ""]
    try store.create(record)
  }

  /// A container with volumes, as a transaction of the engine makes it.
  private func container(_ id: String, _ volumes: [String], anonymous: Bool = false) throws {
    var plan = MountPlan()
    for name in volumes {
      var record = VolumeRecord(name: name)
      record.isAnonymous = anonymous
      plan.volumes.append(record)
      plan.mounts.append(
        MountRecord(
          kind: "volume", volume: name, source: store.files.data(name), target: "/\(name)",
          options: ["rbind", "rw"]))
    }
    for volume in plan.volumes where !anonymous { try store.create(volume) }
    try state.open().write(.containerAdd, "making") { db in
      try ContainerTable.insert(
        ContainerRow(id: id, name: id, image: "i", createdNs: 1, document: []), db)
      try store.insert(plan, of: id, db)
    }
  }

  private func remove(_ id: String, volumes: Bool) throws {
    try state.open().write(.containerForget, "removing") { db in
      try VolumeTable.release(id, dropAnonymous: volumes, db)
      try ContainerTable.remove(id: id, db)
    }
    try store.finishRemovals()
  }

  @Test("Made twice it is one; with other options it is refused")
  func create() throws {
    try make("data")
    try make("data")
    #expect(try store.find("data")?.labels == ["a": "b=c", "d": ""])
    #expect(File.exists(store.files.data("data")))
    var other = VolumeRecord(name: "data")
    other.options = ["type": "ext4", "device": "/dev/sda1"]
    #expect(refusal { try store.create(other) }.message.contains("exists with other options"))
  }

  @Test("In use it is refused, by whomever; of two removals one finds nothing")
  func inUse() throws {
    try container("c1", ["data"])
    let refused = refusal { try store.remove("data") }
    #expect(refused.message == "remove data: volume is in use - [c1]" && refused.exitCode == 1)
    try remove("c1", volumes: true)
    #expect(try store.find("data") != nil)
    try store.remove("data")
    #expect(refusal { try store.remove("data") }.message == "get data: no such volume")
    #expect(try store.all().isEmpty && File.list(store.files.root).isEmpty)
  }

  @Test("Those without a name go with their container on request, unless somebody else has them")
  func anonymous() throws {
    try container("c1", ["aa", "bb"], anonymous: true)
    try container("c2", ["bb"])
    try remove("c1", volumes: true)
    #expect(try store.all().map(\.name) == ["bb"])
    try remove("c2", volumes: false)
    #expect(try store.all().map(\.name) == ["bb"])
  }

  @Test("Killed after it was hidden: not listed, its files go, and its name is free")
  func killedRemoving() throws {
    try make("data")
    try File.replace(store.files.data("data") + "/old", with: [])
    #expect(try state.open().write(.volumeHide, "hiding") { try VolumeTable.hide("data", $0) })
    #expect(try store.all().isEmpty)
    try make("data")
    #expect(try File.list(store.files.data("data")).isEmpty)
    try store.finishRemovals()
    #expect(try File.list(store.files.root) == ["data"])
  }

  @Test("Killed after its directory was moved away: the row goes, and what was moved")
  func killedMoved() throws {
    try make("data")
    _ = try state.open().write(.volumeHide, "hiding") { try VolumeTable.hide("data", $0) }
    try store.files.discard("data")
    try store.finishRemovals()
    #expect(try File.list(store.files.root).isEmpty)
    #expect(try state.open().read("looking") { try VolumeTable.removing($0) }.isEmpty)
  }

  @Test("Killed before its container was written down: found, unless the container is being made")
  func killedMaking() throws {
    var plan = MountPlan()
    var record = VolumeRecord(name: "aa")
    record.isAnonymous = true
    plan.volumes = [record]
    plan.mounts = [
      MountRecord(
        kind: "volume", volume: "aa", source: store.files.data("aa"), target: "/a", options: ["rw"])
    ]
    try make("other")
    try store.prepare(plan, for: "c1", lower: scratch.path, owner: nil)
    #expect(try store.abandoned { $0 == "c1" } == [])
    #expect(try store.abandoned { _ in false } == [store.files.home("aa")])
    try store.removeAbandoned { _ in false }
    #expect(try File.list(store.files.root) == ["other"])
    try store.prepare(plan, for: "c2", lower: scratch.path, owner: nil)
    try store.abandon(plan)
    #expect(try File.list(store.files.root) == ["other"])
  }
}
