import Foundation
import OCI
import Testing

/// Files as engines and other runtimes write them.
@Suite struct RealConfigTests {
  static let runc = "/usr/sbin/runc"

  /// What the installed runc writes is read without complaint.
  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: runc)), arguments: [false, true])
  func runcSpec(rootless: Bool) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "oci-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { #expect(throws: Never.self) { try FileManager.default.removeItem(at: folder) } }
    let runc = Foundation.Process()
    runc.executableURL = URL(filePath: Self.runc)
    runc.arguments = rootless ? ["spec", "--rootless"] : ["spec"]
    runc.currentDirectoryURL = folder
    try runc.run()
    runc.waitUntilExit()
    #expect(runc.terminationStatus == 0)

    let config = try Config.parse([UInt8](Data(contentsOf: folder.appending(path: "config.json"))))
    #expect(config.process?.args == ["sh"])
    #expect(config.mounts.contains { $0.destination == "/dev/pts" && $0.type == "devpts" })
    #expect(config.linux.namespaces.contains { $0.kind == .user } == rootless)
    #expect(try Config.parse(config.encode()) == config)
  }

  /// As Docker's engine writes it: pointers as null, network namespace by hook, seccomp rules.
  @Test func dockerLike() throws {
    let config = try Config.parse(Array(dockerConfig.utf8))
    #expect(config.process?.consoleHeight == 40)
    #expect(config.process?.user.additionalGids == [0, 10])
    #expect(config.process?.oomScoreAdj == 0)
    #expect(config.hooks.prestart.first?.args.count == 4)
    #expect(config.linux.resources.memory.limit == 67_108_864)
    #expect(config.linux.resources.cpu.shares == 512)
    #expect(config.linux.resources.pids == -1)
    #expect(config.linux.resources.devices.count == 3)
    #expect(config.linux.resources.devices[1].major == 1)
    #expect(config.linux.seccomp?.syscalls.last?.errnoRet == 38)
    #expect(config.linux.seccomp?.syscalls[1].args.first?.valueTwo == 0)
    #expect(config.linux.sysctl == [KeyValue("net.ipv4.ip_unprivileged_port_start", "0")])
    #expect(try Config.parse(config.encode()) == config)
  }

  /// As podman writes it: network namespace by path, binds, annotations, unified.
  @Test func podmanLike() throws {
    let config = try Config.parse(Array(podmanConfig.utf8))
    #expect(config.linux.namespaces[1] == Namespace(.network, path: "/run/netns/netns-1234"))
    #expect(config.linux.namespaces[0].path == nil)
    #expect(config.process?.user.umask == 18)
    #expect(config.annotations.first?.key == "io.container.manager")
    #expect(config.linux.resources.unified == [KeyValue("memory.high", "1048576")])
    #expect(config.mounts[1].options == ["bind", "rprivate"])
    #expect(config.linux.uidMappings.count == 2)
    // podman writes the whole st_mode (0o020666); the type's bits are in `type` already.
    #expect(config.linux.devices[0].fileMode == 0o666)
    #expect(try Config.parse(config.encode()) == config)
  }
}

