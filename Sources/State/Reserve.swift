// Room on the disk that is kept for the database.
//
//     ROOT/reserve     a megabyte of zeroes
//
// Who wants to make room on a full disk must first write down what goes: SQLite needs blocks for its
// WAL, and for the WAL's index whenever it is opened. These come from here: the file is cut, and what
// failed is tried once more. It grows again with the next durable commit that finds room.
//
// Not all is given at once, since who has filled the disk may still be writing to it.

internal import Linux

/// The reserve of a root.
struct Reserve: Sendable {
  private let path: String

  /// Bytes kept.
  static let full: UInt64 = 1 << 20
  /// Less is no help, and goes as a whole: SQLite's index alone has 32 KiB.
  private static let least: UInt64 = 128 << 10

  init(root: String) { path = root + "/reserve" }

  /// Gives half of what is left; false when there was nothing.
  func spend() -> Bool {
    do throws(SystemError) {
      let file = try File.open(path, [.writeOnly, .noFollow])
      let size = try File.status(of: file.raw).size
      try File.cut(file.raw, to: size > Reserve.least ? size / 2 : 0, name: path)
      return size > 0
    } catch {
      // Without one the failure itself is what is told.
      return false
    }
  }

  /// Takes as much room as there is.
  func fill() {
    do throws(SystemError) {
      let file = try File.open(path, [.writeOnly, .create, .append, .noFollow], mode: 0o600)
      var size = try File.status(of: file.raw).size
      guard size < Reserve.full else { return }
      let zeroes = [UInt8](repeating: 0, count: 64 << 10)
      while size < Reserve.full {
        try File.write(file.raw, zeroes, name: path)
        size += UInt64(zeroes.count)
      }
    } catch {
      // The disk is full: then this is all there is.
    }
  }
}
