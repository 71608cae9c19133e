import Measure

/// Bars of CPU time, each with a mark where it was expected to end.
enum SplitFigure {
  static func make(_ split: CPUSplit, _ language: Language) -> Figure {
    let (left, right, row) = (168.0, 620.0, 44.0)
    var canvas = Canvas(height: 30 + row * Double(split.bars.count))
    let most = split.bars.map { max($0.value, ($0.expected?.value ?? 0)) }.max() ?? 1
    let top = split.unit == .share ? max(1, most) : max(most * 1.08, 0.1)
    let axis = Axis(low: 0, high: top, from: left, to: right)
    let bottom = 8 + row * Double(split.bars.count)
    for tick in axis.ticks {
      canvas.line(axis(tick), 4, axis(tick), bottom, "grid")
      canvas.text(
        axis(tick), bottom + 18, Decimals.percent(tick, 0), "tick", .middle)
    }
    for (index, bar) in split.bars.enumerated() {
      let y = 14 + row * Double(index)
      canvas.text(left - 12, y + 17, bar.label[language], "label", .end)
      if let expected = bar.expected, expected.tolerance > 0 {
        let low = axis(max(0, expected.value - expected.tolerance))
        let high = axis(min(top, expected.value + expected.tolerance))
        canvas.rectangle(x: low, y: y - 4, width: high - low, height: 32, "band")
      }
      canvas.rectangle(
        x: left, y: y, width: axis(bar.value) - left, height: 24,
        bar.expected == nil ? "fill-quiet" : "fill-1", radius: 2,
        hint: "\(bar.label[language]): \(split.unit.text(bar.value))")
      if let expected = bar.expected {
        canvas.line(axis(expected.value), y - 6, axis(expected.value), y + 30, "mark")
      }
      canvas.text(right + 12, y + 17, split.unit.text(bar.value), "value")
    }
    return Figure(
      title: split.title[language], drawing: canvas.svg(title: split.title[language]),
      legend: [
        .init(style: "fill-1", text: Words.measured[language]),
        .init(style: "mark", text: Words.expected[language]),
        .init(style: "band", text: Bilingual(en: "tolerance", zh: "允许误差")[language]),
      ],
      how: Bilingual(
        en: "CPU time of each cgroup, read from its cgroup before and after the same window "
          + "(cpuacct.usage on v1, usage_usec of cpu.stat on v2). The mark is computed from the "
          + "values the kernel accepted, not from those asked for.",
        zh: "在同一时间窗口前后读取各 cgroup 的 CPU 时间（v1 为 cpuacct.usage，"
          + "v2 为 cpu.stat 的 usage_usec）。标记由内核实际接受的值算出，而非由请求值算出。"),
      command: split.command,
      wrong: Bilingual(
        en: "Another load on the same CPUs, steal by the hypervisor, a quota on a cgroup above, "
          + "or hogs that wait instead of spin. The first three are measured over the window and "
          + "make the verdict inconclusive.",
        zh: "同一 CPU 上的其他负载、虚拟机监控程序的 steal、上层 cgroup 的配额，"
          + "或负载进程在等待而非空转。前三者在同一窗口内测量，出现时结论为“无法判定”。"),
      table: table(
        ["", Words.measured[language], Words.expected[language]],
        split.bars.map { bar in
          [
            .text(bar.label[language]), .text(split.unit.text(bar.value)),
            .text(bar.expected?.text ?? "–"),
          ]
        }, numbers: [1, 2]))
  }
}
