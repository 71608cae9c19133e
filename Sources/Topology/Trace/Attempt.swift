package import Linux
package import Measure

/// What a real connection came to.
package struct Attempt: Sendable {
  /// Why there is none; nil when it was answered.
  package let errno: Errno?

  /// Keeps it.
  package init(errno: Errno?) { self.errno = errno }

  /// Whether it says the same as a trace; nil when the trace left it open.
  package func agrees(with result: TraceResult) -> Bool? {
    switch result.reach {
    case .reachable: errno == nil
    case .unreachable: errno != nil
    case .unknown: nil
    }
  }
}

extension TracePage {
  /// The attempt beside what was said.
  package static func word(_ result: TraceResult, _ attempt: Attempt) -> Bilingual {
    let what =
      attempt.errno.map {
        Bilingual(en: "\($0.message) (\($0.name))", zh: "\($0.message)（\($0.name)）")
      } ?? Bilingual(en: "connected", zh: "已连接")
    switch attempt.agrees(with: result) {
    case true: return Bilingual(en: "Tried: \(what.en), as said.", zh: "实测：\(what.zh)，与判断一致。")
    case false:
      return Bilingual(
        en: "Tried: \(what.en), which is NOT what was said above.",
        zh: "实测：\(what.zh)，与上述判断不一致。")
    default: return Bilingual(en: "Tried: \(what.en).", zh: "实测：\(what.zh)。")
    }
  }

  /// One more line of the page.
  package func line(_ text: Bilingual) -> String {
    paper.fold(paper.clean(text[paper.language]), paper.width).joined(separator: "\n") + "\n"
  }
}
