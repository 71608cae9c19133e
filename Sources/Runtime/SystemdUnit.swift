// The systemd driver (--systemd-cgroup): systemd makes the container's cgroup, as a scope, a unit
// around processes that exist already (systemd.scope(5), org.freedesktop.systemd1(5)).
//
//   linux.cgroupsPath   SLICE:PREFIX:NAME, such as system.slice:docker:ID
//   unit                PREFIX-NAME.scope, or NAME.scope without a prefix
//   cgroup              a-b.slice lies in a.slice: /a.slice/a-b.slice/PREFIX-NAME.scope
//
//   runtime                                     systemd
//   StartTransientUnit(unit, "replace", …) ──►  makes the cgroup and moves init into it
//          ◄── JobRemoved(id, job, unit, "done")
//
// Delegate=yes keeps systemd away from what is below and beside: the runtime makes the cgroups in
// those v1 trees that systemd leaves alone. Limits are told to systemd, which would set its own back
// when it reloads, and written to the files, which hold more than systemd has names for.

internal import Linux
internal import OCI
internal import Steps

/// Names of a container's unit.
struct SystemdNames: Equatable {
  let slice: String
  let unit: String

  /// From `SLICE:PREFIX:NAME`; nothing configured is `system.slice:drydock:ID`.
  init(configured: String?, id: String, isRoot: Bool) throws(RuntimeError) {
    let text = configured ?? ""
    let usual = isRoot ? "system.slice" : "user.slice"
    let parts = text.isEmpty ? [usual, "drydock", id] : text.parts(":")
    guard parts.count == 3, !parts[2].isEmpty else {
      throw RuntimeError(
        "linux.cgroupsPath \"\(text)\" is not SLICE:PREFIX:NAME",
        hint:
          "the systemd driver needs a name such as system.slice:drydock:\(id); for a path, leave"
          + " out --systemd-cgroup")
    }
    slice = parts[0].isEmpty ? usual : parts[0]
    unit = (parts[1].isEmpty ? "" : parts[1] + "-") + parts[2] + ".scope"
    _ = try SystemdNames.expand(slice)
    guard SystemdNames.isPlain(unit), unit.utf8.count < 256 else {
      throw RuntimeError(
        "\"\(unit)\" is not the name of a systemd unit",
        hint: "letters, digits and : - _ . \\ @, 255 at most (systemd.unit(5))")
    }
  }

  /// The path of the unit's cgroup below what systemd manages.
  var path: String {
    // init has seen to it that the slice can be expanded.
    ((try? SystemdNames.expand(slice)) ?? "") + "/" + unit
  }

  /// `a-b.slice` as `/a.slice/a-b.slice` (systemd.slice(5)); `-.slice` is the root.
  static func expand(_ slice: String) throws(RuntimeError) -> String {
    guard slice.hasSuffix(".slice"), isPlain(slice) else {
      throw RuntimeError("\"\(slice)\" is not the name of a systemd slice: NAME.slice")
    }
    if slice == "-.slice" { return "" }
    var path = ""
    var prefix = ""
    for part in slice.dropLast(6).split(separator: "-", omittingEmptySubsequences: false) {
      guard !part.isEmpty else {
        throw RuntimeError("\"\(slice)\" is not the name of a systemd slice: an empty part")
      }
      prefix += (prefix.isEmpty ? "" : "-") + part
      path += "/" + prefix + ".slice"
    }
    return path
  }

  private static func isPlain(_ name: String) -> Bool {
    !name.isEmpty
      && name.utf8.allSatisfy {
        ($0 >= 0x30 && $0 <= 0x3a) || ($0 >= 0x41 && $0 <= 0x5a) || ($0 >= 0x61 && $0 <= 0x7a)
          || $0 == 0x2d || $0 == 0x5f || $0 == 0x2e || $0 == 0x5c || $0 == 0x40
      }
  }
}

/// A unit of systemd's, over an open connection.
struct SystemdUnit {
  private static let name = "org.freedesktop.systemd1"
  private static let object = "/org/freedesktop/systemd1"
  private static let manager = "org.freedesktop.systemd1.Manager"

  let names: SystemdNames
  /// The path of its cgroup in every tree.
  let path: String
  private let bus: DBusConnection

