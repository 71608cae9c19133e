import Linux
import OCI
import Testing

/// Attacks on the building of the root filesystem and on what is written through it.
///
/// Each was a hole in some runtime; the number says which.
@Suite(.serialized, .enabled(if: Machine.isReady, Machine.reason))
struct MountAttackTests {
  let bundle: Bundle

  init() throws { bundle = try Bundle() }

  private func words() -> String {
    bundle.words(["run", "--bundle", bundle.path, "c"]).joined(separator: " ")
  }

  // MARK: exchanged links

  /// renameat2(2), RENAME_EXCHANGE, as fast as it goes, for as long as the body runs.
  private func exchanging(
    _ one: String, _ other: String, _ body: () throws -> Void
  ) throws {
    // The paths come by its input: by a path in its words it would be taken for a container's.
    let script = """
      my $n = `uname -m` =~ /aarch64/ ? 276 : 316; chomp(my ($a, $b) = <STDIN>); \
      my $end = time + 60; while (time < $end) { syscall($n, -100, $a, -100, $b, 2) for 1 .. 1000 }
      """
    let exchange = try Running(["/usr/bin/perl", "-e", script], input: one + "\n" + other + "\n")
    try body()
    try exchange.signal(Signal.kill)
    _ = try exchange.finish()
  }

  /// Where mount_setattr(2) and its kin are missing a mount is configured after it was made: it must
  /// be that one, whatever stands at its path by then.
  @Test func whatIsConfiguredLaterIsTheSameMount() throws {
    let (volume, data) = (bundle.path + "/volume", bundle.path + "/data")
    for folder in [volume + "/one", volume + "/other", data] { try File.makeDirectories(folder) }
    bundle.config.mounts =
      Config.standard.mounts + [
        Mount(destination: "/volume", type: "bind", source: volume, options: ["rbind", "rw"]),
        Mount(destination: "/volume/one", type: "bind", source: data, options: ["bind", "ro"]),
      ]
    bundle.config.process?.args = ["grep", "\(data) ", "/proc/self/mountinfo"]
    try bundle.write()
    try exchanging(volume + "/one", volume + "/other") {
      for _ in 0..<30 {
        let outcome = try run(
          MountTests.withoutNewCalls + bundle.words(["run", "--bundle", bundle.path, "c"]))
        #expect(outcome.code == 0, "\(outcome.error)")
        #expect(outcome.output.contains(" ro,"), "\(outcome.output)")
      }
    }
    try bundle.expectNothingLeft()
  }

