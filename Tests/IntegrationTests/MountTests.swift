import Linux
import OCI
import Testing

/// `mounts` and the propagation of the root, as mountinfo shows them inside (config.md, "Mounts").
@Suite(.enabled(if: Machine.isReady, Machine.reason))
struct MountTests {
  let bundle: Bundle
  let source: String

  init() throws {
    bundle = try Bundle()
    source = bundle.path + "/data"
    try File.makeDirectories(source + "/sub")
    try File.replace(source + "/file", with: "content\n".utf8)
  }

  /// A way of calling the runtime in which the newer mount calls do not exist: a filter that
  /// answers ENOSYS to open_tree, move_mount, fsopen, fsconfig, fsmount and mount_setattr.
  static let withoutNewCalls = [
    "/usr/bin/perl", "-e",
    """
    my @nr = (428, 429, 430, 431, 432, 442); my $f = pack("SCCL", 0x20, 0, 0, 0);
    for my $i (0 .. $#nr) { $f .= pack("SCCL", 0x15, $#nr - $i + 1, 0, $nr[$i]) }
    $f .= pack("SCCL", 6, 0, 0, 0x7fff0000) . pack("SCCL", 6, 0, 0, 0x50026);
    my $p = pack("S x6 P", length($f) / 8, $f); my $n = `uname -m` =~ /aarch64/ ? 277 : 317;
    syscall($n, 1, 0, $p) == 0 or die "seccomp: $!"; exec @ARGV or die "exec: $!";
    """,
  ]

  private func add(_ destination: String, _ type: String, _ options: String...) {
    bundle.config.mounts.append(
      Mount(
        destination: destination, type: type, source: type == "tmpfs" ? "tmpfs" : source,
        options: options))
  }

  private func run(_ script: String, old: Bool) throws -> Outcome {
    bundle.config.process?.args = ["sh", "-c", script]
    try bundle.write()
    let words = bundle.words(["run", "--bundle", bundle.path, "c"])
    return try IntegrationTests.run((old ? MountTests.withoutNewCalls : []) + words)
  }

  /// The options and the propagation of a mount, as field 6 and the optional fields show them.
  private func look(_ places: String...) -> String {
    places.map { "grep ' \($0) ' /proc/self/mountinfo | cut -d' ' -f6-7" }.joined(separator: ";")
  }

