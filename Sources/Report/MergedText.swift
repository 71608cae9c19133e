public import Measure

/// A merged report for a terminal, and as Markdown.
extension MergedReport {
  /// For a terminal: an experiment's ratios, a line a machine.
  public func text(language: Language = .en, width: Int = 80, plain: Bool = false) -> String {
    let room = max(72, width)
    func clean(_ text: String) -> String {
      let printable = TerminalReport.printable(text)
      return plain ? TerminalReport.ascii(printable) : printable
    }
    func wrapped(_ text: String, indent: Int = 0) -> [String] {
      TextWidth.wrap(clean(text), room - indent).map { String(repeating: " ", count: indent) + $0 }
    }
    var lines: [String] = []
    for machine in machines {
      let environment = machine.document.environment
      lines += wrapped(
        "\(machine.mark): \(machine.path): Linux \(environment.kernel) · \(environment.cpuModel) × "
          + "\(environment.cpus) · cgroup \(environment.cgroupMode) · \(machine.document.startedAt)"
      )
    }
    lines += [""] + wrapped(MergedReport.warning[language])
    let names = differences.map { $0.name[language] }.joined(separator: ", ")
    if !names.isEmpty { lines += wrapped("\(Words.differ[language]): \(names)") }
    var last = ""
    for row in rows {
      if row.id != last { lines += [""] + wrapped("\(row.experiment[language]) (\(row.id))") }
      last = row.id
      lines += wrapped(row.name[language], indent: 2)
      for (machine, cell) in zip(machines, row.cells) {
        lines += wrapped("\(machine.mark): \(text(cell, language))", indent: 4)
      }
    }
    for one in partial {
      lines += wrapped(
        "\(Words.missing[language]): \(one.id) (\(one.lacking.joined(separator: ", ")))")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// `report.md` of all machines.
  public func markdown(language: Language = .en) -> String {
    let writer = MarkdownReport(language: language)
    var out = "# \(Words.merged[language])\n\n"
    let head = [""] + machines.map(\.mark)
    out += writer.table(
      head,
      [
        [language == .en ? "result" : "结果文件"] + machines.map(\.path),
        [language == .en ? "began" : "开始"] + machines.map(\.document.startedAt),
      ] + differences.map { [$0.name[language]] + $0.values })
    out += "\n\(writer.escape(MergedReport.warning[language]))\n"
    var last = ""
    for (index, row) in rows.enumerated() where row.id != last {
      last = row.id
      let own = rows[index...].prefix { $0.id == row.id }
      out += "\n## \(writer.escape(row.experiment[language]))\n\n`\(row.id)`\n\n"
      out += writer.table(
        head, own.map { row in [row.name[language]] + row.cells.map { text($0, language) } })
    }
    for one in partial {
      out +=
        "\n\(Words.missing[language]): \(writer.escape(one.id)): \(one.lacking.joined(separator: ", "))\n"
    }
    return out
  }
}
