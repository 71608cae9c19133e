// Ways through networks, and what making them costs.
//
//   Space.swift       a network namespace
//   Host.swift        one that is a host, with an engine
//   Way.swift         a way from a client to a server, and what shows that it was taken
//   Ways.swift        those that are compared
//   Traffic.swift     what goes over them: stress, at both ends
//   the others        an experiment each

import BenchmarkKit
import Measure

extension Suite {
  /// What networks cost, on hosts made of network namespaces.
  static let network: [Declaration] = [
    .networkRoundTrip, .networkRoundTripEngines, .networkRate, .networkStream,
    .networkStreamEngines, .networkStart, .networkRemove, .networkCrowd, .networkBeside,
    .networkNamespaces,
  ]

  /// What would make ways wrong.
  static let sharedCPUs = Bilingual(
    en: """
      Both ends share the CPUs, and with everybody else on the machine; on a virtual one the same \
      stream differs several times from minute to minute. Ratios within a round hold.
      """,
    zh: "两端共用 CPU，也与机器上的其他程序共用；在虚拟机上，同样的流在几分钟之间可相差数倍。同一轮内的比值成立。")
}
