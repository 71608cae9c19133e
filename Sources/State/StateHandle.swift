internal import Linux
internal import Synchronization

/// The state of a root, opened when it is first needed: many commands never do.
public final class StateHandle: Sendable {
  private let root: String
  private let database = Mutex<StateDatabase?>(nil)

  /// Makes a handle; nothing is looked at yet.
  public init(root: String) { self.root = root }

  /// Whether anybody has written anything here yet.
  public var isThere: Bool { File.exists(root + "/state.db") }

  /// The database, opened by the first who asks.
  ///
  /// - Throws: `StateError` as `StateDatabase.init` does.
  public func open() throws(StateError) -> StateDatabase {
    try database.withLock { (open) throws(StateError) in
      if let open { return open }
      let made = try StateDatabase(root: root)
      open = made
      return made
    }
  }
}