  /// Connects to systemd, before anything is made.
  ///
  /// - Throws: `RuntimeError` where systemd does not run.
  init(_ names: SystemdNames) throws(RuntimeError) {
    let hint =
      "the systemd driver needs systemd as init; without it leave out --systemd-cgroup"
      + " (the cgroupfs driver)"
    let path = DBusConnection.usualPath
    guard File.exists(path) else {
      throw RuntimeError("systemd cannot be asked: no message bus at \(path)", hint: hint)
    }
    self.names = names
    let bus = try DBusConnection(path: path)
    do throws(RuntimeError) {
      try bus.match(
        "type='signal',interface='\(SystemdUnit.manager)',member='JobRemoved'")
      // Without subscribers systemd sends no signals.
      _ = try bus.call(
        SystemdUnit.name, SystemdUnit.object, SystemdUnit.manager, "Subscribe", [])
      // A user's systemd manages what is below its own cgroup, the system's all.
      let answer = try bus.call(
        SystemdUnit.name, SystemdUnit.object, "org.freedesktop.DBus.Properties", "Get",
        [.text(SystemdUnit.manager), .text("ControlGroup")])
      guard case .text(let base)? = answer.first else {
        throw RuntimeError("it does not tell its own cgroup")
      }
      self.path = base + names.path
    } catch {
      throw RuntimeError("systemd cannot be asked: \(error.message)", hint: hint)
    }
    self.bus = bus
  }

  /// Makes the scope around a process, and waits until it is there.
  func start(
    _ pid: Int32, _ properties: [DBusValue.Property], id: String, _ glass: Glass
  ) throws(RuntimeError) {
    let all =
      [
        DBusValue.Property(name: "Description", value: .text("drydock container \(id)")),
        .init(name: "Slice", value: .text(names.slice)),
        .init(name: "Delegate", value: .bool(true)),
        .init(name: "PIDs", value: .u32s([UInt32(pid)])),
        .init(name: "DefaultDependencies", value: .bool(false)),
        .init(name: "MemoryAccounting", value: .bool(true)),
        .init(name: "CPUAccounting", value: .bool(true)),
        .init(name: "TasksAccounting", value: .bool(true)),
      ] + properties
    try perform(
      .systemdStart, "StartTransientUnit",
      [.text(names.unit), .text("replace"), .properties(all), .noUnits], glass)
  }

  /// Changes limits of a scope that is there.
  func set(_ properties: [DBusValue.Property], _ glass: Glass) throws(RuntimeError) {
    guard !properties.isEmpty else { return }
    try perform(
      .systemdSet, "SetUnitProperties",
      [.text(names.unit), .bool(true), .properties(properties)], glass)
  }

  /// Ends the scope; one that is gone with its processes already is fine.
  func stop(_ glass: Glass) throws(RuntimeError) {
    do throws(RuntimeError) {
      try perform(.systemdStop, "StopUnit", [.text(names.unit), .text("replace")], glass)
    } catch { if !error.message.contains("NoSuchUnit") { throw error } }
    // A scope whose processes were killed is kept as failed; when it is not, there is nothing to do.
    do throws(RuntimeError) {
      _ = try ask("ResetFailedUnit", [.text(names.unit)])
    } catch { if !error.message.contains("NoSuchUnit") { throw error } }
  }

  private func ask(_ method: String, _ body: [DBusValue]) throws(RuntimeError) -> [DBusValue] {
    try bus.call(SystemdUnit.name, SystemdUnit.object, SystemdUnit.manager, method, body)
  }

  private func perform(
    _ step: StepID, _ method: String, _ body: [DBusValue], _ glass: Glass
  ) throws(RuntimeError) {
    var failure: RuntimeError?
    do {
      try glass.around(
        step, .described(call: "sendmsg(2)", object: "\(method) \(names.unit)", shell: nil)
      ) { () throws(SystemError) in
        do throws(RuntimeError) {
          let answer = try ask(method, body)
          if case .path(let job)? = answer.first { try wait(for: job) }
        } catch {
          failure = error
          throw SystemError("D-Bus", .invalid, error.message)
        }
      }
    } catch { throw failure ?? RuntimeError(error) }
  }

  private func wait(for job: String) throws(RuntimeError) {
    let signal = try bus.signal("the end of job \(job) of \(names.unit)") {
      $0.member == "JobRemoved" && $0.body.count > 3 && $0.body[1] == .path(job)
    }
    guard case .text(let result) = signal.body[3], result != "done", result != "skipped" else {
      return
    }
    throw RuntimeError(
      "systemd did not do its job for \(names.unit): \(result)",
      hint: "systemctl status \(names.unit); journalctl -b -u \(names.unit)")
  }
}
