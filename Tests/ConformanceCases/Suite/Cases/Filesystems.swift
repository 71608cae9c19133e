// config.md, "Root" and "Mounts".

internal import Glibc
internal import Linux

extension Trial {
  /// A folder of the host to bind: `file` says "source", `sub` is a tmpfs whose `file` says "sub".
  func makeSource(_ flags: MountFlags = [], shared: Bool = false) throws -> String {
    let source = bundle + "/source"
    try File.makeDirectory(source)
    try Mounts.mount("tmpfs", on: source, type: "tmpfs", flags, data: "mode=755")
    try Mounts.mount(nil, on: source, type: nil, shared ? .shared : .private, data: nil)
    if !flags.contains(.readOnly) {
      try Fixture.put(source + "/file", "source\n")
      try File.makeDirectory(source + "/sub")
      try Mounts.mount("tmpfs", on: source + "/sub", type: "tmpfs", flags, data: "mode=755")
      try Mounts.mount(nil, on: source + "/sub", type: nil, shared ? .shared : .private, data: nil)
      try Fixture.put(source + "/sub/file", "sub\n")
    }
    return source
  }

  /// Adds a bind mount of a source at /mnt.
  func bind(_ source: String, _ options: [String]) {
    config.append(
      [
        "destination": "/mnt", "type": "none", "source": .string(source), "options": Value(options),
      ], to: "mounts")
  }

  /// The mountinfo line (proc_pid_mountinfo(5)) of a mount inside, as `(options, tags, super)`.
  func mounted(_ path: String) throws -> (options: [Substring], tags: String, own: [Substring]) {
    let text = try written()
    guard
      let line = text.split(separator: "\n").last(where: { line in
        let fields = line.split(separator: " ")
        return fields.count > 6 && fields[4] == path
      })
    else { throw Failure(text: "nothing is mounted on \(path): \(text)") }
    let fields = line.split(separator: " ")
    let dash = fields.firstIndex(of: "-") ?? fields.endIndex
    return (
      fields[5].split(separator: ","), fields[6..<dash].joined(separator: " "),
      (fields.last ?? "").split(separator: ",")
    )
  }
}

extension Cases {
  static func root() -> Section {
    var section = Section("config/root")
    section.must("required", "root must be there") { t in
      t.config["root"] = nil
      try t.refused("no root")
    }
    section.must("relative", "a relative root.path is taken from the bundle") { t in
      try Fixture.put(t.rootfs + "/mark", "here\n")
      try t.see("cat /mark", "here")
    }
    section.must("absolute", "an absolute root.path is taken as it is") { t in
      try Fixture.put(t.rootfs + "/mark", "here\n")
      t.config["root.path"] = .string(t.rootfs)
      try t.see("cat /mark", "here")
    }
    section.must("missing", "a root.path where nothing is, is an error") { t in
      t.config["root.path"] = "nothing"
      try t.refused("root.path does not exist")
    }
    section.must("file", "a root.path that is no directory is an error") { t in
      try Fixture.put(t.bundle + "/plain", "")
      t.config["root.path"] = "plain"
      try t.refused("root.path is a file")
    }
    section.must("readonly", "with readonly nothing can be written to the root") { t in
      t.config["root.readonly"] = true
      try t.see("touch /x 2>/dev/null && echo written || echo refused", "refused")
    }
    section.must("writable", "without readonly the root can be written to") { t in
      try t.see("touch /x && echo written", "written")
      try t.expect(File.exists(t.rootfs + "/x"), "it was written somewhere else")
    }
    return section
  }

