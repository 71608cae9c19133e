import BenchmarkKit
import Linux
import Measure

/// A script that takes the place of `true` in a container and prints what it finds there: that is
/// how a sample proves that it measured what it says.
enum Probe {
  /// A fact a line (Facts.swift).
  private static let script = #"""
    for kind in mnt uts ipc net pid cgroup; do
      echo "ns.$kind $(readlink /proc/self/ns/$kind)"
    done
    # In a cgroup namespace of its own, a container's cgroup is the root and holds only its processes.
    for tree in "$@"; do
      echo "cgroup.$tree $(tr '\n' ' ' </sys/fs/cgroup/$tree/cgroup.procs)"
    done
    while read -r name value; do
      case $name in Seccomp: | NoNewPrivs: | CapBnd:) echo "${name%:} $value" ;; esac
    done </proc/self/status
    echo "mounts $(grep -c '' /proc/self/mountinfo)"
    for path in /proc /dev /dev/pts /dev/shm /dev/mqueue /sys /sys/fs/cgroup; do
      grep -q " $path " /proc/self/mountinfo && echo "mount.$path yes"
    done
    (true >/proc/sys/kernel/hostname) 2>/dev/null || echo "proc.sys read-only"
    echo "keys $(grep -c '' /proc/keys)"
    echo "pid $$"
    """#

  /// The program of a container that is probed.
  static func program(_ ground: Ground) -> [String] {
    ["/bin/sh", "-c", script, "probe"] + trees(ground)
  }

  /// The trees to look at: those of v1 by their controllers, or the one of v2.
  static func trees(_ ground: Ground) -> [String] {
    ground.cgroups.mode == .v2 ? ["."] : v1
  }

  /// The eight v1 trees, as floor.c has them.
  static let v1 = ["cpu", "cpuacct", "cpuset", "memory", "devices", "freezer", "blkio", "pids"]

  /// Runs a command whose program is the probe, and judges what it prints.
  ///
  /// - Returns: nil, or what was not as it should be.
  static func complaint(
    _ command: [String], filter: Bool, _ ground: Ground
  ) -> String? {
    do throws(ExperimentError) {
      let (text, complaint) = try Command.output(command)
      return complaint ?? Facts(text).complaint(filter: filter, trees: trees(ground))
    } catch { return error.text }
  }
}
