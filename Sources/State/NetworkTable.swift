// Networks, who is connected to them, and which addresses are taken.
//
//     network    id, name, driver, and the engine's document (NetworkSettings.swift)
//     endpoint   one row a container on a network, with the engine's document: MAC, aliases, links
//     address    one row an address that is taken: by a container, or (NULL) by the network itself
//
// An address is a key together with its network, as 4 or 16 bytes in network order: so no two can
// have one, whoever asks, and the rows come in the order of the numbers. They go with their
// container, in the transaction that forgets it, so that none can be lost.

public import GRDB
internal import Foundation

/// A network as the table has it.
public struct NetworkRow: Equatable, Sendable {
  /// 64 hexadecimal digits.
  public var id: String
  /// Unique among the networks of a root.
  public var name: String
  /// Nanoseconds since 1970.
  public var createdNs: UInt64
  /// JSON that this module does not look into.
  public var document: [UInt8]

  /// Makes a row.
  public init(id: String, name: String, createdNs: UInt64, document: [UInt8]) {
    self.id = id
    self.name = name
    self.createdNs = createdNs
    self.document = document
  }

  fileprivate init(_ row: Row) {
    id = row["id"]
    name = row["name"]
    createdNs = UInt64(bitPattern: row["created_ns"])
    document = [UInt8](row["document"] as Data)
  }
}

/// A container on a network.
public struct EndpointRow: Equatable, Sendable {
  /// The container's id.
  public var container: String
  /// The network's id.
  public var network: String
  /// The container's networks in order: 0 is its first.
  public var position: Int
  /// JSON that this module does not look into.
  public var document: [UInt8]
  /// 4 or 16 bytes each, as they are taken.
  public var addresses: [[UInt8]] = []

  /// Makes a row.
  public init(container: String, network: String, position: Int, document: [UInt8]) {
    self.container = container
    self.network = network
    self.position = position
    self.document = document
  }
}

/// The statements; each within a transaction of the caller's.
public enum NetworkTable {
  static func register(_ migrator: inout DatabaseMigrator) {
    migrator.registerMigration("network") { db in
      try db.execute(
        sql: """
          CREATE TABLE network (
            id TEXT NOT NULL PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            created_ns INTEGER NOT NULL,
            document BLOB NOT NULL
          );
          CREATE TABLE endpoint (
            container TEXT NOT NULL REFERENCES container(id) ON DELETE CASCADE,
            network TEXT NOT NULL REFERENCES network(id) ON DELETE CASCADE,
            position INTEGER NOT NULL,
            document BLOB NOT NULL,
            PRIMARY KEY (container, network)
          ) WITHOUT ROWID;
          CREATE INDEX endpoint_network ON endpoint(network);
          CREATE TABLE address (
            network TEXT NOT NULL REFERENCES network(id) ON DELETE CASCADE,
            address BLOB NOT NULL,
            container TEXT REFERENCES container(id) ON DELETE CASCADE,
            PRIMARY KEY (network, address)
          ) WITHOUT ROWID;
          CREATE INDEX address_container ON address(container);
          """)
    }
  }

  // MARK: Networks

  /// Every network, by name.
  public static func all(_ db: Database) throws -> [NetworkRow] {
    try Row.fetchAll(db, sql: "SELECT * FROM network ORDER BY name").map(NetworkRow.init)
  }

  /// The network with this name.
  public static func with(name: String, _ db: Database) throws -> NetworkRow? {
    try Row.fetchOne(db, sql: "SELECT * FROM network WHERE name = ?", arguments: [name])
      .map(NetworkRow.init)
  }

  /// The network with this id.
  public static func with(id: String, _ db: Database) throws -> NetworkRow? {
    try Row.fetchOne(db, sql: "SELECT * FROM network WHERE id = ?", arguments: [id])
      .map(NetworkRow.init)
  }

  /// The networks whose id begins so; hexadecimal digits only.
  public static func with(prefix: String, _ db: Database) throws -> [NetworkRow] {
    try Row.fetchAll(
      db, sql: "SELECT * FROM network WHERE id >= ? AND id < ?", arguments: [prefix, prefix + "g"]
    ).map(NetworkRow.init)
  }

  /// Writes a network down; a name that is taken is a conflict.
  ///
  /// - Parameters:
  ///   - row: the network.
  ///   - reserved: addresses that no container gets, such as the gateway.
  ///   - db: the transaction.
  /// - Throws: what SQLite says.
  public static func insert(
    _ row: NetworkRow, reserved: [[UInt8]], _ db: Database
  ) throws {
    try db.execute(
      sql: "INSERT INTO network (id, name, created_ns, document) VALUES (?, ?, ?, ?)",
      arguments: [
        row.id, row.name, Int64(bitPattern: row.createdNs), Data(row.document).databaseValue,
      ])
    for address in reserved { try take(address, of: row.id, for: nil, db) }
  }

