internal import CLinux

/// Flags of clone3(2), unshare(2) and setns(2): which namespaces.
public struct NamespaceFlags: OptionSet, Sendable {
  /// The bits of `<linux/sched.h>`.
  public let rawValue: UInt64
  /// Wraps the bits.
  public init(rawValue: UInt64) { self.rawValue = rawValue }

  /// CLONE_NEWTIME.
  public static let time = NamespaceFlags(rawValue: 0x0000_0080)
  /// CLONE_NEWNS.
  public static let mount = NamespaceFlags(rawValue: 0x0002_0000)
  /// CLONE_NEWCGROUP.
  public static let cgroup = NamespaceFlags(rawValue: 0x0200_0000)
  /// CLONE_NEWUTS.
  public static let uts = NamespaceFlags(rawValue: 0x0400_0000)
  /// CLONE_NEWIPC.
  public static let ipc = NamespaceFlags(rawValue: 0x0800_0000)
  /// CLONE_NEWUSER.
  public static let user = NamespaceFlags(rawValue: 0x1000_0000)
  /// CLONE_NEWPID.
  public static let pid = NamespaceFlags(rawValue: 0x2000_0000)
  /// CLONE_NEWNET.
  public static let network = NamespaceFlags(rawValue: 0x4000_0000)

  /// Every kind with its flag, its CLONE_ name, its file in /proc/PID/ns and its option of
  /// unshare(1), in the order that people list them.
  public static let kinds:
    [(flag: NamespaceFlags, clone: StaticString, file: StaticString, option: StaticString)] = [
      (.user, "CLONE_NEWUSER", "user", "--user"), (.mount, "CLONE_NEWNS", "mnt", "--mount"),
      (.uts, "CLONE_NEWUTS", "uts", "--uts"), (.ipc, "CLONE_NEWIPC", "ipc", "--ipc"),
      (.network, "CLONE_NEWNET", "net", "--net"), (.pid, "CLONE_NEWPID", "pid", "--pid"),
      (.cgroup, "CLONE_NEWCGROUP", "cgroup", "--cgroup"),
      (.time, "CLONE_NEWTIME", "time", "--time"),
    ]

  /// The file in /proc/PID/ns of the first kind in the set.
  public var fileName: String {
    for kind in NamespaceFlags.kinds where contains(kind.flag) { return "\(kind.file)" }
    return ""
  }

  /// Which kind of namespace a descriptor holds (ioctl_ns(2), NS_GET_NSTYPE).
  ///
  /// - Throws: `SystemError` naming the object; ENOTTY when it is no namespace.
  public static func kind(of fd: Int32, name: String) throws(SystemError) -> NamespaceFlags {
    let flag = try check(lx_namespace_kind(fd), "ioctl(2) NS_GET_NSTYPE", name)
    return NamespaceFlags(rawValue: UInt64(flag))
  }
}

/// How a process ended (wait(2)).
public enum ExitStatus: Equatable, Sendable {
  /// It returned a code.
  case exited(Int32)
  /// A signal ended it.
  case signalled(Int32)

  /// What a shell shows: the code, or 128 + the signal.
  public var code: Int32 {
    switch self {
    case .exited(let code): code
    case .signalled(let signal): 128 + signal
    }
  }
}

/// What a finished process used (getrusage(2)).
public struct ProcessUsage: Equatable, Sendable {
  /// Microseconds in user mode.
  public var userMicroseconds: UInt64 = 0
  /// Microseconds in the kernel.
  public var systemMicroseconds: UInt64 = 0
  /// The largest resident set, in KiB.
  public var maxRSSKiB: UInt64 = 0
}

/// Processes: making, joining, signalling and reaping them.
///
/// A process that clones with these functions must have one thread; the child runs Swift code on
/// its copy of memory and ends in `exit`.
public enum Processes {
  /// clone3(2).
  ///
  /// - Parameters:
  ///   - namespaces: the namespaces to make new.
  ///   - cgroup: a descriptor of the v2 cgroup to be born in (CLONE_INTO_CGROUP), or -1.
  /// - Returns: 0 in the child, the child's pid in the parent.
  /// - Throws: `SystemError` naming the flags.
  public static func clone(
    _ namespaces: NamespaceFlags, cgroup: Int32 = -1
  ) throws(SystemError) -> Int32 {
    let intoCgroup: UInt64 = cgroup < 0 ? 0 : 0x2_0000_0000
    let result = lx_clone3(namespaces.rawValue | intoCgroup, cgroup, 17, nil)
    return Int32(try check(result, "clone3(2)", namespaces.description))
  }

