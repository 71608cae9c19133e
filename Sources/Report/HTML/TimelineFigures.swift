import Measure

/// CPU use against the quota, over the share of periods that ran out of it.
enum ThrottlingFigure {
  static func make(_ timeline: ThrottlingTimeline, _ language: Language) -> Figure {
    var canvas = Canvas(height: 278)
    let end = max(timeline.points.last?.milliseconds ?? 1, 1)
    let most = max(timeline.points.map(\.cpus).max() ?? 0, timeline.limit ?? 0, 0.1)
    let time = Axis(low: 0, high: end, from: 56, to: 664)
    let cpus = Axis(low: 0, high: most * 1.15, from: 170, to: 14)
    let share = Axis(low: 0, high: 1, from: 252, to: 200)
    for tick in cpus.ticks {
      canvas.line(56, cpus(tick), 664, cpus(tick), "grid")
      canvas.text(48, cpus(tick) + 4, Decimals.percent(tick, 0), "tick", .end)
    }
    var area: [(x: Double, y: Double)] = []
    var start = 0.0
    for point in timeline.points {
      area += [(time(start), cpus(point.cpus)), (time(point.milliseconds), cpus(point.cpus))]
      if point.periods > 0 {
        let ratio = Double(point.throttledPeriods) / Double(point.periods)
        canvas.rectangle(
          x: time(start) + 0.5, y: share(min(1, ratio)),
          width: time(point.milliseconds) - time(start) - 1,
          height: share(0) - share(min(1, ratio)), "fill-2",
          hint: "\(point.throttledPeriods)/\(point.periods)")
      }
      start = point.milliseconds
    }
    if let first = area.first, let last = area.last {
      canvas.path(
        area + [(last.x, cpus(0)), (first.x, cpus(0))], "area-1", closed: true)
      canvas.path(area, "line-1")
    }
    if let limit = timeline.limit {
      canvas.line(56, cpus(limit), 664, cpus(limit), "mark dash")
      canvas.text(670, cpus(limit) + 4, Decimals.percent(limit, 0), "value")
    }
    canvas.line(56, cpus(0), 664, cpus(0), "axis")
    canvas.line(56, share(0), 664, share(0), "axis")
    canvas.text(48, share(1) + 4, "100 %", "tick", .end)
    canvas.text(48, share(0) + 4, "0 %", "tick", .end)
    for tick in time.ticks {
      canvas.text(time(tick), 272, "\(Decimals.short(tick / 1000)) s", "tick", .middle)
    }
    let title = timeline.title[language]
    return Figure(
      title: title, drawing: canvas.svg(title: title),
      legend: [
        .init(style: "fill-1", text: Bilingual(en: "CPU used", zh: "CPU 用量")[language]),
        .init(style: "mark", text: Bilingual(en: "quota ÷ period", zh: "配额 ÷ 周期")[language]),
        .init(
          style: "fill-2",
          text: Bilingual(
            en: "periods throttled, of those in the interval (below)",
            zh: "区间内被限流的周期占比（下图）")[language]),
      ],
      how: Bilingual(
        en: "The cgroup's CPU time and cpu.stat (nr_periods, nr_throttled) were read at fixed "
          + "intervals while the load ran; each step is the difference of two readings.",
        zh: "负载运行期间按固定间隔读取该 cgroup 的 CPU 时间与 cpu.stat"
          + "（nr_periods、nr_throttled）；每一级是相邻两次读数之差。"),
      command: timeline.command,
      wrong: Bilingual(
        en: "Fewer free CPUs than the quota allows to use: then the load never reaches its quota, "
          + "and nothing is throttled. Intervals no longer than the period show steps, not noise.",
        zh: "空闲 CPU 少于配额所允许的用量：此时负载达不到配额，也就没有限流。"
          + "读数间隔不长于周期时看到的台阶并非噪声。"),
      table: table(
        ["s", "CPU", Words.periods[language], Words.throttled[language]],
        timeline.points.map {
          [
            .text(Decimals.fixed($0.milliseconds / 1000, 3)), .text(Decimals.percent($0.cpus)),
            .text("\($0.periods)"), .text("\($0.throttledPeriods)"),
          ]
        }, numbers: [0, 1, 2, 3]))
  }
}

