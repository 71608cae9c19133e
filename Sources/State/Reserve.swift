// Room on the disk that is kept for the database.
//
//     ROOT/reserve     a megabyte of zeroes
//
// Who wants to make room on a full disk must first write down what goes: SQLite needs blocks for its
// WAL, and for the WAL's index whenever it is opened. These come from here: the file is cut, and what
// failed is tried once more. It grows again with the next durable commit that finds room.
//
// Not all is given at once, since who has filled the disk may still be writing to it.

//
// The WAL's index is mapped memory: a store to a page that the disk has no block for is no error but
// SIGBUS (mmap(2)). So some is given before the database is opened where there is next to no room;
// and should somebody else be faster, the signal ends the command with a word about it. Nothing is
// half-written then: it is as if the command had been killed.

internal import Glibc
internal import Linux

/// The reserve of a root.
struct Reserve: Sendable {
  private let root: String
  private var path: String { root + "/reserve" }

  /// Bytes kept.
  static let full: UInt64 = 1 << 20
  /// Less is no help, and goes as a whole: SQLite's index alone has 32 KiB.
  private static let least: UInt64 = 128 << 10

  init(root: String) { self.root = root }

  /// Makes ready for opening the database; true when it gave something, to be taken back then.
  func prepare() -> Bool {
    _ = Reserve.explanation
    do throws(SystemError) {
      let folder = try File.open(root, [.readOnly, .directory])
      return try File.room(folder.raw, name: root) < Reserve.least && spend(Reserve.least)
    } catch {
      // Then opening it fails too, and says why.
      return false
    }
  }

  private static let explanation: Void = {
    signal(SIGBUS) { _ in
      let text: StaticString = """
        drydock: the disk was filled up while the state was being read
          Try again; whoever fills it may have to be ended first: `drydock kill`.

        """
      _ = unsafe write(2, text.utf8Start, text.utf8CodeUnitCount)
      _exit(125)
    }
  }()

  /// Gives some bytes, or half of what is left; false when there was nothing.
  func spend(_ bytes: UInt64? = nil) -> Bool {
    do throws(SystemError) {
      let file = try File.open(path, [.writeOnly, .noFollow])
      let size = try File.status(of: file.raw).size
      let rest = size - min(size, bytes ?? size / 2)
      try File.cut(file.raw, to: rest >= Reserve.least ? rest : 0, name: path)
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
