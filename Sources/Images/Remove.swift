// `rmi` and `image prune`: names go first, images without a name next, then what nobody needs.

internal import Linux
internal import State

/// Who uses an image.
public struct ImageUser: Equatable, Sendable {
  /// The container's id.
  public var id: String
  /// Whether it lives.
  public var isRunning: Bool

  /// Names a container.
  public init(id: String, isRunning: Bool) {
    self.id = id
    self.isRunning = isRunning
  }
}

/// What `rmi` did, in Docker's words and order.
public enum Removal: Equatable, Sendable {
  /// A name was taken away.
  case untagged(String)
  /// An image or a layer is gone: the image's id, or the layer's ChainID.
  case deleted(Digest)

  /// Docker's line.
  public var text: String {
    switch self {
    case .untagged(let name): "Untagged: \(name)"
    case .deleted(let digest): "Deleted: \(digest)"
    }
  }
}

extension ImageStore {
  /// Takes a name away, and the image with its last name.
  ///
  /// - Parameters:
  ///   - text: a name, an id, or the beginning of an id.
  ///   - force: removes an image with several names, and takes a name away that a container uses.
  ///   - users: who uses an image, asked while nobody can begin to.
  /// - Returns: what was done.
  /// - Throws: `ImageError` when there is no such image or it is in use.
  public func remove(
    _ text: String, force: Bool, users: (Digest) throws(ImageError) -> [ImageUser]
  ) throws(ImageError) -> [Removal] {
    try alone { () throws(ImageError) in
      let (image, name) = try existing(text)
      let tags = try names().filter { $0.image == image.id.hex }.map { $0.name }
      let users = try users(image.id)
      if let name, name.digest == nil, tags.count > 1 {
        try drop([name], image: nil)
        return [.untagged(name.text)]
      }
      if name == nil, Set(tags.map { $0.repository }).count > 1, !force {
        throw ImageError(
          "conflict: unable to delete \(image.id.short) (must be forced) - image is referenced in "
            + "multiple repositories", hint: "Remove the names one by one, or use -f.")
      }
      try refuse(image, name, text, users, force: force)
      var removals = tags.map { Removal.untagged($0.text) }
      if users.isEmpty {
        try drop(tags, image: image.id)
        removals.append(.deleted(image.id))
        let gone = try sweep().layers
        removals += ImageStore.chain(image).reversed().filter { gone.contains($0.diffID) }
          .map { .deleted($0.chainID) }
      } else {
        // A container that has ended keeps the files it is made of.
        try drop(tags, image: nil)
      }
      return removals
    }
  }

  private func refuse(
    _ image: StoredImage, _ name: Reference?, _ text: String, _ users: [ImageUser], force: Bool
  ) throws(ImageError) {
    guard let user = users.first(where: { $0.isRunning }) ?? users.first else { return }
    let container = user.id.prefix(12)
    if let name, !force {
      throw ImageError(
        "conflict: unable to remove repository reference \"\(name.text)\" (must force) - "
          + "container \(container) is using its referenced image \(image.id.short)",
        hint: "Remove the container first: drydock rm \(container)")
    }
    if name == nil || user.isRunning {
      let cannot = user.isRunning ? "cannot be forced" : "must be forced"
      guard user.isRunning || !force else { return }
      throw ImageError(
        "conflict: unable to delete \(image.id.short) (\(cannot)) - image is being used by "
          + "\(user.isRunning ? "running" : "stopped") container \(container)",
        hint: "Remove the container first: drydock rm \(user.isRunning ? "-f " : "")\(container)")
    }
  }

  /// Removes images that nobody needs.
  ///
  /// - Parameters:
  ///   - all: those with a name too.
  ///   - isWanted: whether an image may go.
  ///   - users: who uses an image.
  /// - Returns: what was done, and the bytes that became free.
  /// - Throws: `ImageError` naming what cannot be removed.
  public func prune(
    all: Bool, isWanted: (StoredImage) throws(ImageError) -> Bool = { _ in true },
    users: (Digest) throws(ImageError) -> [ImageUser]
  ) throws(ImageError) -> (removals: [Removal], bytes: UInt64) {
    try alone { () throws(ImageError) in
      var removals = [Removal]()
      let names = try names()
      for image in try list() {
        let tags = names.filter { $0.image == image.id.hex }.map { $0.name }
        guard all || tags.isEmpty, try isWanted(image), try users(image.id).isEmpty else {
          continue
        }
        try drop(tags, image: image.id)
        removals += tags.map { .untagged($0.text) } + [.deleted(image.id)]
      }
      let bytes = try sweep().bytes
      try layers.settle()
      return (removals, bytes)
    }
  }

  /// Takes names away, and an image with them, in one transaction.
  private func drop(_ names: [Reference], image: Digest?) throws(ImageError) {
    try asked { () throws(StateError) in
      try state.open().write(.imageRemove, "removing an image") { db in
        for name in names { _ = try ImageTable.untag(name.key, db) }
        if let image { try ImageTable.remove(id: image.hex, db) }
      }
    }
  }

  /// The layers with their ChainIDs: what lies on what (OCI image specification, config.md).
  static func chain(_ image: StoredImage) -> [(diffID: Digest, chainID: Digest)] {
    var chain = [(diffID: Digest, chainID: Digest)]()
    for layer in image.layers {
      let id = chain.last.map { Digest(of: Array("\($0.chainID) \(layer.diffID)".utf8)) }
      chain.append((layer.diffID, id ?? layer.diffID))
    }
    return chain
  }
}
