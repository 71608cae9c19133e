import Measure

/// A frame with two axes, into which lines are drawn.
struct Plot {
  /// Names are bold, 12 pixels high, and as wide as plain ones of this size.
  static let nameSize = 13.5

  var canvas: Canvas
  private let frame: (left: Double, right: Double, top: Double, bottom: Double)
  private var x: Axis
  private var y: Axis
  /// Where zero stands on a logarithmic axis, which has none: a step before the first value.
  private var zero: Double?

  init(height: Double, left: Double, right: Double, top: Double, bottom: Double) {
    canvas = Canvas(height: height)
    frame = (left, right, top, bottom)
    x = Axis(low: 0, high: 1, from: left, to: right)
    y = Axis(low: 0, high: 1, from: bottom, to: top)
  }

  mutating func scaleX(_ low: Double, _ high: Double, isLogarithmic: Bool) {
    let begin = frame.left + 14
    x = Axis(low: low, high: high, from: begin, to: frame.right - 10)
    guard isLogarithmic, high > 0 else { return }
    x.isLogarithmic = true
    guard low <= 0 else { return }
    zero = begin
    x.from = begin + 46
    x.low = min(1, high)
  }

  /// Where the first value above zero is, on a logarithmic axis with a zero.
  mutating func beginX(_ value: Double) { if zero != nil { x.low = value } }

  mutating func scaleY(_ low: Double, _ high: Double, isLogarithmic: Bool, unit: Quantity) {
    defer { y.isBinary = unit == .bytes }
    if isLogarithmic {
      y = Axis(
        low: low / 1.15, high: high * 1.15, from: frame.bottom, to: frame.top, isLogarithmic: true)
    } else {
      // From zero, unless what differs is a sliver far above it.
      let base = low >= 0 && low < high * 0.7 ? 0 : low - (high - low) * 0.15
      let top = high > base ? high + (high - base) * 0.06 : base + 1
      y = Axis(low: base, high: top, from: frame.bottom, to: frame.top)
    }
  }

  private func place(_ value: Double) -> Double {
    if let zero, value <= 0 { return zero }
    return x(value)
  }

  /// Lines and figures at both axes; across, at the values that were measured.
  mutating func drawGrid(at values: [Double], _ axis: Measure.Axis, _ unit: Quantity) {
    if let first = values.first(where: { $0 > 0 }) { beginX(first) }
    for tick in y.ticks {
      canvas.line(frame.left, y(tick), frame.right, y(tick), "grid")
      canvas.text(frame.left - 8, y(tick) + 4, unit.tick(tick), "tick", .end)
    }
    var end = -1.0
    for value in values {
      let text = axis.unit.tick(value)
      let width = Canvas.width(of: text, size: 11)
      let at = place(value)
      canvas.line(at, frame.top, at, frame.bottom, "grid")
      guard at - width / 2 > end + 6 else { continue }
      canvas.text(at, frame.bottom + 18, text, "tick", .middle)
      end = at + width / 2
    }
    canvas.line(frame.left, frame.bottom, frame.right, frame.bottom, "axis")
  }

  /// A line across, for what has no place on the axis.
  mutating func drawAcross(_ value: Double) {
    canvas.line(frame.left, y(value), frame.right, y(value), "mark dash")
  }

  /// A line with a mark and an interval at each point.
  mutating func draw(
    _ points: [(Double, Interval)], style: Int, hint: (Double, Interval) -> String
  ) {
    canvas.path(points.map { (place($0.0), y($0.1.middle)) }, "series series-\(style)")
    for (value, interval) in points {
      let at = place(value)
      let (low, high) = (y(interval.low), y(interval.high))
      if low - high > 3 {
        canvas.line(at, low, at, high, "whisker series-\(style)")
        for end in [low, high] {
          canvas.line(at - 4, end, at + 4, end, "whisker series-\(style)")
        }
      }
      canvas.mark(style, at, y(interval.middle), hint: hint(value, interval))
    }
  }

  /// Names at the lines' ends, pushed apart where they would touch.
  mutating func label(_ names: [(String, Double)]) {
    let spacing = 15.0
    var places = names.map { (text: $0.0, wanted: y($0.1)) }.sorted { $0.wanted < $1.wanted }
    var above = frame.top - spacing + 4
    for index in places.indices {
      places[index].wanted = max(places[index].wanted, above + spacing)
      above = places[index].wanted
    }
    // What was pushed below the frame is pushed back up, and what is above it too.
    var below = frame.bottom + spacing
    for index in places.indices.reversed() {
      places[index].wanted = min(places[index].wanted, below - spacing)
      below = places[index].wanted
    }
    let room = Canvas.width - frame.right - 8
    for place in places {
      canvas.text(
        frame.right + 6, place.wanted + 4,
        Canvas.clipped(place.text, to: room, size: Plot.nameSize),
        "end")
    }
  }
}

extension Canvas {
  /// About how wide a text is drawn: half an em a column of a terminal, which Chinese has two of.
  static func width(of text: String, size: Double) -> Double {
    Double(TextWidth.columns(text)) * size * 0.56
  }

  /// As much of a text as has room, with an ellipsis for the rest.
  static func clipped(_ text: String, to room: Double, size: Double) -> String {
    guard width(of: text, size: size) > room else { return text }
    var short = text
    while !short.isEmpty && width(of: short + "…", size: size) > room { short.removeLast() }
    return short + "…"
  }

  /// A mark whose shape says which series it is of, also where there is no colour.
  mutating func mark(_ series: Int, _ x: Double, _ y: Double, hint: String? = nil) {
    let style = "point series-\(series)"
    let shapes: [[(Double, Double)]] = [
      [], [(-4, -4), (4, -4), (4, 4), (-4, 4)], [(0, -5.5), (5, 4), (-5, 4)],
      [(0, -6), (6, 0), (0, 6), (-6, 0)], [(0, 5.5), (5, -4), (-5, -4)],
      [(-5, -2), (-2, -5), (2, -5), (5, -2), (5, 2), (2, 5), (-2, 5), (-5, 2)],
    ]
    let shape = shapes[series % shapes.count]
    guard !shape.isEmpty else { return dot(x, y, 4.5, style, hint: hint) }
    path(shape.map { (x + $0.0, y + $0.1) }, style, closed: true)
  }
}
