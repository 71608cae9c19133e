import Linux
import OCI

extension Trace {
  /// Reads the file's bytes.
  ///
  /// - Throws: `EngineError` when they are no trace.
  public static func parse(_ bytes: [UInt8]) throws(EngineError) -> Trace {
    try StateFile.parsed(bytes, name: "trace", limit: 64 << 20) { (json) throws(ConfigError) in
      var trace = Trace(container: "", steps: [], totalNs: 0, unaccountedNs: 0)
      try json.beginObject()
      while try json.nextKey() {
        if json.keyIs("schema") {
          let schema = try json.unsigned()
          guard schema == 1 else { throw json.error("a trace of schema \(schema), not 1") }
        } else if json.keyIs("container") {
          trace.container = try json.string()
        } else if json.keyIs("total_ns") {
          trace.totalNs = try json.unsigned()
        } else if json.keyIs("unaccounted_ns") {
          trace.unaccountedNs = try json.unsigned()
        } else if json.keyIs("steps") {
          try json.beginArray()
          while try json.nextElement() { trace.steps.append(try TracedStep.read(&json)) }
        } else {
          try json.skip()
        }
      }
      return trace
    }
  }

  /// Whether the program has been executed.
  var reachedProgram: Bool {
    steps.contains { $0.id == "process.exec" && $0.errno == nil }
  }
}

extension TracedStep {
  fileprivate static func read(_ json: inout JSONReader) throws(ConfigError) -> TracedStep {
    var step = TracedStep(id: "", phase: "")
    try json.beginObject()
    while try json.nextKey() {
      if json.keyIs("id") {
        step.id = try json.string()
      } else if json.keyIs("phase") {
        step.phase = try json.string()
      } else if json.keyIs("side") {
        step.side = try json.string()
      } else if json.keyIs("call") {
        step.call = try json.string()
      } else if json.keyIs("object") {
        step.object = try json.string()
      } else if json.keyIs("shell") {
        step.shell = try json.string()
      } else if json.keyIs("man") {
        step.man = try json.string()
      } else if json.keyIs("see") {
        let see = try json.string()
        step.see = see.isEmpty ? nil : see
      } else if json.keyIs("undo") {
        step.undo = try json.string()
      } else if json.keyIs("start_ns") {
        step.startNs = try json.unsigned()
      } else if json.keyIs("duration_ns") {
        step.durationNs = try json.unsigned()
      } else if json.keyIs("errno") {
        step.errno = try json.errno()
      } else {
        try json.skip()
      }
    }
    return step
  }
}

extension JSONReader {
  /// Reads an errno by its number or its name.
  fileprivate mutating func errno() throws(ConfigError) -> Errno {
    var numeric = self
    do throws(ConfigError) {
      let number = try numeric.unsigned(upTo: 4095)
      self = numeric
      return Errno(Int32(truncatingIfNeeded: number))
    } catch {
      let name = try string()
      guard let errno = Errno(named: name) else { throw self.error("unknown errno \(name)") }
      return errno
    }
  }
}
