import Linux

/// An image's files as one tree, to read from: the layers stacked by overlayfs in a mount that is
/// attached nowhere and ends with this value (fsmount(2)).
struct ImageView: ~Copyable {
  /// Its root, a handle.
  let root: Descriptor

  /// Opens it.
  ///
  /// - Parameter lower: the layers' directories, the top one first, separated by colons.
  /// - Throws: `SystemError` naming what cannot be opened.
  init(lower: String) throws(SystemError) {
    let layers = lower.split(separator: ":").map { String($0) }
    guard layers.count > 1 else {
      // overlayfs wants two, and one is a tree already.
      root = try File.open(lower, [.path, .directory])
      return
    }
    root = try ImageView.stack(layers)
  }

  /// A value of fsconfig(2) is shorter than 256 bytes, and adding one by one is new in Linux 6.5: so
  /// the layers go by short names, those of open descriptors.
  private static func stack(_ layers: [String]) throws(SystemError) -> Descriptor {
    var held = [Int32]()
    defer { for fd in held { Descriptors.close(fd) } }
    for layer in layers { held.append(try File.open(layer, [.path, .directory]).release()) }
    let names = held.map { "/proc/self/fd/\($0)" }
    do throws(SystemError) {
      let data = names.map { "lowerdir+=\($0)" }.joined(separator: ",")
      return Descriptor(
        owning: try DetachedMount.make("overlay", source: "image", .readOnly, data: data).release())
    } catch  where error.errno == .invalid {
      let data = "lowerdir=" + names.joined(separator: ":")
      return Descriptor(
        owning: try DetachedMount.make("overlay", source: "image", .readOnly, data: data).release())
    }
  }

  /// A directory of the image, links followed inside only; nil when there is none at the path.
  ///
  /// - Throws: `SystemError` naming the path.
  func directory(_ path: String) throws(SystemError) -> Descriptor? {
    do throws(SystemError) {
      return try File.open(path, inRoot: root.raw, [.readOnly, .directory])
    } catch  where error.errno == .noEntry || error.errno == .notDirectory {
      return nil
    }
  }
}
