// features.md and features-linux.md.

internal import Linux

extension Trial {
  /// The features structure.
  ///
  /// - Throws: `Skip` when the runtime has none, which it may.
  func features() throws -> Value {
    let outcome = try call(["features"])
    guard outcome.succeeded else { throw Skip(text: "the runtime has no features command") }
    do { return try Value(parsing: outcome.output) } catch {
      throw Failure(text: "features is not JSON: \(error)")
    }
  }

  /// A list of the structure; skips when it is absent, which it may be.
  func feature(_ path: String) throws -> [String] {
    guard let list = try features()[path]?.strings else { throw Skip(text: "no \(path)") }
    return list
  }
}

extension Cases {
  static func features() -> Section {
    var section = Section("features")
    func number(_ version: String) -> [Int] {
      version.split(separator: "-")[0].split(separator: ".").map { Int($0) ?? -1 }
    }
    section.must("versions", "ociVersionMin and ociVersionMax are there, in order") { t in
      let features = try t.features()
      guard let low = features["ociVersionMin"]?.string,
        let high = features["ociVersionMax"]?.string
      else { throw Failure(text: "one of them is missing") }
      try t.expect(
        !number(high).lexicographicallyPrecedes(number(low)), "\(high) is below \(low)")
    }
    for field in ["ociVersionMin", "ociVersionMax"] {
      section.must(field, "\(field) is accepted as ociVersion") { t in
        t.config["ociVersion"] = .string(try t.features()[field]?.string ?? "")
        try t.see("echo ran", "ran")
      }
    }
    section.mustNot("unknown", "there is no property that the specification does not have") { t in
      let features = try t.features()
      let top: Set = [
        "ociVersionMin", "ociVersionMax", "hooks", "mountOptions", "linux", "annotations",
        "potentiallyUnsafeConfigAnnotations",
      ]
      let linux: Set = [
        "namespaces", "capabilities", "cgroup", "seccomp", "apparmor", "selinux", "intelRdt",
        "mountExtensions", "netDevices", "memoryPolicy",
      ]
      let other =
        features.members.map(\.key).filter { !top.contains($0) }
        + (features["linux"]?.members ?? []).map(\.key).filter { !linux.contains($0) }
      try t.equal(other, [], "unknown properties")
    }
    section.must("hooks", "every hook listed is called") { t in
      let names = try t.feature("hooks")
      try t.expect(names.allSatisfy { hookKinds.contains($0) }, "unknown names in \(names)")
      try t.openLog()
      for name in names { t.hook(name, "echo \(name) >>\(t.log)") }
      try t.live("true")
      try t.equal(try t.logged().sorted(), names.sorted(), "called")
    }
    section.must("mountOptions", "every mount option listed is known") { t in
      let names = try t.feature("mountOptions")
      let source = try t.makeSource()
      let onBinds: Set = ["bind", "rbind", "remount", "idmap", "ridmap"]
      for (index, name) in names.enumerated() where !onBinds.contains(name) {
        let propagates =
          name.hasSuffix("private") || name.hasSuffix("slave")
          || name.hasSuffix("shared") || name.hasSuffix("unbindable")
        let recursive = name.hasPrefix("r") && names.contains(String(name.dropFirst()))
        let bound = propagates || recursive
        t.config.append(
          [
            "destination": "/mnt/\(index)", "type": bound ? "none" : "tmpfs",
            "source": bound ? .string(source) : "x",
            "options": bound ? ["rbind", .string(name)] : [.string(name)],
          ], to: "mounts")
      }
      try t.see("echo ran", "ran")
    }
    section.should("mountOptions-own", "options of filesystems are not listed") { t in
      let names = Set(try t.feature("mountOptions"))
      let own: Set = [
        "mode", "size", "uid", "gid", "nr_inodes", "newinstance", "ptmxmode", "hidepid",
      ]
      try t.equal(names.intersection(own).sorted(), [], "options of filesystems")
    }
    section.must("namespaces", "every namespace listed can be made") { t in
      let names = try t.feature("linux.namespaces")
      for name in names
      where t.config["linux.namespaces"]?.elements.contains(
        where: { $0["type"]?.string == name }) == false
      {
        if name == "user" {
          t.useUserNamespace()
        } else {
          t.config.append(["type": .string(name)], to: "linux.namespaces")
        }
      }
      try t.see("echo ran", "ran")
    }
    section.must("capabilities", "every capability listed is known") { t in
      let names = try t.feature("linux.capabilities")
      t.config["process.capabilities"] = ["bounding": Value(names)]
      try t.write()
      let outcome = try t.attempt()
      try t.expect(outcome.succeeded, "create failed: \(outcome.complaint)")
      try t.expect(!outcome.error.contains("unknown"), "not all are known: \(outcome.complaint)")
    }
    section.must("actions", "every seccomp action listed is known") { t in
      let names = try t.feature("linux.seccomp.actions").filter { $0 != "SCMP_ACT_NOTIFY" }
      // Each for an argument of its own: two rules for the same would contradict each other.
      t.config["linux.seccomp"] = [
        "defaultAction": "SCMP_ACT_LOG",
        "syscalls": .array(
          names.enumerated().filter { $0.element != "SCMP_ACT_LOG" }.map { index, name in
            [
              "names": ["personality"], "action": .string(name),
              "args": [["index": 0, "value": Value(1000 + index), "op": "SCMP_CMP_EQ"]],
            ]
          }),
      ]
      try t.see("echo ran", "ran")
    }
    section.must("operators", "every seccomp operator listed is known") { t in
      let names = try t.feature("linux.seccomp.operators")
      t.config["linux.seccomp"] = [
        "defaultAction": "SCMP_ACT_ALLOW",
        "syscalls": .array(
          names.enumerated().map { index, name in
            [
              "names": ["personality"], "action": "SCMP_ACT_ERRNO",
              "args": [
                ["index": Value(index % 6), "value": 7, "valueTwo": 7, "op": .string(name)]
              ],
            ]
          }),
      ]
      try t.see("echo ran", "ran")
    }
    section.must("archs", "every seccomp architecture listed is known") { t in
      // A known one may still be impossible here; then it fails otherwise than an unknown one.
      func complaint(_ name: String) throws -> String? {
        t.answer("personality", "SCMP_ACT_ERRNO")
        t.config["linux.seccomp.architectures"] = [.string(name)]
        let outcome = try t.attempt()
        _ = try t.call(["delete", "--force", t.id])
        guard !outcome.succeeded else { return nil }
        return outcome.complaint.split(separator: name).joined(separator: "X")
      }
      let unknown = try complaint("SCMP_ARCH_TEST")
      for name in try t.feature("linux.seccomp.archs") {
        if let text = try complaint(name) {
          try t.expect(text != unknown, "\(name) fails as an unknown one does: \(text)")
        }
      }
    }
    for list in ["knownFlags", "supportedFlags"] {
      section.must(list, "every flag of \(list) is accepted") { t in
        // This one says how an agent is waited for; without an agent the kernel refuses it.
        let names = try t.feature("linux.seccomp." + list)
          .filter { $0 != "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV" }
        t.answer("personality", "SCMP_ACT_ERRNO")
        t.config["linux.seccomp.flags"] = Value(names)
        try t.equal(try t.result(of: "personality 0xffffffff"), "-1", "personality(2)")
      }
    }
    section.must("annotations", "annotations are strings by name") { t in
      let members = try t.features()["annotations"]?.members ?? []
      try t.expect(
        members.allSatisfy { $0.value.string != nil && !$0.key.isEmpty }, "\(members)")
    }
    return section
  }
}
