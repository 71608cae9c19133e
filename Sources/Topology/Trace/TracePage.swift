internal import Measure
internal import Report

/// A trace as text and as JSON.
package struct TracePage {
  let paper: Paper

  /// Chooses how to show it.
  package init(_ paper: Paper) { self.paper = paper }

  /// The steps under the namespaces they are in, then the answer.
  package func text(_ result: TraceResult) -> String {
    var lines = [String]()
    var place = ""
    for step in result.steps {
      if step.place != place {
        place = step.place
        if !lines.isEmpty { lines.append("") }
        lines.append(paper.paint("1", paper.clean(place)))
      }
      let (sign, style) = TracePage.sign(step.mark)
      lines += indented(step.text[paper.language], sign: paper.paint(style, paper.clean(sign)))
      for hit in step.hits { lines += rule(hit) }
    }
    lines.append("")
    let (word, style) = TracePage.word(result.reach)
    let answer = word[paper.language] + (paper.language == .zh ? "：" : ": ")
    let body = paper.fold(
      paper.clean(answer + result.text[paper.language]), paper.width)
    for (index, line) in body.enumerated() {
      let head = paper.clean(answer)
      let isFirst = index == 0 && line.hasPrefix(head)
      lines.append(
        isFirst ? paper.paint(style, head) + line.dropFirst(head.count) : line)
    }
    for advice in result.advice {
      lines += indented(advice[paper.language], sign: paper.clean("→"))
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func indented(_ text: String, sign: String) -> [String] {
    paper.fold(paper.clean(text), paper.width - 5).enumerated().map { index, line in
      (index == 0 ? "  \(sign)  " : "     ") + line
    }
  }

  private func rule(_ hit: RuleHit) -> [String] {
    let text: String
    if let rule = hit.rule {
      let comment = rule.comment.map { " comment \"\($0)\"" } ?? ""
      text = "\(rule.place): \(rule.text)\(comment)"
    } else {
      text = "\(hit.chain): policy \(TracePage.word(hit.fate))"
    }
    let doubt = Bilingual(en: "may: ", zh: "可能：")[paper.language]
    return paper.fold(paper.clean((hit.isDoubtful ? doubt : "") + text), paper.width - 9)
      .enumerated().map { (($0 == 0) ? "       " : "         ") + paper.paint("2", $1) }
  }

  private static func word(_ fate: Fate) -> String {
    switch fate {
    case .accept: "accept"
    case .drop: "drop"
    case .reject: "reject"
    case .destination: "dnat"
    case .source: "snat"
    case .unknown: "unknown"
    }
  }

  private static func sign(_ mark: TraceStep.Mark) -> (String, String) {
    switch mark {
    case .passed: ("✓", "32")
    case .stopped: ("✗", "31")
    case .doubtful: ("?", "33")
    case .note: ("·", "2")
    }
  }

  private static func word(_ reach: Reach) -> (Bilingual, String) {
    switch reach {
    case .reachable: (Bilingual(en: "Reachable", zh: "可以到达"), "1;32")
    case .unreachable: (Bilingual(en: "Not reachable", zh: "不能到达"), "1;31")
    case .unknown: (Bilingual(en: "Unknown", zh: "无法确定"), "1;33")
    }
  }

  /// The same for programs; `tried` is what a real connection said.
  package func json(_ result: TraceResult, tried: String? = nil) -> String {
    let language = paper.language
    let document = JSON.object([
      "verdict": .string(result.reach.rawValue), "reason": .string(result.reason),
      "text": .string(result.text[language]),
      "advice": .array(result.advice.map { .string($0[language]) }),
      "tried": tried.map { .string($0) } ?? .null,
      "steps": .array(
        result.steps.map { step in
          .object([
            "kind": .string(step.kind.rawValue), "mark": .string(step.mark.rawValue),
            "namespace": .string(step.place), "text": .string(step.text[language]),
            "rules": .array(step.hits.map { TracePage.json($0) }),
          ])
        }),
    ])
    return document.text
  }

  private static func json(_ hit: RuleHit) -> JSON {
    .object([
      "family": .string(hit.rule?.family ?? ""), "table": .string(hit.rule?.table ?? ""),
      "chain": .string(hit.rule?.chain ?? hit.chain),
      "handle": hit.rule.map { .number("\($0.handle)") } ?? .null,
      "rule": hit.rule.map { .string($0.text) } ?? .null, "verdict": .string(word(hit.fate)),
      "certain": .bool(!hit.isDoubtful),
    ])
  }
}
