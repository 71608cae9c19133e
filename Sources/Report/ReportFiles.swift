internal import Linux
public import Measure

/// Everything a run leaves on disk, made from its document alone.
public enum ReportFiles {
  /// The files by name: `result.json`, `report.html`, `report.md`, `samples.csv`, `summary.csv`.
  ///
  /// - Throws: `DocumentError` when the document holds a number that JSON cannot.
  public static func render(
    _ document: ResultDocument, language: Language = .en
  ) throws(DocumentError) -> [(name: String, content: String)] {
    [
      ("result.json", try document.json()),
      ("report.html", HTMLReport(language: language).html(document)),
      ("report.md", MarkdownReport(language: language).markdown(document)),
      ("samples.csv", Tables.samples(document)),
      ("summary.csv", Tables.summary(document)),
    ]
  }

  /// Writes the files into a directory, which is made when it is missing.
  ///
  /// - Returns: The paths written.
  /// - Throws: `DocumentError` naming the file that could not be written.
  @discardableResult
  public static func write(
    _ document: ResultDocument, to directory: String, language: Language = .en
  ) throws(DocumentError) -> [String] {
    let files = try render(document, language: language)
    var paths: [String] = []
    do throws(SystemError) {
      try File.makeDirectories(directory)
      for file in files {
        let path = "\(directory)/\(file.name)"
        try File.replace(path, with: file.content.utf8)
        paths.append(path)
      }
    } catch {
      throw DocumentError(error.text)
    }
    return paths
  }

  /// Reads a `result.json`, of at most 256 MiB.
  ///
  /// - Throws: `DocumentError` with the path and what is wrong.
  public static func read(_ path: String) throws(DocumentError) -> ResultDocument {
    let bytes: [UInt8]
    do throws(SystemError) {
      bytes = try File.read(path, limit: 256 << 20)
    } catch {
      throw DocumentError(error.text)
    }
    do throws(DocumentError) {
      return try ResultDocument(json: bytes)
    } catch {
      throw DocumentError("\(path): \(error.text)")
    }
  }
}
