/// Lists of things in the columns, the JSON or the template that somebody asks for.
public enum Listing {
  /// A column: the field's name and its heading, such as `ID` and `CONTAINER ID`.
  public typealias Column = (field: String, heading: String)

  /// What is to be printed.
  ///
  /// - Parameters:
  ///   - format: `--format`: nil or `table` for the columns, `json`, `table TEMPLATE`, or a template
  ///     for each line.
  ///   - columns: the usual ones, from left to right.
  ///   - headings: those of further fields, for `table TEMPLATE`.
  ///   - rows: an object each.
  /// - Returns: the lines.
  /// - Throws: `FormatError` when the template cannot be used.
  public static func lines(
    _ format: String?, columns: [Column], headings: [Column] = [], _ rows: [Value]
  ) throws(FormatError) -> [String] {
    let format = format ?? "table"
    if format == "json" { return rows.map { $0.json() } }
    if format == "table" {
      return aligned(
        [columns.map { $0.heading }]
          + rows.map { row in columns.map { row[$0.field]?.text ?? "" } })
    }
    guard format.hasPrefix("table ") else {
      let template = try Template(format)
      var lines = [String]()
      for row in rows { lines.append(try template.fill(row)) }
      return lines
    }
    let template = try Template(String(format.dropFirst(6)))
    let names = columns + headings
    let header = template.header { field in
      names.first { $0.field == field }?.heading ?? field.uppercased()
    }
    var cells = [header.tabbed]
    for row in rows { cells.append(try template.fill(row).tabbed) }
    return aligned(cells)
  }

  /// Columns as Docker prints them: three blanks between, none at the end.
  public static func aligned(_ rows: [[String]]) -> [String] {
    var widths = [Int]()
    for row in rows {
      for (column, cell) in row.enumerated() {
        if column == widths.count { widths.append(0) }
        widths[column] = max(widths[column], cell.count)
      }
    }
    return rows.map { row in
      var line = ""
      for (column, cell) in row.enumerated() {
        line += cell
        if column < row.count - 1 {
          line += String(repeating: " ", count: widths[column] - cell.count + 3)
        }
      }
      while line.hasSuffix(" ") { line.removeLast() }
      return line
    }
  }
}

extension String {
  /// What stands between tabs.
  fileprivate var tabbed: [String] {
    split(separator: "\t", omittingEmptySubsequences: false).map { String($0) }
  }
}
