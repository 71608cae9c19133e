// One system call, and what came back, as strace(1) would show it:
//
//   $ probe mkdirat /tmp/x
//   mkdirat(AT_FDCWD, "/tmp/x", 0777) = -1 EPERM
//
// In the image `probe`, for the labs on capabilities and seccomp: a shell's own commands make
// whatever calls their libc chose.

internal import CLinux
internal import CProbe
internal import Linux

/// Prints a call with its answer; the exit code is 0 when the call succeeded.
func show(_ call: String, _ answer: Int) -> Never {
  let text = answer < 0 ? "-1 \(Errno(Int32(-answer)).name)" : "\(answer)"
  write("\(call) = \(text)\n", to: 1)
  lx_exit(answer < 0 ? 1 : 0)
}

func write(_ text: String, to descriptor: Int32) {
  do throws(SystemError) {
    try File.write(descriptor, Array(text.utf8), name: "output")
  } catch {
    lx_exit(125)
  }
}

let words = Array(CommandLine.arguments.dropFirst())
switch (words.first, words.dropFirst().first) {
case ("mkdir", let path?):
  show("mkdir(\"\(path)\", 0777)", unsafe probe_mkdir(path, 0o777))
case ("mkdirat", let path?):
  show(
    "mkdirat(AT_FDCWD, \"\(path)\", 0777)", unsafe lx_mkdirat(currentDirectory, path, 0o777))
case ("io_uring", let path?):
  show("io_uring: IORING_OP_MKDIRAT \"\(path)\"", unsafe probe_ring_mkdirat(path, 0o777))
case ("clone3", nil): show("clone3({exit_signal=SIGCHLD})", probe_clone3())
case ("socket", nil): show("socket(AF_INET, SOCK_RAW, IPPROTO_ICMP)", probe_raw_socket())
default:
  write(
    """
    usage: probe mkdir|mkdirat|io_uring PATH
           probe clone3|socket

    """, to: 2)
  lx_exit(2)
}
