// Images, and the names they go by. What they consist of is in ROOT/blobs, by digest.
//
//     image
//       id          the digest of its configuration, 64 hexadecimal digits
//       manifest    the digest of the manifest it came with, or that was made for it
//       size        bytes of the files in all its layers
//       created_ns  when it was made, as its configuration says; 0 when it does not
//       added_ns    when it came here, CLOCK_REALTIME
//     tag
//       name        the whole name: docker.io/library/busybox:latest
//       image       which image it means; one image may have many
//     layer         what an image's layers are, in order
//       image, position, diff_id, blob
//     builtin       what the built-in image of a name was made from
//       name, image, stamps

public import GRDB

/// An image as the table has it.
public struct ImageRow: Equatable, Sendable {
  /// 64 hexadecimal digits: the configuration's digest.
  public var id: String
  /// 64 hexadecimal digits.
  public var manifest: String
  /// Bytes of the files in all its layers.
  public var size: UInt64
  /// Nanoseconds since 1970; 0 when nobody says.
  public var createdNs: Int64
  /// Nanoseconds since 1970.
  public var addedNs: UInt64
  /// The lowest first.
  public var layers: [ImageLayerRow]

  /// Makes a row.
  public init(
    id: String, manifest: String, size: UInt64, createdNs: Int64, addedNs: UInt64,
    layers: [ImageLayerRow]
  ) {
    self.id = id
    self.manifest = manifest
    self.size = size
    self.createdNs = createdNs
    self.addedNs = addedNs
    self.layers = layers
  }
}

/// One layer of an image.
public struct ImageLayerRow: Equatable, Hashable, Sendable {
  /// The digest of its plain tar, 64 hexadecimal digits.
  public var diffID: String
  /// The digest of its blob, which may be compressed.
  public var blob: String

  /// Makes a row.
  public init(diffID: String, blob: String) {
    self.diffID = diffID
    self.blob = blob
  }
}

/// A name of an image.
public struct TagRow: Equatable, Sendable {
  /// `docker.io/library/busybox:latest`.
  public var name: String
  /// The image's id.
  public var image: String
}

/// The tables' statements; each within a transaction of the caller's.
public enum ImageTable {
  static func register(_ migrator: inout DatabaseMigrator) {
    migrator.registerMigration("image") { db in
      try db.execute(
        sql: """
          CREATE TABLE image (
            id TEXT NOT NULL PRIMARY KEY,
            manifest TEXT NOT NULL,
            size INTEGER NOT NULL,
            created_ns INTEGER NOT NULL,
            added_ns INTEGER NOT NULL
          );
          CREATE TABLE tag (
            name TEXT NOT NULL PRIMARY KEY,
            image TEXT NOT NULL REFERENCES image(id)
          );
          CREATE INDEX tag_image ON tag(image);
          CREATE TABLE layer (
            image TEXT NOT NULL REFERENCES image(id) ON DELETE CASCADE,
            position INTEGER NOT NULL,
            diff_id TEXT NOT NULL,
            blob TEXT NOT NULL,
            PRIMARY KEY (image, position)
          );
          CREATE TABLE builtin (
            name TEXT NOT NULL PRIMARY KEY,
            image TEXT NOT NULL REFERENCES image(id) ON DELETE CASCADE,
            stamps TEXT NOT NULL
          );
          """)
    }
  }

  /// Every image, newest first.
  public static func all(_ db: Database) throws -> [ImageRow] {
    try rows(db, "ORDER BY created_ns DESC, added_ns DESC, id")
  }

  /// The images whose id begins so; hexadecimal digits only.
  public static func with(prefix: String, _ db: Database) throws -> [ImageRow] {
    try rows(db, "WHERE id >= ? AND id < ?", [prefix, prefix + "g"])
  }

  /// The images that came with a manifest of this digest.
  public static func with(manifest: String, _ db: Database) throws -> [ImageRow] {
    try rows(db, "WHERE manifest = ?", [manifest])
  }

  /// The image of a name.
  public static func tagged(_ name: String, _ db: Database) throws -> ImageRow? {
    try rows(db, "WHERE id = (SELECT image FROM tag WHERE name = ?)", [name]).first
  }

