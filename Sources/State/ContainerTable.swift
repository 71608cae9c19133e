// Containers: what was asked for. Whether one lives, and how it ended, is not written here: that is
// found by looking (ContainerStore.swift of the engine).
//
//     container
//       id          64 hexadecimal digits
//       name        unique: who inserts second loses
//       image       what its files are made from and must stay: a key of the images' own
//       created_ns  CLOCK_REALTIME
//       document    the engine's record, JSON (Record.swift of the engine)

internal import Foundation
public import GRDB

/// A container as the table has it.
public struct ContainerRow: Equatable, Sendable {
  /// 64 hexadecimal digits.
  public var id: String
  /// Unique among the containers of a root.
  public var name: String
  /// What must stay as long as the container.
  public var image: String
  /// Nanoseconds since 1970.
  public var createdNs: UInt64
  /// JSON that this module does not look into.
  public var document: [UInt8]

  /// Makes a row.
  public init(id: String, name: String, image: String, createdNs: UInt64, document: [UInt8]) {
    self.id = id
    self.name = name
    self.image = image
    self.createdNs = createdNs
    self.document = document
  }

  init(_ row: Row) {
    id = row["id"]
    name = row["name"]
    image = row["image"]
    createdNs = UInt64(bitPattern: row["created_ns"])
    let data: [UInt8] = (row["document"] as DatabaseValue).bytes
    document = data
  }
}

extension DatabaseValue {
  /// A blob's bytes.
  fileprivate var bytes: [UInt8] {
    guard case .blob(let data) = storage else { return [] }
    return [UInt8](data)
  }
}

/// The table's statements; each within a transaction of the caller's.
public enum ContainerTable {
  static func register(_ migrator: inout DatabaseMigrator) {
    migrator.registerMigration("container") { db in
      try db.execute(
        sql: """
          CREATE TABLE container (
            id TEXT NOT NULL PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            image TEXT NOT NULL,
            created_ns INTEGER NOT NULL,
            document BLOB NOT NULL
          )
          """)
    }
  }

  /// Every container, newest first.
  public static func all(_ db: Database) throws -> [ContainerRow] {
    try rows(db, "ORDER BY created_ns DESC, id")
  }

  /// The container with this id.
  public static func with(id: String, _ db: Database) throws -> ContainerRow? {
    try rows(db, "WHERE id = ?", [id]).first
  }

  /// The container with this name.
  public static func with(name: String, _ db: Database) throws -> ContainerRow? {
    try rows(db, "WHERE name = ?", [name]).first
  }

  /// The containers whose id begins so; hexadecimal digits only.
  public static func with(prefix: String, _ db: Database) throws -> [ContainerRow] {
    // A range, which the key's index answers; `g` comes after every digit.
    try rows(db, "WHERE id >= ? AND id < ?", [prefix, prefix + "g"])
  }

  /// The images that containers need.
  public static func images(_ db: Database) throws -> Set<String> {
    Set(try String.fetchAll(db, sql: "SELECT DISTINCT image FROM container"))
  }

  /// Writes a new container down; a name that is taken is a conflict.
  public static func insert(_ row: ContainerRow, _ db: Database) throws {
    try db.execute(
      sql: "INSERT INTO container (id, name, image, created_ns, document) VALUES (?, ?, ?, ?, ?)",
      arguments: [row.id, row.name, row.image, Int64(bitPattern: row.createdNs), data(row)])
  }

  /// Replaces everything but the id and when it was made; false when there is none.
  public static func update(_ row: ContainerRow, _ db: Database) throws -> Bool {
    try db.execute(
      sql: "UPDATE container SET name = ?, image = ?, document = ? WHERE id = ?",
      arguments: [row.name, row.image, data(row), row.id])
    return db.changesCount > 0
  }

  /// Forgets a container; one that is not there is fine.
  public static func remove(id: String, _ db: Database) throws {
    try db.execute(sql: "DELETE FROM container WHERE id = ?", arguments: [id])
  }

  private static func data(_ row: ContainerRow) -> DatabaseValue {
    Data(row.document).databaseValue
  }

  private static func rows(
    _ db: Database, _ rest: String, _ arguments: StatementArguments = []
  ) throws -> [ContainerRow] {
    try Row.fetchAll(db, sql: "SELECT * FROM container \(rest)", arguments: arguments)
      .map(ContainerRow.init)
  }
}
