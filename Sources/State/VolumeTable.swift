// Volumes, and which container has what mounted where.
//
//     volume    name, options and labels, whether it goes with its container, `removing`
//     mount     one row a mount of a container, with the volume's name when it is one
//
// A volume that a row of `mount` names cannot go: that is the foreign key. Removing takes two
// transactions, since a directory cannot be part of one: the first sets `removing`, which hides the
// volume and is refused while it is in use; the second moves the directory away and deletes the row.
// Whoever meets a row with `removing` does the second.

public import GRDB

/// A volume's record.
public struct VolumeRecord: Equatable, Sendable {
  /// Its name, and its directory's.
  public var name: String
  /// `type`, `device` and `o` of the driver local; empty for a directory of the engine's own.
  public var options: [String: String] = [:]
  /// Free text for people and tools.
  public var labels: [String: String] = [:]
  /// CLOCK_REALTIME.
  public var createdNs: UInt64 = 0
  /// Made for a container that named none: goes with it when it is told to take them along.
  public var isAnonymous = false

  /// Makes a record of a plain volume.
  public init(name: String) { self.name = name }
}

/// One mount of a container beside the usual ones.
public struct MountRecord: Equatable, Sendable {
  /// `bind`, `volume` or `tmpfs`.
  public var kind: String
  /// The volume's name.
  public var volume: String?
  /// On the host; `tmpfs` for a tmpfs.
  public var source: String
  /// In the container.
  public var target: String
  /// The filesystem's type for mount(2); `bind` for directories.
  public var type: String
  /// As config.json has them.
  public var options: [String]

  /// Makes a record.
  public init(
    kind: String, volume: String? = nil, source: String, target: String, type: String = "bind",
    options: [String]
  ) {
    self.kind = kind
    self.volume = volume
    self.source = source
    self.target = target
    self.type = type
    self.options = options
  }
}

/// The tables.
public enum VolumeTable {
  static func register(_ migrator: inout DatabaseMigrator) {
    migrator.registerMigration("volume") { db in
      try db.execute(
        sql: """
          CREATE TABLE volume (
            name TEXT NOT NULL PRIMARY KEY,
            options TEXT NOT NULL,
            labels TEXT NOT NULL,
            created_ns INTEGER NOT NULL,
            anonymous INTEGER NOT NULL,
            removing INTEGER NOT NULL DEFAULT 0
          );
          CREATE TABLE mount (
            container TEXT NOT NULL REFERENCES container(id) ON DELETE CASCADE,
            position INTEGER NOT NULL,
            kind TEXT NOT NULL,
            volume TEXT REFERENCES volume(name) ON DELETE RESTRICT,
            source TEXT NOT NULL,
            target TEXT NOT NULL,
            type TEXT NOT NULL,
            options TEXT NOT NULL,
            PRIMARY KEY (container, position)
          );
          CREATE INDEX mount_volume ON mount(volume);
          """)
    }
  }

  // MARK: Looking

  /// The volumes there are, by name.
  ///
  /// - Throws: what SQLite says.
  public static func all(_ db: Database) throws -> [VolumeRecord] {
    try Row.fetchAll(db, sql: "SELECT * FROM volume WHERE removing = 0 ORDER BY name").map(record)
  }

  /// One of them; nil when there is none of that name.
  ///
  /// - Throws: what SQLite says.
  public static func find(_ name: String, _ db: Database) throws -> VolumeRecord? {
    try Row.fetchOne(
      db, sql: "SELECT * FROM volume WHERE name = ? AND removing = 0", arguments: [name]
    ).map(record)
  }

  /// The ids of the containers that have a volume mounted, alive or not.
  ///
  /// - Throws: what SQLite says.
  public static func users(of name: String, _ db: Database) throws -> [String] {
    try String.fetchAll(
      db, sql: "SELECT DISTINCT container FROM mount WHERE volume = ? ORDER BY 1",
      arguments: [name])
  }

