// ROOT/state.db: what is wanted of images, containers and volumes, and how containers ended.
//
// SQLite in WAL mode (sqlite.org/wal.html), so that readers never wait for a writer:
//
//     ROOT/state.db        the tables, one file in this module each
//     ROOT/state.db-wal    what was committed since the last checkpoint
//     ROOT/state.db-shm    the WAL's index, shared by the processes that have it open
//     ROOT/state.lock      held while migrations run
//     ROOT/reserve         what a full disk still has room for (Reserve.swift)
//
// A process killed in a transaction has changed nothing. For the day the power fails a commit is
// either *durable* (fsync(2) of the WAL before it returns) or merely *consistent*: then the database
// after the power cut may be one as of some commits ago, but never half of one. What promises people
// something that outlives this machine's uptime is durable: an image that was loaded, a name that was
// given. What a reboot ends anyway, a `--rm` container above all, need not wait for a disk.
//
// The order beside files: a file that a row names is made, and synced, before the row; it is removed
// after the row, whose removal must be durable.

public import GRDB
internal import Linux

/// The connection of this process to `state.db`.
public final class StateDatabase: Sendable {
  /// The file.
  public let path: String

  private let queue: DatabaseQueue
  private let reserve: Reserve

  /// How long a writer waits for another one, in seconds; transactions take a millisecond.
  private static let patience = 30.0

  /// Opens `ROOT/state.db`, makes it when it is missing, and brings its tables up to date.
  ///
  /// - Parameter root: a directory, made when it is missing.
  /// - Throws: `StateError` when the file cannot be used, or a newer drydock made it.
  public init(root: String) throws(StateError) {
    path = root + "/state.db"
    let reserve = Reserve(root: root)
    self.reserve = reserve
    queue = try StateDatabase.told("opening", path, reserve) {
      try File.makeDirectories(root, mode: 0o711)
      let hasGiven = reserve.prepare()
      let queue = try DatabaseQueue(path: root + "/state.db", configuration: Self.configuration)
      // Only a look at the tables opens the WAL's index.
      _ = try queue.read { try Self.version($0) }
      if hasGiven { reserve.fill() }
      return queue
    }
    // Never closed: the last one to close checkpoints and removes the WAL, which means waiting for
    // the disk at the end of nearly every command. Ending without it is what SQLite expects anyway.
    _ = unsafe Unmanaged.passRetained(queue)
    try migrate(lock: root + "/state.lock")
  }

  private static var configuration: Configuration {
    var configuration = Configuration()
    configuration.busyMode = .timeout(patience)
    configuration.foreignKeysEnabled = true
    configuration.label = "state"
    configuration.prepareDatabase { db in
      // Not by `journalMode`: GRDB would look the file's owner up in /etc/passwd, in every command.
      try db.execute(sql: "PRAGMA journal_mode = WAL")
      // A checkpoint waits for the disk, so seldom is better; but the next command reads the WAL
      // whole, so not too seldom.
      try db.execute(sql: "PRAGMA wal_autocheckpoint = 250; PRAGMA synchronous = NORMAL")
    }
    return configuration
  }

  // MARK: Reading and writing

  /// Reads within one snapshot of the database.
  ///
  /// - Parameters:
  ///   - doing: what for, for the error: `listing containers`.
  ///   - body: sees the same state from its beginning to its end.
  /// - Returns: what the body returns.
  /// - Throws: `StateError`, the body's own or one made from SQLite's.
  public func read<Result>(
    _ doing: @autoclosure () -> String, _ body: (Database) throws -> Result
  ) throws(StateError) -> Result {
    try Self.told(doing(), path) { try queue.read(body) }
  }

