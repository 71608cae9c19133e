import Linux
import OCI
import Testing

@testable import Runtime

/// What cannot work is refused before anything is made, by name.
@Suite struct ValidationTests {
  private func check(_ change: (inout Config) -> Void) -> RuntimeError? {
    var config = Config.standard
    change(&config)
    do {
      try Validation.check(config)
      return nil
    } catch { return error }
  }

  private func without(_ kind: NamespaceKind, _ config: inout Config) {
    config.linux.namespaces.removeAll { $0.kind == kind }
  }

  @Test func theStandardIsFine() {
    #expect(check { _ in } == nil)
    var rootless = Config.rootless(uid: 1000, gid: 1000)
    #expect(check { $0 = rootless } == nil)
    rootless.linux.gidMappings = []
    #expect(check { $0 = rootless }?.message.contains("gidMappings") == true)
  }

  @Test func namespacesThatOtherFieldsNeed() {
    #expect(check { without(.mount, &$0) }?.message.contains("mount namespace") == true)
    #expect(check { without(.uts, &$0) }?.message.contains("uts") == true)
    #expect(
      check {
        without(.uts, &$0)
        $0.hostname = nil
      } == nil)
    #expect(
      check {
        without(.uts, &$0)
        $0.hostname = nil
        $0.domainname = "d"
      }?.message.contains("domainname") == true)
    #expect(
      check { $0.linux.uidMappings = [IDMapping(containerID: 0, hostID: 0, size: 1)] }?.message
        .contains("user namespace") == true)
    #expect(
      check { $0.linux.namespaces.append(Namespace(.user)) }?.message.contains("uidMappings")
        == true)
    #expect(check { $0.linux.namespaces.append(Namespace(.user, path: "/p")) } == nil)
    #expect(
      check {
        $0.linux.namespaces = [Namespace(.mount, path: "/p"), Namespace(.user)]
        $0.hostname = nil
        $0.linux.uidMappings = [IDMapping(containerID: 0, hostID: 0, size: 1)]
        $0.linux.gidMappings = $0.linux.uidMappings
      }?.message.contains("mount namespace by path") == true)
  }

  @Test func clocksThatCannotBe() {
    func offset(_ seconds: Int64, new: Bool = true) -> RuntimeError? {
      check {
        if new { $0.linux.namespaces.append(Namespace(.time)) }
        $0.linux.timeOffsets.boottime = TimeOffset(seconds: seconds)
      }
    }
    #expect(offset(100) == nil)
    #expect(offset(100, new: false)?.message.contains("linux.timeOffsets") == true)
    for seconds in [-1 << 40, 1 << 40, Int64.max, Int64.min] {
      #expect(offset(seconds)?.message.contains("boottime") == true)
    }
  }

  @Test(arguments: ["/proc", "/proc/self/attr", "/proc/sys", "/x/../proc/1", "proc/./keys/"])
  func nothingButAProcfsOnProc(destination: String) {
    let error = check {
      $0.mounts.append(Mount(destination: destination, type: "tmpfs", source: "t"))
    }
    #expect(error?.message.contains("mounts[\(destination)]") == true)
  }

  @Test(arguments: ["/proc/uptime", "/proc/net/dev", "/process", "/x/proc"])
  func whatMayBeCovered(destination: String) {
    #expect(
      check { $0.mounts.append(Mount(destination: destination, type: "bind", source: "/etc")) }
        == nil)
  }

  @Test func ownersThatAreNobodyInside() {
    let error = check {
      $0.linux.namespaces.append(Namespace(.user))
      $0.linux.uidMappings = [IDMapping(containerID: 0, hostID: 1000, size: 1)]
      $0.linux.gidMappings = $0.linux.uidMappings
    }
    #expect(error?.message == "mounts[/dev/pts]: gid=5 is not mapped in the user namespace")
    #expect(
      check {
        $0.mounts.append(
          Mount(destination: "/x", type: "bind", source: "/etc", options: ["idmap"]))
      }?.message.contains("idmap") == true)
  }

  @Test(arguments: [
    ("net.ipv4.ip_forward", NamespaceKind.network), ("net/ipv4/conf/eth0.1/forwarding", .network),
    ("fs.mqueue.msg_max", .ipc), ("kernel.shmmax", .ipc), ("kernel/sem", .ipc),
    ("kernel.domainname", .uts),
  ])
  func sysctlsNeedTheirNamespace(key: String, kind: NamespaceKind) {
    #expect(check { $0.linux.sysctl = [KeyValue(key, "1")] } == nil)
    let error = check {
      $0.linux.sysctl = [KeyValue(key, "1")]
      $0.hostname = nil
      without(kind, &$0)
    }
    #expect(error?.message.contains(key) == true)
    #expect(error?.message.contains(kind.rawValue) == true)
  }

  @Test(arguments: ["kernel.panic", "vm.swappiness", "fs.file-max", "net", "kernel/../net.x", ""])
  func sysctlsOfTheHost(key: String) {
    let error = check { $0.linux.sysctl = [KeyValue(key, "1")] }
    #expect(error?.message.contains("would change the host") == true)
  }

  @Test func sysctlsThatClimb() {
    // Starts as a network setting and ends somewhere else.
    for key in ["net/../kernel/panic", "net/ipv4/../../kernel/panic", "net/./x"] {
      #expect(check { $0.linux.sysctl = [KeyValue(key, "1")] } != nil, "\(key)")
    }
  }

  @Test func mounts() {
    #expect(check { $0.linux.rootfsPropagation = "sideways" }?.message.contains("sideways") == true)
    #expect(check { $0.linux.rootfsPropagation = "rslave" } == nil)
    let root = Mount(destination: "/", type: "overlay", source: "overlay", options: ["lowerdir=/l"])
    #expect(check { $0.mounts.insert(root, at: 0) } == nil)
    #expect(check { $0.mounts.append(root) }?.message.contains("first") == true)
    #expect(
      check {
        $0.mounts.append(Mount(destination: "/m", type: "bind", source: "/", options: ["size=1"]))
      }?.message.contains("mounts[/m]") == true)
  }

  @Test func capabilitiesAreCutToWhatCanBe() throws {
    var given = Capabilities()
    given.bounding = ["CAP_CHOWN", "CAP_KILL"]
    given.permitted = ["CAP_KILL"]
    given.effective = ["CAP_CHOWN", "CAP_KILL"]
    given.inheritable = ["CAP_KILL"]
    given.ambient = ["CAP_CHOWN", "CAP_KILL"]
    let sets = try CapabilitySets(given)
    #expect(sets.isGiven && sets.effective.names == ["CAP_KILL"])
    #expect(sets.ambient.names == ["CAP_KILL"])
    #expect(try !CapabilitySets(nil).isGiven)
    given.bounding = ["CAP_NONSENSE"]
    #expect(throws: RuntimeError.self) { _ = try CapabilitySets(given) }
  }
}
