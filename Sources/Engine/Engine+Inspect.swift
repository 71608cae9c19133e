// `drydock inspect`: what is known of a container, in the shape that Docker gives it.
//
// What was asked for comes from the record and config.json; whether it lives, from looking.

public import Format
import Linux
import Monitor
import OCI
import State

extension Engine {
  /// Everything about a container, in Docker's shape.
  ///
  /// - Parameters:
  ///   - container: a name, an id, or the beginning of an id.
  ///   - withSize: with the bytes of its own files.
  /// - Returns: an object.
  /// - Throws: `EngineError` when there is none.
  public func inspect(_ container: String, withSize: Bool = false) throws(EngineError) -> Value {
    let record = try store.find(container)
    let (status, life) = try store.look(record)
    let config = try configuration(record)
    var members: [Value.Member] = [
      .init("Id", .string(record.id)),
      .init("Created", .string(Clock.rfc3339(record.createdNs))),
      .init("Path", .string(record.command.first ?? "")),
      .init("Args", .strings(Array(record.command.dropFirst()))),
      .init("State", Engine.state(status, life)),
      .init("Image", .string("sha256:" + record.imageID)),
    ]
    let directory = store.directory(record.id)
    for (key, path) in [
      ("ResolvConfPath", "/upper/etc/resolv.conf"), ("HostnamePath", "/upper/etc/hostname"),
      ("HostsPath", "/upper/etc/hosts"),
    ] { members.append(.init(key, .string(directory + path))) }
    members += [
      .init("LogPath", .string(record.log.driver == "none" ? "" : directory + "/log")),
      .init("Name", .string("/" + record.name)),
      .init("RestartCount", .number(Int64(life.restarts))),
      .init("Driver", "overlay"), .init("Platform", "linux"), .init("MountLabel", ""),
      .init("ProcessLabel", .string(config.process?.selinuxLabel ?? "")),
      .init("AppArmorProfile", .string(config.process?.apparmorProfile ?? "")),
      .init("ExecIDs", execs(record.id)),
      .init("HostConfig", Engine.hostConfig(record, config)),
      .init("GraphDriver", Engine.graph(config)),
    ]
    if withSize {
      let own = try size(record.id)
      members.append(.init("SizeRw", .number(Int64(clamping: own))))
      members.append(
        .init("SizeRootFs", .number(Int64(clamping: own + (try imageSize(record.imageID))))))
    }
    members += [
      .init("Mounts", Engine.mounts(try volumeStore.mounts(of: record.id))),
      .init("Config", Engine.config(record, config)),
      .init("NetworkSettings", try networkSettings(record, config)),
    ]
    return .object(members)
  }

  private static func state(_ status: ContainerStatus, _ life: Life) -> Value {
    func time(_ ns: UInt64) -> Value {
      .string(ns > 1 ? Clock.rfc3339(ns) : "0001-01-01T00:00:00Z")
    }
    let isRunning: Bool
    switch status {
    case .running, .paused, .restarting: isRunning = true
    default: isRunning = false
    }
    var isPaused = false
    if case .paused = status { isPaused = true }
    var isRestarting = false
    if case .restarting = status { isRestarting = true }
    var state: [Value.Member] = [
      .init("Status", .string(status.name)), .init("Running", .bool(isRunning)),
      .init("Paused", .bool(isPaused)), .init("Restarting", .bool(isRestarting)),
      .init("OOMKilled", .bool(life.oomKilled)), .init("Dead", .bool(status == .dead)),
      .init("Pid", .number(Int64(status.pid ?? 0))),
      .init("ExitCode", .number(Int64(status.pid == nil ? life.code ?? 0 : 0))),
      .init("Error", .string(life.error)), .init("StartedAt", time(life.startedNs)),
      .init("FinishedAt", time(life.finishedNs)),
    ]
    if !life.health.isEmpty {
      state.append(
        .init(
          "Health",
          [
            "Status": .string(life.health), "FailingStreak": .number(Int64(life.failing)),
            "Log": .list(
              life.probes.map { probe in
                [
                  "Start": time(probe.begunNs), "End": time(probe.endedNs),
                  "ExitCode": .number(Int64(probe.code)), "Output": .string(probe.output),
                ]
              }),
          ]))
    }
    return .object(state)
  }

  private static func graph(_ config: Config) -> Value {
    func option(_ name: String) -> Value {
      let options = config.mounts.first { $0.type == "overlay" }?.options ?? []
      return .string(
        options.first { $0.hasPrefix(name + "=") }.map { String($0.dropFirst(name.count + 1)) }
          ?? "")
    }
    return [
      "Data": [
        "LowerDir": option("lowerdir"), "UpperDir": option("upperdir"),
        "WorkDir": option("workdir"),
      ],
      "Name": "overlay",
    ]
  }

