internal import Linux

/// An OCI runtime as its callers call it (runc(8), crun(1)).
public struct Runtime: Sendable {
  /// Short, in ASCII.
  public let name: String
  /// The program, and where it keeps its state.
  public let words: [String]
  /// Whether it is somebody else's, whom an experiment does without when it fails.
  public let isPeer: Bool

  /// Describes one.
  ///
  /// - Parameters:
  ///   - path: the program.
  ///   - name: what its arms are called; the program's name when nil.
  ///   - place: below which its state is kept.
  ///   - isPeer: whether it is somebody else's.
  public init(_ path: String, name: String? = nil, in place: Place, isPeer: Bool) {
    self.name = name ?? path.split(separator: "/").last.map { String($0) } ?? path
    words = [path, "--root", "\(place.path)/state-\(self.name)"]
    self.isPeer = isPeer
  }

  /// The program called `name` in the usual folders; nil where there is none.
  public static func find(_ name: String) -> String? {
    ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"]
      .map { "\($0)/\(name)" }.first { File.exists($0) }
  }

  /// From config.json to the end of the program, in one command.
  public func run(_ bundle: Bundle, as id: String? = nil) -> [String] {
    words + ["run", "--bundle", bundle.path, id ?? container(bundle)]
  }
  /// Everything but the program.
  public func create(_ bundle: Bundle) -> [String] {
    words + ["create", "--bundle", bundle.path, container(bundle)]
  }
  /// The program.
  public func start(_ bundle: Bundle) -> [String] { words + ["start", container(bundle)] }
  /// One more program in it.
  public func exec(_ bundle: Bundle, _ program: [String]) -> [String] {
    words + ["exec", container(bundle)] + program
  }
  /// SIGKILL.
  public func kill(_ bundle: Bundle) -> [String] { words + ["kill", container(bundle), "KILL"] }
  /// Removes it, running or not.
  public func delete(_ bundle: Bundle) -> [String] {
    words + ["delete", "--force", container(bundle)]
  }

  /// What the container of a bundle is called.
  public func container(_ bundle: Bundle) -> String { "\(name)-\(bundle.name)" }
}
