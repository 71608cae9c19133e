// What is in a student's machine.
//
//   packages   Debian's, by mmdebstrap(1)
//   programs   this project's, below /usr/lib/drydock, with links in /usr/bin for what people type
//   files      settings, each a few lines
//
// Nothing in it belongs to a class or a student: keys and names come when a machine is started
// (Personalising.swift), so one image serves everybody, and its digest can be compared.

/// What an image is made of.
public struct Recipe: Sendable {
  /// How much there is in an image.
  public enum Variant: String, CaseIterable, Sendable {
    /// What the labs need.
    case lab
    /// And podman, Docker, crun and runc beside it.
    case peers
    /// And a C compiler, for exercises that are built.
    case workshop
  }

  /// Which one.
  public var variant: Variant
  /// Seconds since 1970 that all files' times and all identifiers come from
  /// (reproducible-builds.org, SOURCE_DATE_EPOCH).
  public var epoch: Int64 = 1_767_225_600
  /// Debian's release.
  public var suite = "bookworm"
  /// MiB of the disk as the machine sees it; what is not used takes no room.
  public var diskMebibytes = 8192

  /// Chooses a variant.
  public init(_ variant: Variant) { self.variant = variant }

  /// Packages by name.
  public var packages: [String] {
    let machine = [
      "systemd-sysv", "udev", "dbus", "linux-image-cloud-amd64",
      "initramfs-tools", "zstd", "kmod", "openssh-server", "sudo", "cloud-init", "uidmap",
      "dbus-user-session",
    ]
    let labs = [
      "busybox-static", "iproute2", "nftables", "libnftables1", "util-linux", "procps", "less",
      "nano", "vim-tiny", "strace", "tar", "bash-completion",
    ]
    let peers = [
      "crun", "runc", "podman", "docker.io", "containernetworking-plugins", "iptables",
      "slirp4netns", "fuse-overlayfs",
    ]
    let workshop = ["gcc", "libc6-dev", "make", "git"]
    switch variant {
    case .lab: return machine + labs
    case .peers: return machine + labs + peers
    case .workshop: return machine + labs + peers + workshop
    }
  }

  /// This project's programs; those that are typed have a link in /usr/bin.
  static let programs: [(name: String, isTyped: Bool)] = [
    ("drydock", true), ("drydock-runtime", true), ("stress", true), ("probe", false),
    ("drydock-init", false), ("drydock-monitor", false), ("drydock-rules", false),
    ("drydock-publish", false), ("drydock-dns", false), ("drydock-bench", false),
    ("benchmark-true", false), ("benchmark-floor", false), ("benchmark-peak", false),
    ("benchmark-inside", false),
  ]

  /// For the kernel (kernel-parameters.txt): no controller may be taken by a v1 tree.
  static let kernelArguments =
    "root=LABEL=drydock ro quiet cgroup_no_v1=all systemd.unified_cgroup_hierarchy=1 swapaccount=1"
    + " net.ifnames=0 console=tty0 console=ttyS0"

  /// A file of the image.
  struct Entry {
    var path: String
    var mode: UInt32 = 0o644
    var text: String
  }

  /// Settings.
  static let files: [Entry] = [
    Entry(path: "/etc/hostname", text: "drydock\n"),
    Entry(path: "/etc/fstab", text: "LABEL=drydock / ext4 defaults,noatime 0 1\n"),
    Entry(path: "/etc/hosts", text: "127.0.0.1 localhost\n::1 localhost\n127.0.1.1 drydock\n"),
    // Written anew by the first start (machine-id(5)).
    Entry(path: "/etc/machine-id", mode: 0o444, text: "uninitialized\n"),
    Entry(path: "/etc/sudoers.d/student", mode: 0o440, text: "student ALL=(ALL) NOPASSWD: ALL\n"),
    // Rootless containers take 65536 ids of these (subuid(5)).
    Entry(path: "/etc/subuid", text: "student:100000:65536\n"),
    Entry(path: "/etc/subgid", text: "student:100000:65536\n"),
    // Controllers that a user may hand on (systemd.resource-control(5), Delegate=).
    Entry(
      path: "/etc/systemd/system/user@.service.d/delegate.conf",
      text: "[Service]\nDelegate=cpu cpuset io memory pids\n"),
    Entry(
      path: "/etc/ssh/sshd_config.d/drydock.conf",
      text: "PasswordAuthentication no\nUseDNS no\nPrintLastLog no\nAcceptEnv LANG LC_*\n"),
    // Keys are made by the first start: an image has none (ssh-keygen(1), -A).
    Entry(
      path: "/etc/systemd/system/ssh-keys.service",
      text: """
        [Unit]
        Description=Host keys of this machine
        Before=ssh.service
        ConditionPathExists=!/etc/ssh/ssh_host_ed25519_key
        [Service]
        Type=oneshot
        ExecStart=/usr/bin/ssh-keygen -q -t ed25519 -N "" -f /etc/ssh/ssh_host_ed25519_key
        [Install]
        WantedBy=multi-user.target

        """),
    // The built-in images are made once, so that no lab waits for them.
    Entry(
      path: "/etc/systemd/system/drydock-images.service",
      text: """
        [Unit]
        Description=Built-in images of drydock
        [Service]
        Type=oneshot
        ExecStart=/usr/bin/drydock images
        StandardOutput=null
        [Install]
        WantedBy=multi-user.target

        """),
    // qemu's own network (slirp) hands out one address; nothing waits for it.
    Entry(
      path: "/etc/systemd/network/10-classroom.network",
      text: """
        [Match]
        Name=eth0
        [Network]
        Address=10.0.2.15/24
        Gateway=10.0.2.2
        LinkLocalAddressing=no
        IPv6AcceptRA=no

        """),
    Entry(
      path: "/etc/systemd/system/serial-getty@ttyS0.service.d/login.conf",
      text: """
        [Service]
        ExecStart=
        ExecStart=-/sbin/agetty --autologin student --noclear --keep-baud 115200 %I $TERM

        """),
    Entry(
      path: "/etc/motd",
      text: """

        Drydock: what a container is made of.

          sudo drydock lab list      the labs                      实验列表
          sudo drydock lab start 1   the first                     第一个实验
          sudo drydock run --rm -it busybox                        一个容器


        """),
    Entry(path: "/etc/default/locale", text: "LANG=C.UTF-8\n"),
    Entry(
      path: "/etc/cloud/cloud.cfg.d/10-drydock.cfg",
      text: "datasource_list: [NoCloud, None]\nnetwork: {config: disabled}\n"),
  ]

  /// Units that a start begins with.
  static let units = [
    "ssh-keys.service", "drydock-images.service", "systemd-networkd.service", "ssh.service",
  ]
  /// Units that it does without: what they do takes seconds of an emulated machine, or a network.
  static let masked = [
    "systemd-networkd-wait-online.service", "apt-daily.timer", "apt-daily-upgrade.timer",
    "dpkg-db-backup.timer", "e2scrub_all.timer", "fstrim.timer", "man-db.timer",
    "e2scrub_reap.service", "docker.service", "docker.socket", "containerd.service",
    "podman.service", "podman-auto-update.timer", "podman-restart.service", "nftables.service",
  ]
}
