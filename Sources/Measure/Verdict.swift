/// A reason why a measurement decides nothing.
public struct Doubt: Codable, Equatable, Sendable {
  /// What kind of reason.
  public enum Kind: String, Codable, Sendable {
    /// The hypervisor gave our CPU time away.
    case steal
    /// Others used the CPUs that were wanted.
    case fewCPUs
    /// A quota on a cgroup above held the experiment back.
    case throttledAbove
    /// Not enough rounds.
    case fewRounds
    /// The interval covers both answers.
    case wideInterval
    /// The measurement did not measure what it says.
    case voided
    /// The kernel lacks what is needed to see it.
    case unavailable
  }

  /// What kind of reason.
  public var kind: Kind
  /// What was needed, in the unit of the kind (CPUs, rounds); nil for shares.
  public var wanted: Double?
  /// What there was (CPUs, rounds, or a share 0…1).
  public var had: Double?
  /// More, in words.
  public var detail: Bilingual?

  /// Puts a reason together; the static functions are shorter.
  public init(
    kind: Kind, wanted: Double? = nil, had: Double? = nil, detail: Bilingual? = nil
  ) {
    self.kind = kind
    self.wanted = wanted
    self.had = had
    self.detail = detail
  }

  /// The hypervisor took this share, 0…1, of the CPU time.
  public static func steal(share: Double) -> Doubt { Doubt(kind: .steal, had: share) }

  /// So many CPUs were wanted, so many were free.
  public static func fewCPUs(wanted: Double, had: Double) -> Doubt {
    Doubt(kind: .fewCPUs, wanted: wanted, had: had)
  }

  /// A cgroup above was held back for this share, 0…1, of the time.
  public static func throttledAbove(share: Double) -> Doubt {
    Doubt(kind: .throttledAbove, had: share)
  }

  /// So many rounds are needed, so many are there.
  public static func fewRounds(wanted: Int, had: Int) -> Doubt {
    Doubt(kind: .fewRounds, wanted: Double(wanted), had: Double(had))
  }

  /// The interval covers both answers.
  public static var wideInterval: Doubt { Doubt(kind: .wideInterval) }

  /// An assertion about the measurement itself failed.
  public static func voided(_ detail: Bilingual) -> Doubt { Doubt(kind: .voided, detail: detail) }

  /// Something is missing here.
  public static func unavailable(_ detail: Bilingual) -> Doubt {
    Doubt(kind: .unavailable, detail: detail)
  }

  /// The reason in one clause, with its figures.
  public var text: Bilingual {
    let share = Decimals.percent(had ?? 0, 1)
    let (wantedText, hadText) = (Decimals.short(wanted ?? 0), Decimals.short(had ?? 0))
    switch kind {
    case .steal:
      return Bilingual(
        en: "the hypervisor took \(share) of the CPU time (steal)",
        zh: "虚拟机监控程序拿走了 \(share) 的 CPU 时间（steal）")
    case .fewCPUs:
      return Bilingual(
        en: "too few free CPUs: wanted \(wantedText), had \(hadText)",
        zh: "空闲 CPU 不足：需要 \(wantedText) 个，只有 \(hadText) 个")
    case .throttledAbove:
      return Bilingual(
        en: "a quota on a cgroup above held it back for \(share) of the time",
        zh: "上层 cgroup 的配额使其在 \(share) 的时间里被限流")
    case .fewRounds:
      return Bilingual(
        en: "too few rounds: wanted \(wantedText), had \(hadText)",
        zh: "轮数不足：需要 \(wantedText) 轮，只有 \(hadText) 轮")
    case .wideInterval:
      return Bilingual(
        en: "the interval covers both answers", zh: "置信区间同时包含两种答案")
    case .voided:
      return Bilingual(
        en: "it did not measure what it says: \(detail?.en ?? "")",
        zh: "测到的并非所声称的：\(detail?.zh ?? "")")
    case .unavailable:
      return Bilingual(
        en: "not available here: \(detail?.en ?? "")", zh: "此处不可用：\(detail?.zh ?? "")")
    }
  }
}

/// What a lab's check comes to.
public enum Verdict: Equatable, Sendable {
  /// The kernel did what was expected.
  case pass
  /// It did not, and this is the cause.
  case fail(Bilingual)
  /// Nothing can be said, for these reasons.
  case inconclusive([Doubt])

  /// The word for it: `pass`, `fail` or `inconclusive`.
  public var word: Bilingual {
    switch self {
    case .pass: Bilingual(en: "pass", zh: "通过")
    case .fail: Bilingual(en: "fail", zh: "未通过")
    case .inconclusive: Bilingual(en: "inconclusive", zh: "无法判定")
    }
  }

  /// The cause or the reasons; nil for a pass.
  public var reason: Bilingual? {
    switch self {
    case .pass: nil
    case .fail(let cause): cause
    case .inconclusive(let doubts):
      Bilingual(
        en: doubts.map(\.text.en).joined(separator: "; "),
        zh: doubts.map(\.text.zh).joined(separator: "；"))
    }
  }

  /// Whether it is a pass.
  public var isPass: Bool { self == .pass }

  /// Several checks as one: a failure counts most, then a doubt; no checks decide nothing.
  public static func all(_ verdicts: [Verdict]) -> Verdict {
    var doubts: [Doubt] = []
    for verdict in verdicts {
      switch verdict {
      case .pass: continue
      case .fail: return verdict
      case .inconclusive(let more): doubts += more.filter { !doubts.contains($0) }
      }
    }
    if verdicts.isEmpty {
      return .inconclusive([
        .unavailable(Bilingual(en: "nothing was checked", zh: "没有任何检查"))
      ])
    }
    return doubts.isEmpty ? .pass : .inconclusive(doubts)
  }
}

/// In JSON: `{"verdict": "fail", "cause": {…}}`, `{"verdict": "inconclusive", "doubts": […]}`.
extension Verdict: Codable {
  private enum Key: String, CodingKey { case verdict, cause, doubts }

  /// Reads the form above.
  ///
  /// - Throws: `DecodingError` when the word is not one of the three.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    let word = try values.decode(String.self, forKey: .verdict)
    switch word {
    case "pass": self = .pass
    case "fail": self = .fail(try values.decode(Bilingual.self, forKey: .cause))
    case "inconclusive": self = .inconclusive(try values.decode([Doubt].self, forKey: .doubts))
    default:
      throw DecodingError.dataCorruptedError(
        forKey: .verdict, in: values, debugDescription: "no such verdict: \(word)")
    }
  }

  /// Writes the form above.
  ///
  /// - Throws: What the encoder throws.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    try values.encode(word.en, forKey: .verdict)
    switch self {
    case .pass: break
    case .fail(let cause): try values.encode(cause, forKey: .cause)
    case .inconclusive(let doubts): try values.encode(doubts, forKey: .doubts)
    }
  }
}
