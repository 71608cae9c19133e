import Linux
import OCI
import Testing

/// Attacks on what a process inherits, sees and may write, `exec` included.
@Suite(.serialized, .enabled(if: Machine.isReady, Machine.reason))
final class ProcessAttackTests {
  private let bundle: Bundle

  init() throws { bundle = try Bundle() }

  private func start() throws {
    bundle.config.process?.args = ["sleep", "300"]
    try bundle.write()
    try bundle.create()
    try #require(try bundle.runtime("start", "c").code == 0)
  }

  private func end() throws {
    #expect(try bundle.runtime("delete", "--force", "c").code == 0)
    try bundle.expectNothingLeft()
  }

  /// A caller with descriptors 3 to 6 open, a secret behind each.
  private func leaky(_ words: [String]) -> [String] {
    let opened = (3...6).map { "\($0)</etc/passwd" }.joined(separator: " ")
    let command = words.map { "'" + $0 + "'" }.joined(separator: " ")
    return ["/bin/sh", "-c", "exec \(command) \(opened)"]
  }

  // MARK: the runtime's own file (CVE-2019-5736)

  @Test func theRuntimeIsNotExecutedInside() throws {
    bundle.config.process?.args = ["/proc/self/exe", "run", "x"]
    try bundle.write()
    let outcome = try bundle.runtime("run", "--bundle", bundle.path, "c")
    #expect(outcome.code == 126 && outcome.error.contains("the runtime itself"), "\(outcome.error)")
    try start()
    let exec = try bundle.runtime("exec", "c", "/proc/self/exe")
    #expect(exec.code == 126 && exec.error.contains("the runtime itself"), "\(exec.error)")
    try end()
  }

  /// The script's interpreter is the runtime, which the kernel then executes inside.
  @Test func aScriptThatNamesTheRuntimeCannotWriteIt() throws {
    let before = try File.read(Machine.runtime, limit: 64 << 20)
    try File.replace(bundle.rootfs + "/bin/evil", with: "#!/proc/self/exe\n".utf8, mode: 0o755)
    try start()
    let running = try Running(bundle.words(["exec", "c", "/bin/evil"]))
    // From inside, as root, whoever the runtime's process is now.
    let attack = """
      for i in $(seq 200); do for p in /proc/[0-9]*; do \
      case $(readlink $p/exe) in *drydock*|*memfd*) (echo x >> $p/exe) 2>/dev/null && echo WON;; \
      esac; done; done
      """
    let attacker = try bundle.runtime("exec", "c", "sh", "-c", attack)
    #expect(!attacker.output.contains("WON"), "\(attacker.output)")
    _ = try running.finish()
    #expect(try File.read(Machine.runtime, limit: 64 << 20) == before)
    try end()
  }

  /// While `exec` enters, nobody inside may look into its process (CVE-2016-9962): not its memory,
  /// not its descriptors.
  ///
  /// In a user namespace root has every capability there and the helper has become that root: then
  /// nothing but prctl(2) PR_SET_DUMPABLE keeps it closed (ptrace(2), "access mode checking").
  @Test(arguments: [true, false])
  func theHelperOfExecCannotBeLookedInto(userNamespace: Bool) throws {
    if userNamespace {
      bundle.config.linux.namespaces.append(Namespace(.user))
      bundle.config.linux.uidMappings = [IDMapping(containerID: 0, hostID: 100_000, size: 65536)]
      bundle.config.linux.gidMappings = bundle.config.linux.uidMappings
      let every = CapabilitySet.bounding.names
      for path in [\Capabilities.bounding, \.effective, \.permitted] {
        bundle.config.process?.capabilities?[keyPath: path] = every
      }
      try #require(run(["/bin/chown", "-R", "100000:100000", bundle.rootfs]).code == 0)
      try File.setMode(bundle.path, 0o755)
    }
    let seen = try spying(
      "for f in exe cwd root ns/pid; do readlink $p/$f && echo SEEN $f; done;"
        + " for n in $(seq 0 30); do readlink $p/fd/$n && echo SEEN $n; done;"
        + " for f in environ auxv maps mem; do (: < $p/$f) && echo SEEN $f; done")
    #expect(seen.contains("LOOKED") && !seen.contains("SEEN"), "\(seen)")
  }