  /// clone3(2) with CLONE_PARENT: the child is a sibling, its parent the caller's parent.
  ///
  /// - Returns: 0 in the child, its pid in the caller.
  /// - Throws: `SystemError` naming the flags.
  public static func cloneSibling(
    _ namespaces: NamespaceFlags, cgroup: Int32 = -1
  ) throws(SystemError) -> Int32 {
    let intoCgroup: UInt64 = cgroup < 0 ? 0 : 0x2_0000_0000
    // With CLONE_PARENT the exit signal is the caller's own and must be 0 here.
    let result = lx_clone3(namespaces.rawValue | intoCgroup | 0x8000, cgroup, 0, nil)
    return Int32(try check(result, "clone3(2)", namespaces.description))
  }

  /// unshare(2).
  ///
  /// - Throws: `SystemError` naming the flags.
  public static func unshare(_ namespaces: NamespaceFlags) throws(SystemError) {
    try check(
      lx_unshare(Int32(truncatingIfNeeded: namespaces.rawValue)), "unshare(2)",
      namespaces.description)
  }

  /// setns(2), with a descriptor of a namespace or of a process (pidfd).
  ///
  /// - Throws: `SystemError` naming the object.
  public static func join(
    _ fd: Int32, _ namespaces: NamespaceFlags, name: String
  ) throws(SystemError) {
    try check(
      lx_setns(fd, Int32(truncatingIfNeeded: namespaces.rawValue)), "setns(2)", name)
  }

  /// pidfd_open(2): a handle that can never mean another process.
  ///
  /// - Throws: `SystemError` naming the pid.
  public static func handle(of pid: Int32) throws(SystemError) -> Descriptor {
    Descriptor(
      owning: Int32(try check(lx_pidfd_open(pid), "pidfd_open(2)", "process \(pid)")))
  }

  /// kill(2); signal 0 only asks.
  ///
  /// - Throws: `SystemError` naming the pid.
  public static func kill(_ pid: Int32, _ signal: Int32) throws(SystemError) {
    try check(lx_kill(pid, signal), "kill(2)", "process \(pid), signal \(signal)")
  }

  /// pidfd_send_signal(2).
  ///
  /// - Throws: `SystemError` naming the signal.
  public static func signal(_ handle: borrowing Descriptor, _ signal: Int32) throws(SystemError) {
    try check(
      lx_pidfd_send_signal(handle.raw, signal), "pidfd_send_signal(2)", "signal \(signal)")
  }

  /// wait4(2) until the child ends.
  ///
  /// - Throws: `SystemError` naming the pid.
  public static func wait(_ pid: Int32) throws(SystemError) -> (ExitStatus, ProcessUsage) {
    var status: Int32 = 0
    var usage = ProcessUsage()
    try check(
      unsafe lx_wait4(
        pid, &status, 0, &usage.userMicroseconds, &usage.systemMicroseconds, &usage.maxRSSKiB),
      "wait4(2)", "process \(pid)")
    return (ExitStatus(raw: status), usage)
  }

  /// wait4(2) until any child ends.
  ///
  /// - Throws: `SystemError`; ECHILD when there is none.
  public static func waitAny() throws(SystemError) -> (
    pid: Int32, status: ExitStatus, usage: ProcessUsage
  ) {
    var status: Int32 = 0
    var usage = ProcessUsage()
    let pid = try check(
      unsafe lx_wait4(
        -1, &status, 0, &usage.userMicroseconds, &usage.systemMicroseconds, &usage.maxRSSKiB),
      "wait4(2)", "any child")
    return (Int32(pid), ExitStatus(raw: status), usage)
  }

  /// wait4(2) without waiting: nil when nothing has ended.
  ///
  /// `pid` -1 means any child.
  ///
  /// - Throws: `SystemError` naming the pid.
  public static func poll(_ pid: Int32) throws(SystemError) -> (pid: Int32, status: ExitStatus)? {
    var status: Int32 = 0
    let got = try check(
      unsafe lx_wait4(pid, &status, 1, nil, nil, nil), "wait4(2)", "process \(pid)")
    return got == 0 ? nil : (Int32(got), ExitStatus(raw: status))
  }

