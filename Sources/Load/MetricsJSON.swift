internal import CLinux

/// The JSON of `--metrics-json`: one object.
///
///     {"schema":1,"program":"stress","arguments":["--cpu","1"],"ended":"timeout","errors":0,
///      "real_ns":N,"cpu_method":"sqrt","vm_bytes":N,
///      "totals":[{"kind":"cpu","workers":1,"ops":N,"real_s":X,"user_s":X,"system_s":X,
///                 "ops_per_real_s":X,"ops_per_cpu_s":X,"cpu_percent":X,"rss_max_kib":N}],
///      "workers":[{"kind":"cpu","number":1,"pid":N,"ops":N,"start_ns":N,"end_ns":N,
///                  "user_us":N,"system_us":N,"rss_max_kib":N,"end":"signal 14"}],
///      "samples":[{"kind":"cpu","at_ns":N,"span_ns":N,"ops":N,"cpu_ns":N}]}
///
/// `ended` is `timeout`, `done` (all workers returned), `failure` or `signal N`. A rate over no
/// time is null. `start_ns`, `end_ns` and `at_ns` count from the start of the run.
enum MetricsJSON {
  static func text(_ run: borrowing Dispatcher, arguments: [String], ended: String) -> String {
    let options = run.plan.options
    let totals = Options.Kind.allCases.compactMap { Totals($0, run.workers) }.map(object)
    return "{\"schema\":1,\"program\":\"stress\",\"arguments\":["
      + arguments.map(quoted).joined(separator: ",")
      + "],\"ended\":\(quoted(ended)),\"errors\":\(run.errors),\"real_ns\":\(run.elapsedNs),"
      + "\"cpu_method\":\(quoted(options.cpuMethod.name)),\"vm_bytes\":\(run.plan.vmBytes),\n"
      + "\"totals\":[" + totals.joined(separator: ",\n") + "],\n"
      + "\"workers\":[" + run.workers.map(object).joined(separator: ",\n") + "],\n"
      + "\"samples\":[" + run.samples.map(object).joined(separator: ",\n") + "]}\n"
  }

  private static func object(_ totals: Totals) -> String {
    "{\"kind\":\(quoted(totals.kind.name)),\"workers\":\(totals.workers),"
      + "\"ops\":\(totals.operations),\"real_s\":\(number(totals.realSeconds)),"
      + "\"user_s\":\(number(totals.userSeconds)),\"system_s\":\(number(totals.systemSeconds)),"
      + "\"ops_per_real_s\":\(number(totals.perRealSecond)),"
      + "\"ops_per_cpu_s\":\(number(totals.perCPUSecond)),"
      + "\"cpu_percent\":\(number(totals.cpuPercent)),\"rss_max_kib\":\(totals.rssMaxKiB)}"
  }

  private static func object(_ worker: WorkerRecord) -> String {
    "{\"kind\":\(quoted(worker.kind.name)),\"number\":\(worker.number),\"pid\":\(worker.pid),"
      + "\"ops\":\(worker.operations),\"start_ns\":\(worker.startNs),\"end_ns\":\(worker.endNs),"
      + "\"user_us\":\(worker.userUs),\"system_us\":\(worker.systemUs),"
      + "\"rss_max_kib\":\(worker.rssMaxKiB),\"end\":\(quoted(worker.ending?.text ?? "unknown"))}"
  }

  private static func object(_ sample: Sample) -> String {
    "{\"kind\":\(quoted(sample.kind.name)),\"at_ns\":\(sample.atNs),\"span_ns\":\(sample.spanNs),"
      + "\"ops\":\(sample.operations),\"cpu_ns\":\(sample.cpuNs)}"
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
