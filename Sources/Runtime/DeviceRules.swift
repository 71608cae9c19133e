// Which device nodes may be opened.
//
// v1: "c 1:3 rwm" into devices.deny or devices.allow, in order; the last that matches decides.
// v2: a BPF program for the cgroup (bpf(2), kernel Documentation/bpf/prog_cgroup_sysctl.rst's kin).
// The kernel calls it with
//     struct bpf_cgroup_dev_ctx { u32 access_type /* access << 16 | type */, major, minor }
// and lets the access pass when it returns 1. Rules are tried from the last to the first, so that
// the last that matches decides, as on v1.

internal import Linux
internal import OCI
internal import Steps

extension Cgroups {
  /// Puts the rules into force.
  ///
  /// Where the container has no cgroup there is nothing to put them on (leaveIfForeign warned).
  func restrict(_ rules: [DeviceRule], _ glass: Glass) throws(StepFailure) {
    guard !rules.isEmpty, !layout.trees.isEmpty else { return }
    if let directory = directory("devices") {
      // One write a rule, in order; a rule for everything replaces all before it.
      var rest = (rules.reduced + DeviceRule.always)[...]
      while let first = rest.first {
        let alike = rest.prefix { $0.allow == first.allow }
        rest = rest.dropFirst(alike.count)
        let file = first.allow ? "/devices.allow" : "/devices.deny"
        try glass.perform(
          .cgroupDevices, .writeEach(directory + file, alike.map { $0.text }))
      }
    } else if layout.mode == .v2, let tree = layout.trees.first {
      try glass.perform(
        .cgroupDevices,
        .attachDeviceProgram(
          DeviceRule.program(rules.reduced + DeviceRule.always), cgroup: directory(tree)))
    } else {
      throw StepFailure(
        .cgroupDevices, SystemError("write(2)", .notImplemented, "devices controller"))
    }
  }
}

extension [DeviceRule] {
  /// Without what a later rule for everything makes void; what no rule names is denied.
  ///
  /// On v1 that must be said: a new cgroup has the rules of the one above, and one in use those of
  /// before.
  var reduced: [DeviceRule] {
    var start = startIndex
    var isComplete = false
    for (index, rule) in enumerated() where rule.isEverything {
      start = index
      isComplete = true
    }
    return (isComplete || isEmpty ? [] : [DeviceRule(allow: false)]) + Array(self[start...])
  }
}

extension DeviceRule {
  /// What every container may do, after its own rules, as runc and crun add it: make any node
  /// (opening it is another matter), and use the default devices and its own terminals.
  static let always: [DeviceRule] = [
    DeviceRule("c", nil, nil, "m"), DeviceRule("b", nil, nil, "m"), DeviceRule("c", 1, 3, "rwm"),
    DeviceRule("c", 1, 5, "rwm"), DeviceRule("c", 1, 7, "rwm"), DeviceRule("c", 1, 8, "rwm"),
    DeviceRule("c", 1, 9, "rwm"), DeviceRule("c", 5, 0, "rwm"), DeviceRule("c", 5, 2, "rwm"),
    DeviceRule("c", 136, nil, "rwm"),
  ]

  private init(_ type: String, _ major: Int64?, _ minor: Int64?, _ access: String) {
    self.init(allow: true)
    self.type = type
    self.major = major
    self.minor = minor
    self.access = access
  }

  var isEverything: Bool { type == "a" }

  /// As the devices controller reads it.
  var text: String {
    if type == "a" { return "a" }
    func number(_ value: Int64?) -> String { value.map { $0 < 0 ? "*" : String($0) } ?? "*" }
    return "\(type) \(number(major)):\(number(minor)) \(access)"
  }

  /// The rules as BPF instructions of 8 bytes: code, registers, offset, immediate
  /// (bpf(2); kernel Documentation/bpf/standardization/instruction-set.rst).
  static func program(_ rules: [DeviceRule]) -> [UInt8] {
    var code = [UInt8]()
    func emit(_ op: UInt8, _ dst: UInt8, _ src: UInt8, _ offset: Int16, _ value: Int32) {
      code.append(op)
      code.append(src << 4 | dst)
      code.append(contentsOf: [
        UInt8(truncatingIfNeeded: offset), UInt8(truncatingIfNeeded: offset >> 8),
      ])
      for shift in [0, 8, 16, 24] { code.append(UInt8(truncatingIfNeeded: value >> Int32(shift))) }
    }
    emit(0x61, 2, 1, 0, 0)  // r2 = ctx->access_type
    emit(0xbf, 3, 2, 0, 0)  // r3 = r2
    emit(0x57, 2, 0, 0, 0xffff)  // r2 &= 0xffff: the type
    emit(0x77, 3, 0, 0, 16)  // r3 >>= 16: the access
    emit(0x61, 4, 1, 4, 0)  // r4 = ctx->major
    emit(0x61, 5, 1, 8, 0)  // r5 = ctx->minor
    for rule in rules.reversed() {
      var tests = [(UInt8, UInt8, Int32)]()  // jump if not equal: opcode, register, value
      if rule.type != "a" { tests.append((0x55, 2, rule.type == "b" ? 1 : 2)) }
      if let major = rule.major, major >= 0, rule.type != "a" {
        tests.append((0x55, 4, Int32(truncatingIfNeeded: major)))
      }
      if let minor = rule.minor, minor >= 0, rule.type != "a" {
        tests.append((0x55, 5, Int32(truncatingIfNeeded: minor)))
      }
      var mask: Int32 = 0
      if rule.access.contains("m") { mask |= 1 }
      if rule.access.contains("r") { mask |= 2 }
      if rule.access.contains("w") { mask |= 4 }
      let checksAccess = rule.type != "a" && mask != 7
      // What follows a failed test is the next rule: skip the rest of this one.
      var left = Int16(tests.count + (checksAccess ? 3 : 0) + 2)
      for (op, register, value) in tests {
        left -= 1
        emit(op, register, 0, left, value)
      }
      if checksAccess {
        // An allow rule holds when it covers every access asked for, a deny rule when it covers any.
        emit(0xbf, 6, 3, 0, 0)
        emit(0x57, 6, 0, 0, rule.allow ? ~mask : mask)
        emit(rule.allow ? 0x55 : 0x15, 6, 0, 2, 0)
      }
      emit(0xb7, 0, 0, 0, rule.allow ? 1 : 0)  // r0 = verdict
      emit(0x95, 0, 0, 0, 0)  // exit
      // The verifier refuses programs with instructions that are never reached.
      if rule.isEverything { return code }
    }
    emit(0xb7, 0, 0, 0, 0)
    emit(0x95, 0, 0, 0, 0)
    return code
  }
}
