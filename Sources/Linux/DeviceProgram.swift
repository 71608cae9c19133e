internal import CLinux

/// Device rules of cgroup v2 (bpf(2), BPF_PROG_TYPE_CGROUP_DEVICE).
public enum DeviceProgram {
  /// Loads a program and attaches it to a cgroup, in place of what is attached there.
  ///
  /// The kernel asks all programs of a cgroup, and one refusal is enough: while both are attached
  /// nothing is allowed that either forbids.
  ///
  /// - Throws: `SystemError` naming the cgroup.
  public static func attach(_ program: [UInt8], cgroup: String) throws(SystemError) {
    let directory = try File.open(cgroup, [.readOnly, .directory])
    let loaded = unsafe program.withUnsafeBytes {
      unsafe lx_bpf_device_load($0.baseAddress, UInt32($0.count / 8))
    }
    let fd = Descriptor(owning: Int32(try check(loaded, "bpf(2) BPF_PROG_LOAD", cgroup)))
    let old = try attached(to: directory.raw, cgroup)
    try check(
      lx_bpf_cgroup_attach(directory.raw, fd.raw), "bpf(2) BPF_PROG_ATTACH", cgroup)
    for id in old { try detach(id, from: directory.raw, cgroup) }
  }

  /// The ids of the device programs of a cgroup.
  private static func attached(
    to directory: Int32, _ cgroup: String
  ) throws(SystemError) -> [UInt32] {
    var ids = [UInt32](repeating: 0, count: 64)
    let count = unsafe lx_bpf_cgroup_programs(directory, &ids, 64)
    return Array(ids.prefix(try check(count, "bpf(2) BPF_PROG_QUERY", cgroup)))
  }

  private static func detach(
    _ id: UInt32, from directory: Int32, _ cgroup: String
  ) throws(SystemError) {
    let program = Descriptor(
      owning: Int32(try check(lx_bpf_program(id), "bpf(2) BPF_PROG_GET_FD_BY_ID", cgroup)))
    try check(
      lx_bpf_cgroup_detach(directory, program.raw), "bpf(2) BPF_PROG_DETACH", cgroup)
  }
}
