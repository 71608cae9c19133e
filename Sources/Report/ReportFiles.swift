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
    try write(render(document, language: language), to: directory)
  }

  /// Writes one report of many results: `report.html` and `report.md`.
  ///
  /// Everything is rendered before anything is written, and each file takes its place as a whole.
  ///
  /// - Returns: The paths written.
  /// - Throws: `DocumentError` naming the file that could not be written.
  @discardableResult
  public static func write(
    _ report: MergedReport, to directory: String, language: Language = .en
  ) throws(DocumentError) -> [String] {
    try write(
      [
        ("report.html", report.html(language: language)),
        ("report.md", report.markdown(language: language)),
      ], to: directory)
  }

  /// Reads results and puts them side by side.
  ///
  /// - Throws: `DocumentError` with the path and what is wrong, as `read` and `MergedReport` do.
  public static func merge(_ paths: [String]) throws(DocumentError) -> MergedReport {
    var documents: [(path: String, document: ResultDocument)] = []
    for path in paths { documents.append((path, try read(path))) }
    return try MergedReport(documents)
  }

  private static func write(
    _ files: [(name: String, content: String)], to directory: String
  ) throws(DocumentError) -> [String] {
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
    let most = 256 << 20
    // Asked before: what is too large is not read to find that out.
    let size = try ReportFiles.size(path)
    guard size <= most else {
      throw DocumentError(
        "\(path) has \(Quantity.bytes.text(Double(size))), more than the 256 MiB that a result may "
          + "have: is it another file?")
    }
    do throws(SystemError) {
      bytes = try File.read(path, limit: most)
    } catch {
      throw DocumentError(error.text)
    }
    do throws(DocumentError) {
      return try ResultDocument(json: bytes)
    } catch {
      throw DocumentError("\(path): \(error.text)")
    }
  }

  private static func size(_ path: String) throws(DocumentError) -> UInt64 {
    do throws(SystemError) {
      return try File.status(path).size
    } catch {
      throw DocumentError(error.text)
    }
  }
}
