// How a mount is told: mount(8) has one command for each thing that is configured, and takes them
// one after the other, once it is mounted.

internal import Linux

extension MountCall {
  var object: String {
    guard flags.isDisjoint(with: [.remount, .shared, .slave, .private, .unbindable]) else {
      return target + " (" + optionNames.joined(separator: ",") + ")"
    }
    let options = changes.flatMap { $0.words } + (maps.isEmpty ? [] : ["idmap"])
    return "\(source ?? type ?? "none") → \(target)"
      + (options.isEmpty ? "" : " (" + options.joined(separator: ",") + ")")
  }

  /// The calls, in their order.
  var callNames: String {
    if flags.contains([.bind, .remount]) { return "mount_setattr(2)" }
    if prepared != nil { return "move_mount(2)" }
    guard isCopy || keeps || copiesUp || !changes.isEmpty else { return "mount(2)" }
    return (isCopy ? "open_tree(2) " : "fsmount(2) ")
      + (changes.isEmpty ? "" : "mount_setattr(2) ") + "move_mount(2)"
  }

  /// What the place has to be: for a bind, what its source is.
  func sourceIsDirectory(_ told: Bool?) -> Bool {
    if let told { return told }
    return (try? File.status(source ?? "").isDirectory) ?? true
  }

  /// The options of mount(8), those of the filesystem last.
  var optionNames: [String] {
    var result = flags.optionNames
    if let data, !data.isEmpty { result.append(data) }
    return result
  }

  /// The command of mount(8).
  var command: String {
    ([base] + (copiesUp ? copies : []) + changes.compactMap { $0.command(on: target) })
      .joined(separator: " && ")
  }

  private var base: String {
    let recursive = flags.contains(.recursive) ? "r" : ""
    if let kind = flags.propagationName {
      return "mount --make-\(recursive)\(kind) \(quoted(target))"
    }
    if isCopy {
      // X-mount.idmap: util-linux 2.39.
      let maps = maps.isEmpty ? "" : "-o " + quoted("X-mount.idmap=" + maps) + " "
      return "mount \(maps)--\(recursive)bind \(quoted(source ?? "none")) \(quoted(target))"
    }
    let options = optionNames.isEmpty ? "" : " -o " + quoted(optionNames.joined(separator: ","))
    if flags.contains(.remount) { return "mount\(options) \(quoted(target))" }
    return "mount -t \(type ?? "none")\(options) \(quoted(source ?? "none")) \(quoted(target))"
  }

  /// What the mount hides is still to be reached through a second bind of the filesystem below.
  private var copies: [String] {
    let parts = target.split(separator: "/")
    let parent = "/" + parts.dropLast().joined(separator: "/")
    let name = String(parts.last ?? "")
    return [
      "mount --bind \(quoted(parent)) /mnt", "cp -a /mnt/\(quoted(name))/. \(quoted(target))",
      "umount /mnt",
    ]
  }
}

extension MountFlags {
  /// Names of mount(8), in its order.
  var optionNames: [String] {
    let names: [(MountFlags, StaticString)] = [
      (.remount, "remount"), (.bind, "bind"), (.readOnly, "ro"), (.noSUID, "nosuid"),
      (.noDev, "nodev"), (.noExec, "noexec"), (.synchronous, "sync"), (.dirSync, "dirsync"),
      (.noSymFollow, "nosymfollow"), (.noATime, "noatime"), (.noDirATime, "nodiratime"),
      (.relATime, "relatime"), (.strictATime, "strictatime"), (.lazyTime, "lazytime"),
      (.shared, "shared"), (.slave, "slave"), (.private, "private"),
      (.unbindable, "unbindable"),
    ]
    return names.filter { contains($0.0) }.map { "\($0.1)" }
  }

  /// Names of what is taken away.
  var clearedNames: [String] {
    let names: [(MountFlags, StaticString)] = [
      (.readOnly, "rw"), (.noSUID, "suid"), (.noDev, "dev"), (.noExec, "exec"),
      (.noSymFollow, "symfollow"), (.noATime, "atime"), (.noDirATime, "diratime"),
      (.relATime, "norelatime"), (.strictATime, "nostrictatime"),
    ]
    return names.filter { contains($0.0) }.map { "\($0.1)" }
  }

  var propagationName: StaticString? {
    if contains(.shared) { return "shared" }
    if contains(.slave) { return "slave" }
    if contains(.private) { return "private" }
    if contains(.unbindable) { return "unbindable" }
    return nil
  }
}

extension MountChange {
  /// The options as config.json has them.
  var words: [String] {
    let own = set.optionNames + clear.clearedNames
    let spread = propagation.propagationName.map { ["\($0)"] } ?? []
    return (own + spread).map { recursive ? "r" + $0 : $0 }
  }

  func command(on target: String) -> String? {
    var commands = [String]()
    let options = set.optionNames + clear.clearedNames
    if !options.isEmpty {
      let remount = "mount -o remount,bind," + options.joined(separator: ",")
      commands.append(
        recursive
          ? "findmnt -R -l -n -o TARGET \(quoted(target)) | xargs -n 1 \(remount)"
          : "\(remount) \(quoted(target))")
    }
    if let kind = propagation.propagationName {
      commands.append("mount --make-\(recursive ? "r" : "")\(kind) \(quoted(target))")
    }
    return commands.isEmpty ? nil : commands.joined(separator: " && ")
  }
}
