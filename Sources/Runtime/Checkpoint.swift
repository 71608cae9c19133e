// `checkpoint` and `restore` are not supported, and say so whatever flags engines pass.

internal import Linux

extension Command {
  static let checkpointFlags = [
    Flag("image-path", .value, "not supported"), Flag("work-path", .value, "not supported"),
    Flag("parent-path", .value, "not supported"), Flag("leave-running", .switched, "not supported"),
    Flag("tcp-established", .switched, "not supported"),
    Flag("ext-unix-sk", .switched, "not supported"), Flag("shell-job", .switched, "not supported"),
    Flag("lazy-pages", .switched, "not supported"), Flag("page-server", .value, "not supported"),
    Flag("status-fd", .value, "not supported"), Flag("file-locks", .switched, "not supported"),
    Flag("pre-dump", .switched, "not supported"), Flag("auto-dedup", .switched, "not supported"),
    Flag("manage-cgroups-mode", .value, "not supported"),
    Flag("empty-ns", .repeated, "not supported"), Flag("lsm-profile", .value, "not supported"),
    Flag("lsm-mount-context", .value, "not supported"),
    Flag("console-socket", .value, "not supported"), Flag("pid-file", .value, "not supported"),
    Flag("bundle", short: "b", .value, "not supported"),
    Flag("detach", short: "d", .switched, "not supported"),
    Flag("no-subreaper", .switched, "not supported"), Flag("no-pivot", .switched, "not supported"),
    Flag("help", short: "h", .switched, "print this"),
  ]

  var checkpointing: RuntimeError {
    RuntimeError(
      "\(name) is not supported: this runtime does not save or restore running processes",
      hint: "pause and resume hold a container in memory; crun and runc checkpoint with CRIU")
  }
}