/// Memory against its limit, with what happened.
enum MemoryFigure {
  static func make(_ timeline: MemoryTimeline, _ language: Language) -> Figure {
    var canvas = Canvas(height: 232)
    let end = max(
      (timeline.points.map(\.milliseconds) + timeline.events.map(\.milliseconds)).max() ?? 1, 1)
    let mebibyte = 1_048_576.0
    let readings = timeline.points.map { Double($0.bytes) / mebibyte }
    let limit = timeline.limitBytes.map { Double($0) / mebibyte }
    let peak = timeline.peakBytes.map { Double($0) / mebibyte }
    let most = max(readings.max() ?? 0, limit ?? 0, peak ?? 0, 1)
    let time = Axis(low: 0, high: end, from: 64, to: 640)
    let size = Axis(low: 0, high: most * 1.15, from: 206, to: 26)
    for tick in size.ticks {
      canvas.line(64, size(tick), 640, size(tick), "grid")
      canvas.text(56, size(tick) + 4, "\(Decimals.short(tick)) MiB", "tick", .end)
    }
    let points = zip(timeline.points, readings).map { (x: time($0.milliseconds), y: size($1)) }
    if let first = points.first, let last = points.last {
      canvas.path(points + [(last.x, size(0)), (first.x, size(0))], "area-1", closed: true)
      canvas.path(points, "line-1")
    }
    if let limit {
      canvas.line(64, size(limit), 640, size(limit), "mark dash")
      canvas.text(646, size(limit) + 4, Quantity.bytes.text(limit * mebibyte), "value")
    }
    if let peak {
      canvas.dot(points.last?.x ?? 64, size(peak), 4, "peak")
    }
    for event in timeline.events {
      let x = time(event.milliseconds)
      canvas.line(x, 26, x, size(0), "event")
      canvas.text(
        x > 560 ? x - 6 : x + 6, 20, event.label[language], "event-label",
        x > 560 ? .end : .start)
    }
    canvas.line(64, size(0), 640, size(0), "axis")
    for tick in time.ticks {
      canvas.text(time(tick), 226, "\(Decimals.short(tick)) ms", "tick", .middle)
    }
    let title = timeline.title[language]
    let peakText = timeline.peakBytes.map { Quantity.bytes.text(Double($0)) } ?? "–"
    return Figure(
      title: title, drawing: canvas.svg(title: title),
      legend: [
        .init(
          style: "fill-1", text: Bilingual(en: "charged to the cgroup", zh: "计入 cgroup")[language]),
        .init(style: "mark", text: Bilingual(en: "limit", zh: "上限")[language]),
        .init(
          style: "dot-peak",
          text: Bilingual(
            en: "the kernel's own peak: \(peakText)", zh: "内核记录的峰值：\(peakText)")[language]),
      ],
      how: Bilingual(
        en: "The cgroup's usage was read at fixed intervals; the peak is the kernel's own record "
          + "(memory.max_usage_in_bytes on v1, memory.peak on v2), which no reading can miss.",
        zh: "按固定间隔读取该 cgroup 的用量；峰值是内核自己的记录"
          + "（v1 为 memory.max_usage_in_bytes，v2 为 memory.peak），不会因读数间隔而漏掉。"),
      command: timeline.command,
      wrong: Bilingual(
        en: "Open swap: then memory moves there instead of being refused. Page cache is charged "
          + "too, so reading files raises the line. Memory that is reserved but never touched is "
          + "not charged.",
        zh: "未关闭交换空间：内存会被换出而不是被拒绝。页缓存同样计入，读文件也会使曲线上升。"
          + "只保留而从未写入的内存不计入。"),
      table: table(
        ["ms", "MiB"],
        zip(timeline.points, readings).map {
          [.text(Decimals.fixed($0.milliseconds, 0)), .text(Decimals.fixed($1, 1))]
        }, numbers: [0, 1]))
  }
}
