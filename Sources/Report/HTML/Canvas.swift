import Measure

/// An SVG drawing under construction, 720 units wide: a unit is a CSS pixel on a wide screen.
package struct Canvas {
  package static let width = 720.0
  package var height: Double
  private var content = Markup.empty

  package init(height: Double) { self.height = height }

  /// The drawing; its title is what a screen reader says.
  ///
  /// With a style sheet of its own, and the paper that it lies on, it is a file for itself.
  package func svg(title: String, sheet: String? = nil) -> Markup {
    var all = content
    if let sheet {
      let paper = tag("rect", ["width": "720", "height": Canvas.number(height), "class": "paper"])
      all = tag("style", [:], .raw(sheet)) + paper + content
    }
    return tag(
      "svg",
      [
        "viewBox": "0 0 720 \(Canvas.number(height))", "role": "img",
        "xmlns": "http://www.w3.org/2000/svg", "aria-label": title,
      ], all)
  }

  /// Coordinates with one digit: enough for any screen, and the same everywhere.
  package static func number(_ value: Double) -> String {
    Decimals.short((value * 10).rounded() / 10)
  }

  package mutating func line(
    _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ style: String
  ) {
    content += tag(
      "line",
      [
        "x1": Canvas.number(x1), "y1": Canvas.number(y1), "x2": Canvas.number(x2),
        "y2": Canvas.number(y2), "class": style,
      ])
  }

  /// A rectangle, with a text that shows when a pointer rests on it.
  package mutating func rectangle(
    x: Double, y: Double, width: Double, height: Double, _ style: String, radius: Double = 0,
    hint: String? = nil
  ) {
    content += tag(
      "rect",
      [
        "x": Canvas.number(x), "y": Canvas.number(y), "width": Canvas.number(max(0, width)),
        "height": Canvas.number(max(0, height)), "rx": Canvas.number(radius), "class": style,
      ], hint.map { tag("title", [:], .text($0)) } ?? .empty)
  }

  package mutating func dot(
    _ x: Double, _ y: Double, _ radius: Double, _ style: String, hint: String? = nil
  ) {
    content += tag(
      "circle",
      [
        "cx": Canvas.number(x), "cy": Canvas.number(y), "r": Canvas.number(radius),
        "class": style,
      ], hint.map { tag("title", [:], .text($0)) } ?? .empty)
  }

  /// Lines through points; `closed` for an area.
  package mutating func path(
    _ points: [(x: Double, y: Double)], _ style: String, closed: Bool = false
  ) {
    guard let first = points.first else { return }
    var data = "M\(Canvas.number(first.x)) \(Canvas.number(first.y))"
    for point in points.dropFirst() {
      data += "L\(Canvas.number(point.x)) \(Canvas.number(point.y))"
    }
    content += tag("path", ["d": data + (closed ? "Z" : ""), "class": style])
  }

  /// Where a text stands relative to its point.
  package enum Anchor: String { case start, middle, end }

  package mutating func text(
    _ x: Double, _ y: Double, _ text: String, _ style: String = "label", _ anchor: Anchor = .start
  ) {
    content += tag(
      "text",
      [
        "x": Canvas.number(x), "y": Canvas.number(y), "class": style,
        "text-anchor": anchor.rawValue,
      ], .text(text))
  }
}

/// Maps values to coordinates.
struct Axis {
  var low: Double
  var high: Double
  var from: Double
  var to: Double
  var isLogarithmic = false
  /// Whether it counts in bytes: round values are then powers of two.
  var isBinary = false

  /// The coordinate of a value.
  func callAsFunction(_ value: Double) -> Double {
    let (a, b, v) = isLogarithmic ? (log(low), log(high), log(value)) : (low, high, value)
    guard b > a else { return (from + to) / 2 }
    return from + (to - from) * (v - a) / (b - a)
  }

  private func log(_ value: Double) -> Double { Statistics.logarithm(max(value, 1e-300)) }

  /// Round values to mark: 1, 2 or 5 times a power of ten.
  var ticks: [Double] { isLogarithmic ? logarithmicTicks : linearTicks }

  private var linearTicks: [Double] {
    guard high > low else { return [low] }
    let raw = (high - low) / 5
    let step = isBinary ? Axis.powerOfTwo(raw) : Axis.step(raw)
    var ticks: [Double] = []
    var index = (low / step - 1e-9).rounded(.up)
    while index * step <= high + step * 1e-9 {
      ticks.append(index * step)
      index += 1
    }
    return ticks
  }

  private var logarithmicTicks: [Double] {
    guard low > 0 else { return [] }
    var ticks: [Double] = []
    if isBinary {
      // A power of two, or of four, eight… where there are many.
      let factor = Axis.powerOfTwo(Statistics.exponential(log(high / low) / 6))
      var tick = 1.0
      while tick <= high {
        if tick >= low { ticks.append(tick) }
        tick *= max(2, factor)
      }
      return ticks
    }
    // From one, so that the powers near it are exact.
    var power = 1.0
    while power > low { power /= 10 }
    while power * 10 <= low { power *= 10 }
    while power <= high {
      for factor in [1.0, 2, 5] where power * factor >= low && power * factor <= high {
        ticks.append(power * factor)
      }
      power *= 10
    }
    // A range within one decade may hold too few of those.
    return ticks.count >= 3
      ? ticks : Axis(low: low, high: high, from: from, to: to).linearTicks.filter { $0 > 0 }
  }

  /// The next power of two that is not smaller, from one on.
  static func powerOfTwo(_ raw: Double) -> Double {
    var power = 1.0
    while power < raw { power *= 2 }
    return power
  }

  /// The next 1, 2 or 5 times a power of ten that is not smaller.
  static func step(_ raw: Double) -> Double {
    guard raw > 0, raw.isFinite else { return 1 }
    var power = 1.0
    while power > raw { power /= 10 }
    while power * 10 <= raw { power *= 10 }
    for factor in [1.0, 2, 5] where power * factor >= raw * (1 - 1e-9) { return power * factor }
    return power * 10
  }
}