private let dockerConfig = #"""
  {"ociVersion":"1.0.2-dev","process":{"terminal":true,"consoleSize":{"height":40,"width":120},
  "user":{"uid":0,"gid":0,"additionalGids":[0,10]},"args":["/bin/sh","-c","echo \u003ca\u003e"],
  "env":["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin","HOSTNAME=5fa1","TERM=xterm"],
  "cwd":"/","capabilities":{"bounding":["CAP_CHOWN","CAP_DAC_OVERRIDE","CAP_NET_RAW"],
  "effective":["CAP_CHOWN","CAP_DAC_OVERRIDE","CAP_NET_RAW"],
  "permitted":["CAP_CHOWN","CAP_DAC_OVERRIDE","CAP_NET_RAW"]},
  "rlimits":[{"type":"RLIMIT_NOFILE","hard":18446744073709551615,"soft":1048576}],
  "apparmorProfile":"","oomScoreAdj":0},
  "root":{"path":"/var/lib/docker/overlay2/0a1b/merged"},"hostname":"5fa1",
  "mounts":[{"destination":"/proc","type":"proc","source":"proc","options":["nosuid","noexec","nodev"]},
  {"destination":"/dev/shm","type":"tmpfs","source":"shm","options":["nosuid","noexec","nodev","mode=1777","size=67108864"]},
  {"destination":"/etc/hosts","type":"bind","source":"/var/lib/docker/containers/5fa1/hosts","options":["rbind","rprivate"]}],
  "hooks":{"prestart":[{"path":"/proc/811/exe","args":["libnetwork-setkey","-exec-root=/var/run/docker","5fa1","ce10"]}]},
  "annotations":null,
  "linux":{"sysctl":{"net.ipv4.ip_unprivileged_port_start":"0"},
  "resources":{"devices":[{"allow":false,"access":"rwm"},
  {"allow":true,"type":"c","major":1,"minor":5,"access":"rwm"},
  {"allow":true,"type":"c","major":-1,"minor":-1,"access":"m"}],
  "memory":{"limit":67108864,"swap":134217728,"disableOOMKiller":false,"kernel":0,"swappiness":null},
  "cpu":{"shares":512,"quota":0,"period":0,"cpus":"","mems":"","realtimeRuntime":0},
  "pids":{"limit":-1},"blockIO":{"weight":0,"weightDevice":[]},"hugepageLimits":null,"network":{}},
  "cgroupsPath":"/docker/5fa1",
  "namespaces":[{"type":"mount"},{"type":"network"},{"type":"uts"},{"type":"pid"},{"type":"ipc"},{"type":"cgroup"}],
  "seccomp":{"defaultAction":"SCMP_ACT_ERRNO","defaultErrnoRet":1,
  "architectures":["SCMP_ARCH_X86_64","SCMP_ARCH_X86","SCMP_ARCH_X32"],
  "syscalls":[{"names":["accept","read"],"action":"SCMP_ACT_ALLOW"},
  {"names":["clone"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":2114060288,"valueTwo":0,"op":"SCMP_CMP_MASKED_EQ"}]},
  {"names":["clone3"],"action":"SCMP_ACT_ERRNO","errnoRet":38}]},
  "maskedPaths":["/proc/asound","/proc/acpi"],"readonlyPaths":["/proc/bus"],"mountLabel":"","intelRdt":null}}
  """#

private let podmanConfig = #"""
  {
    "ociVersion": "1.2.0",
    "process": {
      "user": {"uid": 1000, "gid": 1000, "umask": 18, "additionalGids": [1000], "username": ""},
      "args": ["top"], "env": ["container=podman", "HOME=/"], "cwd": "/srv",
      "capabilities": {"bounding": ["CAP_SETFCAP"], "inheritable": [], "ambient": null},
      "rlimits": [{"type": "RLIMIT_NPROC", "hard": 4194304, "soft": 4194304}],
      "noNewPrivileges": true, "oomScoreAdj": 100, "selinuxLabel": ""
    },
    "root": {"path": "/home/u/.local/share/containers/storage/overlay/ab/merged", "readonly": true},
    "hostname": "c0ffee",
    "mounts": [
      {"destination": "/proc", "type": "proc", "source": "proc"},
      {"destination": "/etc/resolv.conf", "type": "bind", "source": "/run/r", "options": ["bind", "rprivate"]},
      {"destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup", "options": ["rprivate", "ro"]}
    ],
    "hooks": {},
    "annotations": {
      "io.podman.annotations.init": "FALSE", "io.container.manager": "libpod",
      "org.opencontainers.image.stopSignal": "15"
    },
    "linux": {
      "uidMappings": [
        {"containerID": 0, "hostID": 1000, "size": 1}, {"containerID": 1, "hostID": 100000, "size": 65536}
      ],
      "gidMappings": [{"containerID": 0, "hostID": 1000, "size": 1}],
      "resources": {"pids": {"limit": 2048}, "unified": {"memory.high": "1048576"}},
      "cgroupsPath": "/libpod_parent/libpod-c0ffee",
      "namespaces": [
        {"type": "pid", "path": ""}, {"type": "network", "path": "/run/netns/netns-1234"},
        {"type": "ipc"}, {"type": "uts"}, {"type": "mount"}, {"type": "user"}
      ],
      "devices": [
        {"path": "/dev/fuse", "type": "c", "major": 10, "minor": 229, "fileMode": 8630, "uid": 0, "gid": 0}
      ],
      "rootfsPropagation": "slave",
      "maskedPaths": ["/proc/acpi", "/sys/firmware"], "readonlyPaths": ["/proc/sys"]
    }
  }
  """#