  /// Starts a program by posix_spawn(3), with this process's descriptors and environment but for
  /// its standard output.
  ///
  /// For measuring: nothing stands between the caller and the kernel.
  ///
  /// - Parameters:
  ///   - path: The program.
  ///   - arguments: With the program's name first.
  ///   - output: The descriptor that becomes its standard output.
  /// - Returns: Its pid, to be given to `wait`.
  /// - Throws: `SystemError` naming the path.
  public static func spawn(
    _ path: String, _ arguments: [String], output: Int32 = 1
  ) throws(SystemError) -> Int32 {
    let pid = unsafe withCStrings(arguments) { argv in
      unsafe lx_spawn_quick(path, argv, lx_environment(), output)
    }
    return Int32(try check(pid, "posix_spawn(3)", path))
  }

  /// execve(2): returns only by throwing.
  ///
  /// - Throws: `SystemError` naming the path.
  public static func exec(
    _ path: String, _ arguments: [String], _ environment: [String]
  ) throws(SystemError) {
    let result = unsafe withCStrings(arguments) { argv in
      unsafe withCStrings(environment) { envp in
        unsafe path.withCString { unsafe lx_execve($0, argv, envp) }
      }
    }
    throw SystemError("execve(2)", Errno(Int32(-result)), path)
  }

  /// _exit(2): no destructor runs.
  public static func exit(_ code: Int32) -> Never { lx_exit(code) }

  /// getpid(2).
  public static var current: Int32 { Int32(lx_getpid()) }

  /// This program's arguments, its name first.
  ///
  /// `CommandLine.arguments` gives the same, by way of generic code that costs as much as reading
  /// config.json.
  public static var arguments: [String] {
    unsafe strings(lx_arguments())
  }

  /// The environment block, in order.
  public static var environment: [String] {
    unsafe strings(lx_environment())
  }

  /// A null-terminated array of C strings.
  private static func strings(
    _ first: UnsafePointer<UnsafeMutablePointer<CChar>?>?
  ) -> [String] {
    var result = [String]()
    guard var entry = unsafe first else { return [] }
    while let text = unsafe entry.pointee {
      result.append(unsafe String(cString: text))
      unsafe entry += 1
    }
    return result
  }

  /// When a process started, in clock ticks since boot (field 22 of /proc/PID/stat), which with
  /// its pid names it for ever; nil when it is gone or a zombie.
  public static func startTime(_ pid: Int32) -> UInt64? {
    guard let bytes = try? File.read("/proc/\(pid)/stat") else { return nil }
    // The name in parentheses may hold anything: fields count from the last ')', behind which comes
    // field 3, the state.
    guard let close = bytes.lastIndex(of: UInt8(ascii: ")")), close + 2 < bytes.count,
      bytes[close + 2] != UInt8(ascii: "Z"), bytes[close + 2] != UInt8(ascii: "X")
    else { return nil }
    var field = 2
    var value: UInt64 = 0
    for byte in bytes[(close + 1)...] {
      if byte == UInt8(ascii: " ") {
        if field == 22 { return value }
        field += 1
      } else if field == 22 {
        value = value &* 10 &+ UInt64(byte &- UInt8(ascii: "0"))
      }
    }
    return nil
  }

  /// Calls `body` with a null-terminated array of C strings that lives as long as the call.
  static func withCStrings<R>(
    _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>?) -> R
  ) -> R {
    let size = strings.reduce(0) { $0 + $1.utf8.count + 1 }
    return unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: size) { bytes in
      unsafe withUnsafeTemporaryAllocation(
        of: UnsafeMutablePointer<CChar>?.self, capacity: strings.count + 1
      ) { pointers in
        var next = 0
        for (index, string) in strings.enumerated() {
          unsafe pointers.initializeElement(at: index, to: bytes.baseAddress?.advanced(by: next))
          for byte in string.utf8 {
            unsafe bytes.initializeElement(at: next, to: CChar(bitPattern: byte))
            next += 1
          }
          unsafe bytes.initializeElement(at: next, to: 0)
          next += 1
        }
        unsafe pointers.initializeElement(at: strings.count, to: nil)
        return unsafe body(pointers.baseAddress)
      }
    }
  }
}

