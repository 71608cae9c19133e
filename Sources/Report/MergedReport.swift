public import Measure

/// Results of many machines as one report: machines are columns, and what is compared are ratios.
///
/// Raw times of two machines say nothing about each other, so none are shown. A ratio over the
/// control was taken within the rounds of one machine, and stands beside the same ratio of another.
public struct MergedReport: Sendable {
  /// One machine's document.
  public struct Machine: Sendable {
    /// Short, such as `1`: the tables' heads have no room for more.
    public var mark: String
    /// Where it was read.
    public var path: String
    /// What was measured there.
    public var document: ResultDocument
  }

  /// A ratio on each of the machines.
  struct Row: Sendable {
    var experiment: Bilingual
    var id: String
    var name: Bilingual
    var cells: [Cell?]
  }

  /// A ratio on one machine.
  struct Cell: Sendable {
    var ratio: Interval
    var comparison: Comparison?
    var trust: Trust
  }

  /// The machines, in the order given.
  public let machines: [Machine]
  let rows: [Row]
  /// What is measured by only some of them, by experiment, with the marks of those that lack it.
  let partial: [(id: String, lacking: [String])]

  /// Puts documents side by side.
  ///
  /// - Parameter documents: With the paths they were read from.
  /// - Throws: `DocumentError` when there are fewer than two, when one of them holds no benchmark, or
  ///   when two are the same run.
  public init(_ documents: [(path: String, document: ResultDocument)]) throws(DocumentError) {
    guard documents.count > 1 else {
      throw DocumentError("a merged report needs two results or more, there is \(documents.count)")
    }
    for (index, one) in documents.enumerated() {
      guard one.document.experiments.contains(where: { !$0.rounds.isEmpty }) else {
        throw DocumentError(
          "\(one.path) holds no benchmark: was it ended before its first round? leave it out")
      }
      for other in documents[..<index] where other.document == one.document {
        throw DocumentError(
          "\(other.path) and \(one.path) are the same run: a machine counts once, leave one out")
      }
    }
    machines = documents.enumerated().map {
      Machine(mark: "\($0.offset + 1)", path: $0.element.path, document: $0.element.document)
    }
    rows = MergedReport.rows(machines)
    var partial: [(id: String, lacking: [String])] = []
    for id in MergedReport.ids(machines) {
      let lacking = machines.filter { machine in
        !machine.document.experiments.contains { $0.id == id && !$0.kept.isEmpty }
      }
      if !lacking.isEmpty { partial.append((id, lacking.map(\.mark))) }
    }
    self.partial = partial
  }

  private static func ids(_ machines: [Machine]) -> [String] {
    var ids: [String] = []
    for experiment in machines.flatMap(\.document.experiments) where !ids.contains(experiment.id) {
      ids.append(experiment.id)
    }
    return ids
  }

  private static func rows(_ machines: [Machine]) -> [Row] {
    var rows: [Row] = []
    for id in ids(machines) {
      var places: [String: Int] = [:]
      for (column, machine) in machines.enumerated() {
        for experiment in machine.document.experiments where experiment.id == id {
          let summary = ExperimentSummary(experiment)
          for finding in Finding.all(experiment, summary) {
            // Names, not labels: those are the same in every language and version.
            let key = "\(finding.arm.name)/\(finding.other.name)/\(experiment.unit.rawValue)"
            if places[key] == nil {
              places[key] = rows.count
              rows.append(
                Row(
                  experiment: experiment.title, id: id,
                  name: Bilingual(
                    en: "\(finding.arm.label.en) ÷ \(finding.other.label.en)",
                    zh: "\(finding.arm.label.zh) ÷ \(finding.other.label.zh)"),
                  cells: Array(repeating: nil, count: machines.count)))
            }
            rows[places[key] ?? 0].cells[column] = Cell(
              ratio: finding.ratio, comparison: finding.isFloor ? nil : finding.comparison,
              trust: summary.trust)
          }
        }
      }
    }
    return rows
  }

  /// The fields in which the machines differ, each with the values by machine.
  var differences: [(name: Bilingual, values: [String])] {
    let fields: [(Bilingual, (Environment) -> String)] = [
      (Bilingual(en: "kernel", zh: "内核"), { $0.kernel }),
      (Bilingual("CPU"), { "\($0.cpuModel) × \($0.cpus)" }),
      (Bilingual(en: "memory", zh: "内存"), { Quantity.bytes.text(Double($0.memoryBytes)) }),
      (Bilingual(en: "swap", zh: "交换空间"), { Quantity.bytes.text(Double($0.swapBytes)) }),
      (Bilingual("cgroup"), { $0.cgroupMode }),
      (Bilingual(en: "virtualisation", zh: "虚拟化"), { $0.virtualisation }),
      (Bilingual(en: "clock source", zh: "时钟源"), { $0.clockSource }),
      (
        Bilingual(en: "filesystem", zh: "文件系统"),
        { $0.filesystem.map { "\($0.type) (\($0.options))" } ?? "–" }
      ),
      (
        Bilingual(en: "mitigations", zh: "漏洞缓解"),
        {
          $0.mitigations.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(
            separator: "; ")
        }
      ),
      (Bilingual(en: "CPU flags", zh: "CPU 标志"), { $0.cpuFlags.joined(separator: " ") }),
      (Bilingual("git"), { $0.revision ?? "–" }),
      (
        Bilingual(en: "binary (SHA-256)", zh: "程序（SHA-256）"),
        { String(($0.binaryDigest ?? "–").prefix(16)) }
      ),
    ]
    return fields.compactMap { name, value in
      let values = machines.map { value($0.document.environment) }
      return Set(values).count > 1 ? (name, values) : nil
    }
  }

  /// What a reader must know first.
  static let warning = Bilingual(
    en:
      "Machines are columns. Every figure is a ratio that was taken within the rounds of one machine; "
      + "raw times of different machines are not comparable, so none are here. Whether two ratios may "
      + "be compared depends on the differences below.",
    zh: "每列一台机器。每个数字都是在同一台机器的各轮之内得到的比值；不同机器的原始时间不可比较，因此不列出。"
      + "两个比值能否相比，取决于下面列出的差异。")

  /// `0.54 × [0.53, 0.55] better B`.
  func text(_ cell: Cell?, _ language: Language) -> String {
    guard let cell else { return "–" }
    let figures =
      "\(Decimals.significant(cell.ratio.middle)) × [\(Decimals.significant(cell.ratio.low)), "
      + "\(Decimals.significant(cell.ratio.high))]"
    return [figures, cell.comparison?.word[language], cell.trust.rawValue].compactMap { $0 }
      .joined(separator: " ")
  }
}
