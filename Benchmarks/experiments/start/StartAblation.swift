import BenchmarkKit
import Measure
import OCI

extension Declaration {
  /// What each part of a container adds to its start.
  static let startAblation = Declaration(
    id: "start.ablation",
    title: Bilingual(en: "run true, a part left out", zh: "运行 true，去掉一部分"),
    sentence: Bilingual(
      en: """
        `run` of `true` with the full configuration, and with one part left out at a time: what the \
        start gets faster by is what that part costs.
        """,
      zh: "完整配置下运行 true，再每次去掉一部分：快了多少，就是那部分的代价。"),
    unit: .milliseconds, floor: "full",
    caveat: Bilingual(
      en: """
        Parts share work (a mount namespace makes others' mounts cheaper to throw away), so that the \
        differences do not add up to the whole.
        """,
      zh: "各部分共享工作（挂载命名空间让别的挂载更易丢弃），所以差值之和不等于整体。"),
    rounds: [.full: 41], secondsARound: 0.3
  ) { ground throws(ExperimentError) in
    var arms: [Arm] = []
    for (name, label, change) in parts {
      let bundle = try ground.bundle("without-\(name)", ["/true"], configure: change)
      let run = ground.runtime.run(bundle)
      let watched = Watched()
      arms.append(
        Arm(name, label: label) {
          watched.complaint
        } measure: { () throws(ExperimentError) in
          var cost = Cost()
          try cost.add(run)
          watched.complaint = cost.complaint
          return cost.measurement
        })
    }
    return arms
  }

  /// What is left out, and how; the full configuration has the first place.
  private static let parts: [(String, Bilingual, @Sendable (inout Config) -> Void)] = [
    ("full", Bilingual(en: "full configuration", zh: "完整配置"), { _ in }),
    without(.network, en: "without a network namespace", zh: "无网络命名空间"),
    without(.ipc, en: "without an IPC namespace", zh: "无 IPC 命名空间") {
      // An mqueue filesystem belongs to an IPC namespace.
      $0.mounts.removeAll { $0.type == "mqueue" }
    },
    without(.uts, en: "without a UTS namespace", zh: "无 UTS 命名空间") { $0.hostname = nil },
    without(.cgroup, en: "without a cgroup namespace", zh: "无 cgroup 命名空间"),
    (
      "cgroup-mounts", Bilingual(en: "without mounts of cgroups", zh: "不挂载 cgroup"),
      { $0.mounts.removeAll { $0.type == "cgroup" } }
    ),
    (
      "masks", Bilingual(en: "without masked and read-only paths", zh: "无屏蔽与只读路径"),
      {
        $0.linux.maskedPaths = []
        $0.linux.readonlyPaths = []
      }
    ),
    (
      "device-rules", Bilingual(en: "without device rules", zh: "无设备规则"),
      { $0.linux.resources.devices = [] }
    ),
    (
      "seccomp", Bilingual(en: "with seccomp rules added", zh: "加上 seccomp 规则"),
      {
        $0.linux.seccomp = Seccomp.standard(
          capabilities: $0.process?.capabilities?.bounding ?? [])
      }
    ),
  ]

  private static func without(
    _ kind: NamespaceKind, en: String, zh: String,
    _ more: @escaping @Sendable (inout Config) -> Void = { _ in }
  ) -> (String, Bilingual, @Sendable (inout Config) -> Void) {
    (
      "\(kind)", Bilingual(en: en, zh: zh),
      {
        $0.linux.namespaces.removeAll { $0.kind == kind }
        more(&$0)
      }
    )
  }
}
