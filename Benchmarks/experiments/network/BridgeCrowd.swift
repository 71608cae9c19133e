import BenchmarkKit
import Linux
import Measure

// Many containers on one bridge, which takes 1024 ports (br_private.h, BR_PORT_BITS): each container is
// one.

extension Declaration {
  private static let count = 100

  /// A hundred made at once, and removed at once.
  static let networkCrowd = Declaration(
    id: "network.crowd", title: Bilingual(en: "100 × run -d at once", zh: "同时 100 个 run -d"),
    sentence: Bilingual(
      en: """
        100 commands started at once, until the last has ended. No two containers have one address, \
        and no link is left when they are gone.
        """,
      zh: "同时启动 100 个命令，直到最后一个结束。没有两个容器地址相同，删除之后也没有遗留任何链路。"),
    unit: .milliseconds, floor: "none", caveat: Suite.sharedCPUs,
    facets: [
      Facet(
        "removal", title: Bilingual(en: "100 × rm -f at once", zh: "同时 100 个 rm -f"),
        unit: .milliseconds)
    ],
    rounds: [.full: 6], secondsARound: 9, setUpSeconds: 2
  ) { ground throws(ExperimentError) in
    let host = try Host.drydock(ground, try ground.drydock())
    let names = (0..<count).map { "crowd-\($0)" }
    return ["bridge", "none"].map { network in
      .checked(network) { () throws(ExperimentError) in
        try host.space.inside { () throws(ExperimentError) in
          let made = try atOnce(names.map { host.life($0, network: network) })
          let complaint = network == "none" ? nil : try complaint(host, names)
          let removed = try atOnce(names.map { host.engine.remove([$0]) })
          let left = try leftovers()
          return (
            Measurement(Double(made) / 1e6, facets: ["removal": Double(removed) / 1e6]),
            complaint ?? left
          )
        }
      }
    }
  }

  /// Commands at once; nanoseconds until the last has ended.
  private static func atOnce(_ commands: [[String]]) throws(ExperimentError) -> UInt64 {
    let null = try Place.told { () throws(SystemError) in try File.open("/dev/null", .readWrite) }
    let start = Clock.now
    let pids = try Place.told { () throws(SystemError) in
      try commands.map { (words) throws(SystemError) in
        try Processes.spawn(words[0], words, output: null.raw)
      }
    }
    var failed = 0
    for pid in pids {
      let (status, _) = try Place.told { () throws(SystemError) in try Processes.wait(pid) }
      if status != .exited(0) { failed += 1 }
    }
    if failed > 0 { throw ExperimentError("\(failed) of \(commands.count) commands failed") }
    return Clock.now - start
  }

  /// Whether all have an address, and no two the same.
  private static func complaint(
    _ host: Host, _ names: [String]
  ) throws(ExperimentError) -> String? {
    let format = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}"
    let told = try Command.must(host.engine.words + ["inspect", "-f", format] + names)
    let addresses = told.split(separator: "\n")
    let unlike = Set(addresses).count
    return addresses.count == names.count && unlike == names.count
      ? nil : "\(addresses.count) addresses of \(names.count), \(unlike) of them unlike"
  }

  /// Links of containers that are gone; the kernel takes them some time after the last process.
  private static func leftovers() throws(ExperimentError) -> String? {
    let deadline = Clock.now + 10_000_000_000
    while true {
      let text = try Place.told { () throws(SystemError) in
        try File.text("/proc/thread-self/net/dev")
      }
      let links = text.split(separator: "\n").count { $0.contains("veth") }
      if links == 0 { return nil }
      if Clock.now > deadline { return "\(links) links and no container" }
      Clock.sleep(20_000_000)
    }
  }

  /// A start beside 0, 100 and 500 containers on the same bridge.
  static let networkBeside = Declaration(
    id: "network.beside",
    title: Bilingual(
      en: "run --rm true, beside others on the bridge", zh: "网桥上已有其他容器时的 run --rm true"),
    sentence: Bilingual(
      en: """
        `run --rm busybox true` while so many containers are on the default network's bridge, which \
        has 1024 ports; the control is one without a network, of the same engine. Three hosts have a \
        bridge each, so the machine has all 600 at any time: what differs is the bridge and the \
        engine's records.
        """,
      zh: "默认网络的网桥上已有这么多容器时的 run --rm busybox true；网桥有 1024 个端口。对照组是同一引擎的无网络容器。三台“主机”各有一个网桥，"
        + "全机始终有 600 个容器：不同的是网桥和引擎的记录。"),
    unit: .milliseconds, floor: nil,
    caveat: Bilingual(
      en: "What so many cost the machine is in start.population: here all points have them.",
      zh: "这么多容器对整机的影响见 start.population：这里每个点都有它们。"),
    axis: Axis(Bilingual(en: "containers on the bridge", zh: "网桥上的容器数"), unit: .count),
    rounds: [.full: 11], secondsARound: 0.6, setUpSeconds: 35
  ) { ground throws(ExperimentError) in
    let engine = try ground.drydock()
    var (arms, controls): ([Arm], [Arm]) = ([], [])
    for count in [0, 100, 500] {
      let host = try Host.drydock(ground, engine, part: "\(count)")
      for number in 0..<count {
        if Interrupt.isPending { throw ExperimentError("interrupted") }
        try host.must(host.life("resident-\(number)"))
      }
      func start(_ network: String, _ series: Bilingual, control: String?) -> Arm {
        var arm = host.arm(
          "\(network)-\(count)", at: Double(count), series: series, control: control,
          host.engine.run("run", ["--rm"], network: network, ["true"]))
        arm.assertion = { [assertion = arm.assertion] in
          assertion() ?? residents(host, count)
        }
        return arm
      }
      arms.append(
        start("bridge", Bilingual(en: "on the bridge", zh: "接网桥"), control: "none-\(count)"))
      controls.append(start("none", Bilingual(en: "no network", zh: "无网络"), control: nil))
    }
    return arms + controls
  }

  /// nil when so many have a link on the host; that of the one that has just ended may still be there.
  private static func residents(_ host: Host, _ count: Int) -> String? {
    do throws(ExperimentError) {
      let links = try host.space.counters().keys.count { $0.hasPrefix("veth") }
      return (count...(count + 2)).contains(links) ? nil : "\(links) links of \(count) containers"
    } catch { return error.text }
  }
}
