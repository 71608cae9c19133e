import Linux
import OCI
import Testing

/// Bad input: the message names the thing, nothing is made, nothing on the host is touched.
@Suite(.enabled(if: Machine.isReady, Machine.reason))
struct BadInputTests {
  let bundle: Bundle

  init() throws { bundle = try Bundle() }

  /// Runs a container that must be refused with a message that contains all of the words.
  private func refused(
    _ words: String..., id: String = "c", sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    for command in ["run", "create"] {
      let outcome = try bundle.runtime(command, "--bundle", bundle.path, id)
      #expect(outcome.code == 125, sourceLocation: sourceLocation)
      #expect(outcome.output.isEmpty, sourceLocation: sourceLocation)
      for word in words {
        #expect(outcome.error.contains(word), sourceLocation: sourceLocation)
      }
      try bundle.expectNothingLeft(sourceLocation: sourceLocation)
    }
  }

  @Test(arguments: ["", "{", "nonsense", "[]", "null", "{} {}", "\u{0}", "{\"ociVersion\": }"])
  func notJSON(text: String) throws {
    try bundle.write(json: text)
    try refused("config.json")
  }

  @Test func nestedTooDeep() throws {
    let deep = String(repeating: "[", count: 100_000)
    try bundle.write(json: "{\"ociVersion\": \"1.2.0\", \"annotations\": " + deep)
    try refused("config.json")
    try bundle.write(json: "{\"root\": " + String(repeating: "{\"path\":", count: 5000))
    try refused("config.json")
  }

  @Test func aGigabyteLong() throws {
    let path = bundle.path + "/config.json"
    try #require(run(["/usr/bin/truncate", "-s", "1G", path]).code == 0)
    try refused("config.json", "EFBIG")
    // It is not read whole: in 200 MB of address space the answer is the same.
    let words = bundle.words(["run", "--bundle", bundle.path, "c"]).joined(separator: " ")
    let outcome = try run(["/bin/bash", "-c", "ulimit -v 200000; exec " + words])
    #expect(outcome.code == 125 && outcome.error.contains("EFBIG"), "\(outcome.error)")
    try bundle.expectNothingLeft()
  }

  @Test func missingFilesAreNamed() throws {
    try File.remove(bundle.path + "/config.json")
    try refused(bundle.path + "/config.json", "no such file")
    bundle.config.root.path = "nowhere"
    try bundle.write()
    try refused("nowhere", "no such file")
    bundle.config.root.path = "config.json"
    try bundle.write()
    try refused("config.json", "not a directory")
  }

