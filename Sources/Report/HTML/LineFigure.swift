import Measure

/// Arms on an axis: what it costs with how many, how large, how deep.
///
/// One line a series, each with its own dashes, its own mark and its name at its end; a bar is the
/// 95 % interval. Arms without a place on the axis are lines across it.
enum LineFigure {
  /// Lines that can be told apart in print.
  static let mostSeries = 6

  private struct Point {
    var x: Double
    var y: Interval
  }

  private struct Line {
    var name: String
    var points: [Point]
  }

  static func make(
    _ experiment: ExperimentResult, _ summary: ExperimentSummary, _ language: Language
  ) -> Figure? {
    guard let axis = experiment.axis else { return nil }
    let (lines, across) = series(summary, experiment, language)
    let xs = Set(lines.flatMap { $0.points.map(\.x) }).sorted()
    let ys = (lines.flatMap { $0.points.map(\.y) } + across.map(\.y)).flatMap { [$0.low, $0.high] }
    guard let low = ys.min(), let high = ys.max(), let left = xs.first, let right = xs.last else {
      return nil
    }
    let names = lines.map(\.name) + across.map(\.name)
    let margin = min(210, 16 + (names.map { Canvas.width(of: $0, size: Plot.nameSize) }.max() ?? 0))
    var plot = Plot(height: 316, left: 72, right: 712 - margin, top: 14, bottom: 268)
    plot.scaleX(left, right, isLogarithmic: axis.isLogarithmic)
    // Logarithmic where the values are: a line at the bottom of a linear axis says nothing.
    let spans = low > 0 && high / low > 20 && experiment.unit != .share
    plot.scaleY(low, high, isLogarithmic: spans, unit: experiment.unit)
    plot.drawGrid(at: xs, axis, experiment.unit)
    for line in across { plot.drawAcross(line.y.middle) }
    for (index, line) in lines.enumerated() {
      plot.draw(line.points.map { ($0.x, $0.y) }, style: index % mostSeries) {
        "\(line.name), \(axis.unit.tick($0)): \(Words.interval($1, experiment.unit))"
      }
    }
    plot.label(
      lines.compactMap { line in line.points.last.map { (line.name, $0.y.middle) } }
        + across.map { ($0.name, $0.y.middle) })
    plot.canvas.text((72 + 712 - margin) / 2, 308, axis.label[language], "label", .middle)
    let title = Bilingual(
      en: "\(experiment.title.en), by \(axis.label.en)",
      zh: "\(experiment.title.zh)：按\(axis.label.zh)")[
        language]
    let scale = Bilingual(
      en: spans ? " The vertical axis is logarithmic." : "", zh: spans ? "纵轴为对数刻度。" : "")
    let how = ExperimentNotes.how(experiment)
    return Figure(
      title: title, drawing: plot.canvas.svg(title: title),
      legend: lines.enumerated().map {
        .init(style: "stroke series-\($0.offset % mostSeries)", text: $0.element.name)
      } + (across.isEmpty ? [] : [.init(style: "stroke across", text: across[0].name)]),
      how: Bilingual(
        en: how.en + " Marks are medians, bars their 95 % intervals." + scale.en,
        zh: how.zh + "标记为中位数，竖线为其 95 % 区间。" + scale.zh),
      command: experiment.command, wrong: experiment.caveat,
      table: ExperimentNotes.table(experiment, summary, language))
  }

  private static func series(
    _ summary: ExperimentSummary, _ experiment: ExperimentResult, _ language: Language
  ) -> (lines: [Line], across: [(name: String, y: Interval)]) {
    var lines: [Line] = []
    var across: [(name: String, y: Interval)] = []
    for arm in summary.arms {
      guard let y = arm.here else { continue }
      guard let x = arm.arm.at else {
        across.append((arm.arm.label[language], y))
        continue
      }
      let name = (arm.arm.series ?? experiment.title)[language]
      if let index = lines.firstIndex(where: { $0.name == name }) {
        lines[index].points.append(Point(x: x, y: y))
      } else {
        lines.append(Line(name: name, points: [Point(x: x, y: y)]))
      }
    }
    for index in lines.indices { lines[index].points.sort { $0.x < $1.x } }
    return (lines, across)
  }
}
