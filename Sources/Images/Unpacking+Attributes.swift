// Owner, mode, extended attributes and times of what was laid out.

internal import CLinux
internal import Linux

extension Unpacking {
  /// Describes `name` in the directory `place`, or with no name `place` itself.
  mutating func describe(
    _ entry: TarEntry, _ path: TarPath, _ place: Int32, _ name: [CChar]?
  ) throws(SystemError) {
    guard let uid = UInt32(exactly: entry.uid).flatMap(rules.uid),
      let gid = UInt32(exactly: entry.gid).flatMap(rules.gid), uid != .max, gid != .max
    else {
      refused = refusal(path, "belongs to \(entry.uid):\(entry.gid), which are no ids")
      return
    }
    // Owner first: chown(2) takes set-user-ID bits and capabilities away.
    if let name {
      try check(unsafe lx_fchownat(place, name, uid, gid, 0x100), "chown(2)", path.text)
      if entry.kind != .link {
        try check(unsafe lx_fchmodat(place, name, entry.mode), "chmod(2)", path.text)
      }
    } else {
      try check(lx_fchown(place, uid, gid), "fchown(2)", path.text)
      try check(lx_fchmod(place, entry.mode), "fchmod(2)", path.text)
    }
    var fault: String?
    unsafe try entry.eachAttribute { (attribute, value) throws(SystemError) in
      if attribute.hasPrefix("trusted.overlay.") || attribute.hasPrefix("user.overlay.") {
        fault = "has the attribute \(attribute), by which overlayfs takes notes"
        return
      }
      // Labels are the host's policy, not the image's.
      if attribute == "security.selinux" { return }
      let set =
        if let name {
          unsafe lx_setxattrat(place, name, attribute, value.baseAddress, value.count)
        } else {
          unsafe lx_fsetxattr(place, attribute, value.baseAddress, value.count)
        }
      try check(set, "setxattr(2)", "\(path.text) \(attribute)")
    }
    if let fault { refused = refusal(path, fault) }
    guard let name else { return }
    let (accessed, modified) = (entry.accessed, entry.modified)
    try check(
      unsafe lx_set_times(
        place, name, accessed.seconds, accessed.nanoseconds, modified.seconds,
        modified.nanoseconds), "utimensat(2)", path.text)
  }

  mutating func setTimes(
    _ directory: (path: TarPath, accessed: FileTime, modified: FileTime)
  ) throws(ImageError) {
    do throws(SystemError) {
      let fd = try chain.enter(directory.path.parts[...]) { (_, part, errno) throws(SystemError) in
        throw SystemError("openat(2)", errno, part.text)
      }
      let (accessed, modified) = (directory.accessed, directory.modified)
      try check(
        lx_set_times(
          fd, nil, accessed.seconds, accessed.nanoseconds, modified.seconds, modified.nanoseconds),
        "futimens(3)", directory.path.text)
    } catch {
      // A later entry has taken its place.
      if [.noEntry, .notDirectory, .loop].contains(error.errno) { return }
      throw ImageError("unpacking '\(directory.path.text)' of \(name)", error)
    }
  }
}