  @Test(arguments: [
    (#""hostname": 7"#, "hostname"), (#""mounts": {}"#, "mounts"),
    (#""process": {"args": "sh", "cwd": "/"}"#, "process.args"),
    (#""linux": {"namespaces": [{"type": "galaxy"}]}"#, "galaxy"),
    (#""linux": {"resources": {"memory": {"limit": "1g"}}}"#, "linux.resources.memory.limit"),
    (#""linux": {"resources": {"pids": {"limit": 1e99}}}"#, "pids.limit"),
    (#""linux": {"namespaces": [{"type": "uts"}, {"type": "uts"}]}"#, "uts"),
  ])
  func wrongValues(member: String, name: String) throws {
    try bundle.write(json: #"{"ociVersion": "1.2.0", "root": {"path": "rootfs"}, \#(member)}"#)
    try refused("config.json", name)
  }

  /// config.md, "Extensibility": no error, but it is said.
  @Test func anUnknownFieldIsIgnoredAloud() throws {
    let text = String(decoding: try File.read(bundle.path + "/config.json"), as: UTF8.self)
    try bundle.write(json: #"{"hsotname": "typo", "# + text.dropFirst())
    let outcome = try bundle.runtime("run", "--bundle", bundle.path, "c")
    #expect(outcome.code == 0)
    #expect(outcome.error.contains("hsotname"), "\(outcome.error)")
  }

  @Test(arguments: ["a/b", "../c", ".", "..", ".hidden", "", "a b", "ü", "a\nb", "a\0b", "a;b"])
  func badIDs(id: String) throws {
    let outcome = try bundle.runtime("run", "--bundle", bundle.path, id)
    // A NUL cannot be passed to a program: it ends the word, and the rest is not seen.
    if id.contains("\0") {
      #expect(outcome.code == 0)
    } else {
      #expect(outcome.code == 125 && outcome.error.contains("invalid container id"))
      #expect(!outcome.error.dropLast().contains("a\nb"), "no control character is printed")
      let forced = try bundle.runtime("delete", "--force", id)
      #expect(forced.code != 0 && forced.error.contains("invalid container id"))
    }
    try bundle.expectNothingLeft()
  }

  @Test func aLongID() throws {
    try refused("invalid container id", id: String(repeating: "x", count: 300))
  }

  @Test(arguments: ["/../escape", "../../escape", "/a/../b", "/", "/./x", "/drydock-test/.."])
  func cgroupPathsThatLeadOut(path: String) throws {
    bundle.config.linux.cgroupsPath = path
    try bundle.write()
    let outcome = try bundle.runtime("run", "--bundle", bundle.path, "c")
    #expect(outcome.code == 125 && outcome.error.contains("cgroup"), "\(outcome.error)")
    try bundle.expectNothingLeft()
  }

  @Test func memoryLimitOf1k() throws {
    bundle.config.linux.resources.memory.limit = 1024
    try bundle.write()
    try refused("memory limit", "1024")
  }

  @Test func swapBelowTheLimit() throws {
    bundle.config.linux.resources.memory.limit = 64 << 20
    bundle.config.linux.resources.memory.swap = 32 << 20
    try bundle.write()
    try refused("memory.swap", "memory.limit")
  }

  @Test func valuesThatTheKernelRefuses() throws {
    bundle.config.linux.resources.cpu.cpus = "0-4095"
    try bundle.write()
    try refused("cpuset.cpus", "0-4095")
    bundle.config.linux.resources.cpu.cpus = nil
    bundle.config.linux.resources.cpu.quota = 1
    try bundle.write()
    try refused("cpu.cfs_quota_us")
  }

  /// A hostile image: the place of a mount is a link to a directory of the host.
  @Test(arguments: ["absolute", "relative", "parent"])
  func aMountTargetThatLeadsOut(kind: String) throws {
    let outside = bundle.path + "/outside"
    try File.makeDirectory(outside)
    try File.replace(outside + "/mine", with: "host".utf8)
    let target =
      switch kind {
      case "absolute": outside
      case "relative": "../outside"
      default: "../../../../../../.." + outside
      }
    try File.makeLink(bundle.rootfs + "/trap", to: target)
    // What the link means inside the root.
    try File.makeDirectories(bundle.rootfs + outside)
    try File.makeDirectories(bundle.rootfs + "/outside")
    bundle.config.mounts.append(
      Mount(destination: "/trap/deep", type: "tmpfs", source: "t", options: ["mode=700"]))
    #expect(
      try bundle.output("echo x > /trap/deep/f && cat /trap/deep/f; grep -c deep /proc/mounts")
        == "x\n1")
    #expect(try File.list(outside) == ["mine"], "the host's directory is as it was")
    #expect(try File.text(outside + "/mine") == "host")
    try bundle.expectNothingLeft()
  }

  @Test func aBindTargetThatLeadsOut() throws {
    let outside = bundle.path + "/outside"
    try File.makeDirectory(outside)
    try File.replace(outside + "/passwd", with: "host".utf8)
    try File.makeLink(bundle.rootfs + "/etc/link", to: outside + "/passwd")
    bundle.config.mounts.append(
      Mount(destination: "/etc/link", type: "bind", source: "/dev/null", options: ["bind"]))
    // Within the root the link leads nowhere, so what it names is made there.
    #expect(try bundle.output("test -c /etc/link && echo bound") == "bound")
    #expect(try File.text(outside + "/passwd") == "host")
    #expect(try File.status(bundle.rootfs + outside + "/passwd").isRegular)
    try bundle.expectNothingLeft()
  }

  /// CVE-2019-19921 and CVE-2023-27561 of another runtime: /proc replaced by a link in the image.
  @Test func procIsALinkInTheImage() throws {
    try File.removeDirectory(bundle.rootfs + "/proc")
    try File.makeDirectory(bundle.rootfs + "/fake")
    try File.makeLink(bundle.rootfs + "/proc", to: "fake")
    let outcome = try bundle.shell("echo 1 > /proc/sys/kernel/hostname")
    // Either refused, or mounted where the link leads and covered as it should be.
    #expect(outcome.code != 0)
    #expect(HostName.current != "1")
    try bundle.expectNothingLeft()
  }

  /// CVE-2024-21626: a working directory by way of a descriptor of the host.
  @Test(arguments: 3...9)
  func aWorkingDirectoryOutside(descriptor: Int) throws {
    bundle.config.process?.cwd = "/proc/self/fd/\(descriptor)"
    let outcome = try bundle.shell("ls ../../../../..")
    // One descriptor is the container's own root, which is no way out.
    let names = outcome.output.split(separator: "\n")
    #expect(names.allSatisfy { File.exists(bundle.rootfs + "/" + $0) }, "\(outcome.output)")
    #expect(outcome.code != 0 || names.contains("bin"))
    try bundle.expectNothingLeft()
  }

  /// CVE-2019-5736: the container executes the runtime itself to get a handle on it.
  @Test func theRuntimeItselfCannotBeExecuted() throws {
    bundle.config.process?.args = ["/proc/self/exe"]
    try bundle.write()
    let outcome = try bundle.runtime("run", "--bundle", bundle.path, "c")
    #expect(outcome.code == 126 && outcome.error.contains("runtime itself"), "\(outcome.error)")
    try File.makeLink(bundle.rootfs + "/bin/innocent", to: "/proc/self/exe")
    bundle.config.process?.args = ["innocent"]
    try bundle.write()
    #expect(try bundle.runtime("run", "--bundle", bundle.path, "c").code == 126)
    try bundle.expectNothingLeft()
  }

  @Test func combinationsThatCannotWork() throws {
    bundle.config.linux.namespaces.removeAll { $0.kind == .uts }
    try bundle.write()
    try refused("uts")
    bundle.config = Config.standard
    bundle.config.process?.terminal = true
    try bundle.write()
    let outcome = try bundle.runtime("create", "--bundle", bundle.path, "c")
    #expect(outcome.code == 125 && outcome.error.contains("--console-socket"))
    let detached = try bundle.runtime("run", "--detach", "--bundle", bundle.path, "c")
    #expect(detached.code == 125 && detached.error.contains("--console-socket"))
    bundle.config.process?.terminal = false
    bundle.config.linux.sysctl = [KeyValue("kernel.panic", "1")]
    try bundle.write()
    try refused("kernel.panic", "host")
    bundle.config.linux.sysctl = []
    bundle.config.mounts.append(
      Mount(destination: "/x", type: "bind", source: "/nowhere/at/all", options: ["bind"]))
    try bundle.write()
    try refused("/nowhere/at/all")
    bundle.config.mounts.removeLast()
    bundle.config.mounts.append(
      Mount(destination: "/x", type: "nonsensefs", source: "x", options: []))
    try bundle.write()
    try refused("nonsensefs", "this kernel has no filesystem")
  }

  @Test func stepFaultsThatAreNone() throws {
    let outcome = try bundle.runtime(
      "run", "--bundle", bundle.path, "--fault", "mount.nonsense", "c")
    #expect(outcome.code == 125 && outcome.error.contains("mount.nonsense"))
    let language = try bundle.runtime("run", "--bundle", bundle.path, "--lang", "tlh", "c")
    #expect(language.code == 125 && language.error.contains("tlh"))
    try bundle.expectNothingLeft()
  }

  /// State files of a broken disk: every command says what is wrong, force removes it.
  @Test(arguments: ["state.json", "config.json", "pid"])
  func brokenState(file: String) throws {
    try bundle.create()
    let path = bundle.root + "/c/" + file
    let pid = try #require(try bundle.state().pid)
    try File.replace(path, with: "{broken".utf8)
    let outcome = try bundle.runtime("start", "c")
    #expect(outcome.code != 0)
    try bundle.runtime("list")
    let forced = try bundle.runtime("delete", "--force", "c")
    #expect(forced.code == 0, "\(file): \(forced.error)")
    #expect(eventually { Processes.startTime(pid) == nil })
    try bundle.expectNothingLeftSoon()
  }
}
