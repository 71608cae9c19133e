import Linux
import Testing

/// Images as people type them, on the real kernel.
@Suite("Image commands", .serialized, .enabled(if: Drydock.isReady))
struct ImageCommandTests {
  private let drydock: Drydock

  init() throws { drydock = try Drydock() }

  private var scratch: String { drydock.scratch }

  /// Runs a command that must succeed; its output.
  @discardableResult
  private func ok(_ words: String..., location: SourceLocation = #_sourceLocation) throws -> String
  {
    let result = try drydock.run(words)
    #expect(
      result.code == 0, "\(words.joined(separator: " ")): \(result.error)", sourceLocation: location
    )
    return result.output.trimmed
  }

  /// Runs a command that must fail; its message.
  private func refused(
    _ code: Int32, _ words: String..., location: SourceLocation = #_sourceLocation
  ) throws -> String {
    let result = try drydock.run(words)
    #expect(
      result.code == code, "\(words.joined(separator: " ")): \(result.code) \(result.output)",
      sourceLocation: location)
    return result.error
  }

  private func shell(_ script: String) throws -> String {
    let outcome = try IntegrationTests.run(["/bin/sh", "-ec", script], within: 120)
    #expect(outcome.code == 0, "\(script): \(outcome.text)")
    return outcome.output.trimmed
  }

  private var typed: String {
    "\(drydock.binaries)/drydock " + drydock.roots.joined(separator: " ")
  }

  @Test("commit: changes, deletions and an emptied directory become a layer")
  func commit() throws {
    _ = try drydock.run([
      "run", "--name", "web", "busybox", "sh", "-c",
      "echo new > /new; rm /etc/shells; rm -r /var/spool; mkdir /var/spool; chmod 700 /home; "
        + "mkdir -p /opt/a; ln -s x /opt/a/link; ln /new /opt/hard",
    ])
    #expect(
      try ok("diff", "web").lines == [
        "C /etc", "D /etc/shells", "C /home", "A /new", "A /opt", "A /opt/a", "A /opt/a/link",
        "A /opt/hard", "C /var", "C /var/spool",
      ])
    let id = try ok(
      "commit", "-a", "somebody", "-m", "what for", "-c", #"CMD ["cat", "/new"]"#, "-c",
      "ENV A=1", "web", "made:1")
    #expect(id.hasPrefix("sha256:"))
    #expect(try ok("run", "--rm", "made:1") == "new")
    #expect(
      try ok(
        "run", "--rm", "made:1", "sh", "-c",
        "test ! -e /etc/shells && echo $A $(ls /var/spool | wc -l) $(stat -c %a /home) "
          + "$(stat -c %h /new)") == "1 0 700 2")
    #expect(
      try ok("image", "inspect", "-f", "{{.Author}}, {{.Comment}}", "made:1")
        == "somebody, what for")
    let history = try ok("history", "--no-trunc", "--format", "{{.ID}} {{.Comment}}", "made:1")
      .lines
    #expect(history.count == 2 && history[0] == "\(id) what for")
    // A running container does not notice what becomes of its image's name.
    #expect(try ok("images", "-q", "--no-trunc", "made").lines == [id])
  }

  @Test("export and import: one layer, the same files")
  func exportImport() throws {
    _ = try drydock.run([
      "run", "--name", "box", "busybox", "sh", "-c", "echo x > /x; rm /etc/shells",
    ])
    try ok("export", "-o", scratch + "/c.tar", "box")
    #expect(
      try shell("\(typed) export box | sha256sum") == (try shell("sha256sum < \(scratch)/c.tar")))
    let names = try shell("tar -tf \(scratch)/c.tar")
    #expect(names.lines.contains("x") && names.lines.contains("bin/busybox"))
    #expect(!names.contains("etc/shells") && !names.contains(".wh."))
    let id = try shell(
      "gzip < \(scratch)/c.tar | \(typed) import -c 'CMD [\"cat\",\"/x\"]' -m note - flat:1")
    #expect(try ok("run", "--rm", "flat:1") == "x")
    #expect(
      try ok("images", "--format", "{{.Repository}}:{{.Tag}} sha256:{{.ID}}", "--no-trunc", "flat")
        .contains("flat:1 sha256:\(id)") == true)
    #expect(try ok("history", "--format", "{{.Comment}}", "flat:1") == "note")
  }

  @Test("rmi: a name, an image in use, a running container, by id, several")
  func removal() throws {
    try ok("tag", "busybox", "one:1")
    try ok("tag", "busybox", "two:2")
    _ = try drydock.run(["run", "--name", "ended", "one:1", "true"])
    #expect(try ok("rmi", "two:2") == "Untagged: two:2")
    #expect(try ok("rmi", "busybox") == "Untagged: busybox:latest")
    let id = try ok("images", "-q")
    #expect(
      try refused(1, "rmi", "one:1").contains(
        "conflict: unable to remove repository reference \"one:1\" (must force) - container "))
    #expect(try refused(1, "rmi", id).contains("image is being used by stopped container"))
    #expect(try refused(1, "image", "rm", "none:such").contains("No such image: none:such"))
    try ok("rm", "ended")
    let lines = try ok("rmi", id).lines
    #expect(lines.count == 3 && lines[0] == "Untagged: one:1")
    #expect(lines.dropFirst().allSatisfy { $0.hasPrefix("Deleted: sha256:") })
    #expect(try ok("images", "-qa") == "")
    #expect(try File.list(scratch + "/root/blobs/sha256") == [])
    // It is made again when it is asked for.
    try ok("run", "--rm", "busybox", "true")
    #expect(try ok("image", "prune", "-a", "-f").contains("untagged: busybox:latest"))
    #expect(try ok("images", "-q") == "")
  }

  @Test("What cannot be a name or is no image, with Docker's words")
  func bad() throws {
    #expect(
      try refused(125, "run", "--rm", "nosuch").contains("Unable to find image 'nosuch' locally"))
    #expect(try refused(1, "tag", "busybox", "Bad/Name").contains("must be lowercase"))
    #expect(try refused(1, "tag", "busybox", "a:b c").contains("invalid reference format"))
    #expect(try refused(1, "tag", "nosuch", "b").contains("No such image: nosuch:latest"))
    #expect(try refused(1, "save", "-o", scratch + "/x", "nosuch").contains("No such image"))
    #expect(!File.exists(scratch + "/x"))
    #expect(try refused(1, "load", "-i", scratch + "/none").contains("no such file or directory"))
    #expect(try refused(1, "load", "-i", "/bin/busybox").contains("cannot be read"))
    #expect(
      try refused(1, "import", "-c", "RUN x", "/dev/null").contains("not a valid change command"))
    #expect(try refused(1, "history", "nosuch").contains("No such image"))
    #expect(try ok("images", "-q").lines.count <= 1)
  }

  @Test(
    "drydock → skopeo → podman → drydock: the same id and DiffIDs; umoci reads it",
    .enabled(if: EngineHome.isInstalled("/usr/bin/skopeo", "/usr/bin/podman", "/usr/bin/umoci")))
  func peers() throws {
    _ = try drydock.run([
      "run", "--name", "box", "busybox", "sh", "-c", "echo x > /x; rm /etc/shells",
    ])
    try ok("commit", "box", "made:1")
    let fields = "{{.Id}} {{json .RootFS.Layers}}"
    let wanted = try ok("image", "inspect", "-f", fields, "made:1")
    let manifest = try ok("images", "--digests", "--format", "{{.Digest}}", "made:1")
    try ok("save", "-o", scratch + "/made.tar", "made:1")
    let podman =
      "podman --root \(scratch)/pod --runroot \(scratch)/podrun --storage-driver vfs "
      + "--cgroup-manager cgroupfs"
    let output = try shell(
      """
      cd \(scratch)
      skopeo copy -q --preserve-digests oci-archive:made.tar:1 oci:layout:made
      echo "sha256:$(skopeo inspect --raw oci:layout:made | sha256sum | cut -c1-64)"
      umoci unpack --image layout:made bundle >/dev/null 2>&1
      cat bundle/rootfs/x; test ! -e bundle/rootfs/etc/shells
      \(podman) pull -q oci:layout:made
      \(podman) save -q --format oci-archive -o back-oci.tar localhost/layout
      \(podman) tag localhost/layout localhost/made:2
      \(podman) save -q --format docker-archive -o back-docker.tar localhost/made:2
      \(podman) load -q -i made.tar
      skopeo copy -q --dest-compress-format zstd --dest-compress oci:layout:made oci:zstd:localhost/z:3
      """)
    #expect(output.lines.first == manifest)
    #expect(output.lines.dropFirst().first == "x")
    try ok("rm", "box")
    for (file, name) in [
      ("back-oci.tar", nil), ("back-docker.tar", "localhost/made:2"), ("zstd", "localhost/z:3"),
      ("layout", nil),
    ] {
      try ok("rmi", "-f", wanted.split(separator: " ")[0].description)
      let said = try ok("load", "-i", "\(scratch)/\(file)")
      if let name { #expect(said == "Loaded image: \(name)", "\(file)") }
      let id = said.split(separator: " ").last.map { String($0) } ?? ""
      #expect(try ok("image", "inspect", "-f", fields, id) == wanted, "\(file)")
      #expect(try ok("run", "--rm", id, "cat", "/x") == "x", "\(file)")
    }
    // What came as an OCI layout has the manifest it had.
    #expect(try ok("images", "--digests", "--format", "{{.Digest}}").contains(manifest))
    try IntegrationTests.run(["/bin/rm", "-rf", scratch + "/pod", scratch + "/podrun"])
  }

  @Test("A hundred layers, on a root with a long path")
  func manyLayers() throws {
    let deep = scratch + "/" + String(repeating: "long-directory/", count: 4)
    try File.makeDirectories(deep)
    let script = """
      import hashlib, io, json, tarfile
      out = tarfile.open("\(scratch)/many.tar", "w")
      def add(name, data):
          info = tarfile.TarInfo(name); info.size = len(data); out.addfile(info, io.BytesIO(data))
      diffs, paths = [], []
      for n in range(99):
          raw = io.BytesIO(); layer = tarfile.open(fileobj=raw, mode="w")
          for name in ["f%d" % n, "last"]:
              info = tarfile.TarInfo(name); data = str(n).encode(); info.size = len(data)
              layer.addfile(info, io.BytesIO(data))
          layer.close(); data = raw.getvalue()
          diffs.append("sha256:" + hashlib.sha256(data).hexdigest()); add("l%d" % n, data)
          paths.append("l%d" % n)
      base = open("/bin/busybox", "rb").read()
      raw = io.BytesIO(); layer = tarfile.open(fileobj=raw, mode="w")
      for folder in ["bin", "proc", "sys", "dev", "etc"]:
          info = tarfile.TarInfo(folder); info.type = tarfile.DIRTYPE; info.mode = 0o755; layer.addfile(info)
      info = tarfile.TarInfo("bin/busybox"); info.size = len(base); info.mode = 0o755
      layer.addfile(info, io.BytesIO(base)); layer.close(); data = raw.getvalue()
      diffs.insert(0, "sha256:" + hashlib.sha256(data).hexdigest()); add("base", data); paths.insert(0, "base")
      add("c.json", json.dumps({"architecture": "amd64", "os": "linux", "config": {},
          "rootfs": {"type": "layers", "diff_ids": diffs}}).encode())
      add("manifest.json", json.dumps([{"Config": "c.json", "RepoTags": ["many:1"], "Layers": paths}]).encode())
      out.close()
      """
    try File.replace(scratch + "/make.py", with: script.utf8)
    _ = try shell("python3 \(scratch)/make.py")
    let roots = ["--root", deep + "root", "--run-root", deep + "run"]
    func typed(_ words: [String]) throws -> Outcome {
      try IntegrationTests.run([drydock.binaries + "/drydock"] + roots + words, within: 60)
    }
    #expect(try typed(["load", "-i", scratch + "/many.tar"]).output == "Loaded image: many:1\n")
    let outcome = try typed([
      "run", "--rm", "many:1", "/bin/busybox", "sh", "-c",
      "/bin/busybox cat /f0 /last; /bin/busybox ls / | /bin/busybox wc -l",
    ])
    #expect(outcome.output == "098105\n", "\(outcome.text)")
  }

  @Test("Two load the same archive at once; one that is killed leaves nothing that counts")
  func together() throws {
    try ok("run", "--rm", "busybox", "true")
    try ok("save", "-o", scratch + "/b.tar", "busybox")
    try ok("rmi", "busybox")
    let first = try drydock.start(["load", "-i", scratch + "/b.tar"], output: "first")
    let second = try drydock.start(["load", "-i", scratch + "/b.tar"], output: "second")
    #expect(try first.wait().code == 0)
    #expect(try second.wait().code == 0)
    for file in ["first", "second"] {
      #expect(try File.text("\(scratch)/\(file)") == "Loaded image: busybox:latest\n")
    }
    try ok("run", "--rm", "busybox", "true")
    try ok("rmi", "busybox")
    for delay in [1, 3, 6, 10, 20] as [UInt64] {
      let child = try drydock.start(["load", "-i", scratch + "/b.tar"], output: "killed")
      Clock.sleep(delay * 1_000_000)
      try child.signal(Signal.kill)
      _ = try child.wait()
      let names = try ok("images", "--format", "{{.Repository}}").lines
      if !names.isEmpty { try ok("run", "--rm", "busybox", "true") }
    }
    try ok("doctor")
    try ok("load", "-i", scratch + "/b.tar")
    try ok("run", "--rm", "busybox", "true")
  }
}
