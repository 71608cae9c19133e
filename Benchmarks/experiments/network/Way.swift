import BenchmarkKit
import Linux
import Measure

/// A way from a client to a server, and what shows that bytes have gone by it.
struct Way {
  /// The arm's.
  var name: String
  /// What the same ways of several engines have in common.
  let kind: String
  let client: Space
  let address: String
  let port: Int
  /// Where the bytes must be seen.
  let passes: (space: Space, link: String)
  /// The way that it is held against.
  var control: String?
  /// The process that relays, or stands by: its pid.
  var proxy: Int32?
  /// Whether that process carries the bytes.
  var isRelayed = false
  /// Whose it is, if not this project's or the kernel's alone.
  var engine: String?

  init(
    _ kind: String, client: Space, _ address: String, _ port: Int,
    passes: (space: Space, link: String), control: String?
  ) {
    name = kind
    self.kind = kind
    self.client = client
    self.address = address
    self.port = port
    self.passes = passes
    self.control = control
  }

  private static let labels: [String: Bilingual] = [
    "lo": Bilingual(en: "loopback of one host", zh: "一台主机的环回"),
    "veth": Bilingual(en: "veth pair", zh: "veth 对"),
    "bridge": Bilingual(en: "bridge", zh: "网桥"),
    "published": Bilingual(en: "published port, from outside", zh: "已发布端口，从外部"),
    "loopback": Bilingual(en: "published port, at 127.0.0.1", zh: "已发布端口，经 127.0.0.1"),
    "host": Bilingual(en: "host to its container", zh: "主机到其容器"),
    "relay": Bilingual(en: "relay", zh: "转发进程"),
    "routed": Bilingual(en: "routed, from outside", zh: "路由，从外部"),
    "vxlan": Bilingual(en: "VXLAN between bridges", zh: "网桥间的 VXLAN"),
  ]

  /// What people read.
  var label: Bilingual {
    let label = Way.labels[kind] ?? Bilingual(kind)
    guard let engine else { return label }
    return Bilingual(en: "\(label.en), \(engine)", zh: "\(label.zh)（\(engine)）")
  }

  /// Measures with one net worker of `stress`, which `words` tell what to do, on a CPU: what it tells,
  /// the CPU nanoseconds of everybody who had the bytes in hand, and nil or why the bytes have not
  /// gone by this way.
  func measure(
    _ words: [String], on cpu: Int, _ ground: Ground
  ) throws(ExperimentError) -> (told: Traffic, cpu: UInt64, complaint: String?) {
    let before = try passes.space.counters()[passes.link] ?? 0
    let (woken, busy) = (Traffic.wakings(proxy), Traffic.busy(proxy))
    let told = try client.inside { () throws(ExperimentError) in
      try Traffic(words, to: "\(address):\(port)", on: cpu, ground)
    }
    let more = Traffic.busy(proxy) - busy
    let wakings = Traffic.wakings(proxy) - woken
    let passed = (try passes.space.counters()[passes.link] ?? 0) - before
    var complaint: String?
    if passed < told.bytes {
      complaint = "\(passed) bytes passed \(passes.link), \(told.bytes) were sent"
    }
    if isRelayed {
      // Of a stream that never ends for it a relay need not be woken often; but it works.
      if more < 2_000_000 { complaint = "the relay had \(more / 1000) µs of CPU time" }
    } else if wakings > 10 {
      // A few may be of the engine's own, such as a timer.
      complaint = "the proxy was woken \(wakings) times"
    }
    return (told, told.cpu + more, complaint)
  }

  /// An arm that measures so.
  func arm(
    _ ground: Ground, _ words: [String], on cpu: Int,
    measurement: @escaping (Traffic, UInt64) -> Measurement
  ) -> Arm {
    var arm = Arm.checked(name, label: label, control: control) { () throws(ExperimentError) in
      let (told, cpu, complaint) = try measure(words, on: cpu, ground)
      return (measurement(told, cpu), complaint)
    }
    arm.mayFail = engine != nil
    return arm
  }
}
