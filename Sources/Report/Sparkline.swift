/// A row of values in one line of text.
enum Sparkline {
  /// One character a value, lowest to highest; a gap for what is not there.
  ///
  /// Blocks where the terminal has them; in ASCII, digits 0–7.
  static func text(_ values: [Double?], plain: Bool) -> String {
    let there = values.compactMap { $0 }
    guard let low = there.min(), let high = there.max() else { return "" }
    let levels = Array(plain ? "01234567" : "▁▂▃▄▅▆▇█")
    return String(
      values.map { value in
        guard let value else { return " " }
        // All the same: a line in the middle, not at the bottom, which would look like nothing.
        guard high > low else { return levels[3] }
        return levels[min(7, Int((value - low) / (high - low) * 8))]
      })
  }
}
