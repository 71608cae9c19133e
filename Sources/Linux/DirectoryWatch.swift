internal import CLinux

/// What changes in directories, by name (inotify(7)).
public struct DirectoryWatch: ~Copyable {
  /// What happened to an entry.
  public enum Change: Equatable, Sendable {
    /// It was made and may not be filled yet, a directory above all.
    case made
    /// It is there with its content: written and closed, or moved in.
    case filled
    /// It is gone.
    case gone
  }

  /// One piece of news.
  public enum News: Equatable, Sendable {
    /// Of an entry in the directory that a watch's number stands for.
    case entry(watch: Int32, name: String, Change)
    /// The directory itself is gone, and its watch's number with it.
    case ended(watch: Int32)
    /// More happened than the kernel keeps: everything must be looked at again.
    case lost
  }

  private let inotify: Descriptor

  /// The descriptor, valid as long as this value lives; readable when there is news.
  public var raw: Int32 { inotify.raw }

  /// Watches nothing yet.
  ///
  /// - Throws: `SystemError`; EMFILE when the user has as many as fs.inotify.max_user_instances.
  public init() throws(SystemError) {
    inotify = Descriptor(
      owning: Int32(try check(lx_inotify_init(), "inotify_init1(2)", "directories")))
  }

  /// Watches a directory; returns the watch's number, the same for one that is watched already.
  ///
  /// - Throws: `SystemError` naming the path; ENOSPC at fs.inotify.max_user_watches.
  public func add(_ path: String) throws(SystemError) -> Int32 {
    Int32(
      try check(
        unsafe lx_inotify_watch_entries(inotify.raw, path), "inotify_add_watch(2)", path))
  }

  /// What has happened until now; nothing when nothing has.
  ///
  /// - Throws: `SystemError`.
  public func news() throws(SystemError) -> [News] {
    var news = [News]()
    while true {
      let bytes: [UInt8]
      do throws(SystemError) { bytes = try File.readSome(inotify.raw, 16_384) } catch {
        if error.errno == .again { return news }
        throw error
      }
      guard !bytes.isEmpty else { return news }
      // struct inotify_event: wd i32, mask u32, cookie u32, length u32, the name with NULs behind.
      var at = 0
      while at + 16 <= bytes.count {
        let watch = Int32(bitPattern: number(bytes, at))
        let mask = number(bytes, at + 4)
        let end = min(bytes.count, at + 16 + Int(number(bytes, at + 12)))
        let name = String(decoding: bytes[(at + 16)..<end].prefix { $0 != 0 }, as: UTF8.self)
        at = end
        if mask & 0x4000 != 0 { return [.lost] }  // IN_Q_OVERFLOW
        if mask & 0x8000 != 0 {  // IN_IGNORED
          news.append(.ended(watch: watch))
        } else if mask & (0x200 | 0x40) != 0 {  // IN_DELETE, IN_MOVED_FROM
          news.append(.entry(watch: watch, name: name, .gone))
        } else if mask & (0x8 | 0x80) != 0 {  // IN_CLOSE_WRITE, IN_MOVED_TO
          news.append(.entry(watch: watch, name: name, .filled))
        } else if mask & 0x100 != 0 {  // IN_CREATE
          news.append(.entry(watch: watch, name: name, .made))
        }
      }
    }
  }
}