  /// Replaces a network's document.
  ///
  /// - Throws: what SQLite says.
  public static func update(_ row: NetworkRow, _ db: Database) throws {
    try db.execute(
      sql: "UPDATE network SET document = ? WHERE id = ?",
      arguments: [Data(row.document).databaseValue, row.id])
  }

  /// Forgets a network, with its endpoints and addresses; one that is not there is fine.
  public static func remove(id: String, _ db: Database) throws {
    try db.execute(sql: "DELETE FROM network WHERE id = ?", arguments: [id])
  }

  // MARK: Addresses

  /// The addresses that are taken between two, both included, in order.
  private static func taken(
    of network: String, from first: [UInt8], to last: [UInt8], _ db: Database
  ) throws -> RowCursor {
    try Row.fetchCursor(
      db,
      sql: """
        SELECT address FROM address WHERE network = ? AND address >= ? AND address <= ?
        AND length(address) = ? ORDER BY address
        """,
      arguments: [network, Data(first), Data(last), first.count])
  }

  /// Who has an address: nil is nobody, "" the network itself.
  public static func holder(
    of address: [UInt8], _ network: String, _ db: Database
  ) throws -> String? {
    try Row.fetchOne(
      db, sql: "SELECT container FROM address WHERE network = ? AND address = ?",
      arguments: [network, Data(address)]
    ).map { ($0["container"] as String?) ?? "" }
  }

  /// Takes an address; one that is taken already is a conflict.
  public static func take(
    _ address: [UInt8], of network: String, for container: String?, _ db: Database
  ) throws {
    try db.execute(
      sql: "INSERT INTO address (network, address, container) VALUES (?, ?, ?)",
      arguments: [network, Data(address).databaseValue, container])
  }

  /// Takes its addresses on a network from a container.
  public static func release(
    _ container: String, from network: String, _ db: Database
  ) throws {
    try db.execute(
      sql: "DELETE FROM address WHERE network = ? AND container = ?",
      arguments: [network, container])
  }

  // MARK: Endpoints

  /// Connects a container; its addresses are taken beside.
  public static func insert(_ row: EndpointRow, _ db: Database) throws {
    try db.execute(
      sql: "INSERT INTO endpoint (container, network, position, document) VALUES (?, ?, ?, ?)",
      arguments: [row.container, row.network, row.position, Data(row.document).databaseValue])
    for address in row.addresses { try take(address, of: row.network, for: row.container, db) }
  }

  /// Disconnects a container from a network; false when it was not connected.
  public static func disconnect(
    _ container: String, from network: String, _ db: Database
  ) throws -> Bool {
    try release(container, from: network, db)
    try db.execute(
      sql: "DELETE FROM endpoint WHERE container = ? AND network = ?",
      arguments: [container, network])
    return db.changesCount > 0
  }

  /// A container's endpoints, in order.
  public static func endpoints(of container: String, _ db: Database) throws -> [EndpointRow] {
    try rows(db, "container = ? ORDER BY position", container)
  }

  /// The endpoints on a network.
  public static func endpoints(on network: String, _ db: Database) throws -> [EndpointRow] {
    try rows(db, "network = ? ORDER BY container", network)
  }

  private static func rows(
    _ db: Database, _ condition: String, _ argument: String
  ) throws -> [EndpointRow] {
    try Row.fetchAll(
      db, sql: "SELECT * FROM endpoint WHERE \(condition)", arguments: [argument]
    ).map { row in
      var endpoint = EndpointRow(
        container: row["container"], network: row["network"], position: row["position"],
        document: [UInt8](row["document"] as Data))
      endpoint.addresses = try Row.fetchAll(
        db,
        sql: """
          SELECT address FROM address WHERE network = ? AND container = ?
          ORDER BY length(address), address
          """, arguments: [endpoint.network, endpoint.container]
      ).map { [UInt8]($0["address"] as Data) }
      return endpoint
    }
  }

  /// The lowest address that nobody has, between two.
  ///
  /// - Parameters:
  ///   - network: its id.
  ///   - first: the lowest that may be given, 4 or 16 bytes.
  ///   - last: the highest.
  ///   - next: the address after one.
  ///   - db: the transaction.
  /// - Returns: nil when all are taken.
  /// - Throws: what SQLite says.
  public static func lowest(
    of network: String, from first: [UInt8], to last: [UInt8], next: ([UInt8]) -> [UInt8],
    _ db: Database
  ) throws -> [UInt8]? {
    var candidate = first
    let taken = try taken(of: network, from: first, to: last, db)
    while let row = try taken.next() {
      let address = [UInt8](row["address"] as Data)
      if address != candidate { return candidate }
      if address == last { return nil }
      candidate = next(address)
    }
    return candidate
  }
}