  /// A container's mounts, in order.
  ///
  /// - Throws: what SQLite says.
  public static func mounts(of container: String, _ db: Database) throws -> [MountRecord] {
    try Row.fetchAll(
      db, sql: "SELECT * FROM mount WHERE container = ? ORDER BY position", arguments: [container]
    ).map { row in
      MountRecord(
        kind: row["kind"], volume: row["volume"], source: row["source"], target: row["target"],
        type: row["type"], options: lines(row["options"]))
    }
  }

  /// The volumes that are to be removed.
  ///
  /// - Throws: what SQLite says.
  public static func removing(_ db: Database) throws -> [String] {
    try String.fetchAll(db, sql: "SELECT name FROM volume WHERE removing = 1")
  }

  // MARK: Changing

  /// Writes a volume down; nothing happens when there is one of that name.
  ///
  /// - Throws: what SQLite says.
  public static func insert(_ volume: VolumeRecord, _ db: Database) throws {
    try db.execute(
      sql: """
        INSERT OR IGNORE INTO volume (name, options, labels, created_ns, anonymous)
        VALUES (?, ?, ?, ?, ?)
        """,
      arguments: [
        volume.name, text(volume.options), text(volume.labels), Int64(clamping: volume.createdNs),
        volume.isAnonymous,
      ])
  }

  /// Writes down what a container has mounted.
  ///
  /// - Throws: what SQLite says, such as a volume that is not there.
  public static func insert(
    _ mounts: [MountRecord], of container: String, _ db: Database
  ) throws {
    for (position, mount) in mounts.enumerated() {
      try db.execute(
        sql: """
          INSERT INTO mount (container, position, kind, volume, source, target, type, options)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?)
          """,
        arguments: [
          container, position, mount.kind, mount.volume, mount.source, mount.target, mount.type,
          mount.options.joined(separator: "\n"),
        ])
    }
  }

  /// Hides a volume that nobody uses, to be removed.
  ///
  /// - Returns: false when it is in use, or there is none.
  /// - Throws: what SQLite says.
  public static func hide(_ name: String, _ db: Database) throws -> Bool {
    try db.execute(
      sql: """
        UPDATE volume SET removing = 1
        WHERE name = ? AND removing = 0 AND name NOT IN (SELECT volume FROM mount WHERE volume = ?)
        """, arguments: [name, name])
    return db.changesCount > 0
  }

  /// Forgets a container's mounts, and hides its anonymous volumes that no other one uses.
  ///
  /// Part of the transaction that removes the container.
  ///
  /// - Throws: what SQLite says.
  public static func release(_ container: String, dropAnonymous: Bool, _ db: Database) throws {
    let volumes = try mounts(of: container, db).compactMap(\.volume)
    try db.execute(sql: "DELETE FROM mount WHERE container = ?", arguments: [container])
    guard dropAnonymous else { return }
    for name in volumes where try find(name, db)?.isAnonymous == true { _ = try hide(name, db) }
  }

  /// Forgets a hidden volume, whose directory is gone.
  ///
  /// - Throws: what SQLite says.
  public static func delete(_ name: String, _ db: Database) throws {
    try db.execute(sql: "DELETE FROM volume WHERE name = ? AND removing = 1", arguments: [name])
  }

  // MARK: Columns

  private static func record(_ row: Row) -> VolumeRecord {
    var record = VolumeRecord(name: row["name"])
    record.options = pairs(row["options"])
    record.labels = pairs(row["labels"])
    record.createdNs = UInt64(clamping: row["created_ns"] as Int64)
    record.isAnonymous = row["anonymous"]
    return record
  }

  private static func lines(_ text: String) -> [String] {
    text.split(separator: "\n").map { String($0) }
  }

  /// `key=value` by lines: neither may hold a line break, which the command line checks.
  private static func text(_ pairs: [String: String]) -> String {
    pairs.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: "\n")
  }

  private static func pairs(_ text: String) -> [String: String] {
    var result: [String: String] = [:]
    for line in lines(text) {
      let pair = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      result[String(pair[0])] = String(pair[1])
    }
    return result
  }
}