  static func mounts() -> Section {
    var section = Section("config/mounts")
    section.must("order", "mounts are made in the listed order") { t in
      for name in ["a", "b"] {
        try File.makeDirectories(t.bundle + "/\(name)/under", mode: 0o755)
        try Fixture.put(t.bundle + "/\(name)/mark", name + "\n")
        t.config.append(
          [
            "destination": "/mnt", "type": "none", "source": .string(t.bundle + "/" + name),
            "options": ["bind"],
          ], to: "mounts")
      }
      t.config.append(
        ["destination": "/mnt/under", "type": "tmpfs", "source": "x"], to: "mounts")
      try t.see(
        "cat /mnt/mark; awk '$5 == \"/mnt/under\" {print \"nested\"}' /proc/self/mountinfo",
        "b\nnested")
    }
    section.must("destination-relative", "a relative destination is taken from /") { t in
      t.config.append(["destination": "mnt", "type": "tmpfs", "source": "x"], to: "mounts")
      try t.see("awk '$2 == \"/mnt\" {print $3}' /proc/mounts", "tmpfs")
    }
    section.must("destination-required", "a mount without a destination is an error") { t in
      t.config.append(["type": "tmpfs", "source": "x"], to: "mounts")
      try t.refused("no destination")
    }
    section.must("type", "the type is that of mount(2)") { t in
      t.config.append(
        ["destination": "/mnt", "type": "mqueue", "source": "mqueue"], to: "mounts")
      try t.see("awk '$2 == \"/mnt\" {print $3}' /proc/mounts", "mqueue")
    }
    section.must("source", "the source is that of mount(2)") { t in
      t.config.append(
        ["destination": "/mnt", "type": "tmpfs", "source": "a-name"], to: "mounts")
      try t.see("awk '$2 == \"/mnt\" {print $1}' /proc/mounts", "a-name")
    }
    section.must("bind-file", "a file can be bound onto a file") { t in
      try Fixture.put(t.bundle + "/plain", "bound\n")
      try Fixture.put(t.rootfs + "/mnt/file", "below\n")
      t.config.append(
        [
          "destination": "/mnt/file", "type": "bind", "source": .string(t.bundle + "/plain"),
          "options": ["bind"],
        ], to: "mounts")
      try t.see("cat /mnt/file", "bound")
    }
    section.must("bind-relative", "a relative source of a bind mount is taken from the bundle") {
      t in
      try File.makeDirectory(t.bundle + "/near")
      try Fixture.put(t.bundle + "/near/mark", "near\n")
      t.bind("near", ["bind"])
      try t.see("cat /mnt/mark", "near")
    }
    section.must("bind-by-option", "bind or rbind in the options make a bind mount of any type") {
      t in
      let source = try t.makeSource()
      t.config.append(
        [
          "destination": "/mnt", "type": "nosuchtype", "source": .string(source),
          "options": ["rbind"],
        ], to: "mounts")
      try t.see("cat /mnt/file", "source")
    }
    section.must("bind-no-type", "a bind mount needs no type") { t in
      let source = try t.makeSource()
      t.config.append(
        ["destination": "/mnt", "source": .string(source), "options": ["bind"]], to: "mounts")
      try t.see("cat /mnt/file", "source")
    }
    section.must("bind-missing", "a bind mount of what does not exist is an error") { t in
      t.bind(t.bundle + "/nothing", ["bind"])
      try t.refused("the source does not exist")
    }
    section.should("data", "unknown options are the filesystem's: mode and size of a tmpfs") { t in
      t.config.append(
        [
          "destination": "/mnt", "type": "tmpfs", "source": "x",
          "options": ["mode=0711", "size=64k"],
        ], to: "mounts")
      try t.see("stat -c %a /mnt; df -k /mnt | awk 'END {print $(NF-4)}'", "711\n64")
    }
    section.should("data-wrong", "an option that nobody knows reaches the kernel, which refuses") {
      t in
      t.config.append(
        ["destination": "/mnt", "type": "tmpfs", "source": "x", "options": ["frobnicate=1"]],
        to: "mounts")
      try t.refused("tmpfs has no option frobnicate")
    }
    section.must("options-type", "options that are no strings are an error") { t in
      t.config.append(
        ["destination": "/mnt", "type": "tmpfs", "source": "x", "options": [1]], to: "mounts")
      try t.refused("a number as an option")
    }
    return section
  }

  /// An option, what is given with it before, and what mountinfo must and must not show then.
  private struct Attribute {
    let name: String
    var before: [String] = []
    var shows = ""
    var hides = ""
    var level = Level.must
  }

  private static let attributes: [Attribute] = [
    Attribute(name: "async", before: ["sync"], hides: "sync"),
    Attribute(name: "atime", before: ["noatime"], hides: "noatime"),
    Attribute(name: "defaults", shows: "rw"),
    Attribute(name: "dev", before: ["nodev"], hides: "nodev"),
    Attribute(name: "diratime", before: ["nodiratime"], hides: "nodiratime"),
    Attribute(name: "dirsync", shows: "dirsync"),
    Attribute(name: "exec", before: ["noexec"], hides: "noexec"),
    Attribute(name: "iversion"), Attribute(name: "lazytime", shows: "lazytime"),
    Attribute(name: "loud", before: ["silent"]), Attribute(name: "noatime", shows: "noatime"),
    Attribute(name: "nodev", shows: "nodev"), Attribute(name: "nodiratime", shows: "nodiratime"),
    Attribute(name: "noexec", shows: "noexec"), Attribute(name: "noiversion", before: ["iversion"]),
    Attribute(name: "nolazytime", before: ["lazytime"], hides: "lazytime"),
    Attribute(name: "norelatime"),
    Attribute(name: "nostrictatime", before: ["strictatime"], shows: "relatime"),
    Attribute(name: "nosuid", shows: "nosuid"),
    Attribute(name: "nosymfollow", shows: "nosymfollow", level: .should),
    Attribute(name: "relatime", shows: "relatime"), Attribute(name: "ro", shows: "ro"),
    Attribute(name: "rw", before: ["ro"], shows: "rw"), Attribute(name: "silent"),
    Attribute(name: "strictatime", hides: "relatime"),
    Attribute(name: "suid", before: ["nosuid"], hides: "nosuid"),
    Attribute(
      name: "symfollow", before: ["nosymfollow"], hides: "nosymfollow", level: .should),
    Attribute(name: "sync", shows: "sync"),
  ]

