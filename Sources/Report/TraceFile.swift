public import Measure

/// The file that `drydock run --trace FILE` writes, as a waterfall.
///
/// ```json
/// {"schema": 1, "container": "web", "began_ns": 86400123456789, "total_ns": 2345678,
///  "unaccounted_ns": 12345, "steps": [
///   {"id": "uts.sethostname", "phase": "namespaces", "side": "init",
///    "start_ns": 1234, "duration_ns": 567, …}, …]}
/// ```
///
/// Members that a drawing does not need are skipped.
extension Waterfall {
  private struct TraceFile: Decodable {
    struct Step: Decodable {
      var id: String
      var phase: String
      var side: String
      var start_ns: UInt64
      var duration_ns: UInt64
    }

    var schema: Int
    var began_ns: UInt64?
    var total_ns: UInt64
    var unaccounted_ns: UInt64
    var steps: [Step]
  }

  /// Reads the text of a trace.
  ///
  /// - Parameters:
  ///   - trace: The bytes of the file.
  ///   - title: What people read above it.
  ///   - floorNanoseconds: What a program takes that makes the same calls and nothing else.
  ///   - command: The command that repeats it.
  /// - Throws: `DocumentError` with what is missing, or with the version when it is unknown.
  public init(
    trace: [UInt8], title: Bilingual, floorNanoseconds: UInt64? = nil, command: String
  ) throws(DocumentError) {
    let json = try JSON(parsing: trace)
    let file: TraceFile
    do {
      file = try JSONDecoding.decode(TraceFile.self, from: json)
    } catch let error as DecodingError {
      throw DocumentError("not a trace: \(ResultDocument.explain(error))")
    } catch {
      throw DocumentError("not a trace: \(error)")
    }
    guard file.schema == 1 else {
      throw DocumentError("the trace has schema version \(file.schema), this program knows 1")
    }
    self.init(
      title: title,
      steps: file.steps.map {
        Step(
          id: $0.id, phase: $0.phase, side: $0.side, startNanoseconds: $0.start_ns,
          durationNanoseconds: $0.duration_ns)
      },
      totalNanoseconds: file.total_ns, unaccountedNanoseconds: file.unaccounted_ns,
      floorNanoseconds: floorNanoseconds, command: command)
    beganNanoseconds = file.began_ns
  }
}