  /// With CAP_SYS_PTRACE of the host's user namespace the kernel lets a program look all the same:
  /// then there must be nothing to find that leads out (CVE-2016-9962, CVE-2024-21626).
  ///
  /// "unconfined" is a label, and labels are written through the host's /proc.
  @Test(arguments: [nil, "unconfined"])
  func theHelperOfExecHasNothingOfTheHosts(label: String?) throws {
    bundle.config.process?.apparmorProfile = label
    for path in [\Capabilities.bounding, \.effective, \.permitted] {
      bundle.config.process?.capabilities?[keyPath: path].append("CAP_SYS_PTRACE")
    }
    let seen = try spying("for f in $p/fd/*; do echo ${f##*/} $(readlink $f); done")
    #expect(seen.contains("LOOKED"))
    let found = seen.split(separator: "\n").filter { $0 != "LOOKED" }
    #expect(!found.isEmpty)
    for line in found {
      let (number, target) = (line.prefix { $0 != " " }, line.drop { $0 != " " }.dropFirst())
      // The caller's standard streams are the program's own.
      if let number = Int(number), number < 3 { continue }
      #expect(target.hasPrefix("socket:"), "\(line)")
    }
  }

  /// What a program inside finds out about `exec`'s process `$p`, which stands before its first
  /// step inside: `LOOKED`, and what the script prints.
  private func spying(_ script: String) throws -> String {
    try start()
    // script(1) gives it a terminal, from which --step reads; and the caller has a file open.
    let words = bundle.words(["exec", "--step", "--lang", "en", "c", "true"])
    let keys = bundle.path + "/keys"
    try #require(run(["/usr/bin/mkfifo", keys]).code == 0)
    return try spying(
      script,
      on: [
        "/bin/sh", "-c", "exec /usr/bin/script -qec \"$2\" /dev/null 0<> $1 9</etc/passwd", "sh",
        keys, words.joined(separator: " "),
      ]
    ) { try File.set(keys, String(repeating: "\n", count: 100)) }
  }

  /// The same of a command that waits until it is let go.
  private func spying(
    _ script: String, on command: [String], _ letGo: () throws -> Void
  ) throws -> String {
    let spy = """
      for i in $(seq 200); do for p in /proc/[0-9]*; do \
      case $(cat $p/comm 2>/dev/null) in drydock*) \
      \(script); echo LOOKED; exit;; esac; done; sleep 0.02; done 2>/dev/null
      """
    try File.replace(bundle.rootfs + "/spy", with: spy.utf8, mode: 0o755)
    let entering = try Running(command)
    let seen = try bundle.runtime("exec", "c", "sh", "/spy").output
    try letGo()
    let entered = try entering.finish()
    #expect(entered.code == 0, "\(entered.output) \(entered.error)")
    try end()
    return seen
  }

  /// `create` into another container's PID namespace: whoever lives there with CAP_SYS_PTRACE sees
  /// its init grow up, and must find nothing that its caller left open (CVE-2024-21626).
  @Test func anInitInAForeignPIDNamespaceHasNothingOfTheCallers() throws {
    for path in [\Capabilities.bounding, \.effective, \.permitted] {
      bundle.config.process?.capabilities?[keyPath: path].append("CAP_SYS_PTRACE")
    }
    try start()
    bundle.config.linux.namespaces.removeAll { $0.kind == .pid }
    let pid = try #require(try bundle.state().pid)
    bundle.config.linux.namespaces.append(Namespace(.pid, path: "/proc/\(pid)/ns/pid"))
    // It waits for this hook, half made.
    let go = bundle.path + "/go"
    var hook = Hook(path: "/bin/sh")
    hook.args = ["sh", "-c", "until [ -e \(go) ]; do sleep 0.05; done"]
    bundle.config.hooks.createRuntime = [hook]
    bundle.config.process?.args = ["true"]
    let file = try bundle.file(for: "d")
    let seen = try spying(
      "for f in $p/fd/*; do echo ${f##*/} $(readlink $f); done",
      on: leaky(bundle.words(["run", "--bundle", bundle.path, "--config", file, "d"]))
    ) { try File.replace(go, with: []) }
    #expect(seen.contains("LOOKED") && !seen.contains("passwd"), "\(seen)")
  }

