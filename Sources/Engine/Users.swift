import Linux
import OCI

/// Who the program runs as: `--user` against the image's passwd(5) and group(5).
struct ContainerUser: Equatable {
  /// Ids inside the container.
  var user = User()
  /// For `HOME`.
  var home = "/"

  /// Resolves `uid`, `uid:gid`, `name` or `name:group` as Docker does: a number need not be
  /// listed, a name must be.
  ///
  /// - Parameters:
  ///   - text: `--user`; nil is root.
  ///   - groups: `--group-add`.
  ///   - image: the files, which are opened beneath their root only.
  /// - Returns: ids and home.
  /// - Throws: `EngineError` with Docker's words when a name is not listed.
  static func resolve(
    _ text: String?, groups: [String] = [], in image: borrowing ImageView
  ) throws(EngineError) -> ContainerUser {
    let passwd = try lines(of: "etc/passwd", in: image)
    let group = try lines(of: "etc/group", in: image)
    let parts = (text ?? "0").split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let wanted = parts[0].isEmpty ? "0" : String(parts[0])

    // name:password:uid:gid:comment:home:shell
    var result = ContainerUser()
    var name = ""
    let row = passwd.first { $0.count >= 6 && ($0[0] == wanted || $0[2] == wanted) }
    if let row, let uid = UInt32(row[2]), let gid = UInt32(row[3]) {
      result.user.uid = uid
      result.user.gid = gid
      result.home = row[5].isEmpty ? "/" : row[5]
      name = row[0]
    } else if let uid = UInt32(wanted), uid < UInt32(Int32.max) {
      result.user.uid = uid
    } else {
      throw EngineError("unable to find user \(wanted): no matching entries in passwd file")
    }

    // name:password:gid:members
    if parts.count == 2 {
      result.user.gid = try id(String(parts[1]), group)
    } else if !name.isEmpty {
      for row in group where row.count >= 4 {
        guard row[3].split(separator: ",").contains(Substring(name)), let gid = UInt32(row[2])
        else { continue }
        result.user.additionalGids.append(gid)
      }
    }
    for name in groups {
      let gid = try id(name, group)
      if !result.user.additionalGids.contains(gid) { result.user.additionalGids.append(gid) }
    }
    return result
  }

  /// A group's number, by name or number.
  private static func id(_ wanted: String, _ group: [[String]]) throws(EngineError) -> UInt32 {
    if let row = group.first(where: { $0.count >= 3 && ($0[0] == wanted || $0[2] == wanted) }),
      let gid = UInt32(row[2])
    {
      return gid
    }
    guard let gid = UInt32(wanted), gid < UInt32(Int32.max) else {
      throw EngineError("unable to find group \(wanted): no matching entries in group file")
    }
    return gid
  }

  private static func lines(
    of file: String, in image: borrowing ImageView
  ) throws(EngineError) -> [[String]] {
    do throws(SystemError) {
      let opened = try File.open(file, inRoot: image.root.raw, .readOnly)
      let bytes = try File.read(opened.raw, limit: 1 << 20, name: file)
      return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map { line in
        line.split(separator: ":", omittingEmptySubsequences: false).map { String($0) }
      }
    } catch {
      if error.errno == .noEntry { return [] }
      throw EngineError("reading the image's \(file)", error)
    }
  }
}
