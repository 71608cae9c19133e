public import Measure

/// A merged report as a page: the machines and where they differ, then an experiment's ratios each.
extension MergedReport {
  /// `report.html` of all machines.
  public func html(language: Language = .en) -> String {
    let head = tag(
      "head", [:],
      tag("meta", ["charset": "utf-8"]),
      tag("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"]),
      tag("meta", ["name": "color-scheme", "content": "light dark"]),
      tag("title", [:], .text(Words.merged[language])), tag("style", [:], .raw(Style.sheet)))
    let places = differences.map { difference -> [Markup] in
      [.text(difference.name[language])] + difference.values.map { .text($0) }
    }
    let files =
      [
        [Markup.text(language == .en ? "result" : "结果文件")]
          + machines.map { tag("code", [:], .text($0.path)) },
        [Markup.text(language == .en ? "began" : "开始")]
          + machines.map { .text($0.document.startedAt) },
      ] + places
    var sections = Markup.empty
    var last = ""
    for (index, row) in rows.enumerated() where row.id != last {
      last = row.id
      sections += section(Array(rows[index...].prefix { $0.id == row.id }), language)
    }
    let lacking = missingTable(
      partial.map { Missing($0.id, Bilingual($0.lacking.joined(separator: ", "))) }, language)
    let body = tag(
      "body", [:],
      tag(
        "main", [:], tag("p", ["class": "eyebrow"], .text("Drydock")),
        tag("h1", [:], .text(Words.merged[language])),
        tag("p", ["class": "lead"], .text(MergedReport.warning[language])),
        table([Words.differ[language]] + machines.map(\.mark), files), lacking, sections,
        TrustNotes.markup(language)))
    let lang = language == .en ? "en" : "zh-Hans"
    let page = tag("html", ["lang": lang, "xmlns": "http://www.w3.org/1999/xhtml"], head, body)
    return "<!DOCTYPE html>\n" + page.source + "\n"
  }

  private func section(_ rows: [Row], _ language: Language) -> Markup {
    guard let first = rows.first else { return .empty }
    return tag(
      "section", [:], tag("p", ["class": "eyebrow"], .text(first.id)),
      tag("h2", [:], .text(first.experiment[language])),
      figure(rows, language)?.markup(language) ?? .empty)
  }

  private func figure(_ rows: [Row], _ language: Language) -> Figure? {
    let cells = rows.flatMap { $0.cells.compactMap { $0?.ratio } }
    guard let low = cells.map(\.low).min(), let high = cells.map(\.high).max(), low > 0 else {
      return nil
    }
    let lane = 15.0
    let row = lane * Double(machines.count) + 14
    let left = min(
      280, 24 + (rows.map { Canvas.width(of: $0.name[language], size: 13) }.max() ?? 0))
    var canvas = Canvas(height: 36 + row * Double(rows.count))
    let bottom = 8 + row * Double(rows.count)
    let x = Axis(
      low: min(low, 0.9) / 1.05, high: max(high, 1.1) * 1.05, from: left, to: 640,
      isLogarithmic: true)
    var end = -1.0
    for tick in x.ticks {
      canvas.line(x(tick), 4, x(tick), bottom, "grid")
      let text = "\(Decimals.short(tick)) ×"
      let width = Canvas.width(of: text, size: 11)
      guard x(tick) - width / 2 > end + 6 else { continue }
      canvas.text(x(tick), bottom + 18, text, "tick", .middle)
      end = x(tick) + width / 2
    }
    canvas.line(x(1), 4, x(1), bottom, "axis")
    for (index, one) in rows.enumerated() {
      let top = 8 + row * Double(index)
      canvas.text(
        left - 12, top + row / 2 + 4,
        Canvas.clipped(one.name[language], to: left - 16, size: 13), "label", .end)
      for (machine, cell) in one.cells.enumerated() {
        guard let cell else { continue }
        let y = top + 7 + lane * (Double(machine) + 0.5)
        let style = machine % LineFigure.mostSeries
        canvas.line(x(cell.ratio.low), y, x(cell.ratio.high), y, "whisker series-\(style)")
        canvas.mark(style, x(cell.ratio.middle), y, hint: text(cell, language))
        canvas.text(
          652, y + 4, "\(machines[machine].mark): \(Decimals.significant(cell.ratio.middle))",
          "tick")
      }
    }
    let title = rows[0].experiment[language]
    return Figure(
      title: title, drawing: canvas.svg(title: title),
      legend: machines.enumerated().map {
        .init(
          style: "stroke series-\($0.offset % LineFigure.mostSeries)",
          text: "\($0.element.mark): \($0.element.path)")
      },
      how: Bilingual(
        en: "On each machine by itself, within its rounds; bars are 95 % intervals.",
        zh: "各机器各自测量，比值取自其各轮之内；横线为 95 % 区间。"),
      command: machines[0].document.command,
      wrong: Bilingual(
        en: "To take a difference between two machines for one of the programs: kernels, CPUs and "
          + "versions differ too, as the table above says.",
        zh: "把两台机器之间的差异当作程序之间的差异：内核、CPU 与版本也不同，见上表。"),
      table: table(
        [""] + machines.map(\.mark),
        rows.map { row in
          [.text(row.name[language])] + row.cells.map { .text(text($0, language)) }
        }))
  }
}
