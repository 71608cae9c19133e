import Linux
import OCI
import Testing

/// The same bundle under runc: what differs is listed here.
@Suite(.enabled(if: Machine.isReady && File.exists("/usr/sbin/runc"), "needs root and runc"))
struct ParityTests {
  private static let look = """
    for m in $(cut -d' ' -f5 /proc/self/mountinfo | sort -u); do \
    awk -v m=$m '$5==m {o=$6; for (i=7;$i!="-";i++); t=$(i+1)} END {print "mount",m,o,t}' \
    /proc/self/mountinfo; done; \
    grep -E '^(Cap|NoNewPrivs|Seccomp:|Uid|Gid|Groups|Cpus_allowed_list|SigIgn|SigBlk)' \
    /proc/self/status; sed 's/  */ /g' /proc/self/limits; env | sort | grep -v DRYDOCK; \
    umask; pwd; hostname; cat /proc/self/oom_score_adj; cut -d: -f2,3 /proc/self/cgroup; \
    cd /dev; for f in *; do test -d $f || stat -c '%n %a %u:%g %F %t:%T' $f; done; ls /proc/self/fd; \
    cat /proc/self/stat | cut -d' ' -f5,6; cat /sys/class/net/lo/flags
    """

  private func lines(_ output: String) -> [String] {
    output.split(separator: "\n").map { $0.split(separator: "\t").joined(separator: " ") }
  }

  @Test(arguments: ["standard", "user", "seccomp"])
  func theProgramSeesTheSame(kind: String) throws {
    let bundle = try Bundle()
    bundle.config.process?.args = ["sh", "-c", ParityTests.look]
    if kind == "user" {
      bundle.config.process?.user.uid = 1000
      bundle.config.process?.user.gid = 1000
      bundle.config.process?.user.additionalGids = [5, 6]
      bundle.config.process?.noNewPrivileges = false
      bundle.config.process?.capabilities?.inheritable = ["CAP_KILL"]
      bundle.config.process?.capabilities?.ambient = ["CAP_KILL"]
      bundle.config.process?.oomScoreAdj = 100
      bundle.config.root.readonly = true
    }
    if kind == "seccomp" {
      var rules = Seccomp(defaultAction: "SCMP_ACT_ALLOW")
      rules.syscalls = [SeccompRule(names: ["kexec_load"], action: "SCMP_ACT_ERRNO")]
      bundle.config.linux.seccomp = rules
    }
    try bundle.write()
    let ours = try bundle.runtime("run", "--bundle", bundle.path, "c")
    #expect(ours.code == 0, "\(ours.error)")
    let theirs = try run([
      "/usr/sbin/runc", "--root", bundle.path + "/runc", "run", "--bundle", bundle.path, "r",
    ])
    #expect(theirs.code == 0, "\(theirs.error)")
    // It leaves the directories above the container's own, in trees without controllers too.
    for tree in [""] + (try File.list(CgroupLayout.usualRoot)).map({ "/" + $0 }) {
      let left = CgroupLayout.usualRoot + tree + bundle.cgroup
      if File.exists(left) { try File.removeDirectory(left) }
    }
    let (mine, its) = (Set(lines(ours.output)), Set(lines(theirs.output)))
    #expect(mine.count > 60)
    let only = mine.subtracting(its).subtracting(ParityTests.onlyOurs)
    let missing = its.subtracting(mine).subtracting(ParityTests.onlyTheirs)
    #expect(only.isEmpty, "only with drydock-runtime")
    #expect(missing.isEmpty, "only with runc")
    try bundle.expectNothingLeft()
  }

  /// Lines that only we have, each with its reason.
  private static let onlyOurs: Set<String> = [
    // Files are masked with the host's /dev/null, as crun does; runc takes the container's.
    "mount /proc/keys rw,relatime devtmpfs", "mount /proc/timer_list rw,relatime devtmpfs",
    // Read-only paths of /proc get the other restrictions too.
    "mount /proc/bus ro,nosuid,nodev,noexec,relatime proc",
    "mount /proc/fs ro,nosuid,nodev,noexec,relatime proc",
    "mount /proc/irq ro,nosuid,nodev,noexec,relatime proc",
    "mount /proc/sys ro,nosuid,nodev,noexec,relatime proc",
    // The directory that holds the trees is read-only when the mount is asked to be.
    "mount /sys/fs/cgroup ro,nosuid,nodev,noexec,relatime tmpfs",
  ]

  /// Lines that only runc has.
  private static let onlyTheirs: Set<String> = [
    "mount /proc/keys rw,nosuid tmpfs", "mount /proc/timer_list rw,nosuid tmpfs",
    "mount /proc/bus ro,relatime proc", "mount /proc/fs ro,relatime proc",
    "mount /proc/irq ro,relatime proc", "mount /proc/sys ro,relatime proc",
    "mount /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime tmpfs",
    // A tree without controllers, which only systemd needs.
    "mount /sys/fs/cgroup/systemd ro,nosuid,nodev,noexec,relatime cgroup",
  ]
}