  /// A created container waits for `start`, and `exec` brings others in: they find in its init
  /// neither what the caller left open nor anything else of the host's.
  @Test func anInitThatWaitsHasNothingOfTheHosts() throws {
    for path in [\Capabilities.bounding, \.effective, \.permitted] {
      bundle.config.process?.capabilities?[keyPath: path].append("CAP_SYS_PTRACE")
    }
    bundle.config.process?.apparmorProfile = "unconfined"
    bundle.config.process?.args = ["true"]
    try bundle.write()
    let created = try run(leaky(bundle.words(["create", "--bundle", bundle.path, "c"])))
    #expect(created.code == 0, "\(created.error)")
    let look = "for f in /proc/1/fd/*; do echo ${f##*/} $(readlink $f); done"
    let seen = try bundle.runtime("exec", "c", "sh", "-c", look)
    let lines = seen.output.split(separator: "\n")
    #expect(lines.count > 3, "\(seen.error)")
    for line in lines {
      let (number, target) = (line.prefix { $0 != " " }, line.drop { $0 != " " }.dropFirst())
      // The caller's standard streams are the program's own, and `/` is the container's.
      if let number = Int(number), number < 3 { continue }
      #expect(target.hasPrefix("socket:") || target == "/", "\(line)")
    }
    #expect(try bundle.runtime("start", "c").code == 0)
    try end()
  }

  // MARK: descriptors (CVE-2024-21626)

