internal import Crypto
internal import Linux

/// A class: a folder with everything that belongs to it.
///
///     FOLDER/image/            the image (ImageBuild.swift), the same for every class
///     FOLDER/key               32 bytes; parameters and signatures come from it (ClassKey.swift)
///     FOLDER/ssh, ssh.pub      how the teacher enters all machines (ssh-keygen(1))
///     FOLDER/warm/ID/          a machine that has started, asleep: what all others wake up from
///     FOLDER/machines/NAME/    one a student (Machine.swift)
///
/// Only its owner may read it: who has the key can sign.
public struct Classroom: Sendable {
  /// Where it is.
  public let folder: String

  /// Where a class is when nobody says otherwise.
  public static let usual = "/var/lib/drydock-classroom"

  /// Opens a class, or makes one.
  ///
  /// - Throws: `ClassroomError` when it cannot be written.
  public init(_ folder: String) throws(ClassroomError) {
    self.folder = folder
    try ClassroomError.told { () throws(SystemError) in
      try File.makeDirectories(folder)
      try File.setMode(folder, 0o700)
      for name in ["machines", "warm"] { try File.makeDirectories("\(folder)/\(name)") }
    }
    guard !File.exists(keys) else { return }
    try Tool("ssh-keygen", package: "openssh-client")(
      ["-q", "-t", "ed25519", "-N", "", "-C", "drydock classroom", "-f", keys])
  }

  /// The private half of the teacher's key.
  var keys: String { folder + "/ssh" }
  /// Where the image is.
  public var image: String { folder + "/image" }

  /// The machines there are, by name.
  ///
  /// - Throws: `ClassroomError` when they cannot be read.
  public func machines() throws(ClassroomError) -> [Machine] {
    let names = try ClassroomError.told { () throws(SystemError) in
      try File.list(folder + "/machines")
    }
    return names.sorted().map { Machine($0, self) }
  }

  /// A machine by name, whether it is there or not.
  ///
  /// - Throws: `ClassroomError` when the name is none.
  public func machine(_ name: String) throws(ClassroomError) -> Machine {
    if let complaint = Roster.complaint(name) { throw ClassroomError(complaint) }
    return Machine(name, self)
  }
}
