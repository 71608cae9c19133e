import GRDB
import Linux
import State
import Testing

/// A root of its own, removed in the end.
final class Scratch {
  let path: String

  init() throws {
    path = "/tmp/drydock-state-\(UInt64.random(in: 0...UInt64.max))"
    try File.makeDirectories(path)
  }

  deinit { try? File.removeTree(path) }
}

@Suite struct DatabaseTests {
  private func row(_ id: String, _ name: String, at time: UInt64 = 1) -> ContainerRow {
    ContainerRow(id: id, name: name, image: "image", createdNs: time, document: [0x7B, 0x7D])
  }

  @Test func whatIsWrittenIsThereForTheNext() throws {
    let scratch = try Scratch()
    let first = try StateDatabase(root: scratch.path)
    try first.write(.containerAdd, "inserting") { try ContainerTable.insert(row("ab", "web"), $0) }
    let second = try StateDatabase(root: scratch.path)
    #expect(try second.read("reading") { try ContainerTable.with(name: "web", $0) }?.id == "ab")
    #expect(try second.read("reading") { try ContainerTable.with(prefix: "a", $0) }.count == 1)
    #expect(try second.read("reading") { try ContainerTable.with(prefix: "b", $0) }.isEmpty)
  }

  @Test func aNameBelongsToOne() throws {
    let scratch = try Scratch()
    let state = try StateDatabase(root: scratch.path)
    try state.write(.containerAdd, "inserting") { try ContainerTable.insert(row("ab", "web"), $0) }
    let error = #expect(throws: StateError.self) {
      try state.write(.containerAdd, "inserting") {
        try ContainerTable.insert(row("cd", "web"), $0)
      }
    }
    #expect(error?.isConflict == true)
  }

  @Test func whatThrowsChangesNothing() throws {
    struct Stop: Error {}
    let scratch = try Scratch()
    let state = try StateDatabase(root: scratch.path)
    #expect(throws: StateError.self) {
      try state.write(.containerAdd, "inserting") { db in
        try ContainerTable.insert(row("ab", "web"), db)
        throw Stop()
      }
    }
    #expect(try state.read("reading") { try ContainerTable.all($0) }.isEmpty)
  }

  @Test func severalOpenANewRootAtOnce() async throws {
    let scratch = try Scratch()
    let path = scratch.path
    try await withThrowingTaskGroup { group in
      for number in 0..<8 {
        group.addTask {
          let state = try StateDatabase(root: path)
          try state.write(.containerAdd, "inserting", durable: number % 2 == 0) {
            try ContainerTable.insert(
              ContainerRow(
                id: "\(number)", name: "n\(number)", image: "", createdNs: 0, document: []), $0)
          }
        }
      }
      try await group.waitForAll()
    }
    let state = try StateDatabase(root: path)
    #expect(try state.read("reading") { try ContainerTable.all($0) }.count == 8)
  }

  @Test func aDamagedFileIsNamed() throws {
    let scratch = try Scratch()
    try File.replace(scratch.path + "/state.db", with: Array("not a database at all, no".utf8))
    let error = #expect(throws: StateError.self) { try StateDatabase(root: scratch.path) }
    #expect(error?.message.contains("state.db") == true)
    #expect(error?.hint.isEmpty == false)
  }

  @Test func faultsAreFound() throws {
    let scratch = try Scratch()
    let state = try StateDatabase(root: scratch.path)
    #expect(try state.faults() == [])
    try DatabaseQueue(path: scratch.path + "/state.db").writeWithoutTransaction { db in
      try db.execute(sql: "PRAGMA foreign_keys = OFF; INSERT INTO tag VALUES ('name', 'nothing')")
    }
    #expect(try state.faults() == ["a row of tag refers to none of image"])
  }

  @Test func theReserveIsThere() throws {
    let scratch = try Scratch()
    _ = try StateDatabase(root: scratch.path)
    #expect(try File.status(scratch.path + "/reserve").size == 1 << 20)
  }

  @Test func aNewerStateIsRefused() throws {
    let scratch = try Scratch()
    let state = try StateDatabase(root: scratch.path)
    try state.write(.containerAdd, "ageing", durable: false) {
      try $0.execute(sql: "PRAGMA user_version = 999")
    }
    let error = #expect(throws: StateError.self) { try StateDatabase(root: scratch.path) }
    #expect(error?.message.contains("newer drydock") == true)
  }
}