  @Test func descriptorsOfTheCallerStayOutside() throws {
    let list = "for f in /proc/self/fd/*; do readlink $f; done | grep -c passwd"
    bundle.config.process?.args = ["sh", "-c", list]
    try bundle.write()
    let run = try run(leaky(bundle.words(["run", "--bundle", bundle.path, "c"])))
    #expect(run.output == "0\n", "\(run.error)")
    try start()
    #expect(
      try IntegrationTests.run(leaky(bundle.words(["exec", "c", "sh", "-c", list]))).output == "0\n"
    )
    try end()
  }

  /// Exactly those asked for, and never one of the runtime's own in a gap between them.
  @Test(arguments: [0, 1, 2, 4])
  func onlyTheDescriptorsAskedForAreInherited(count: Int) throws {
    // `ls` has one of its own, for the directory.
    let list = ["ls", "/proc/self/fd"]
    let expected = (0...(3 + count)).map { "\($0)\n" }.joined()
    bundle.config.process?.args = list
    try bundle.write()
    let flag = "--preserve-fds=\(count)"
    let command = bundle.words(["run", flag, "--bundle", bundle.path, "c"])
    #expect(try run(leaky(command)).output == expected)
    try start()
    let exec = try run(leaky(bundle.words(["exec", flag, "c"] + list)))
    #expect(exec.output == expected, "\(exec.error)")
    if count > 0 {
      // Not open: refused, where a gap would be filled by a socket of the runtime's.
      let refused = try run(bundle.words(["exec", "--preserve-fds", "20", "c"] + list))
      #expect(refused.code == 125 && refused.error.contains("is not open"), "\(refused.error)")
    }
    try end()
  }

  // MARK: groups, capabilities, keys

  /// CVE-2022-2995 and its kin: groups of the caller that a file's mode denies something to.
  @Test func groupsOfTheCallerAreNotKept() throws {
    let groups = ["/usr/bin/setpriv", "--groups", "4,24,27"]
    bundle.config.process?.args = ["grep", "Groups", "/proc/self/status"]
    try bundle.write()
    let outcome = try run(groups + bundle.words(["run", "--bundle", bundle.path, "c"]))
    #expect(outcome.output == "Groups:\t \n", "\(outcome.error)")
    try start()
    let exec = try run(
      groups + bundle.words(["exec", "--user", "9:9", "c", "grep", "Groups", "/proc/self/status"]))
    #expect(exec.output == "Groups:\t \n", "\(exec.error)")
    try end()
  }

  /// CVE-2022-29162, with a caller that has inheritable capabilities itself.
  @Test func inheritableCapabilitiesOfTheCallerAreNotKept() throws {
    let caller = ["/usr/bin/setpriv", "--inh-caps", "+chown,+net_raw"]
    let show = ["grep", "CapInh", "/proc/self/status"]
    let none = "CapInh:\t0000000000000000\n"
    bundle.config.process?.args = show
    try bundle.write()
    #expect(
      try run(caller + bundle.words(["run", "--bundle", bundle.path, "c"])).output == none)
    try start()
    for flags in [[], ["--cap", "CAP_NET_RAW"], ["--user", "1000"]] {
      let outcome = try run(caller + bundle.words(["exec"] + flags + ["c"] + show))
      #expect(outcome.output == none, "\(flags): \(outcome.error)")
    }
    try end()
  }

  /// A key in the caller's session keyring is possessed by nobody inside, `exec` included.
  ///
  /// The key allows its possessor everything and its owner, who is root inside too, nothing: so
  /// /proc/keys lists it for who finds it through a keyring of his (keyrings(7), "Possession"), and
  /// for nobody else.
  @Test func keysOfTheCallerAreNotShared() throws {
    bundle.config.linux.maskedPaths.removeAll { $0 == "/proc/keys" }
    let name = "dd.\(bundle.path.split(separator: "/").last ?? "")"
    let list = ["cat", "/proc/keys"]
    #expect(try run(withKey(name, list)).output.contains(name))
    bundle.config.process?.args = list
    try bundle.write()
    let inside = try run(withKey(name, bundle.words(["run", "--bundle", bundle.path, "c"])))
    #expect(inside.code == 0, "\(inside.error)")
    #expect(!inside.output.contains(name), "\(inside.output)")
    try start()
    let exec = try run(withKey(name, bundle.words(["exec", "c"] + list)))
    #expect(exec.code == 0, "\(exec.error)")
    #expect(!exec.output.contains(name), "\(exec.output)")
    try end()
    // Who asks to keep it keeps it, in `exec` too.
    bundle.config.process?.args = list
    try bundle.write()
    let flag = "--no-new-keyring"
    let kept = try run(withKey(name, bundle.words(["run", flag, "--bundle", bundle.path, "c"])))
    #expect(kept.output.contains(name), "\(kept.error)")
    bundle.config.process?.args = ["sleep", "300"]
    try bundle.write()
    try bundle.create("c", [flag])
    #expect(try bundle.runtime("start", "c").code == 0)
    #expect(
      try run(withKey(name, bundle.words(["exec", "c"] + list))).output.contains(name))
    try end()
  }

  /// A caller with a key of that name in a session keyring of his own.
  private func withKey(_ name: String, _ words: [String]) -> [String] {
    // add_key(2) and keyctl(2) have one pair of numbers on x86-64 and one on all newer machines.
    let (add, control) = HostMachine.name == "x86_64" ? (248, 250) : (217, 219)
    let script = """
      my ($type, $secret, $name) = ("user", "secret", shift);
      syscall(\(control), 1, 0) >= 0 or die "JOIN_SESSION_KEYRING: $!";
      my $key = syscall(\(add), $type, $name, $secret, 6, -3);
      $key >= 0 or die "add_key: $!";
      syscall(\(control), 5, $key, 0x3f000000) >= 0 or die "SETPERM: $!";
      exec @ARGV or die "exec: $!";
      """
    let words = words[0].hasPrefix("/") ? words : ["/bin/" + words[0]] + words.dropFirst()
    return ["/usr/bin/perl", "-e", script, name] + words
  }

  // MARK: the kernel's settings

  @Test func theCorePatternCannotBeWritten() throws {
    let before = try File.text("/proc/sys/kernel/core_pattern")
    let outcome = try bundle.shell(
      "echo '|/evil' > /proc/sys/kernel/core_pattern;"
        + " mount -o remount,rw /proc/sys; echo '|/evil' > /proc/sys/kernel/core_pattern;"
        + " umount /proc/sys; echo '|/evil' > /proc/sys/kernel/core_pattern;"
        + " mkdir /tmp/p; mount -t proc proc /tmp/p; echo '|/evil' > /tmp/p/sys/kernel/core_pattern"
    )
    #expect(outcome.code != 0, "\(outcome.output)")
    #expect(try File.text("/proc/sys/kernel/core_pattern") == before)
    try bundle.expectNothingLeft()
  }

  /// CVE-2022-0492: a cgroup v1 tree mounted in new namespaces must not have a release_agent that
  /// can be written, since the kernel would run that on the host.
  @Test func theReleaseAgentIsOutOfReach() throws {
    let attack = """
      mkdir -p /tmp/cg; \
      for c in memory pids rdma misc cpu; do \
      mount -t cgroup -o $c cgroup /tmp/cg 2>/dev/null || continue; \
      echo /evil > /tmp/cg/release_agent && echo WON; umount /tmp/cg; done; \
      for f in $(find /sys/fs/cgroup -name release_agent 2>/dev/null); do \
      (echo /evil > $f) 2>/dev/null && echo WON; done; echo done
      """
    let shell = "busybox unshare -Ur -m -f sh -c '\(attack.replacingQuotes)' || \(attack)"
    for noNewPrivileges in [true, false] {
      bundle.config.process?.noNewPrivileges = noNewPrivileges
      let outcome = try bundle.shell(shell)
      #expect(outcome.output.contains("done"), "\(outcome.error)")
      #expect(!outcome.output.contains("WON"), "\(outcome.output)")
    }
    try bundle.expectNothingLeft()
  }

  // MARK: the one who waits

  /// The parent dies between the clone and prctl(2): nobody sends the signal any more, and the
  /// program must not run.
  @Test func aProgramWhoseRuntimeDiedEarlierDoesNotRun() throws {
    let mark = bundle.path + "/ran"
    try File.replace(mark, with: [])
    bundle.config.mounts.append(
      Mount(destination: "/ran", type: "bind", source: mark, options: ["bind"]))
    // The hook ends the runtime that started it, while init is about to ask for the signal.
    var hook = Hook(path: "/bin/sh")
    hook.args = ["sh", "-c", "while kill -0 $(cat /pid) 2>/dev/null; do :; done; sleep 0.2"]
    hook.env = ["PATH=/bin"]
    bundle.config.hooks.startContainer = [hook]
    bundle.config.process?.args = ["sh", "-c", "echo ran > /ran; sleep 300"]
    try File.replace(bundle.rootfs + "/pid", with: "1".utf8)
    try bundle.write()
    let running = try Running(
      bundle.words(["run", "--die-with-parent", "--bundle", bundle.path, "c"]))
    #expect(try eventually { try bundle.status() == "running" })
    try running.signal(Signal.kill)
    _ = try running.finish()
    // The hook sees its end: the loop's pid is then nobody.
    try File.replace(bundle.rootfs + "/pid", with: "999999".utf8)
    #expect(try eventually { try HostState(of: bundle).processes.isEmpty })
    #expect(try File.text(mark).isEmpty)
    _ = try bundle.runtime("delete", "--force", "c")
    try bundle.expectNothingLeft()
  }
}

extension String {
  /// For a word in single quotes of sh(1).
  fileprivate var replacingQuotes: String {
    split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''")
  }
}