extension ExitStatus {
  init(raw status: Int32) {
    let signal = lx_status_signal(status)
    self = signal != 0 ? .signalled(signal) : .exited(lx_status_code(status))
  }
}

extension NamespaceFlags: CustomStringConvertible {
  /// `CLONE_NEWNS|CLONE_NEWUTS`.
  public var description: String {
    var names = [String]()
    for kind in NamespaceFlags.kinds where contains(kind.flag) { names.append("\(kind.clone)") }
    return names.isEmpty ? "no namespace" : names.joined(separator: "|")
  }
}

/// Signal numbers by name (signal(7)).
public enum Signal {
  private static let names: [StaticString] = [
    "", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2",
    "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG",
    "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
  ]

  /// SIGKILL.
  public static let kill: Int32 = 9
  /// SIGTERM.
  public static let term: Int32 = 15
  /// SIGCHLD.
  public static let child: Int32 = 17
  /// SIGWINCH.
  public static let windowChanged: Int32 = 28

  /// `9`, `KILL`, `SIGKILL`, `kill` and `RTMIN+3` alike; nil for anything else.
  public static func number(_ text: String) -> Int32? {
    if let number = Int32(text) { return (0...64).contains(number) ? number : nil }
    var name = text.uppercased()
    if name.hasPrefix("SIG") { name = String(name.dropFirst(3)) }
    for (index, known) in names.enumerated() where index > 0 && known.equals(name) {
      return Int32(index)
    }
    if name == "RTMIN" { return 34 }
    if name == "RTMAX" { return 64 }
    if name.hasPrefix("RTMIN+"), let n = Int32(name.dropFirst(6)), (0...30).contains(n) {
      return 34 + n
    }
    return nil
  }

  /// `SIGKILL` for 9.
  public static func name(_ number: Int32) -> String {
    guard number > 0, number < names.count else { return "signal \(number)" }
    return "SIG\(names[Int(number)])"
  }
}

/// Clocks, in nanoseconds.
public enum Clock {
  /// CLOCK_MONOTONIC.
  public static var now: UInt64 { lx_now_ns() }
  /// CLOCK_BOOTTIME.
  public static var sinceBoot: UInt64 { lx_boottime_ns() }
  /// What CLOCK_MONOTONIC of this process's time namespace is ahead of the first one's, in
  /// nanoseconds (time_namespaces(7)); 0 where that cannot be read.
  public static var shift: Int64 {
    guard let text = try? File.text("/proc/self/timens_offsets") else { return 0 }
    for line in text.split(separator: "\n") where line.hasPrefix("monotonic") {
      let fields = line.split(separator: " ")
      guard fields.count == 3, let seconds = Int64(fields[1]), let rest = Int64(fields[2])
      else { return 0 }
      return seconds &* 1_000_000_000 &+ rest
    }
    return 0
  }
  /// CLOCK_REALTIME since 1970.
  public static var wall: UInt64 { lx_realtime_ns() }
  /// CPU time of this process (CLOCK_PROCESS_CPUTIME_ID).
  public static var cpu: UInt64 { lx_cpu_ns() }
  /// nanosleep(2); a signal ends it early.
  public static func sleep(_ nanoseconds: UInt64) { _ = lx_sleep_ns(nanoseconds) }

  /// RFC 3339 in UTC with nanoseconds, such as `2026-11-21T08:46:03.000000001Z`.
  public static func rfc3339(_ wall: UInt64) -> String {
    let seconds = Int(wall / 1_000_000_000)
    let days = seconds / 86400
    // Civil from days (era of 400 years = 146097 days), with March as the first month.
    let shifted = days + 719468
    let era = shifted / 146097
    let dayOfEra = shifted - era * 146097
    let yearOfEra =
      (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    let time = seconds % 86400
    return padded(year, 4) + "-" + padded(month, 2) + "-" + padded(day, 2) + "T"
      + padded(time / 3600, 2) + ":" + padded(time / 60 % 60, 2) + ":" + padded(time % 60, 2) + "."
      + padded(Int(wall % 1_000_000_000), 9) + "Z"
  }

  private static func padded(_ value: Int, _ width: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
  }
}
