internal import Linux

/// The revision of a git work tree, read from its files, for git itself may not be installed.
public enum GitRevision {
  /// The commit of the work tree that holds `directory`; nil when there is none.
  ///
  /// `.git` is a directory or, in a linked work tree, a file `gitdir: PATH`; `HEAD` is a commit
  /// or `ref: NAME`; a ref is a file, or a line of packed-refs (gitrepository-layout(5)).
  public static func find(from directory: String) -> String? {
    var path = directory
    while true {
      if let git = gitDirectory(path) { return head(git) }
      guard let slash = path.lastIndex(of: "/"), path != "/" else { return nil }
      path = slash == path.startIndex ? "/" : String(path[..<slash])
    }
  }

  private static func gitDirectory(_ path: String) -> String? {
    let git = "\(path)/.git"
    if File.exists("\(git)/HEAD") { return git }
    guard let link = content(git)?.trimmedLine, link.hasPrefix("gitdir: ") else { return nil }
    let target = String(link.dropFirst("gitdir: ".count))
    return target.hasPrefix("/") ? target : "\(path)/\(target)"
  }

  private static func head(_ git: String) -> String? {
    guard let head = content("\(git)/HEAD")?.trimmedLine else { return nil }
    guard head.hasPrefix("ref: ") else { return head }
    let name = head.dropFirst("ref: ".count)
    var common = git
    if let link = content("\(git)/commondir")?.trimmedLine {
      common = link.hasPrefix("/") ? link : "\(git)/\(link)"
    }
    if let commit = content("\(common)/\(name)")?.trimmedLine { return commit }
    let packed = (content("\(common)/packed-refs") ?? "").split(separator: "\n")
    return packed.first { $0.hasSuffix(" \(name)") }.map { String($0.prefix(40)) }
  }
}