  @Test(arguments: [false, true])
  func bindsAreRestrictedInOneGo(old: Bool) throws {
    add("/ro", "bind", "ro", "nosuid", "noexec", "rprivate")
    add("/new/place", "none", "rbind", "nodev")
    bundle.config.mounts.append(
      Mount(destination: "/new/file", type: "", source: source + "/file", options: ["bind", "ro"]))
    let outcome = try run(
      look("/ro", "/new/place", "/new/file") + "; cat /ro/file /new/place/file /new/file;"
        + " touch /ro/x /new/file", old: old)
    #expect(
      outcome.output == """
        ro,nosuid,noexec,relatime -
        rw,nodev,relatime -
        ro,relatime -
        content
        content
        content

        """, "\(outcome.error)")
    #expect(outcome.error.split(separator: "\n").count == 2, "\(outcome.error)")
    try bundle.expectNothingLeft()
  }

  /// The same container through mount(2) alone: what is made must not depend on the way.
  @Test func theFallbackMakesTheSameMounts() throws {
    add("/ro", "bind", "ro", "rprivate")
    add("/shm2", "tmpfs", "size=64k", "mode=700", "shared")
    bundle.config.linux.maskedPaths += ["/proc/acpi", "/proc/keys", "/etc"]
    let script = """
      cut -d' ' -f4-7,9- /proc/self/mountinfo | sed 's/shared:[0-9]*/shared/'; \
      stat -c %a /shm2
      """
    let new = try run(script, old: false)
    #expect(new.code == 0, "\(new.error)")
    let old = try run(script, old: true)
    #expect(new.output == old.output && old.code == 0, "\(old.error)")
    try bundle.expectNothingLeft()
  }

  @Test func optionsForAWholeTree() throws {
    // A mount below the source, which only the recursive options reach.
    let script = "mount -t tmpfs -o nosuid inner \(source)/sub && exec "
    add("/tree", "bind", "rbind", "rro", "rnodev", "rsuid", "rnosymfollow")
    add("/top", "bind", "rbind", "ro")
    bundle.config.process?.args = [
      "sh", "-c", look("/tree", "/tree/sub", "/top", "/top/sub"),
    ]
    try bundle.write()
    let words = bundle.words(["run", "--bundle", bundle.path, "c"]).joined(separator: " ")
    let outcome = try IntegrationTests.run(["/usr/bin/unshare", "-m", "sh", "-c", script + words])
    #expect(
      outcome.output == """
        ro,nodev,relatime,nosymfollow -
        ro,nodev,relatime,nosymfollow -
        ro,relatime -
        rw,nosuid,relatime -

        """, "\(outcome.error)")
    try bundle.expectNothingLeft()
  }

  @Test func undoingTheSourcesRestrictions() throws {
    let mount =
      "mount --bind \(source) \(source) && mount -o remount,bind,ro,nosuid,nodev \(source)"
    add("/kept", "bind", "rbind")
    add("/undone", "bind", "rbind", "rw", "suid")
    bundle.config.process?.args = ["sh", "-c", look("/kept", "/undone")]
    try bundle.write()
    let words = bundle.words(["run", "--bundle", bundle.path, "c"]).joined(separator: " ")
    let outcome = try IntegrationTests.run(
      ["/usr/bin/unshare", "-m", "sh", "-c", mount + " && exec " + words])
    #expect(
      outcome.output == "ro,nosuid,nodev,relatime -\nrw,nodev,relatime -\n", "\(outcome.error)")
    try bundle.expectNothingLeft()
  }

  @Test(arguments: [false, true])
  func contentIsCopiedUp(old: Bool) throws {
    let image = bundle.rootfs + "/srv"
    try File.makeDirectories(image + "/deep/er")
    try File.replace(image + "/deep/er/file", with: "kept\n".utf8, mode: 0o644)
    try File.makeLink(image + "/link", to: "/etc/nowhere")
    try #require(IntegrationTests.run(["/bin/chown", "-R", "7:8", image]).code == 0)
    try File.setMode(image, 0o751)
    try File.setMode(image + "/deep/er/file", 0o666)
    add("/srv", "tmpfs", "tmpcopyup", "size=1m")
    let outcome = try run(
      "cd /srv; cat deep/er/file; readlink link; stat -c '%n %a %u %g' . deep/er/file;"
        + " echo gone > deep/er/file; grep -c ' /srv ' /proc/self/mountinfo", old: old)
    #expect(
      outcome.output == "kept\n/etc/nowhere\n. 751 7 8\ndeep/er/file 666 7 8\n1\n",
      "\(outcome.error)")
    #expect(try File.text(image + "/deep/er/file") == "kept\n")
    try bundle.expectNothingLeft()
  }

  @Test func remountsAndRelativeDestinations() throws {
    add("shm2", "tmpfs", "size=64k")
    add("/shm2", "tmpfs", "remount", "size=128k", "ro")
    add("/held", "bind")
    add("/held", "none", "bind", "remount", "ro")
    let outcome = try run(
      look("/shm2", "/held") + "; df -k /shm2 | awk 'END{print $2}'", old: false)
    #expect(outcome.output == "ro,relatime -\nro,relatime -\n128\n", "\(outcome.error)")
    try bundle.expectNothingLeft()
  }

  /// An image whose file is a link that leads to nothing yet: what it leads to is made, inside.
  @Test func aDanglingLinkIsFollowedInside() throws {
    try File.makeLink(bundle.rootfs + "/etc/resolv.conf", to: "../run/not/there.conf")
    bundle.config.mounts.append(
      Mount(
        destination: "/etc/resolv.conf", type: "bind", source: source + "/file", options: ["ro"]))
    #expect(try bundle.output("cat /etc/resolv.conf /run/not/there.conf") == "content\ncontent")
    #expect(File.exists(bundle.rootfs + "/run/not/there.conf"))
    try bundle.expectNothingLeft()
  }

  @Test func aFilesystemThatTheKernelLacksIsRefusedFirst() throws {
    add("/x", "nosuchfs")
    let file = bundle.path + "/trace.json"
    try bundle.write()
    let outcome = try bundle.runtime("run", "--bundle", bundle.path, "--trace", file, "c")
    #expect(outcome.code == 125 && outcome.error.contains("nosuchfs"), "\(outcome.error)")
    #expect(!File.exists(bundle.root + "/c"))
    try bundle.expectNothingLeft()
  }

  // MARK: id maps

  @Test func ownersAreMapped() throws {
    try #require(IntegrationTests.run(["/bin/chown", "1000:2000", source + "/file"]).code == 0)
    var mount = Mount(destination: "/mapped", type: "bind", source: source, options: ["ridmap"])
    mount.uidMappings = [IDMapping(containerID: 1000, hostID: 5, size: 10)]
    mount.gidMappings = [IDMapping(containerID: 2000, hostID: 6, size: 10)]
    bundle.config.mounts.append(mount)
    #expect(try bundle.output("stat -c '%u %g' /mapped/file") == "5 6")
    // Where a filesystem has no owners to map it is said before anything is made.
    bundle.config.mounts[bundle.config.mounts.count - 1].source = "/proc"
    let outcome = try bundle.shell("true")
    #expect(
      outcome.code == 125 && outcome.error.contains("mount.prepare")
        && outcome.error.contains("/proc"), "\(outcome.error)")
    try bundle.expectNothingLeft()
  }

  private func mapUsers() throws {
    bundle.config.linux.namespaces.append(Namespace(.user))
    bundle.config.linux.uidMappings = [IDMapping(containerID: 0, hostID: 100_000, size: 65536)]
    bundle.config.linux.gidMappings = bundle.config.linux.uidMappings
    try #require(
      IntegrationTests.run(["/bin/chown", "-R", "100000:100000", bundle.rootfs]).code == 0)
    try File.setMode(bundle.path, 0o755)
  }

  @Test func inAUserNamespaceTheContainersOwnMapsAreTaken() throws {
    try mapUsers()
    // Nobody but root may look into it: the runtime opens it.
    try File.setMode(source, 0o700)
    add("/mapped", "bind", "idmap", "nosuid")
    add("/plain", "bind", "ro")
    let outcome = try bundle.shell(
      "stat -c '%u %g' /mapped/file; stat -c '%u' /plain; echo x > /mapped/new;"
        + look("/mapped", "/plain"))
    #expect(
      outcome.output == "0 0\n65534\nrw,nosuid,relatime,idmapped -\nro,relatime -\n",
      "\(outcome.error)")
    let made = try File.status(source + "/new")
    #expect(made.uid == 0, "root inside writes as root of that directory")
    try bundle.expectNothingLeft()
  }

  @Test func lockedRestrictionsStayInAUserNamespace() throws {
    try mapUsers()
    add("/undone", "bind", "rw")
    bundle.config.process?.args = ["true"]
    try bundle.write()
    let mount = "mount --bind \(source) \(source) && mount -o remount,bind,ro \(source) && exec "
    let words = bundle.words(["run", "--bundle", bundle.path, "c"]).joined(separator: " ")
    let outcome = try IntegrationTests.run(["/usr/bin/unshare", "-m", "sh", "-c", mount + words])
    // The runtime has the right, and the administrator asked for it by name.
    #expect(outcome.code == 0, "\(outcome.error)")
    try bundle.expectNothingLeft()
  }

  // MARK: propagation

  @Test(arguments: [
    ("private", "-"), ("slave", "master:"), ("shared", "shared:"), ("unbindable", "unbindable"),
    ("rprivate", "-"),
  ])
  func propagationOfTheRoot(kind: String, word: String) throws {
    bundle.config.linux.rootfsPropagation = kind
    bundle.config.process?.args = [
      "sh", "-c", "awk '$5 == \"/\" {print $7}' /proc/self/mountinfo | head -1",
    ]
    try bundle.write()
    // A slave needs a master.
    let words = bundle.words(["run", "--bundle", bundle.path, "c"]).joined(separator: " ")
    let outcome = try IntegrationTests.run(
      ["/usr/bin/unshare", "-m", "sh", "-c", "mount --make-rshared / && exec " + words])
    #expect(outcome.code == 0 && outcome.output.hasPrefix(word), "\(outcome)")
    try bundle.expectNothingLeft()
  }

  /// With a shared root a volume stays tied to the host both ways, and only the volume.
  @Test func aSharedVolumeIsSeenOnBothSides() throws {
    bundle.config.linux.rootfsPropagation = "rshared"
    add("/volume", "bind", "rbind", "rshared")
    add("/apart", "tmpfs", "size=64k")
    bundle.config.process?.capabilities?.bounding.append("CAP_SYS_ADMIN")
    bundle.config.process?.capabilities?.permitted.append("CAP_SYS_ADMIN")
    bundle.config.process?.capabilities?.effective.append("CAP_SYS_ADMIN")
    bundle.config.process?.args = [
      "sh", "-c", "mount -t tmpfs inside /volume/sub && touch /volume/sub/seen",
    ]
    try bundle.write()
    let words = bundle.words(["run", "--bundle", bundle.path, "c"]).joined(separator: " ")
    // Left are the volume's own mount, and what the container mounted, under both of its peers.
    // The volume's source is a mount of its own: the one that the root is on is cut off.
    let outcome = try IntegrationTests.run([
      "/usr/bin/unshare", "-m", "sh", "-c",
      "mount --make-rshared / && mount --bind \(source) \(source) && " + words
        + "; ls \(source)/sub; grep -c \(bundle.path) /proc/self/mountinfo; ls -d /proc/self",
    ])
    #expect(outcome.output == "seen\n3\n/proc/self\n", "\(outcome.output)\(outcome.error)")
    try bundle.expectNothingLeft()
  }

  // MARK: other ways in

  @Test(arguments: [false, true])
  func withoutPivotTheHostIsCoveredAndGone(user: Bool) throws {
    if user { try mapUsers() }
    add("/data", "bind", "ro")
    let outcome = try bundle.shell(
      "cat /data/file; awk '{print $5}' /proc/self/mountinfo | head -3; cat /../../etc/hostname;"
        + " ls /", flags: ["--no-pivot"])
    #expect(outcome.output.hasPrefix("content\n"), "\(outcome)")
    #expect(!outcome.output.contains("sys/fs"), "\(outcome.output)")
    #expect(outcome.error.contains("/etc/hostname"), "the image has none: \(outcome.error)")
    try bundle.expectNothingLeft()
  }
}
