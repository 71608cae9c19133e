public import Measure

/// `result.json`, the one file all others derive from.
extension ResultDocument {
  /// The document as JSON: keys sorted, so that the same document gives the same bytes.
  ///
  /// - Throws: `DocumentError` naming the member that holds a number that is not finite.
  public func json() throws(DocumentError) -> String {
    do {
      return try JSONEncoding.encode(self).text
    } catch EncodingError.invalidValue(let value, let context) {
      throw DocumentError("\(ResultDocument.path(context.codingPath)) is \(value): not in JSON")
    } catch {
      throw DocumentError("the document cannot be written: \(error)")
    }
  }

  /// Reads what `json` wrote.
  ///
  /// - Throws: `DocumentError` with the place in the text, or the member that is missing, or
  ///   both schema versions when another version wrote it.
  public init(json bytes: [UInt8]) throws(DocumentError) {
    let tree = try JSON(parsing: bytes)
    guard case .object(let members) = tree, case .number(let schema) = members["schema"] else {
      throw DocumentError("not a result document: it has no schema version")
    }
    guard schema == "\(ResultDocument.currentSchema)" else {
      throw DocumentError(
        "the document has schema version \(schema), this program knows "
          + "\(ResultDocument.currentSchema): run the measurement again with this program")
    }
    do {
      self = try JSONDecoding.decode(ResultDocument.self, from: tree)
    } catch let error as DecodingError {
      throw DocumentError("not a result document: \(ResultDocument.explain(error))")
    } catch {
      throw DocumentError("not a result document: \(error)")
    }
  }

  private static func path(_ keys: [any CodingKey]) -> String {
    keys.isEmpty ? "the document" : keys.map(\.stringValue).joined(separator: ".")
  }

  static func explain(_ error: DecodingError) -> String {
    switch error {
    case .keyNotFound(let key, let context): "\(path(context.codingPath + [key])) is missing"
    case .typeMismatch(let type, let context): "\(path(context.codingPath)) is no \(type)"
    case .valueNotFound(_, let context): "\(path(context.codingPath)) is missing"
    case .dataCorrupted(let context): "\(path(context.codingPath)): \(context.debugDescription)"
    @unknown default: "\(error)"
    }
  }
}
