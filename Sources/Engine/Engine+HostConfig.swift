// The part of `drydock inspect` that tells how a container was asked to be run (HostConfig of
// Docker's API): limits as config.json has them, the rest as it was typed.

import Format
import Linux
import Monitor
import OCI
import State

extension Engine {
  static func hostConfig(_ record: Record, _ config: Config) -> Value {
    let asked = record.asked
    var members: [Value.Member] = [
      .init("Binds", list(asked["volume"].filter { $0.contains(":") })),
      .init("ContainerIDFile", .string(asked.word("cidfile"))),
      .init(
        "LogConfig",
        [
          "Type": .string(record.log.driver),
          "Config": pairs(asked["log-opt"], separator: "="),
        ]),
      .init("NetworkMode", .string(network(record, config))), .init("PortBindings", [:]),
      .init(
        "RestartPolicy",
        [
          "Name": .string(record.restart.policy.rawValue),
          "MaximumRetryCount": .number(Int64(record.restart.limit)),
        ]),
      .init("AutoRemove", .bool(record.removeOnExit)), .init("VolumeDriver", ""),
      .init("VolumesFrom", list(asked["volumes-from"])),
      .init(
        "ConsoleSize",
        [
          .number(Int64(config.process?.consoleHeight ?? 0)),
          .number(Int64(config.process?.consoleWidth ?? 0)),
        ]),
      .init("CapAdd", list(asked["cap-add"])), .init("CapDrop", list(asked["cap-drop"])),
      .init("CgroupnsMode", "private"), .init("Dns", .strings(asked["dns"])),
      .init("DnsOptions", .strings(asked["dns-option"])),
      .init("DnsSearch", .strings(asked["dns-search"])),
      .init("ExtraHosts", list(asked["add-host"])), .init("GroupAdd", list(asked["group-add"])),
      .init("IpcMode", .string(asked.word("ipc").isEmpty ? "private" : asked.word("ipc"))),
      .init("Cgroup", ""), .init("Links", .null),
      .init("OomScoreAdj", .number(Int64(config.process?.oomScoreAdj ?? 0))),
      .init("PidMode", .string(asked.word("pid"))),
      .init("Privileged", .bool(!asked["privileged"].isEmpty)),
      .init("PublishAllPorts", false), .init("ReadonlyRootfs", .bool(config.root.readonly)),
      .init("SecurityOpt", list(asked["security-opt"])),
    ]
    if !asked["tmpfs"].isEmpty {
      members.append(.init("Tmpfs", pairs(asked["tmpfs"], separator: ":")))
    }
    members += [
      .init("UTSMode", .string(asked.word("uts"))),
      .init("UsernsMode", .string(asked.word("userns"))),
      .init("ShmSize", .number(Int64(asked.word("shm-size")) ?? 64 << 20)),
    ]
    if !asked["sysctl"].isEmpty {
      members.append(.init("Sysctls", pairs(asked["sysctl"], separator: "=")))
    }
    members += [.init("Runtime", "drydock-runtime"), .init("Isolation", "")]
    members += limits(record, config)
    members += [
      .init("MaskedPaths", .strings(config.linux.maskedPaths)),
      .init("ReadonlyPaths", .strings(config.linux.readonlyPaths)),
    ]
    if !asked["init"].isEmpty { members.append(.init("Init", true)) }
    return .object(members)
  }