  /// Writes in one transaction that nobody else's can interleave with: all of it happens, or nothing.
  ///
  /// - Parameters:
  ///   - change: which one, for tests of what happens when it does not end.
  ///   - doing: what for, for the error: `naming a container`.
  ///   - durable: whether it must outlive a power cut that comes right after the return.
  ///   - body: what throws undoes everything.
  /// - Returns: what the body returns.
  /// - Throws: `StateError`, the body's own or one made from SQLite's.
  public func write<Result>(
    _ change: Change, _ doing: @autoclosure () -> String, durable: Bool = true,
    _ body: (Database) throws -> Result
  ) throws(StateError) -> Result {
    let result = try Self.told(doing(), path, reserve) {
      try queue.writeWithoutTransaction { db in
        // It cannot be changed within a transaction (sqlite.org/pragma.html#pragma_synchronous).
        if durable { try db.execute(sql: "PRAGMA synchronous = FULL") }
        defer { if durable { try? db.execute(sql: "PRAGMA synchronous = NORMAL") } }
        // IMMEDIATE: one that began by reading could not be made to wait for a writer.
        var result: Result?
        try db.inTransaction(.immediate) {
          result = try body(db)
          try change.pass(.before)
          return .commit
        }
        try change.pass(.after)
        guard let result else { throw DatabaseError(resultCode: .SQLITE_INTERNAL) }
        return result
      }
    }
    if durable { reserve.fill() }
    return result
  }

  /// Runs a body whose errors are told as `StateError`; on a full disk again, as long as the reserve
  /// has something to give.
  private static func told<Result>(
    _ doing: @autoclosure () -> String, _ path: String, _ reserve: Reserve? = nil,
    _ body: () throws -> Result
  ) throws(StateError) -> Result {
    do {
      while true {
        do { return try body() } catch let error as DatabaseError {
          guard isFull(error), let reserve, reserve.spend() else { throw error }
        }
      }
    } catch let error as StateError {
      throw error
    } catch let error as DatabaseError {
      throw StateError(
        "\(doing()): \(path): \(error.message ?? error.resultCode.description)",
        code: (isFull(error) ? .SQLITE_FULL : error.resultCode).rawValue)
    } catch let error as SystemError {
      throw StateError("\(doing()): \(error.text)", code: 0)
    } catch {
      throw StateError("\(doing()): \(path): \(error)", code: 0)
    }
  }

  /// Whether the disk has no room: for the WAL, for its index, or for the name of either.
  private static func isFull(_ error: DatabaseError) -> Bool {
    switch error.extendedResultCode {
    case .SQLITE_IOERR_SHMSIZE, .SQLITE_IOERR_SHMOPEN, .SQLITE_IOERR_SHMMAP: true
    default: error.resultCode == .SQLITE_FULL
    }
  }

  /// What SQLite finds wrong with the file; nothing in a sound one.
  ///
  /// - Returns: SQLite's words (sqlite.org/pragma.html#pragma_integrity_check), and one line a row that
  ///   refers to one that is not there.
  /// - Throws: `StateError` when it cannot even be read.
  public func faults() throws(StateError) -> [String] {
    try read("checking") { db in
      let faults = try String.fetchAll(db, sql: "PRAGMA integrity_check").filter { $0 != "ok" }
      return try faults
        + Row.fetchAll(db, sql: "PRAGMA foreign_key_check").map {
          "a row of \($0[0] as String) refers to none of \($0[2] as String)"
        }
    }
  }

  // MARK: Migrations

  /// One a table file, in the order in which they were written: append only, never change one.
  private static let tables: [@Sendable (inout DatabaseMigrator) -> Void] = [
    { ContainerTable.register(&$0) },
    { ImageTable.register(&$0) },
    { VolumeTable.register(&$0) },
    { NetworkTable.register(&$0) },
  ]

  private static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    for register in tables { register(&migrator) }
    return migrator
  }

  private func migrate(lock: String) throws(StateError) {
    let migrator = Self.migrator
    let known = migrator.migrations.count
    if try version() == known { return }
    // Two commands on a new root: the second one finds it done.
    let alone: FileLock
    do throws(SystemError) { alone = try FileLock(lock) } catch {
      throw StateError("opening the state: \(error.text)", code: 0)
    }
    let found = try version()
    guard found <= known else {
      throw StateError(
        "\(path) was made by a newer drydock (it has \(found) migrations, this one knows \(known))",
        code: 0)
    }
    try Self.told("bringing the tables up to date", path) {
      try migrator.migrate(queue)
      try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA user_version = \(known)") }
    }
    _ = consume alone
    reserve.fill()
  }

  /// How many migrations were made here: one look, where asking the migrator is many.
  private func version() throws(StateError) -> Int {
    try read("opening", Self.version)
  }

  private static func version(_ db: Database) throws -> Int {
    try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
  }
}

/// What a body of `StateDatabase.write` works with.
public typealias StateTransaction = Database