  /// CVE-2021-30465, CVE-2019-19921: who shares a volume exchanges a directory in it for a link to
  /// the host while a mount into that directory is being made.
  @Test func aMountNeverLandsOutside() throws {
    let volume = bundle.path + "/volume"
    let outside = bundle.path + "/outside"
    let data = bundle.path + "/data"
    for folder in [volume + "/dir/mnt", outside + "/mnt", data] {
      try File.makeDirectories(folder)
    }
    try File.replace(outside + "/mnt/secret", with: "secret".utf8)
    try File.replace(data + "/file", with: "data\n".utf8)
    // By its path on the host, and by climbing.
    for link in [outside, "../../../../../../../../../../.." + outside] {
      try File.removeTree(volume + "/link")
      try File.makeLink(volume + "/link", to: link)
      bundle.config.mounts =
        Config.standard.mounts + [
          Mount(destination: "/volume", type: "bind", source: volume, options: ["rbind", "rw"]),
          Mount(destination: "/volume/dir/mnt", type: "bind", source: data, options: ["ro"]),
          Mount(destination: "/volume/dir/deep/er", type: "tmpfs", source: "t", options: ["ro"]),
        ]
      bundle.config.process?.args = [
        "sh", "-c",
        "grep -E ' (ro|rw),?.* - ' /proc/self/mountinfo | awk '{print $4, $5, $6}'; ls -R /volume"
          + " 2>/dev/null | grep -c secret",
      ]
      try bundle.write()
      var done = 0
      try exchanging(volume + "/dir", volume + "/link") {
        for _ in 0..<40 {
          let outcome = try run(bundle.words(["run", "--bundle", bundle.path, "c"]))
          // Losing the race may end in an error; it may not end outside.
          if outcome.code <= 1 { done += 1 }
          #expect(outcome.output.isEmpty || outcome.output.hasSuffix("\n0\n"), "\(outcome)")
          for line in outcome.output.split(separator: "\n") where line.contains("/data ") {
            #expect(
              line.split(separator: " ").last?.hasPrefix("ro") == true,
              "wherever it is, it is read-only: \(line)")
          }
          try bundle.expectNothingLeft()
        }
      }
      #expect(done > 0, "the attack must not stop every container, or nothing was tried")
      #expect(try File.list(outside) == ["mnt"])
      #expect(try File.list(outside + "/mnt") == ["secret"])
    }
  }

  // MARK: /proc

  /// CVE-2019-19921: /proc in the image is a link to a directory of the attacker's.
  @Test(arguments: ["/proc", "/sys"])
  func aProcfsIsNotMountedThroughALink(place: String) throws {
    try File.removeTree(bundle.rootfs + place)
    try File.makeDirectory(bundle.rootfs + "/fake")
    try File.makeLink(bundle.rootfs + place, to: "/fake")
    let outcome = try bundle.shell("true")
    #expect(outcome.code == 125 && outcome.error.contains(place), "\(outcome.error)")
    #expect(outcome.error.contains("ELOOP") && outcome.error.contains("link"), "\(outcome.error)")
    try bundle.expectNothingLeft()
  }

  /// CVE-2019-16884, CVE-2023-27561: a volume over /proc or a part of it, so that labels and
  /// sysctls are written to a file of the attacker's.
  @Test(arguments: ["/proc", "/proc/self/attr", "/proc/sys/kernel", "/tmp/../proc/self"])
  func aVolumeOverProcIsRefused(destination: String) throws {
    bundle.config.mounts.append(
      Mount(destination: destination, type: "bind", source: "/etc", options: ["bind"]))
    let outcome = try bundle.shell("true")
    #expect(outcome.code == 125 && outcome.error.contains("mounts[\(destination)]"))
    try bundle.expectNothingLeft()
  }

  /// The same by a link in the image, which no text of the config shows.
  @Test(arguments: ["/proc/self/attr", "/proc/1", "/proc/sys/net"])
  func aVolumeOverProcByALinkIsRefused(target: String) throws {
    try File.makeLink(bundle.rootfs + "/volume", to: target)
    bundle.config.mounts.append(
      Mount(destination: "/volume", type: "bind", source: "/etc", options: ["bind"]))
    let outcome = try bundle.shell("true")
    #expect(outcome.code == 125 && outcome.error.contains("inside /proc"), "\(outcome.error)")
    try bundle.expectNothingLeft()
  }

  /// CVE-2025-52881: the host's /proc/sys is covered by files of somebody's; the setting must go to
  /// the kernel, or nowhere.
  @Test(arguments: ["/proc/sys/net/ipv4", "/proc/sys", "/proc"])
  func aFakeProcfsDoesNotTakeTheSysctl(covered: String) throws {
    let fake = bundle.path + "/fake"
    let inside = "/proc/sys/net/ipv4".dropFirst(covered.utf8.count)
    try File.makeDirectories(fake + inside)
    let victim = fake + inside + "/ip_forward"
    try File.replace(victim, with: "untouched".utf8)
    bundle.config.linux.sysctl = [KeyValue("net.ipv4.ip_forward", "1")]
    bundle.config.linux.readonlyPaths = []
    bundle.config.process?.args = ["cat", "/proc/sys/net/ipv4/ip_forward"]
    try bundle.write()
    let outcome = try run([
      "/usr/bin/unshare", "-m", "sh", "-c",
      "mount --bind \(fake) \(covered) && exec " + words(),
    ])
    #expect(try File.text(victim) == "untouched")
    if covered == "/proc" {
      #expect(outcome.code != 0, "no runtime works on such a host")
    } else {
      #expect(outcome.output == "1\n", "\(outcome.error)")
    }
    _ = try bundle.runtime("delete", "--force", "c")
    try bundle.expectNothingLeft()
  }

  /// CVE-2025-52881: a link of the attacker's where a setting would be written.
  @Test func aLinkDoesNotTakeTheSysctl() throws {
    let fake = bundle.path + "/fake"
    try File.makeDirectory(fake)
    try File.makeLink(fake + "/ip_forward", to: "/proc/sys/kernel/core_pattern")
    let pattern = try File.text("/proc/sys/kernel/core_pattern")
    bundle.config.linux.sysctl = [KeyValue("net.ipv4.ip_forward", "1")]
    bundle.config.process?.args = ["true"]
    try bundle.write()
    let outcome = try run([
      "/usr/bin/unshare", "-m", "sh", "-c",
      "mount --bind \(fake) /proc/sys/net/ipv4 && exec " + words(),
    ])
    #expect(outcome.code == 0, "\(outcome.error)")
    #expect(try File.text("/proc/sys/kernel/core_pattern") == pattern)
    try bundle.expectNothingLeft()
  }

  // MARK: masks and terminals

  /// CVE-2025-31133: the image's /dev/null is a link, so that what is bound as a mask is a file that
  /// the attacker wants to write.
  @Test func aMaskIsTheHostsNull() throws {
    let dev = bundle.path + "/dev"
    try File.makeDirectory(dev)
    try File.makeLink(dev + "/null", to: "/proc/sys/kernel/core_pattern")
    bundle.config.mounts.removeAll { $0.destination.hasPrefix("/dev") }
    bundle.config.mounts.append(
      Mount(destination: "/dev", type: "bind", source: dev, options: ["bind"]))
    try File.replace(bundle.rootfs + "/etc/secret", with: "secret".utf8)
    bundle.config.linux.maskedPaths.append("/etc/secret")
    #expect(
      try bundle.output(
        "stat -c %t:%T /etc/secret; awk '$5 == \"/etc/secret\" {print $4}'"
          + " /proc/self/mountinfo; cat /etc/secret") == "1:3\n/null")
    try bundle.expectNothingLeft()
  }

  /// A host whose /dev/null is none: nothing is masked with a regular file.
  @Test func aFakeNullMasksNothing() throws {
    let fake = bundle.path + "/null"
    try File.replace(fake, with: "".utf8)
    bundle.config.process?.args = ["true"]
    try bundle.write()
    let outcome = try run([
      "/usr/bin/unshare", "-m", "sh", "-c", "mount --bind \(fake) /dev/null && exec " + words(),
    ])
    #expect(outcome.code == 125 && outcome.error.contains("/dev/null"), "\(outcome.error)")
    try bundle.expectNothingLeft()
  }

  private func withTerminal() throws -> Outcome {
    bundle.config.process?.terminal = true
    bundle.config.process?.args = ["true"]
    try bundle.write()
    return try run(bundle.words(["run", "--bundle", bundle.path, "c"]))
  }

  /// CVE-2025-52565: /dev/console in the image is a link to what must stay read-only or masked.
  @Test func theConsoleIsNotMountedThroughALink() throws {
    let dev = bundle.path + "/dev"
    try File.makeDirectories(dev + "/pts")
    try File.makeLink(dev + "/console", to: "/proc/sysrq-trigger")
    bundle.config.mounts.removeAll { $0.destination.hasPrefix("/dev") }
    bundle.config.mounts += [
      Mount(destination: "/dev", type: "bind", source: dev, options: ["bind"]),
      Mount(
        destination: "/dev/pts", type: "devpts", source: "devpts",
        options: ["newinstance", "ptmxmode=0666"]),
    ]
    let outcome = try withTerminal()
    #expect(outcome.code == 125 && outcome.error.contains("/dev/console"), "\(outcome.error)")
    #expect(outcome.error.contains("ELOOP"), "\(outcome.error)")
    try bundle.expectNothingLeft()
  }

  /// A multiplexer of the attacker's is not opened: it could be anything.
  @Test func aFakeMultiplexerIsNotOpened() throws {
    let pts = bundle.path + "/pts"
    try File.makeDirectory(pts)
    try #require(run(["/usr/bin/mkfifo", pts + "/ptmx"]).code == 0)
    bundle.config.mounts.removeAll { $0.destination == "/dev/pts" }
    bundle.config.mounts.append(
      Mount(destination: "/dev/pts", type: "bind", source: pts, options: ["bind"]))
    let outcome = try withTerminal()
    #expect(outcome.code == 125 && outcome.error.contains("not of a devpts"), "\(outcome.error)")
    try bundle.expectNothingLeft()
  }

  // MARK: descriptors and the working directory

  /// CVE-2024-21626: a directory of the host that the caller left open becomes the working
  /// directory.
  @Test(arguments: [0, 7])
  func aLeakedDirectoryIsNoWorkingDirectory(preserved: Int) throws {
    for fd in 3...9 {
      bundle.config.process?.cwd = "/proc/self/fd/\(fd)"
      bundle.config.process?.args = ["/bin/ls", "-d", "./etc/hostname", "/proc/self/cwd/."]
      try bundle.write()
      let flag = preserved > 0 ? "--preserve-fds=\(preserved) " : ""
      let command = bundle.words(["run", "--bundle", bundle.path]).joined(separator: " ")
      let outcome = try run([
        "/bin/bash", "-c",
        "for n in 3 4 5 6 7 8 9; do eval \"exec $n</\"; done; exec \(command) \(flag)c",
      ])
      #expect(outcome.code != 0, "descriptor \(fd)")
      #expect(outcome.output.isEmpty, "descriptor \(fd): \(outcome.output)")
      try bundle.expectNothingLeft()
    }
  }

  /// Hooks are the host's programs: what the caller left open is not theirs either.
  @Test func hooksGetNoLeakedDescriptor() throws {
    var hook = Hook(path: "/bin/sh")
    hook.args = ["sh", "-c", "ls /proc/self/fd > \(bundle.path)/fds"]
    bundle.config.hooks.createRuntime = [hook]
    bundle.config.process?.args = ["true"]
    try bundle.write()
    let outcome = try run(["/bin/bash", "-c", "exec 9</; exec " + words()])
    #expect(outcome.code == 0, "\(outcome.error)")
    #expect(try File.text(bundle.path + "/fds") == "0\n1\n2\n3\n")
    try bundle.expectNothingLeft()
  }

  // MARK: too much

  /// CVE-2021-43784: lists whose length no longer fit where they were sent.
  @Test func longListsAreTakenOrRefused() throws {
    let source = bundle.path + "/data"
    try File.makeDirectory(source)
    let long = String(repeating: "x", count: 200)
    bundle.config.mounts = Config.standard.mounts
    for index in 0..<1000 {
      bundle.config.mounts.append(
        Mount(
          destination: "/m/\(long)/\(index)", type: "bind", source: source, options: ["ro"]))
    }
    #expect(
      try bundle.output("grep -c ' /m/.* ro' /proc/self/mountinfo; touch /m/*/999/x 2>&1 | wc -l")
        == "1000\n1")
    try bundle.expectNothingLeft()
  }

  @Test func manyMapsAreTakenOrRefused() throws {
    var mount = Mount(destination: "/mapped", type: "bind", source: "/etc", options: ["bind"])
    for index in 0..<UInt32(340) {
      mount.uidMappings.append(
        IDMapping(containerID: index, hostID: 1_000_000 + index * 2, size: 1))
    }
    mount.gidMappings = mount.uidMappings
    bundle.config.mounts.append(mount)
    bundle.config.process?.args = ["true"]
    // uid_map takes one page: what is longer is refused by the kernel, and told.
    let taken = try bundle.shell("true")
    #expect(
      taken.code == 125 && taken.error.contains("mount.prepare") && taken.error.contains("EINVAL"),
      "\(taken.error)")
    bundle.config.mounts[bundle.config.mounts.count - 1].uidMappings.removeLast(140)
    bundle.config.mounts[bundle.config.mounts.count - 1].gidMappings.removeLast(140)
    #expect(try bundle.output("stat -c %u /mapped/passwd") == "1000000")
    try bundle.expectNothingLeft()
  }

  @Test func aHugeConfigIsRefused() throws {
    let filler = String(repeating: "x", count: 17 << 20)
    try bundle.write(json: "{\"ociVersion\":\"1.2.0\",\"hostname\":\"\(filler)\"}")
    let outcome = try bundle.runtime("run", "--bundle", bundle.path, "c")
    #expect(outcome.code == 125 && outcome.error.contains("EFBIG"), "\(outcome.error.prefix(300))")
    try bundle.expectNothingLeft()
  }
}
