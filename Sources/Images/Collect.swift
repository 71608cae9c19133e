internal import Linux
internal import State

extension ImageStore {
  /// Removes blobs and layers that no image has, and what killed commands left.
  ///
  /// - Returns: the bytes that became free.
  /// - Throws: `ImageError` naming what could not be removed.
  @discardableResult
  public func collect() throws(ImageError) -> UInt64 {
    try alone { () throws(ImageError) in
      let bytes = try sweep().bytes
      try layers.settle()
      return bytes
    }
  }

  /// As `collect`, when nobody adds images at this moment; otherwise the last of them will.
  func collectIfAlone() throws(ImageError) {
    let lock = try doing("locking images") { () throws(SystemError) in
      try FileLock(trying: root + "/images.lock")
    }
    guard let lock else { return }
    _ = try holding(lock, sweep)
  }

  /// What became free.
  struct Swept {
    var bytes: UInt64 = 0
    var layers: Set<Digest> = []
  }

  /// The exclusive lock is held.
  func sweep() throws(ImageError) -> Swept {
    let needed = try asked { () throws(StateError) in
      try state.open().read("looking for what images need") {
        (try ImageTable.blobs($0), try ImageTable.diffIDs($0))
      }
    }
    var swept = Swept()
    for diffID in try layers.list() where !needed.1.contains(diffID.hex) {
      swept.bytes += try layers.layer(diffID)?.content.size ?? 0
      swept.layers.insert(diffID)
      try layers.remove(diffID)
    }
    for digest in try blobs.list() where !needed.0.contains(digest.hex) {
      let path = blobs.path(digest)
      swept.bytes += try doing("looking at a blob") { () throws(SystemError) in
        try File.status(path, follow: false).size
      }
      try blobs.remove(digest)
    }
    for path in try blobs.abandoned() + layers.abandoned() {
      try doing("removing what was left") { () throws(SystemError) in try File.removeTree(path) }
    }
    return swept
  }
}