  private static func mounts(_ mounts: [MountRecord]) -> Value {
    .list(
      mounts.filter { $0.kind != "shm" }.map { mount in
        var members: [Value.Member] = [.init("Type", .string(mount.kind))]
        if let name = mount.volume { members.append(.init("Name", .string(name))) }
        members += [
          .init("Source", .string(mount.kind == "tmpfs" ? "" : mount.source)),
          .init("Destination", .string(mount.target)),
        ]
        if mount.volume != nil { members.append(.init("Driver", "local")) }
        let spread = mount.options.first { MountRequest.propagations.contains($0) } ?? ""
        members += [
          .init("Mode", .string(mount.options.contains("ro") ? "ro" : "")),
          .init("RW", .bool(!mount.options.contains("ro"))),
          .init("Propagation", .string(mount.volume == nil ? spread : "")),
        ]
        return .object(members)
      })
  }

  private static func config(_ record: Record, _ config: Config) -> Value {
    let asked = record.asked
    var labels: [Value.Member] = []
    for label in record.labels {
      let pair = label.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      labels.append(.init(String(pair[0]), .string(pair.count > 1 ? String(pair[1]) : "")))
    }
    /// Docker's choice without `-a`: what is not detached, and the input only when it is kept open.
    func isAttached(_ stream: String) -> Value {
      guard asked["detach"].isEmpty else { return false }
      guard asked["attach"].isEmpty else { return .bool(asked["attach"].contains(stream)) }
      return .bool(stream != "stdin" || record.inputOnce)
    }
    func names(_ list: [String]) -> Value { .object(list.map { .init($0, [:]) }) }
    var members: [Value.Member] = [
      .init("Hostname", .string(config.hostname ?? "")),
      .init("Domainname", .string(config.domainname ?? "")),
      .init("User", .string(asked.word("user"))), .init("AttachStdin", isAttached("stdin")),
      .init("AttachStdout", isAttached("stdout")), .init("AttachStderr", isAttached("stderr")),
    ]
    if !asked["expose"].isEmpty {
      members.append(
        .init("ExposedPorts", names(asked["expose"].map { $0.contains("/") ? $0 : $0 + "/tcp" })))
    }
    let entrypoint = Array(record.command.prefix(record.entrypoints))
    let command = Array(record.command.dropFirst(record.entrypoints))
    let volumes = asked["volume"].filter { !$0.contains(":") }
    members += [
      .init("Tty", .bool(record.terminal)), .init("OpenStdin", .bool(record.input)),
      .init("StdinOnce", .bool(record.inputOnce)),
      .init("Env", .strings(config.process?.env ?? [])),
      .init("Cmd", command.isEmpty ? .null : .strings(command)),
      .init("Image", .string(record.image)),
      .init("Volumes", volumes.isEmpty ? .null : names(volumes)),
      .init("WorkingDir", .string(config.process?.cwd ?? "/")),
      .init("Entrypoint", entrypoint.isEmpty ? .null : .strings(entrypoint)),
      .init("Labels", .object(labels)),
      .init("StopSignal", .string(Signal.name(record.stopSignal))),
      .init("StopTimeout", .number(record.stopTimeout)),
    ]
    if let health = record.health {
      let isShell = health.command.starts(with: ["/bin/sh", "-c"]) && health.command.count == 3
      members.append(
        .init(
          "Healthcheck",
          [
            "Test": .strings(
              isShell ? ["CMD-SHELL", health.command[2]] : ["CMD"] + health.command),
            "Interval": .number(Int64(health.intervalNs)),
            "Timeout": .number(Int64(health.timeoutNs)),
            "StartPeriod": .number(Int64(health.startNs)),
            "Retries": .number(Int64(health.retries)),
          ]))
    }
    return .object(members)
  }

  /// Bytes of a container's own files.
  ///
  /// - Throws: `EngineError` when they cannot be looked at.
  public func size(_ id: String) throws(EngineError) -> UInt64 {
    try asked("looking at the files of \(id.prefix(12))") { () throws(SystemError) in
      try FileSize.of(store.directory(id) + "/upper")
    }
  }

  /// Bytes of an image's files; 0 when it is no longer known.
  public func imageSize(_ id: String) throws(EngineError) -> UInt64 {
    try images().first { $0.id == id }?.size ?? 0
  }

  /// The programs of `exec` that somebody keeps (Engine+Exec.swift).
  private func execs(_ id: String) -> Value {
    let names = ((try? File.list(store.bundle(id))) ?? []).filter { $0.hasPrefix("exec-") }
    return names.isEmpty ? .null : .strings(names.sorted().map { String($0.dropFirst(5)) })
  }
}

/// How much a directory tree holds.
enum FileSize {
  /// The bytes of all files in it; links are not followed.
  static func of(_ path: String) throws(SystemError) -> UInt64 {
    var total: UInt64 = 0
    var pending = [path]
    while let directory = pending.popLast() {
      let names: [String]
      do throws(SystemError) {
        names = try File.list(directory)
      } catch  where error.errno == .noEntry { continue }
      for name in names {
        let place = directory + "/" + name
        do throws(SystemError) {
          let status = try File.status(place, follow: false)
          if status.isDirectory { pending.append(place) } else { total += status.size }
        } catch  where error.errno == .noEntry { continue }
      }
    }
    return total
  }
}