  /// Writes an image down; one that is there keeps when it came and gets the manifest.
  public static func insert(_ row: ImageRow, _ db: Database) throws {
    try db.execute(
      sql: """
        INSERT INTO image (id, manifest, size, created_ns, added_ns) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (id) DO UPDATE SET manifest = excluded.manifest
        """,
      arguments: [
        row.id, row.manifest, Int64(bitPattern: row.size), row.createdNs,
        Int64(bitPattern: row.addedNs),
      ])
    try db.execute(sql: "DELETE FROM layer WHERE image = ?", arguments: [row.id])
    for (position, layer) in row.layers.enumerated() {
      try db.execute(
        sql: "INSERT INTO layer (image, position, diff_id, blob) VALUES (?, ?, ?, ?)",
        arguments: [row.id, position, layer.diffID, layer.blob])
    }
  }

  /// Forgets an image, which must have no name any more.
  public static func remove(id: String, _ db: Database) throws {
    try db.execute(sql: "DELETE FROM image WHERE id = ?", arguments: [id])
  }

  // MARK: Names

  /// Every name, in order.
  public static func tags(_ db: Database) throws -> [TagRow] {
    try Row.fetchAll(db, sql: "SELECT name, image FROM tag ORDER BY name")
      .map { TagRow(name: $0["name"], image: $0["image"]) }
  }

  /// The names of one image, in order.
  public static func tags(of image: String, _ db: Database) throws -> [String] {
    try String.fetchAll(
      db, sql: "SELECT name FROM tag WHERE image = ? ORDER BY name", arguments: [image])
  }

  /// Gives an image a name, which another one may lose.
  public static func tag(_ name: String, _ image: String, _ db: Database) throws {
    try db.execute(
      sql: "INSERT OR REPLACE INTO tag (name, image) VALUES (?, ?)", arguments: [name, image])
  }

  /// Takes a name away; false when there is none such.
  public static func untag(_ name: String, _ db: Database) throws -> Bool {
    try db.execute(sql: "DELETE FROM tag WHERE name = ?", arguments: [name])
    return db.changesCount > 0
  }

  // MARK: Built-in images

  /// The built-in image of a name, and what its sources looked like when it was made.
  public static func builtin(
    _ name: String, _ db: Database
  ) throws -> (image: String, stamps: String)? {
    try Row.fetchOne(
      db, sql: "SELECT image, stamps FROM builtin WHERE name = ?", arguments: [name]
    ).map { (image: $0["image"], stamps: $0["stamps"]) }
  }

  /// Notes which image is the built-in one of a name.
  public static func setBuiltin(
    _ name: String, image: String, stamps: String, _ db: Database
  ) throws {
    try db.execute(
      sql: "INSERT OR REPLACE INTO builtin (name, image, stamps) VALUES (?, ?, ?)",
      arguments: [name, image, stamps])
  }

  // MARK: What is needed

  /// The digests of every blob that an image needs.
  public static func blobs(_ db: Database) throws -> Set<String> {
    Set(
      try String.fetchAll(
        db,
        sql: "SELECT id FROM image UNION SELECT manifest FROM image UNION SELECT blob FROM layer"
      ))
  }

  /// The DiffIDs of every layer that an image has.
  public static func diffIDs(_ db: Database) throws -> Set<String> {
    Set(try String.fetchAll(db, sql: "SELECT DISTINCT diff_id FROM layer"))
  }

  private static func rows(
    _ db: Database, _ rest: String, _ arguments: StatementArguments = []
  ) throws -> [ImageRow] {
    try Row.fetchAll(db, sql: "SELECT * FROM image \(rest)", arguments: arguments).map { row in
      let layers = try Row.fetchAll(
        db, sql: "SELECT diff_id, blob FROM layer WHERE image = ? ORDER BY position",
        arguments: [row["id"] as String])
      return ImageRow(
        id: row["id"], manifest: row["manifest"], size: UInt64(bitPattern: row["size"]),
        createdNs: row["created_ns"], addedNs: UInt64(bitPattern: row["added_ns"]),
        layers: layers.map { ImageLayerRow(diffID: $0["diff_id"], blob: $0["blob"]) })
    }
  }
}
