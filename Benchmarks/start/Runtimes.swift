import BenchmarkKit
import Linux
import Measure

/// An OCI runtime as its callers call it.
struct RuntimeCommand {
  let name: String
  let words: [String]

  func run(_ bundle: String) -> [String] { run(bundle, as: "bench-" + name) }
  func run(_ bundle: String, as id: String) -> [String] {
    words + ["run", "--bundle", bundle, id]
  }
  func create(_ bundle: String) -> [String] {
    words + ["create", "--bundle", bundle, "bench-" + name]
  }
  var start: [String] { words + ["start", "bench-" + name] }
  var kill: [String] { words + ["kill", "bench-" + name, "KILL"] }
  var delete: [String] { words + ["delete", "--force", "bench-" + name] }
  func exec(_ program: String) -> [String] { words + ["exec", "bench-" + name, program] }
}

extension Bench {
  private var drydock: RuntimeCommand {
    RuntimeCommand(
      name: "drydock",
      words: [request.binaries + "/drydock-runtime", "--root", scratch + "/state-drydock"])
  }

  private func others() throws(ExperimentError) -> [RuntimeCommand] {
    var found: [RuntimeCommand] = []
    for name in ["crun", "runc"] {
      let folders = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"]
      guard let path = folders.map({ "\($0)/\(name)" }).first(where: { File.exists($0) }) else {
        throw ExperimentError("\(name) is not installed: apt-get install \(name)")
      }
      found.append(RuntimeCommand(name: name, words: [path, "--root", "\(scratch)/state-\(name)"]))
    }
    return found
  }

  /// All experiments, in order.
  func experiments() throws(ExperimentError) -> [Experiment] {
    let others = try others()
    let filter = try compiledFilter()
    return [
      try runExperiment(others, filter: nil), try runExperiment(others, filter: filter),
      lifeExperiment(others), execExperiment(others), killExperiment(others),
      peakExperiment([drydock] + others), faultsExperiment([drydock] + others),
      limitExperiment([drydock] + others),
    ] + [1, 2, 8].map { manyExperiment([drydock] + others, callers: $0) } + [
      GlassCost.experiment(command: request.command)
    ]
  }

  /// The program that drydock-runtime made of the seccomp rules, for the floor: the newest file of
  /// its cache, behind the key (SeccompCompiler.swift has the layout).
  private func compiledFilter() throws(ExperimentError) -> String {
    var warmUp = Cost()
    try warmUp.add(drydock.run(scratch + "/true-seccomp"))
    if let complaint = warmUp.complaint { throw ExperimentError(complaint) }
    do throws(SystemError) {
      let cache = scratch + "/state-drydock/.seccomp"
      guard let name = try File.list(cache).first else {
        throw SystemError("open(2)", .noEntry, cache)
      }
      let bytes = try File.read("\(cache)/\(name)")
      let sizeAt = (bytes.firstIndex(of: 10) ?? 0) + 1  // behind the line with the magic
      let size = (0..<4).reduce(0) { $0 | Int(bytes[sizeAt + $1]) << (8 * $1) }
      let path = scratch + "/filter"
      try File.replace(path, with: bytes[(sizeAt + 4 + size)...])
      return path
    } catch { throw ExperimentError(error.text) }
  }

  func floor(_ program: [String], _ filter: String?) -> [String] {
    [request.binaries + "/floor", scratch + "/rootfs", Bench.parent + "/container"]
      + (filter.map { [$0] } ?? []) + ["--"] + program
  }

  // MARK: run

  /// `run` of true, from spawn to reaped.
  private func runExperiment(
    _ others: [RuntimeCommand], filter: String?
  ) throws(ExperimentError) -> Experiment {
    let suffix = filter == nil ? "" : "-seccomp"
    func arm(_ name: String, _ command: [String], _ probe: [String]) -> Arm {
      let watched = Watched()
      return Arm(name) {
        // Right after the number, outside of it: the same command with the probe as program.
        watched.complaint ?? self.probe(probe, filter: filter != nil)
      } measure: { () throws(ExperimentError) in
        var cost = Cost()
        try cost.add(command)
        watched.complaint = cost.complaint
        return cost.measurement
      }
    }
    func runtime(_ runtime: RuntimeCommand) -> Arm {
      arm(
        runtime.name, runtime.run("\(scratch)/true\(suffix)"),
        runtime.run("\(scratch)/probe\(suffix)"))
    }
    let floor = arm(
      "floor", floor(["/true"], filter), floor(["/busybox", "sh", "/probe.sh"], filter))
    return Experiment(
      id: filter == nil ? "start.run" : "start.run-seccomp",
      title: filter == nil
        ? Bilingual(en: "run true", zh: "运行 true")
        : Bilingual(en: "run true, default seccomp rules", zh: "运行 true，默认 seccomp 规则"),
      sentence: Bilingual(
        en: """
          From spawning the runtime to its end: a container with all namespaces but user, the \
          default mounts and eight v1 cgroups runs a static `true` and is deleted. The floor is a \
          C program that makes the same system calls and nothing else.
          """,
        zh: "从启动运行时到它结束：容器拥有除 user 外的全部命名空间、默认挂载和八个 v1 cgroup，运行静态的 true 后被删除。"
          + "底线是一个只做同样系统调用的 C 程序。"),
      unit: .milliseconds, arms: [runtime(drydock), floor] + others.map(runtime), floor: "floor",
      command: request.command,
      caveat: Bilingual(
        en: "Other work on the machine: ratios within a round hold, milliseconds do not.",
        zh: "机器上有其他负载时，同一轮内的比值仍成立，毫秒数则不然。"),
      published: [
        Published(
          figure: "100 × /bin/true: crun 1.69 s, runc 3.34 s", year: 2019, hardware: "a laptop",
          source: "crun README", arm: "crun",
          comparability: Bilingual(
            en: "Another machine and older versions: which of the two is faster compares, by how "
              + "much only roughly.",
            zh: "机器不同、版本更旧：孰快孰慢可以比较，快多少只能粗略比较。"))
      ])
  }

