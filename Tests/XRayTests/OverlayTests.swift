import Linux
import Testing

@testable import XRay

@Suite struct OverlayTests {
  @Test func optionsAsTheKernelShowsThem() throws {
    let mount = try #require(
      Recorded.text("mountinfo").split(separator: "\n").compactMap { MountInfo($0) }.first)
    let options = OverlayOptions(mount.superOptions)
    #expect(options.lower == ["/var/lib/drydock/images/busybox-1272596a3298/rootfs"])
    #expect(options.upper?.hasSuffix("/upper") == true)
    #expect(options.work?.hasSuffix("/work") == true)
  }

  @Test func layersInEveryForm() {
    #expect(OverlayOptions("ro,lowerdir=/a:/b:/c").lower == ["/a", "/b", "/c"])
    #expect(OverlayOptions("ro,lowerdir=/a:/b").upper == nil)
    let added = OverlayOptions("rw,lowerdir+=/a,lowerdir+=/b,datadir+=/d,upperdir=/u")
    #expect(added.lower == ["/a", "/b"] && added.data == ["/d"] && added.upper == "/u")
    let data = OverlayOptions("ro,lowerdir=/a:/b::/d::/e")
    #expect(data.lower == ["/a", "/b"] && data.data == ["/d", "/e"])
  }

  @Test func escapes() {
    // As newer kernels show a colon, a comma and a blank; then as older ones show a colon.
    #expect(OverlayOptions(#"lowerdir=/a\072b:/c\054d\040e"#).lower == ["/a:b", "/c,d e"])
    #expect(OverlayOptions(#"lowerdir=/a\134:b:/c"#).lower == ["/a:b", "/c"])
    #expect(OverlayOptions(#"upperdir=/u\134x,lowerdir=/l"#).upper == #"/u\x"#)
    #expect(OverlayOptions(#"lowerdir=/a\0"#).lower == [#"/a\0"#])
  }

  @Test func whatIsDamagedIsRead() throws {
    for text in Recorded.damaged("rw,lowerdir=/a\\072b:/c::/d,upperdir=/u,workdir=/w") {
      _ = OverlayOptions(text)
    }
  }

  @Test func countsAndWhatIsStillVisible() throws {
    let scratch = try Scratch()
    try scratch.write("lower/kept", bytes: 10)
    try scratch.write("lower/changed", bytes: 20)
    try scratch.write("lower/removed", bytes: 30)
    try scratch.write("lower/dir/one", bytes: 40)
    try scratch.write("lower/gone/two", bytes: 50)
    try scratch.write("upper/changed", bytes: 21)
    try scratch.write("upper/dir/new", bytes: 41)
    try scratch.shell(
      "mknod upper/removed c 0 0; mknod upper/gone c 0 0; ln lower/kept lower/again; "
        + "ln -s kept lower/link")
    var walk = LayerWalk()
    let upper = try walk.count(scratch.path + "/upper")
    let lower = try walk.count(scratch.path + "/lower")
    #expect(upper.files == 2 && upper.bytes == 62 && upper.whiteouts == 2)
    #expect(upper.visibleFiles == 2 && upper.directories == 1 && upper.isComplete)
    // One inode with two names is counted once in bytes.
    #expect(lower.files == 6 && lower.bytes == 150 && lower.others == 1 && lower.directories == 2)
    // kept, again, dir/one: the others are changed, removed, or in a removed directory.
    #expect(lower.visibleFiles == 3 && lower.visibleBytes == 50)
  }

  @Test(.enabled(if: Identity.effectiveUser == 0 && File.exists("/usr/bin/setfattr")))
  func opaqueDirectoriesHideWhatIsBelow() throws {
    let scratch = try Scratch()
    try scratch.write("lower/dir/old", bytes: 5)
    try scratch.write("upper/dir/new", bytes: 5)
    try scratch.write("upper/marked/hidden", bytes: 0)
    try scratch.write("upper/marked/empty", bytes: 0)
    try scratch.shell(
      "setfattr -n trusted.overlay.opaque -v y upper/dir; "
        + "setfattr -n trusted.overlay.opaque -v x upper/marked; "
        + "setfattr -n trusted.overlay.whiteout -v y upper/marked/hidden")
    var walk = LayerWalk()
    let upper = try walk.count(scratch.path + "/upper")
    let lower = try walk.count(scratch.path + "/lower")
    #expect(upper.opaque == 1 && upper.whiteouts == 1 && upper.files == 2)
    #expect(lower.files == 1 && lower.visibleFiles == 0)
  }

  @Test func aLayerWithoutEndIsCutAndSaidToBe() throws {
    let scratch = try Scratch()
    try scratch.shell("mkdir layer; cd layer; for i in $(seq 50); do : >$i; done")
    var walk = LayerWalk(limit: 20)
    let cut = try walk.count(scratch.path + "/layer")
    #expect(cut.files == 20 && !cut.isComplete)
    // Deeper than descriptors reach.
    try scratch.shell(
      "mkdir deep; cd deep; for i in $(seq 400); do mkdir d; cd -P d; done")
    var deep = LayerWalk()
    let content = try deep.count(scratch.path + "/deep")
    #expect(content.directories == LayerWalk.deepest + 1 && !content.isComplete)
  }

  @Test func namesThatAreNoText() throws {
    let scratch = try Scratch()
    try scratch.shell(#"mkdir layer; : >"layer/$(printf '\351\377')"; : >'layer/a b'"#)
    var walk = LayerWalk()
    let content = try walk.count(scratch.path + "/layer")
    #expect(content.files == 2 && content.isComplete)
  }

  @Test func aMissingLayerIsAnError() {
    var walk = LayerWalk()
    #expect(throws: SystemError.self) { try walk.count("/nonexistent/layer") }
  }
}
