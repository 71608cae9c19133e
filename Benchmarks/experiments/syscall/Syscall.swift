import BenchmarkKit
import Measure
import OCI

extension Suite {
  /// What a system call costs in a container.
  static let syscall: [Declaration] = [
    syscall(
      "getppid", 40_000, what: Bilingual(en: "the cheapest there is", zh: "最便宜的一个"),
      quick: true),
    syscall("read", 40_000, what: Bilingual(en: "a byte of /dev/zero", zh: "读 /dev/zero 的一个字节")),
    syscall(
      "open", 8_000,
      what: Bilingual(en: "the root directory, and close(2)", zh: "打开根目录并 close(2)"), quick: true),
    syscall(
      "mmap", 2_000,
      what: Bilingual(
        en: "a page, which is touched, and munmap(2)", zh: "映射一页并触碰，再 munmap(2)")),
    syscall(
      "fork", 100,
      what: Bilingual(en: "a child that ends at once, and wait(2)", zh: "子进程立即结束，再 wait(2)"),
      quick: true),
  ]

  private static func syscall(
    _ call: String, _ count: Int, what: Bilingual, quick: Bool = false
  ) -> Declaration {
    Declaration(
      id: "syscall.\(call)", title: Bilingual("\(call)(2)"),
      sentence: Bilingual(
        en: """
          \(call)(2), \(what.en): the mean of \(count) in a row. A seccomp filter is asked at every \
          call; namespaces alone are not.
          """,
        zh: "\(call)(2)：\(what.zh)，连续 \(count) 次的平均值。每次调用都要经过 seccomp 过滤器；命名空间本身则不会被逐次查询。"),
      unit: .nanoseconds, floor: "host",
      caveat: Bilingual(
        en:
          "The kernel's mitigations (see the environment) cost more than most filters; glibc would "
          + "answer some calls without the kernel (vDSO), these not.",
        zh: "内核的漏洞缓解措施（见环境）比多数过滤器更贵；有些调用 glibc 可不进内核就回答（vDSO），这里的不会。"),
      rounds: quick ? [.smoke: 2, .quick: 11, .full: 61] : [.full: 61], secondsARound: 0.15
    ) { ground throws(ExperimentError) in
      func arm(
        _ name: String, _ label: Bilingual, seccomp: Double, root: Double,
        configure: @escaping (inout Config) -> Void
      ) throws(ExperimentError) -> Arm {
        let container = try Inside(ground, "\(call)-\(name)", configure: configure)
        return measuring(call, count, name, label, seccomp: seccomp, root: root) {
          arguments throws(ExperimentError) in try container.run(arguments)
        }
      }
      return [
        try arm(
          "seccomp", Bilingual(en: "default seccomp rules", zh: "默认 seccomp 规则"), seccomp: 2,
          root: 0
        ) { config in
          let capabilities = config.process?.capabilities?.bounding ?? []
          config.linux.seccomp = Seccomp.standard(capabilities: capabilities)
        },
        try arm("none", Bilingual(en: "no filter", zh: "无过滤器"), seccomp: 0, root: 0) { _ in },
        try arm(
          "userns", Bilingual(en: "user namespace, no filter", zh: "user 命名空间，无过滤器"), seccomp: 0,
          root: 100_000
        ) { config in
          config.linux.namespaces.append(Namespace(.user))
          let map = IDMapping(containerID: 0, hostID: 100_000, size: 65_536)
          config.linux.uidMappings = [map]
          config.linux.gidMappings = [map]
        },
        measuring(
          call, count, "host", Bilingual(en: "host", zh: "主机"), seccomp: 0, root: 0
        ) { arguments throws(ExperimentError) in try Inside.host(ground, arguments) },
      ]
    }
  }

  private static func measuring(
    _ call: String, _ count: Int, _ name: String, _ label: Bilingual, seccomp: Double, root: Double,
    run: @escaping ([String]) throws(ExperimentError) -> Figures
  ) -> Arm {
    .checked(name, label: label) { () throws(ExperimentError) in
      let figures = try run(["calls", call, "\(count)"])
      return (
        Measurement(try figures.value("picoseconds") / 1000),
        figures.complaint("seccomp", is: seccomp) ?? figures.complaint("root", is: root)
      )
    }
  }
}
