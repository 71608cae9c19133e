internal import CLinux

/// The JSON of `--metrics-json`: JSON Lines, one object a line (jsonlines.org). With `--interval` a
/// line for each interval and kind of worker as it ends; the last line, always there, is the whole run:
///
///     {"type":"sample","kind":"net-rr","at_ns":N,"span_ns":N,"ops":N,"ops_per_s":X,"cpu_ns":N,
///      "cpu_percent":X,"cpu_percent_of_limit":X,"bytes":N,
///      "latency":{"count":N,"p50_ns":N,"p90_ns":N,"p99_ns":N,"p99.9_ns":N,"max_ns":N}}
///
///     {"type":"run","schema":2,"program":"stress","arguments":["--cpu","1"],"ended":"timeout",
///      "errors":0,"real_ns":N,"cpu_method":"sqrt","vm_bytes":N,
///      "limits":{"cpus":X,"cpus_from":"…","memory_bytes":N,"memory_from":"…"},
///      "totals":[{"kind":"cpu","workers":1,"ops":N,"real_s":X,"user_s":X,"system_s":X,"peer_cpu_s":X,
///                 "ops_per_real_s":X,"ops_per_cpu_s":X,"cpu_percent":X,"cpu_percent_of_limit":X,
///                 "rss_max_kib":N,"rss_percent_of_limit":X,"bytes":N,
///                 "latency":{…},"histogram":[[lowest ns, count], …]}],
///      "workers":[{"kind":"cpu","number":1,"pid":N,"ops":N,"start_ns":N,"end_ns":N,
///                  "user_us":N,"system_us":N,"rss_max_kib":N,"end":"signal 14"}]}
///
/// `ended` is `timeout`, `done` (all workers returned), `failure` or `signal N`. A rate over no
/// time is null, and a percentage of no limit. `start_ns`, `end_ns` and `at_ns` count from the start
/// of the run. Only timed kinds have `latency`, and in it only percentiles for which there are enough
/// values: n ≥ 10 ÷ (1 − p).
enum MetricsJSON {
  static func text(_ run: borrowing Dispatcher, arguments: [String], ended: String) -> String {
    let options = run.plan.options
    let limits = run.plan.limits
    let totals = Options.Kind.allCases.compactMap { Totals($0, run.workers) }
      .map { object($0, limits) }
    return "{\"type\":\"run\",\"schema\":2,\"program\":\"stress\",\"arguments\":["
      + arguments.map(quoted).joined(separator: ",")
      + "],\"ended\":\(quoted(ended)),\"errors\":\(run.errors),\"real_ns\":\(run.elapsedNs),"
      + "\"cpu_method\":\(quoted(options.cpuMethod.name)),\"vm_bytes\":\(run.plan.vmBytes),"
      + (limits.map { "\"limits\":\(object($0))," } ?? "")
      + "\"totals\":[" + totals.joined(separator: ",") + "],"
      + "\"workers\":[" + run.workers.map(object).joined(separator: ",") + "]}\n"
  }

  /// One line.
  static func line(_ sample: Sample, _ limits: Limits?) -> String {
    let cpu = Double(sample.cpuNs) / Double(sample.spanNs) * 100
    return "{\"type\":\"sample\",\"kind\":\(quoted(sample.kind.name)),"
      + "\"at_ns\":\(sample.atNs),\"span_ns\":\(sample.spanNs),\"ops\":\(sample.operations),"
      + "\"ops_per_s\":\(number(sample.operationsPerSecond)),\"cpu_ns\":\(sample.cpuNs),"
      + "\"cpu_percent\":\(number(cpu)),"
      + "\"cpu_percent_of_limit\":\(number(cpu / (limits?.cpus ?? .nan)))"
      + moved(sample.bytes) + latency(sample.latencies) + "}\n"
  }

  private static func object(_ limits: Limits) -> String {
    "{\"cpus\":\(number(limits.cpus)),\"cpus_from\":\(quoted(limits.cpusFrom)),"
      + "\"memory_bytes\":\(limits.memoryBytes.map { "\($0)" } ?? "null"),"
      + "\"memory_from\":\(quoted(limits.memoryFrom))}"
  }

  private static func moved(_ bytes: UInt64) -> String { bytes == 0 ? "" : ",\"bytes\":\(bytes)" }

  private static func latency(_ histogram: Histogram) -> String {
    guard histogram.count > 0 else { return "" }
    let told = histogram.told.map { "\"\($0.name)_ns\":\($0.ns)" }
    return ",\"latency\":{\"count\":\(histogram.count)," + told.joined(separator: ",") + "}"
  }

  private static func pairs(_ histogram: Histogram) -> String {
    guard histogram.count > 0 else { return "" }
    let pairs = histogram.buckets.map { "[\($0.lowestValue),\($0.count)]" }
    return ",\"histogram\":[" + pairs.joined(separator: ",") + "]"
  }

  private static func object(_ totals: Totals, _ limits: Limits?) -> String {
    let cpu = totals.cpuSeconds / totals.realSeconds * 100
    let memory = limits?.memoryBytes.map { Double($0) / 1024 } ?? .nan
    return "{\"kind\":\(quoted(totals.kind.name)),\"workers\":\(totals.workers),"
      + "\"ops\":\(totals.operations),\"real_s\":\(number(totals.realSeconds)),"
      + "\"user_s\":\(number(totals.userSeconds)),\"system_s\":\(number(totals.systemSeconds)),"
      + "\"peer_cpu_s\":\(number(totals.peerSeconds)),"
      + "\"ops_per_real_s\":\(number(totals.perRealSecond)),"
      + "\"ops_per_cpu_s\":\(number(totals.perCPUSecond)),"
      + "\"cpu_percent\":\(number(totals.cpuPercent)),"
      + "\"cpu_percent_of_limit\":\(number(cpu / (limits?.cpus ?? .nan))),"
      + "\"rss_max_kib\":\(totals.rssMaxKiB),"
      + "\"rss_percent_of_limit\":\(number(Double(totals.rssSumKiB) / memory * 100))"
      + moved(totals.bytes) + latency(totals.latencies) + pairs(totals.latencies) + "}"
  }

  private static func object(_ worker: WorkerRecord) -> String {
    "{\"kind\":\(quoted(worker.kind.name)),\"number\":\(worker.number),\"pid\":\(worker.pid),"
      + "\"ops\":\(worker.operations),\"start_ns\":\(worker.startNs),\"end_ns\":\(worker.endNs),"
      + "\"user_us\":\(worker.userUs),\"system_us\":\(worker.systemUs),"
      + "\"rss_max_kib\":\(worker.rssMaxKiB),\"end\":\(quoted(worker.ending?.text ?? "unknown"))}"
  }

  /// Three decimals, or null: JSON has no infinity.
  static func number(_ value: Double) -> String {
    let text = fixed(value, 3)
    return text == "-" ? "null" : text
  }

  /// A JSON string (RFC 8259, section 7).
  static func quoted(_ text: String) -> String {
    var out = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case "\n": out += "\\n"
      case let control where control.value < 32:
        let hex = String(control.value, radix: 16)
        out += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out + "\""
  }
}