  static func mountOptions() -> Section {
    var section = Section("config/mounts/options")
    for attribute in attributes {
      let text = "the option \(attribute.name) is known and does what mount(8) says"
      let body = { (t: Trial) in
        t.config.append(
          [
            "destination": "/mnt", "type": "tmpfs", "source": "x",
            "options": Value(attribute.before + [attribute.name]),
          ], to: "mounts")
        _ = try t.run("cat /proc/self/mountinfo")
        let mount = try t.mounted("/mnt")
        let shown = mount.options + mount.own
        let name = Substring(attribute.shows)
        try t.expect(
          name.isEmpty || (name == "rw" ? mount.options : shown).contains(name),
          "\(name) is not among \(shown.joined(separator: ","))")
        try t.expect(
          attribute.hides.isEmpty || !shown.contains(Substring(attribute.hides)),
          "\(attribute.hides) is among \(shown.joined(separator: ","))")
      }
      if attribute.level == .must {
        section.must(attribute.name, text, body)
      } else {
        section.should(attribute.name, text, body)
      }
    }
    section.must("bind", "bind shows the source without what is mounted in it") { t in
      t.bind(try t.makeSource(), ["bind"])
      try t.see("cat /mnt/file; ls /mnt/sub", "source")
    }
    section.must("rbind", "rbind shows the source with what is mounted in it") { t in
      t.bind(try t.makeSource(), ["rbind"])
      try t.see("cat /mnt/file /mnt/sub/file", "source\nsub")
    }
    section.must("bind-ro", "bind with ro cannot be written to") { t in
      t.bind(try t.makeSource(), ["bind", "ro"])
      try t.see("touch /mnt/x 2>/dev/null && echo written || echo refused", "refused")
      try t.expect(!File.exists(t.bundle + "/source/x"), "the source was written to")
    }
    section.must("remount", "remount changes a mount that is there") { t in
      t.config.append(
        ["destination": "/mnt", "type": "tmpfs", "source": "x", "options": ["mode=755"]],
        to: "mounts")
      t.config.append(
        ["destination": "/mnt", "type": "tmpfs", "source": "x", "options": ["remount", "ro"]],
        to: "mounts")
      try t.see("touch /mnt/x 2>/dev/null && echo written || echo refused", "refused")
    }
    let propagations = [
      ("private", ""), ("slave", "master:"), ("shared", "shared:"), ("unbindable", "unbindable"),
    ]
    for (name, tag) in propagations {
      for recursive in [false, true] {
        let option = (recursive ? "r" : "") + name
        section.must(option, "\(option) sets the propagation of the mount") { t in
          let source = try t.makeSource(shared: true)
          t.bind(source, ["rbind", option])
          _ = try t.run("cat /proc/self/mountinfo")
          for path in recursive ? ["/mnt", "/mnt/sub"] : ["/mnt"] {
            let tags = try t.mounted(path).tags
            try t.expect(
              tag.isEmpty ? tags.isEmpty : tags.contains(tag), "\(path) has the tags \"\(tags)\"")
          }
        }
      }
    }
    return section
  }

