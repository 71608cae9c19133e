// Images of a lab: they go into a store of the session's own, not into the learner's.

public import Engine
public import Images
internal import Linux
internal import Measure

extension Stage {
  /// From now on containers and images are those of an engine with a root in the session's folder,
  /// which goes away with the session.
  ///
  /// - Returns: the engine.
  /// - Throws: `SystemError` and `EngineError` when its root cannot be made.
  public func ownStore() throws -> Engine {
    let engine = try Engine(root: try folder("store"), runRoot: containers.runRoot)
    containers = engine
    ownRoot = engine.root
    return engine
  }

  /// `drydock load`, shown as it would be typed.
  ///
  /// - Returns: the images.
  /// - Throws: `EngineError`; `Interrupted`.
  public func load(_ archive: String, into engine: Engine) throws -> [LoadedImage] {
    try Interrupt.check()
    let command = "drydock --root \(Typed.quoted(engine.root)) load -i \(Typed.quoted(archive))"
    audience?.ran(ShownRun(command: command, steps: [], stepCount: 0))
    return try engine.load(archive) { _ in }
  }
}