  /// Runs a command whose program is the probe and judges what it prints.
  private func probe(_ command: [String], filter: Bool) -> String? {
    do {
      let memory = try File.anonymous("probe")
      var cost = Cost()
      try cost.add(command, output: memory.raw)
      if let complaint = cost.complaint { return complaint }
      return Facts(try File.text(memory.procPath)).complaint(filter: filter)
    } catch let error as ExperimentError {
      return error.text
    } catch let error as SystemError {
      return error.text
    } catch { return "the probe failed" }
  }

  // MARK: create, start, delete

  private func lifeExperiment(_ others: [RuntimeCommand]) -> Experiment {
    let arms = ([drydock] + others).map { runtime in
      let watched = Watched()
      return Arm(runtime.name) {
        watched.complaint
      } measure: { () throws(ExperimentError) in
        var cost = Cost()
        try cost.add(runtime.create(self.scratch + "/true"))
        try cost.add(runtime.start)
        try cost.add(runtime.delete)
        watched.complaint = cost.complaint
        return cost.measurement
      }
    }
    return Experiment(
      id: "start.life", title: Bilingual(en: "create, start, delete", zh: "create、start、delete"),
      sentence: Bilingual(
        en: """
          Three calls as an engine makes them: create, start, delete --force. CPU time is that of \
          the three processes, not of the container.
          """,
        zh: "像引擎那样调用三次：create、start、delete --force。CPU 时间只含这三个进程，不含容器。"),
      unit: .milliseconds, arms: arms, floor: nil, command: request.command,
      caveat: Bilingual(
        en: "The program may still run when delete comes; then delete also ends it.",
        zh: "执行 delete 时程序可能仍在运行，那么 delete 还要结束它。"))
  }

  // MARK: exec, kill

  /// One command on a running container, which is made and removed outside of the number.
  private func armInside(
    _ runtime: RuntimeCommand, _ command: @escaping (RuntimeCommand) -> [String]
  ) -> Arm {
    let watched = Watched()
    return Arm(runtime.name) {
      watched.complaint
    } measure: { () throws(ExperimentError) in
      var around = Cost()
      var cost = Cost()
      try around.add(runtime.create(self.scratch + "/sleep"))
      try around.add(runtime.start)
      try cost.add(command(runtime))
      try around.add(runtime.delete)
      watched.complaint = cost.complaint ?? around.complaint
      return cost.measurement
    }
  }

  private func killExperiment(_ others: [RuntimeCommand]) -> Experiment {
    Experiment(
      id: "start.kill", title: Bilingual(en: "kill", zh: "kill"),
      sentence: Bilingual(
        en: "SIGKILL to a running container, from spawn to reaped.",
        zh: "向运行中的容器发送 SIGKILL，从启动命令到回收。"),
      unit: .milliseconds, arms: ([drydock] + others).map { armInside($0, \.kill) }, floor: nil,
      command: request.command,
      caveat: Bilingual(
        en: "The time until the signal is sent; how long the program takes to die is the kernel's.",
        zh: "只到信号发出为止；程序多久才结束由内核决定。"))
  }

  private func execExperiment(_ others: [RuntimeCommand]) -> Experiment {
    var arms = ([drydock] + others).map { armInside($0) { $0.exec("/true") } }
    let watched = Watched()
    arms.append(
      Arm("spawn", label: Bilingual(en: "true without a container", zh: "不在容器里的 true")) {
        watched.complaint
      } measure: { () throws(ExperimentError) in
        var cost = Cost()
        try cost.add([self.scratch + "/rootfs/true"])
        watched.complaint = cost.complaint
        return cost.measurement
      })
    return Experiment(
      id: "start.exec", title: Bilingual(en: "exec true", zh: "exec true"),
      sentence: Bilingual(
        en: "One more program in a running container, from spawn to reaped.",
        zh: "在运行中的容器里再运行一个程序，从启动到回收。"),
      unit: .milliseconds, arms: arms, floor: "spawn", command: request.command,
      caveat: Bilingual(
        en: "The container was made a moment before; one with many processes is another matter.",
        zh: "容器刚刚建立；里面有很多进程时另当别论。"))
  }
}
