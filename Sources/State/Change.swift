internal import Steps

/// The transactions that change the state: one case each, whoever makes it.
///
/// At each a test can let the process die or fail, with `DRYDOCK_FAULT=image.add.before:kill` right
/// before the commit, and with `.after` right after it, when nobody has been told yet.
public enum Change: String, CaseIterable, Sendable {
  /// A container's record, its mounts, and its volumes without a name.
  case containerAdd = "container.add"
  /// What is wanted of a container.
  case containerUpdate = "container.update"
  /// Its name.
  case containerRename = "container.rename"
  /// A removed container's record.
  case containerForget = "container.forget"
  /// An image with its names.
  case imageAdd = "image.add"
  /// One more name of an image.
  case imageTag = "image.tag"
  /// Names of an image, and the image with the last one.
  case imageRemove = "image.remove"
  /// What a built-in image was made from.
  case imageNote = "image.note"
  /// A volume's record.
  case volumeAdd = "volume.add"
  /// A volume is hidden, to be removed.
  case volumeHide = "volume.hide"
  /// Hidden volumes' directories are moved away, their records go.
  case volumeForget = "volume.forget"

  /// A network's record, and the addresses that it keeps for itself.
  case networkAdd = "network.add"
  /// A network is forgotten, with what is connected to it.
  case networkForget = "network.forget"
  /// A container is connected to one more network.
  case endpointAdd = "endpoint.add"
  /// A container is taken from a network.
  case endpointRemove = "endpoint.remove"

  /// A moment beside the commit.
  public enum Moment: String, CaseIterable, Sendable {
    /// Everything is written but not committed.
    case before
    /// It is committed, and nobody knows yet.
    case after
  }

  /// What `DRYDOCK_FAULT` calls a moment.
  public func point(_ moment: Moment) -> String { "\(rawValue).\(moment.rawValue)" }

  func pass(_ moment: Moment) throws { try Point.pass(point(moment)) }
}
