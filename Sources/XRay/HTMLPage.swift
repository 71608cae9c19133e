public import Measure
internal import Report

/// The X-ray as a page: one file without scripts and without the network.
public struct HTMLPage {
  /// Which language.
  public let language: Language

  /// Chooses the language.
  public init(language: Language) { self.language = language }

  /// The whole page; it is XML as well as HTML.
  public func html(_ xray: Picture) -> String {
    let head = tag(
      "head", [:],
      tag("meta", ["charset": "utf-8"]),
      tag("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"]),
      tag("meta", ["name": "color-scheme", "content": "light dark"]),
      tag("title", [:], .text("\(xray.name) · drydock xray")),
      tag("style", [:], .raw(Style.sheet + Drawing.sheet)))
    let body = tag(
      "body", [:],
      tag("main", [:], heading(xray), figure(xray), join(xray.pages.map(section))))
    let lang = language == .en ? "en" : "zh-Hans"
    let page = tag("html", ["lang": lang, "xmlns": "http://www.w3.org/1999/xhtml"], head, body)
    return "<!DOCTYPE html>\n" + page.source + "\n"
  }

  private func words(_ en: String, _ zh: String) -> Markup { .text(language == .en ? en : zh) }

  private func heading(_ xray: Picture) -> Markup {
    let facts = xray.facts.enumerated().map { index, fact in
      (index > 0 ? Markup.text(" · ") : .empty) + tag("span", [:], .text(fact))
    }
    let ended =
      xray.isAlive ? Markup.empty : tag("p", ["class": "problem"], .text(Picture.ended[language]))
    return tag("p", ["class": "eyebrow"], words("Drydock · X-ray", "Drydock · 透视"))
      + tag("h1", [:], .text(xray.name)) + tag("p", ["class": "lead"], join(facts)) + ended
  }

  private func figure(_ xray: Picture) -> Markup {
    var drawing = Drawing(xray, language)
    let keys: [(String, Markup)] = [
      ("own", words("its own", "自己的")), ("of-host", words("the host's", "宿主机的")),
      ("shared", words("shared with another container", "与其他容器共享")),
    ]
    let legend = keys.map { style, text in
      tag("span", ["class": "key"], tag("i", ["class": "swatch \(style)"]), text)
    }
    return tag(
      "figure", [:],
      tag("figcaption", [:], words("What it is made of", "它由什么组成")),
      tag("p", ["class": "legend"], join(legend)), tag("div", ["class": "drawing"], drawing.svg()))
  }

  private func section(_ page: SectionPage) -> Markup {
    tag(
      "section", ["id": page.id],
      tag("header", [:], tag("h2", [:], .text(page.title[language]))),
      join(page.blocks.map(block)),
      join(
        page.problems.map {
          tag("p", ["class": "problem"], .text("\($0.path): \($0.reason[language])"))
        }),
      page.sources.isEmpty
        ? .empty
        : tag(
          "p", ["class": "read"], words("Read from ", "读自 "),
          join(
            Sources.collapsed(page.sources).enumerated().map { index, path in
              (index > 0 ? Markup.text(", ") : .empty) + tag("code", [:], .text(path))
            })))
  }

  private func block(_ block: Block) -> Markup {
    switch block {
    case .note(let text): return tag("p", [:], .text(text[language]))
    case .facts(let facts):
      return tag(
        "dl", ["class": "facts"],
        join(
          facts.map { key, value in
            tag(
              "div", [:], tag("dt", [:], .text(key[language])),
              tag("dd", [:], .text(value[language])))
          }))
    case .table(let head, let rows, let numbers):
      return table(
        head.map { $0[language] },
        rows.map { row in row.map { cell($0[language]) } }, numbers: numbers)
    }
  }

  /// The blanks before a command show its place in the tree: HTML would drop them.
  private func cell(_ text: String) -> Markup {
    let blanks = text.prefix { $0 == " " }
    return .text(String(repeating: "\u{A0}", count: blanks.count) + text.dropFirst(blanks.count))
  }
}
