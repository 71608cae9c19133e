/// What a worker can be, and the ways in which it can do its work.
extension Options {
  /// A worker's kind; the order is the one in which a pass forks them: the classic tool's four first.
  enum Kind: Int, CaseIterable {
    case cpu, io, vm, hdd
    case fork, syscall, fault, file, netRR, netStream, netRate, netListen

    /// As in `hogcpu`, in reports, and behind `--`.
    var name: String {
      switch self {
      case .cpu: "cpu"
      case .io: "io"
      case .vm: "vm"
      case .hdd: "hdd"
      case .fork: "fork"
      case .syscall: "syscall"
      case .fault: "fault"
      case .file: "file"
      case .netRR: "net-rr"
      case .netStream: "net-stream"
      case .netRate: "net-rate"
      case .netListen: "net-listen"
      }
    }

    /// Whether the classic tool has it.
    var isClassic: Bool { rawValue <= Kind.hdd.rawValue }

    /// The kind that an option asks for, but for the classic ones.
    static func named(_ option: String) -> Kind? {
      allCases.first { !$0.isClassic && $0 != .netListen && "--" + $0.name == option }
    }
  }

  /// How the io workers make the kernel write.
  enum IOMethod { case sync, syncfs }

  /// What the vm workers do with their memory.
  enum VMMethod: String, CaseIterable {
    /// A byte a stride written, and read again: the classic tool's.
    case touch
    /// All of it written and read in order, a word at a time.
    case bandwidth
    /// Words in random order, where each tells where the next is: the time of a lone access.
    case random
  }

  /// How the hdd workers write.
  enum HDDMethod: String, CaseIterable {
    /// Whole files into the page cache: the classic tool's.
    case buffered
    /// Blocks past the page cache (open(2), O_DIRECT).
    case direct
    /// Blocks through the page cache, each on the disk before the next (fsync(2)).
    case fsync
  }

  /// What the syscall workers ask for.
  enum SyscallMethod: String, CaseIterable {
    /// getppid(2): nothing but the way into the kernel and back.
    case getppid
    /// read(2) of one byte of /dev/zero.
    case read
    /// openat(2) of the root directory, and close(2).
    case open
    /// mmap(2) of a page that is never touched, and munmap(2).
    case mmap
  }
}
