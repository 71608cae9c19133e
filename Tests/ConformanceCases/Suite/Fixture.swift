// The configuration and the root filesystem every case starts from and changes.

internal import Glibc
internal import Linux

enum Fixture {
  static let applets = [
    "sh", "awk", "cat", "chmod", "cut", "df", "domainname", "echo", "env", "false", "grep", "head",
    "hostname", "id", "ionice", "ip", "kill", "ln", "ls", "mkdir", "mknod", "mount", "nproc", "od",
    "printf", "ps", "pwd", "readlink", "rm", "sed", "seq", "sleep", "sort", "stat", "stty",
    "sysctl",
    "tail", "test", "touch", "tr", "true", "tty", "umount", "uname", "wc",
  ]

  /// Docker's default set, which leaves a probe enough to look around.
  static let capabilities: Value = [
    "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_MKNOD",
    "CAP_NET_BIND_SERVICE", "CAP_NET_RAW", "CAP_SETGID", "CAP_SETUID", "CAP_SYS_CHROOT",
  ]

  static var config: Value {
    [
      "ociVersion": "1.0.0",
      "root": ["path": "rootfs"],
      "process": [
        "cwd": "/",
        "args": ["true"],
        "env": ["PATH=/bin"],
        "user": ["uid": 0, "gid": 0],
        "capabilities": [
          "bounding": capabilities, "effective": capabilities, "permitted": capabilities,
        ],
      ],
      "mounts": [
        ["destination": "/proc", "type": "proc", "source": "proc"],
        [
          "destination": "/dev", "type": "tmpfs", "source": "tmpfs",
          "options": ["nosuid", "strictatime", "mode=755", "size=65536k"],
        ],
        [
          "destination": "/dev/pts", "type": "devpts", "source": "devpts",
          "options": ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"],
        ],
        [
          "destination": "/dev/shm", "type": "tmpfs", "source": "shm",
          "options": ["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"],
        ],
        [
          "destination": "/sys", "type": "sysfs", "source": "sysfs",
          "options": ["nosuid", "noexec", "nodev", "ro"],
        ],
      ],
      "linux": [
        "namespaces": [
          ["type": "pid"], ["type": "network"], ["type": "ipc"], ["type": "uts"],
          ["type": "mount"],
        ]
      ],
    ]
  }

  /// Copies of the static programs, on the filesystem where the root filesystems will be.
  static func makePrograms(_ folder: String) throws {
    try File.makeDirectories(folder, mode: 0o755)
    for (from, to) in [("/bin/busybox", "busybox"), ("/proc/self/exe", "probe")] {
      try File.replace(folder + "/" + to, with: try File.read(from, limit: 256 << 20))
      try File.setMode(folder + "/" + to, 0o755)
    }
  }

  static func makeRoot(_ rootfs: String, programs: String) throws {
    for name in ["bin", "proc", "dev", "sys", "tmp", "etc", "mnt"] {
      try File.makeDirectories(rootfs + "/" + name, mode: 0o755)
    }
    try File.setMode(rootfs + "/tmp", 0o1777)
    for (from, to) in [("busybox", "/bin/busybox"), ("probe", "/probe")] {
      guard unsafe Glibc.link(programs + "/" + from, rootfs + to) == 0 else {
        throw Failure(text: "link(2) \(to): errno \(errno)")
      }
    }
    for applet in applets { try File.makeLink(rootfs + "/bin/" + applet, to: "busybox") }
  }

  /// Writes a file of a bundle.
  static func put(_ path: String, _ text: String, mode: UInt32 = 0o644) throws {
    try File.replace(path, with: text.utf8)
    try File.setMode(path, mode)
  }

  /// The directories of a cgroup path that exist in any hierarchy.
  static func cgroups(_ path: String) throws -> [String] {
    // On a hybrid host the v2 tree beside the v1 ones may hold a controller (hugetlb).
    // Of a hidden v2 tree only the folder is there: what a runtime makes in it is no cgroup.
    let layout = try CgroupLayout.detect()
    let trees = (layout.trees + [layout.unified].compactMap { $0 }).map(\.mountPoint)
    return trees.map { $0 + path }.filter { File.exists($0) }
  }

  /// The directory of a cgroup in a controller's hierarchy.
  ///
  /// - Throws: `Skip` when the kernel has no such controller here.
  static func cgroup(_ controller: String, _ path: String) throws -> String {
    guard let tree = try CgroupLayout.detect().tree(controller) else {
      throw Skip(text: "no \(controller) controller here")
    }
    return tree.mountPoint + path
  }

  /// Whether the hierarchy is v2.
  static func isUnified() throws -> Bool { File.exists("/sys/fs/cgroup/cgroup.controllers") }

  /// The identity of a namespace, `pid:[4026531836]`.
  static func namespace(_ kind: String, of pid: String = "self") throws -> String {
    try File.link("/proc/\(pid)/ns/\(kind)")
  }
}