  private static func limits(_ record: Record, _ config: Config) -> [Value.Member] {
    let asked = record.asked
    let resources = config.linux.resources
    let period = Int64(resources.cpu.period ?? 0)
    let quota = resources.cpu.quota ?? 0
    // `--cpus` is kept as a quota of the usual period.
    let hasCPUs = !asked["cpus"].isEmpty && period > 0 && quota > 0
    return [
      .init("CpuShares", .number(Int64(resources.cpu.shares ?? 0))),
      .init("Memory", .number(resources.memory.limit ?? 0)),
      .init("NanoCpus", .number(hasCPUs ? quota * 1_000_000_000 / period : 0)),
      .init("CgroupParent", .string(asked.word("cgroup-parent"))),
      .init("BlkioWeight", .number(Int64(resources.blockIO.weight ?? 0))),
      .init("BlkioWeightDevice", devices(asked["blkio-weight-device"], "Weight")),
      .init("BlkioDeviceReadBps", devices(asked["device-read-bps"], "Rate")),
      .init("BlkioDeviceWriteBps", devices(asked["device-write-bps"], "Rate")),
      .init("BlkioDeviceReadIOps", devices(asked["device-read-iops"], "Rate")),
      .init("BlkioDeviceWriteIOps", devices(asked["device-write-iops"], "Rate")),
      .init("CpuPeriod", .number(hasCPUs ? 0 : period)),
      .init("CpuQuota", .number(hasCPUs ? 0 : quota)),
      .init("CpuRealtimePeriod", .number(Int64(resources.cpu.realtimePeriod ?? 0))),
      .init("CpuRealtimeRuntime", .number(resources.cpu.realtimeRuntime ?? 0)),
      .init("CpusetCpus", .string(resources.cpu.cpus ?? "")),
      .init("CpusetMems", .string(resources.cpu.mems ?? "")),
      .init("Devices", .list(asked["device"].map(device))),
      .init("DeviceCgroupRules", list(asked["device-cgroup-rule"])),
      .init("DeviceRequests", .null),
      .init("MemoryReservation", .number(resources.memory.reservation ?? 0)),
      .init("MemorySwap", .number(resources.memory.swap ?? 0)),
      .init(
        "MemorySwappiness", resources.memory.swappiness.map { .number(Int64($0)) } ?? .null),
      .init("OomKillDisable", .bool(!asked["oom-kill-disable"].isEmpty)),
      .init("PidsLimit", resources.pids.map { .number($0) } ?? .null),
      .init(
        "Ulimits",
        .list(
          (config.process?.rlimits ?? []).map { limit in
            [
              "Name": .string(limit.type.dropFirst(7).lowercased()),
              "Hard": .number(limit.hard == .max ? -1 : Int64(clamping: limit.hard)),
              "Soft": .number(limit.soft == .max ? -1 : Int64(clamping: limit.soft)),
            ]
          })),
    ]
  }

  /// `none`, `host`, or `container:ID`.
  static func network(_ record: Record, _ config: Config) -> String {
    if let donor = config.annotations.first(where: { $0.key == "drydock.network" })?.value {
      return "container:" + donor
    }
    guard config.linux.namespaces.contains(where: { $0.kind == .network }) else { return "host" }
    let asked = record.asked.word("network")
    return asked.isEmpty ? "none" : asked
  }

  private static func list(_ texts: [String]) -> Value {
    texts.isEmpty ? .null : .strings(texts)
  }

  private static func pairs(_ texts: [String], separator: Character) -> Value {
    .object(
      texts.map { text in
        let parts = text.split(separator: separator, maxSplits: 1).map { String($0) }
        return .init(parts.first ?? "", .string(parts.count > 1 ? parts[1] : ""))
      })
  }

  /// `PATH:VALUE` of a disk.
  private static func devices(_ texts: [String], _ name: String) -> Value {
    .list(
      texts.map { text in
        let colon = text.lastIndex(of: ":") ?? text.startIndex
        let value = try? Amount.bytes(String(text[text.index(after: colon)...]))
        return .object([
          .init("Path", .string(String(text[..<colon]))), .init(name, .number(value ?? 0)),
        ])
      })
  }

  /// `HOST[:CONTAINER][:rwm]`, which was checked when the container was made.
  private static func device(_ text: String) -> Value {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { String($0) }
    let isAccess = parts.count > 1 && parts[parts.count - 1].allSatisfy { "rwm".contains($0) }
    let target = parts.count > (isAccess ? 2 : 1) && !parts[1].isEmpty ? parts[1] : parts[0]
    return [
      "PathOnHost": .string(parts[0]), "PathInContainer": .string(target),
      "CgroupPermissions": .string(isAccess ? parts[parts.count - 1] : "rwm"),
    ]
  }
}