  /// Recursive options and their opposites, with what the mounts have before (mount_setattr(2)).
  private static let recursive: [(name: String, before: MountFlags, shows: String, hides: String)] =
    [
      ("rro", [], "ro", "rw"), ("rrw", .readOnly, "rw", "ro"), ("rnosuid", [], "nosuid", ""),
      ("rsuid", .noSUID, "", "nosuid"), ("rnodev", [], "nodev", ""), ("rdev", .noDev, "", "nodev"),
      ("rnoexec", [], "noexec", ""), ("rexec", .noExec, "", "noexec"),
      ("rnoatime", [], "noatime", ""), ("ratime", .noATime, "", "noatime"),
      ("rnodiratime", [], "nodiratime", ""), ("rdiratime", .noDirATime, "", "nodiratime"),
      ("rrelatime", .strictATime, "relatime", ""), ("rnorelatime", [], "", "noatime"),
      ("rstrictatime", [], "", "relatime"), ("rnostrictatime", .strictATime, "relatime", ""),
      ("rnosymfollow", [], "nosymfollow", ""), ("rsymfollow", .noSymFollow, "", "nosymfollow"),
    ]

  static func recursiveMountOptions() -> Section {
    var section = Section("config/mounts/recursive-options")
    for row in recursive {
      section.should(row.name, "\(row.name) changes a mount and all below it") { t in
        let source = try t.makeSource(row.before.subtracting(.readOnly))
        if row.before.contains(.readOnly) {
          for path in [source + "/sub", source] {
            try Mounts.mount(nil, on: path, type: nil, [.bind, .remount, .readOnly], data: nil)
          }
        }
        t.bind(source, ["rbind", row.name])
        _ = try t.run("cat /proc/self/mountinfo")
        for path in ["/mnt", "/mnt/sub"] {
          let options = try t.mounted(path).options
          try t.expect(
            row.shows.isEmpty || options.contains(Substring(row.shows)),
            "\(path): \(row.shows) is not among \(options)")
          try t.expect(
            row.hides.isEmpty || !options.contains(Substring(row.hides)),
            "\(path): \(row.hides) is among \(options)")
        }
      }
    }
    section.should("ro-not-recursive", "ro changes the mount alone, not those below it") { t in
      t.bind(try t.makeSource(), ["rbind", "ro"])
      _ = try t.run("cat /proc/self/mountinfo")
      try t.expect(try t.mounted("/mnt").options.contains("ro"), "/mnt can be written to")
      try t.expect(try t.mounted("/mnt/sub").options.contains("rw"), "/mnt/sub is read-only too")
    }
    return section
  }

  static func idmappedMounts() -> Section {
    var section = Section("config/mounts/idmap")
    /// Adds a mount of which the owner 0 appears as `owner`.
    func add(_ t: Trial, _ option: String, bind: String, maps: Bool = true) throws {
      let source = try t.makeSource()
      var mount: Value = [
        "destination": "/mnt", "type": "none", "source": .string(source),
        "options": [.string(bind), .string(option)],
      ]
      if maps {
        let map: Value = [["containerID": 0, "hostID": 4321, "size": 10]]
        mount["uidMappings"] = map
        mount["gidMappings"] = map
      }
      t.config.append(mount, to: "mounts")
    }
    section.should("idmap", "idmap shows owners through the mount's own mapping") { t in
      try add(t, "idmap", bind: "bind")
      try t.see("stat -c %u:%g /mnt/file", "4321:4321")
    }
    section.should("idmap-once", "idmap with rbind leaves what is mounted below as it is") { t in
      try add(t, "idmap", bind: "rbind")
      try t.see("stat -c %u:%g /mnt/file /mnt/sub/file", "4321:4321\n0:0")
    }
    section.should("ridmap", "ridmap maps what is mounted below too") { t in
      try add(t, "ridmap", bind: "rbind")
      try t.see("stat -c %u:%g /mnt/file /mnt/sub/file", "4321:4321\n4321:4321")
    }
    section.must("no-mapping", "idmap without mappings and without a user namespace is an error") {
      t in
      try add(t, "idmap", bind: "bind", maps: false)
      try t.refused("nothing says how to map")
    }
    for (given, missing) in [("uidMappings", "gidMappings"), ("gidMappings", "uidMappings")] {
      section.must("only-\(given)", "\(given) of a mount without \(missing) is an error") { t in
        let source = try t.makeSource()
        var mount: Value = [
          "destination": "/mnt", "type": "none", "source": .string(source),
          "options": ["bind", "idmap"],
        ]
        mount[given] = [["containerID": 0, "hostID": 4321, "size": 10]]
        t.config.append(mount, to: "mounts")
        try t.refused("half a mapping")
      }
    }
    section.must("container-mapping", "idmap alone maps as the container does, or is an error") {
      t in
      t.useUserNamespace()
      try add(t, "idmap", bind: "bind", maps: false)
      t.script("stat -c %u:%g /mnt/file")
      guard try t.attempt().succeeded else { return }
      try t.start()
      try t.wait()
      try t.equal(try t.written(), "0:0", "owner inside")
    }
    return section
  }
}
