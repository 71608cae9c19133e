import Measure

/// A drawing with all that must stand beside it: how it was measured, the exact command, what
/// would make it wrong, and its numbers as a table.
struct Figure {
  var title: String
  var drawing: Markup
  var legend: [LegendEntry] = []
  var how: Bilingual
  var command: String
  var wrong: Bilingual
  var table: Markup

  /// A sign of the drawing and what it means.
  struct LegendEntry {
    /// CSS class of the swatch.
    var style: String
    var text: String
  }

  func markup(_ language: Language) -> Markup {
    let swatches = legend.map { entry in
      tag(
        "span", ["class": "key"], tag("i", ["class": "swatch \(entry.style)"]),
        .text(entry.text))
    }
    return tag(
      "figure", [:],
      tag(
        "div", ["class": "whole"],
        tag("figcaption", [:], .text(title)),
        legend.isEmpty ? .empty : tag("p", ["class": "legend"], join(swatches)),
        tag("div", ["class": "drawing"], drawing)),
      tag(
        "dl", ["class": "notes"],
        note(Words.how, .text(how[language]), language),
        note(Words.command, tag("code", [:], .text(command)), language),
        note(Words.wrong, .text(wrong[language]), language)),
      tag("details", [:], tag("summary", [:], .text(Words.numbers[language])), table))
  }

  private func note(_ name: Bilingual, _ content: Markup, _ language: Language) -> Markup {
    tag("div", [:], tag("dt", [:], .text(name[language])), tag("dd", [:], content))
  }
}
