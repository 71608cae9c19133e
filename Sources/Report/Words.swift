import Measure

/// The words of the reports that stand in more than one of them.
enum Words {
  static let labs = Bilingual(en: "Labs", zh: "实验课")
  static let experiments = Bilingual(en: "Benchmarks", zh: "基准测试")
  static let lab = Bilingual(en: "lab", zh: "实验")
  static let experiment = Bilingual(en: "experiment", zh: "测试项")
  static let check = Bilingual(en: "check", zh: "检查")
  static let expected = Bilingual(en: "expected", zh: "预期")
  static let measured = Bilingual(en: "measured", zh: "实测")
  static let verdict = Bilingual(en: "verdict", zh: "结论")
  static let trust = Bilingual(en: "trust", zh: "可信度")
  static let here = Bilingual(en: "here [95 %]", zh: "本机 [95 %]")
  static let floor = Bilingual(en: "floor", zh: "下限")
  static let control = Bilingual(en: "control", zh: "对照")
  static let source = Bilingual(en: "source", zh: "来源")
  static let onWhat = Bilingual(en: "on what", zh: "硬件与内核")
  static let comparable = Bilingual(en: "what can be compared", zh: "可比与不可比")
  static let leaks = Bilingual(en: "Left on the machine", zh: "机器上的残留")
  static let nothingLeft = Bilingual(
    en: "nothing left on the machine", zh: "机器上没有残留")
  static let missing = Bilingual(en: "Not measured", zh: "未测量")
  static let profile = Bilingual(en: "profile", zh: "档位")
  static let merged = Bilingual(
    en: "The same benchmarks on several machines", zh: "多台机器上的同一组基准测试")
  static let differ = Bilingual(en: "the machines differ in", zh: "机器之间的差异")
  static let reason = Bilingual(en: "why", zh: "原因")
  static let interrupted = Bilingual(
    en: "Somebody ended this run before all was measured: what is here was measured in full "
      + "rounds.",
    zh: "本次运行被提前中止：这里的内容均来自完整的轮次。")
  static let overFloor = Bilingual(en: "× floor", zh: "下限倍数")
  static let published = Bilingual(en: "published", zh: "已发表")
  static let rounds = Bilingual(en: "rounds", zh: "轮")
  static let noise = Bilingual(en: "A/A noise", zh: "A/A 噪声")
  static let command = Bilingual(en: "Command", zh: "命令")
  static let how = Bilingual(en: "How it was measured", zh: "如何测得")
  static let wrong = Bilingual(en: "What would make it wrong", zh: "什么会使它出错")
  static let numbers = Bilingual(en: "The numbers", zh: "数据")
  static let evidence = Bilingual(en: "What the kernel showed", zh: "内核给出的证据")
  static let environment = Bilingual(en: "Where it ran", zh: "运行环境")
  static let before = Bilingual(en: "before", zh: "之前")
  static let after = Bilingual(en: "after", zh: "之后")
  static let yes = Bilingual(en: "yes", zh: "是")
  static let file = Bilingual(en: "file or command", zh: "文件或命令")
  static let meaning = Bilingual(en: "what it shows", zh: "含义")
  static let prediction = Bilingual(en: "Prediction", zh: "预测")
  static let arm = Bilingual(en: "arm", zh: "对象")
  static let cpuTime = Bilingual(en: "CPU time", zh: "CPU 时间")
  static let median = Bilingual(en: "median", zh: "中位数")
  static let phase = Bilingual(en: "phase", zh: "阶段")
  static let side = Bilingual(en: "side", zh: "执行方")
  static let step = Bilingual(en: "step", zh: "步骤")
  static let start = Bilingual(en: "start", zh: "开始")
  static let periods = Bilingual(en: "periods", zh: "周期")
  static let throttled = Bilingual(en: "throttled", zh: "被限流")
  static let canary = Bilingual(en: "canary", zh: "金丝雀")
  static let round = Bilingual(en: "round", zh: "轮次")
  static let nothing = Bilingual(en: "nothing there", zh: "不存在")

  /// What was measured; yes or no for a fact; a dash for what nobody can tell.
  static func measured(_ check: Check, _ language: Language) -> String {
    if let measured = check.measured {
      return interval(measured, check.expected?.unit ?? .count)
    }
    switch check.verdict {
    case .pass: return yes[language]
    case .fail: return Bilingual(en: "no", zh: "否")[language]
    case .inconclusive: return "–"
    }
  }

  /// The name of a phase of a start-up; one we do not know keeps its own.
  static func phase(_ id: String, _ language: Language) -> String {
    let chinese = [
      "config": "配置", "namespaces": "命名空间", "rootfs": "根文件系统", "network": "网络",
      "security": "安全", "exec": "执行", "teardown": "拆除",
    ]
    return language == .zh ? chinese[id] ?? id : id
  }

  /// `11 rounds, 1 run again, 2 voided`.
  static func rounds(_ summary: ExperimentSummary) -> Bilingual {
    var en = "\(summary.rounds) rounds"
    var zh = "\(summary.rounds) 轮"
    if summary.discards > 0 {
      en += ", \(summary.discards) run again"
      zh += "，重跑 \(summary.discards) 轮"
    }
    if summary.flagged > 0 {
      en += ", \(summary.flagged) with over 5 % steal"
      zh += "，\(summary.flagged) 轮 steal 超过 5 %"
    }
    if summary.voided > 0 {
      en += ", voided numbers: \(summary.voided)"
      zh += "，\(summary.voided) 个数据作废"
    }
    return Bilingual(en: en, zh: zh)
  }

  /// What of ours stands beside a published figure: the arm's value, or its ratio.
  static func here(
    _ published: Published, _ experiment: ExperimentResult, _ summary: ExperimentSummary,
    _ language: Language
  ) -> String {
    let name = published.arm ?? experiment.arms.first?.name
    guard let arm = summary.arms.first(where: { $0.arm.name == name }) else { return "–" }
    let own = summary.arms.count > 1 ? " (\(arm.arm.label[language]))" : ""
    if published.isRatio {
      return arm.overFloor.map { times($0) + own } ?? "–"
    }
    return arm.here.map { interval($0, experiment.unit) + own } ?? "–"
  }

  /// A ratio with its bounds: `0.46 × [0.44, 0.48]`.
  static func times(_ ratio: Interval) -> String {
    "\(Decimals.significant(ratio.middle)) × "
      + "[\(Decimals.significant(ratio.low)), \(Decimals.significant(ratio.high))]"
  }

  /// A value with its bounds: `2.61 ms [2.55, 2.70]`; the bounds go when there are none.
  static func interval(_ interval: Interval, _ unit: Quantity) -> String {
    Words.interval(interval, unit.scale(for: interval.middle))
  }

  /// The same in a size that others beside it have too.
  static func interval(_ interval: Interval, _ scale: Scale) -> String {
    let middle = scale.text(interval.middle)
    guard interval.low != interval.high else { return middle }
    return "\(middle) [\(scale.bare(interval.low)), \(scale.bare(interval.high))]"
  }
}

extension ExperimentSummary {
  /// The size in which the arms' figures stand below each other.
  func scale(_ unit: Quantity) -> Scale { unit.scale(for: arms.compactMap { $0.here?.middle }) }

  /// That of their CPU times, which are in nanoseconds.
  var cpuScale: Scale { Quantity.nanoseconds.scale(for: arms.compactMap(\.cpuNanoseconds)) }
}
