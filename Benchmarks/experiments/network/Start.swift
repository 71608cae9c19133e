import BenchmarkKit
import Linux
import Measure
import Report

extension Declaration {
  /// `run --rm busybox true` by network.
  static let networkStart = Declaration(
    id: "network.start",
    title: Bilingual(en: "run --rm true, by network", zh: "run --rm true，按网络"),
    sentence: Bilingual(
      en: """
        `run --rm busybox true`, from spawning the command to its end. bridge: the default network; \
        names: one of its own; ports: the default one and -p. The bridge is there before, and so is the \
        name server.
        """,
      zh: "run --rm busybox true，从启动命令到它结束。bridge：默认网络；names：自建网络；ports：默认网络加 -p。网桥和名字服务器事先已在。"),
    unit: .milliseconds, floor: nil, caveat: Suite.sharedCPUs,
    rounds: [.full: 21], secondsARound: 2.3, setUpSeconds: 12
  ) { ground throws(ExperimentError) in
    let own = try Host.drydock(ground, try ground.drydock())
    try own.must(own.engine("network", "create", "--subnet", "10.200.34.0/24", "names"))
    // As others' daemons are: their bridges, and our name server.
    try own.must(own.life("keeper", network: "names"))
    let peers = try Host.peers(ground, archive: ground.archive(of: own.engine), proxied: false)
    var arms: [Arm] = []
    for host in [own] + peers {
      let isOurs = !host.engine.isPeer
      for (name, words, network) in starts where isOurs || name != "names" {
        let control = isOurs ? "none" : name
        arms.append(
          host.arm(
            isOurs ? name : "\(host.engine.name)-\(name)",
            control: isOurs && name == "none" ? nil : control,
            host.engine.run("run", ["--rm"] + words, network: network, ["true"])))
      }
    }
    ground.atEnd { () throws(ExperimentError) in
      for (name, words, network) in starts {
        ground.waterfalls.append(try trace(own, name, words, network, ground))
      }
    }
    return arms
  }

  private static let starts: [(name: String, words: [String], network: String)] = [
    ("bridge", [], "bridge"), ("none", [], "none"), ("ports", ["-p", "8090:80"], "bridge"),
    ("names", [], "names"),
  ]

  /// Traces of a few starts: the one in the middle.
  private static func trace(
    _ host: Host, _ name: String, _ words: [String], _ network: String, _ ground: Ground
  ) throws(ExperimentError) -> Waterfall {
    let file = ground.place.path + "/trace"
    var traces: [Waterfall] = []
    for _ in 0..<7 {
      try host.must(
        host.engine.run("run", ["--rm", "--trace", file] + words, network: network, ["true"]))
      let bytes = try Place.told { () throws(SystemError) in try File.read(file) }
      do throws(DocumentError) {
        traces.append(
          try Waterfall(
            trace: bytes,
            title: Bilingual(en: "drydock run, \(name)", zh: "drydock run，\(name)"),
            command: "drydock run --rm --network \(network) --trace FILE busybox true"))
      } catch { throw ExperimentError("\(file): \(error.text)") }
    }
    traces.sort { $0.totalNanoseconds < $1.totalNanoseconds }
    return traces[traces.count / 2]
  }

  /// `rm -f` of a container with a network beside one without.
  static let networkRemove = Declaration(
    id: "network.remove", title: Bilingual(en: "rm -f, by network", zh: "rm -f，按网络"),
    sentence: Bilingual(
      en: "`rm -f` of a running container on the default network, beside one without a network.",
      zh: "对默认网络上运行中的容器执行 rm -f，与没有网络的容器相比。"),
    unit: .milliseconds, floor: "none",
    caveat: Bilingual(
      en: "The kernel takes the namespace apart later: see teardown.netns.",
      zh: "内核稍后才拆除命名空间：参见 teardown.netns。"),
    rounds: [.smoke: 6, .quick: 11, .full: 21], secondsARound: 0.3, setUpSeconds: 2
  ) { ground throws(ExperimentError) in
    let host = try Host.drydock(ground, try ground.drydock())
    return ["bridge", "none"].map { network in
      host.arm(
        network, before: host.life("brief", network: network), host.engine.remove(["brief"]))
    }
  }
}
